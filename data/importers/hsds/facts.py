"""What a service of HSDS 3.1 says of an offer, and what no field of an offer holds.

What HSDS has no field for is an attribute of our own taxonomy, as the standard means it: a term
that is a code of ours, or a term that is one of our fields, with its value.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from data.fields import FIELDS, Reading
from data.importers.texts import Texts
from data.losses import Loss
from data.records import to_record
from data.territories import TYPED
from data.values import shown
from matching.domain import Offer
from matching.errors import AiguilleError

TAXONOMY = "urn:aiguille:referentiel"
NAMESPACE = uuid5(NAMESPACE_URL, TAXONOMY)
IDENTIFIER_TYPE = "Aiguille"
SOURCE = "Source"
"""The label of an address that is a source of ours."""
CODES: Mapping[str, str] = {
    "kind": "kinds",
    "axis": "axes",
    "temporalities": "temporalities",
    "need_types": "need_types",
    "audiences": "profiles",
    "naf_sections": "naf_sections",
    "channel": "channels",
    "cost": "costs",
    "nature": "natures",
    "levers": "levers",
    "echelon": "echelons",
    "odd": "odd",
    "status": "statuses",
}
"""Our fields that hold codes, and the list of the frame that they are of."""
STATUSES = {"active": "open", "inactive": "closed", "defunct": "closed"}
STATUSES["temporarily closed"] = "closed"
CHANNELS: Mapping[str, frozenset[str]] = {
    "numerique": frozenset({"virtual"}),
    "presentiel": frozenset({"physical"}),
    "mixte": frozenset({"virtual", "physical"}),
}
DEFAULTS = to_record(Offer("", ""))
HELD = frozenset(
    "name status description url application_process eligibility_description minimum_age"
    " maximum_age fees_description assured_date organization.name additional_urls[].url"
    " service_areas[].name service_areas[].extent service_areas[].extent_type"
    " service_at_locations[].location.location_type".split()
)
"""Paths that are read; identifiers are, or say nothing."""
NO_PLACE: Mapping[str, str] = {
    "phones": "coordonnées : elles se lisent à la source",
    "contacts": "coordonnées : elles se lisent à la source",
    "email": "coordonnées : elles se lisent à la source",
    "organization": "d’un porteur, une offre dit le nom et l’identifiant",
    "service_at_locations": "une offre dit où elle est ouverte, pas où l’on est reçu",
    "schedules": "une offre ne dit pas les horaires",
    "attributes": "terme d’une autre taxonomie que la nôtre",
    "metadata": "l’histoire de la fiche reste à la source",
}
"""Why a path, by its first name, has no place; any other has no field of an offer."""
PERSONAL = ("phones", "contacts", "email", "attention", "updated_by")

Facts = dict[str, Any]
Service = Mapping[str, Any]


def facts_of(service: Service, reading: Reading) -> tuple[Facts, list[Loss]]:
    """The raw values of an offer by field, of a service that is valid."""
    own = own_facts(service)
    told = _Told(str(own.get("id", service["id"])), service, reading)
    facts = {**told.native(), **own}
    if not own:
        facts["provenance"] = "HSDS"
    return facts, told.losses()


def own_facts(service: Service) -> Facts:
    """What attributes of our taxonomy say; they come before the fields of the standard."""
    found: Facts = {}
    for attribute in service.get("attributes", ()):
        if (field := _field(attribute)) is None:
            continue
        value = attribute.get("value", attribute.get("taxonomy_term", {}).get("code"))
        if isinstance(DEFAULTS[field], list):
            found.setdefault(field, []).append(value)
        else:
            found[field] = json.loads(value) if field == "relay" else value
    return found


def our_id(kind: str, name: str) -> str:
    """The UUID of something of ours: the same for the same name."""
    return str(uuid5(NAMESPACE, f"{kind}/{name}"))


_OF_TERM = {our_id("term", f"fields/{name}"): name for name in FIELDS}


def _field(attribute: Mapping[str, Any]) -> str | None:
    """The field of ours that an attribute says: by its taxonomy, or by the term of the field."""
    field = attribute.get("link_type")
    term, term_id = attribute.get("taxonomy_term", {}), attribute.get("taxonomy_term_id", "")
    ours = term.get("taxonomy") == TAXONOMY or _OF_TERM.get(term_id) == field
    return field if ours and field in FIELDS else None


class _Told:
    """One service as it is read."""

    def __init__(self, record: str, service: Service, reading: Reading) -> None:
        self._record = record
        self._service = service
        self._reading = reading
        self._losses: list[Loss] = []
        self._texts = Texts()

    def native(self) -> Facts:
        """What the fields of the standard say."""
        status = self._service["status"]
        if status == "temporarily closed":
            self._lost("status", status, "fermée pour un temps : dite fermée")
        facts: Facts = {
            "id": self._service["id"],
            "title": self._service["name"],
            "provider": self._provider(),
            "status": STATUSES[status],
            "url": self._service.get("url"),
            "sources": [u["url"] for u in self._service.get("additional_urls", ())],
            "checked_on": self._service.get("assured_date"),
            "channel": self._channel(),
            "cost": self._cost(),
            "territories": list(self._territories()),
            "conditions": list(self._conditions()),
            "next_step": self._texts.step("application_process", self._text("application_process")),
        }
        summary, description, moved = self._texts.described(self._text("description"))
        for field, text, why in moved:
            self._lost(field, text, why)
        return {**facts, "summary": summary, "description": description}

    def _lost(self, field: str, value: object, why: str) -> None:
        self._losses.append(Loss(self._record, field, shown(value), why))

    def _text(self, field: str) -> str:
        return str(self._service.get(field) or "").strip()

    def _provider(self) -> Facts | None:
        organization = self._service.get("organization")
        if not organization:
            return None
        ours = (
            i["identifier"] for i in organization.get("organization_identifiers", ()) if _ours(i)
        )
        return {"id": next(ours, organization["id"]), "name": organization["name"]}

    def _channel(self) -> str | None:
        places = [at.get("location") or {} for at in self._service.get("service_at_locations", ())]
        found = {p.get("location_type", "").replace("postal", "physical") for p in places} - {""}
        return next((ours for ours, theirs in CHANNELS.items() if found == theirs), None)

    def _cost(self) -> str | None:
        text = self._text("fees_description")
        labels = {c.label: code for code, c in self._reading.frame.codes("costs").items()}
        if text and text not in labels:
            self._lost("fees_description", text, "le coût d’une offre est un code, sans détail")
        return labels.get(text)

    def _territories(self) -> Iterator[str]:
        for area in self._service.get("service_areas", ()):
            extent, name = area.get("extent", ""), area.get("name", "")
            if area.get("extent_type") == "text" and TYPED.fullmatch(extent):
                yield extent
                continue
            try:
                yield self._reading.gazetteer.resolve(name).code
            except AiguilleError:
                why = "aucun lieu de ce nom, ou plusieurs : zone non reprise"
                self._lost("service_areas[].name", name, why)
            if extent:
                self._lost("service_areas[].extent", extent, "un contour n’est pas un lieu")

    def _conditions(self) -> Iterator[str]:
        """A line each, and ages, which are those of persons."""
        field = "eligibility_description"
        yield from self._texts.conditions(field, self._text(field))
        for bound, words in (("minimum_age", "ou plus"), ("maximum_age", "ou moins")):
            if (age := self._service.get(bound)) is not None:
                yield f"avoir {age:g} ans {words}"

    def losses(self) -> list[Loss]:
        """All that has no place, fields of the standard and others."""
        for path, value in _leaves(_without_ours(self._service)):
            if path in HELD or path.rpartition(".")[2].endswith(("id", "_id")):
                continue
            first = path.partition(".")[0].removesuffix("[]")
            hidden = "(coordonnées)" if any(part in path for part in PERSONAL) else value
            self._lost(path, hidden, NO_PLACE.get(first, "aucun champ d’une offre ne le dit"))
        return self._losses


def _ours(identifier: Mapping[str, Any]) -> bool:
    return identifier.get("identifier_type") == IDENTIFIER_TYPE


def _without_ours(service: Service) -> Service:
    """The service without what only we write: our attributes, our identifier of a provider."""
    rest = dict(service)
    rest["attributes"] = [a for a in service.get("attributes", ()) if _field(a) is None]
    if organization := service.get("organization"):
        identifiers = organization.get("organization_identifiers", ())
        rest["organization"] = {
            **organization,
            "organization_identifiers": [i for i in identifiers if not _ours(i)],
            # Required by the standard: a name said again says nothing more.
            "description": organization.get("description", "").replace(organization["name"], ""),
        }
    rest["additional_urls"] = [
        {name: value for name, value in url.items() if value != SOURCE}
        for url in service.get("additional_urls", ())
    ]
    return rest


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value that says something, with its path: phones[].number."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, f"{path}[]")
    elif value not in (None, ""):
        yield path, value
