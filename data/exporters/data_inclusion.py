"""Offers as data.inclusion v1: one JSON with structures and services, valid by its own models.

What is lost is what its importer does not read back the same, field by field. An offer that is
over is left out: the format has no word for that, and would give it out as open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from data.fields import Reading, read_offer
from data.frames import load_frame
from data.importers.data_inclusion import SERVICES, STRUCTURES
from data.importers.data_inclusion.codes import CHANNELS, FREE, PAID, Codes, writes
from data.importers.data_inclusion.facts import AND, SOURCE, UNDATED, facts_of
from data.importers.data_inclusion.valid import REQUIRED, Wrong, valid
from data.losses import Loss, LostField, tally
from data.records import OFFER_FIELDS, to_record
from data.territories import Gazetteer
from matching.domain import Offer

Values = dict[str, Any]

LIVE = ("open", "unknown")
LONGEST_NAME = 150
LEAST_TEXT = 5
NO_FIELD = "data.inclusion v1 n’a pas de champ pour cela"
WHY: Mapping[str, str] = {
    "title": f"au plus {LONGEST_NAME} caractères : coupé",
    "provider": f"au plus {LONGEST_NAME} caractères : coupé",
    "kind": "data.inclusion v1 n’a que six types : le plus voisin est dit, s’il y en a un",
    "need_types": "ses thématiques sont celles de personnes : celles qui conviennent sont dites",
    "territories": "une région ou un regroupement y est dit par ce qu’il contient",
    "sources": "une seule adresse de source y tient",
    "status": "un service publié y est ouvert",
    "checked_on": "la date doit être passée, et de ce siècle",
}
"""Why a field of ours is not read back the same, where it is not for want of a field."""


def write(offers: Iterable[Offer], path: Path) -> tuple[LostField, ...]:
    """Structures then services, in the order of the offers."""
    codes = Codes(Reading(load_frame(), Gazetteer.load()))
    structures: dict[str, Values] = {}
    services: list[Values] = []
    losses: list[Loss] = []
    for offer in offers:
        if offer.status not in LIVE:
            told = "une offre terminée n’est pas exportée : le format la dirait ouverte"
            losses.append(Loss(offer.id, "status", offer.status, told))
            continue
        service, structure, refused = _said(offer, codes)
        if refused:
            losses += [
                Loss(offer.id, f, v, f"{told} : offre non exportée") for f, v, told in refused
            ]
            continue
        losses += _lost(offer, service, structure, codes)
        services.append(service)
        before = structures.setdefault(structure["id"], structure)
        before["date_maj"] = max(before["date_maj"], structure["date_maj"])
    found = {STRUCTURES: list(structures.values()), SERVICES: services}
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return tally(losses)


def _said(offer: Offer, codes: Codes) -> tuple[Values, Values, list[Wrong]]:
    """A valid service and its structure, or why they cannot be."""
    from data_inclusion.schema.v1 import Service, Structure

    service, wrong = valid(_filled(_service(offer, codes)), Service)
    if any(field == "date_maj" for field, _, _ in wrong):
        service, wrong = valid(service | {"date_maj": UNDATED.isoformat()}, Service)
    structure, also = valid(_structure(offer, service["date_maj"]), Structure)
    refused = [one for one in wrong if one[0] in REQUIRED] + also
    return _filled(service), structure, refused


def _service(offer: Offer, codes: Codes) -> Values:
    text = "\n\n".join(filter(None, (offer.summary, offer.description)))
    types, thematiques = writes("types"), writes("thematiques")
    profiles, costs = codes.frame.codes("profiles"), codes.frame.codes("costs")
    free_or_paid = offer.cost in {FREE, PAID}
    return {
        "source": SOURCE,
        "structure_id": f"{SOURCE}--{offer.provider.id}",
        "id": f"{SOURCE}--{offer.id}",
        "nom": _cut(offer.title),
        "description": text
        if len(text) >= LEAST_TEXT
        else f"{offer.title} – {offer.provider.name}",
        "lien_source": offer.sources[0] if offer.sources and offer.url else None,
        "date_maj": _day(offer.checked_on),
        "type": types.get(offer.kind or ""),
        "thematiques": [thematiques[n] for n in offer.need_types if n in thematiques],
        "frais": offer.cost if free_or_paid else None,
        "frais_precisions": costs[offer.cost].label if offer.cost and not free_or_paid else None,
        "publics_precisions": AND.join(profiles[a].label for a in sorted(offer.audiences)),
        "conditions_acces": "\n".join(offer.conditions),
        "modes_accueil": list(CHANNELS.get(offer.channel or "", ())),
        "zone_eligibilite": codes.zone(offer.territories),
        "lien_mobilisation": offer.url,
        "mobilisation_precisions": offer.next_step,
    }


def _structure(offer: Offer, day: str) -> Values:
    return {
        "source": SOURCE,
        "id": f"{SOURCE}--{offer.provider.id}",
        "nom": _cut(offer.provider.name),
        "date_maj": day,
    }


def _lost(offer: Offer, service: Values, structure: Values, codes: Codes) -> Iterator[Loss]:
    facts, _ = facts_of(service, structure["nom"], codes)
    again = read_offer(facts, 0, codes.reading)
    record = to_record(offer)
    for field in OFFER_FIELDS:
        if not isinstance(again, Offer) or getattr(again, field) != getattr(offer, field):
            yield Loss(offer.id, field, record[field], WHY.get(field, NO_FIELD))


def _filled(values: Values) -> Values:
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def _day(checked_on: date | None) -> str:
    return (checked_on or UNDATED).isoformat()
