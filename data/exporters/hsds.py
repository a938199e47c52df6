"""Offers as HSDS 3.1 services, in a page as its API gives them, valid by its schema.

A field of the standard says what it can say exactly; the rest is attributes of our taxonomy, so
that the importer reads back every offer whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from data.fields import FIELDS, Reading, read_offer
from data.frames import load_frame
from data.importers.hsds.facts import (
    CHANNELS,
    CODES,
    IDENTIFIER_TYPE,
    SOURCE,
    TAXONOMY,
    facts_of,
    our_id,
)
from data.importers.hsds.schema import faults, is_uri
from data.losses import Loss, LostField, tally
from data.records import OFFER_FIELDS, to_record
from data.territories import Gazetteer
from matching.domain import Offer
from matching.errors import AiguilleError

Values = dict[str, Any]

STATUSES = {"open": "active", "unknown": "active", "closed": "inactive", "crisis-2020": "defunct"}


class NotValid(AiguilleError):
    """A service that the schema of HSDS refuses."""


def write(offers: Iterable[Offer], path: Path) -> tuple[LostField, ...]:
    """A page that holds all of them, a service a line."""
    reading = Reading(load_frame(), Gazetteer.load())
    services, losses = [], list[Loss]()
    for offer in offers:
        service = _whole(offer, reading)
        for where, value, told in faults(service, formats=True):
            raise NotValid(f"Offre « {offer.id} » : {where} « {value} » : {told}.", field=where)
        losses += [
            Loss(offer.id, field, to_record(offer)[field], "HSDS ne le dit pas")
            for field in _differing(offer, service, reading)
        ]
        services.append(service)
    page = json.dumps(
        {
            "total_items": len(services),
            "total_pages": 1,
            "page_number": 1,
            "size": len(services),
            "first_page": True,
            "last_page": True,
            "empty": not services,
        }
    )
    contents = ",\n".join(json.dumps(service, ensure_ascii=False) for service in services)
    text = f'{page[:-1]}, "contents": [\n{contents}\n]}}\n'
    path.write_text(text, encoding="utf-8")
    return tally(losses)


def _whole(offer: Offer, reading: Reading) -> Values:
    """The service, with an attribute for each field that it would not read back the same."""
    service = _service(offer, reading)
    wanted = list(_differing(offer, service, reading))
    attributes = [a for field in wanted for a in _attributes(offer, field, reading)]
    return {**service, "attributes": attributes}


def _differing(offer: Offer, service: Values, reading: Reading) -> Iterator[str]:
    facts, _ = facts_of(service, reading)
    again = read_offer(facts, 0, reading)
    for field in OFFER_FIELDS:
        if not isinstance(again, Offer) or getattr(again, field) != getattr(offer, field):
            yield field


def _service(offer: Offer, reading: Reading) -> Values:
    """What the fields of the standard say; those that would say nothing are left out."""
    cost = reading.frame.codes("costs").get(offer.cost or "")
    values = {
        "id": our_id("offer", offer.id),
        "name": offer.title,
        "status": STATUSES[offer.status],
        "description": "\n\n".join(filter(None, (offer.summary, offer.description))),
        "url": _uri(offer.url or ""),
        "additional_urls": [
            {"id": our_id("url", f"{offer.id}/{n}"), "label": SOURCE, "url": url}
            for n, url in enumerate(map(_uri, offer.sources))
            if url
        ],
        "application_process": offer.next_step,
        "fees_description": cost.label if cost else None,
        "eligibility_description": "\n".join(offer.conditions),
        "assured_date": offer.checked_on.isoformat() if offer.checked_on else None,
        "organization": {
            "id": our_id("provider", offer.provider.id),
            "name": offer.provider.name,
            "description": offer.provider.name,
            "organization_identifiers": [
                {
                    "id": our_id("identifier", offer.provider.id),
                    "identifier_type": IDENTIFIER_TYPE,
                    "identifier": offer.provider.id,
                }
            ],
        },
        "service_areas": [_area(offer, code, reading) for code in sorted(offer.territories)],
        "service_at_locations": [
            {
                "id": our_id("at", f"{offer.id}/{kind}"),
                "location": {"id": our_id("location", kind), "location_type": kind},
            }
            for kind in sorted(CHANNELS.get(offer.channel or "", ()))
        ],
    }
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _uri(address: str) -> str | None:
    """An address as HSDS takes it, in ASCII; none where it cannot be one."""
    said = quote(address, safe=":/?#@!$&'()*+,;=%~")
    return said if is_uri(said) else None


def _area(offer: Offer, code: str, reading: Reading) -> Values:
    gazetteer = reading.gazetteer
    name = gazetteer.get(code).label if code in gazetteer else code
    where = our_id("area", f"{offer.id}/{code}")
    return {"id": where, "name": name, "extent": code, "extent_type": "text"}


def _attributes(offer: Offer, field: str, reading: Reading) -> Iterator[Values]:
    """One for each value of a field."""
    value = to_record(offer)[field]
    for number, one in enumerate(value if isinstance(value, list) else [value]):
        code = reading.frame.codes(CODES[field]).get(str(one)) if field in CODES else None
        said: Values = {
            "id": our_id("attribute", f"{offer.id}/{field}/{number}"),
            "link_id": our_id("offer", offer.id),
            "link_type": field,
            "link_entity": "service",
            "label": FIELDS[field].header,
        }
        if code is None:
            said["value"] = one if isinstance(one, str) else json.dumps(one, ensure_ascii=False)
            term = _term("fields", field, FIELDS[field].header, FIELDS[field].help)
        else:
            term = _term(CODES[field], code.code, code.label, code.definition)
        said["taxonomy_term_id"] = term["id"]
        # Said once: a field may have hundreds of values, and its term is the same for all.
        yield said if code is None and number else {**said, "taxonomy_term": term}


def _term(of: str, code: str, name: str, description: str) -> Values:
    return {
        "id": our_id("term", f"{of}/{code}"),
        "code": code,
        "name": name,
        "description": description,
        "taxonomy": TAXONOMY,
        "taxonomy_id": our_id("taxonomy", of),
        "language": "fra",
    }
