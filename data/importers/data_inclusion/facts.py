"""What a service of data.inclusion v1 says of an offer, and what no field of an offer holds."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any

from data.importers.data_inclusion.codes import CHANNELS, FREE, PAID, Code, Codes
from data.importers.texts import Texts
from data.losses import Loss
from data.values import shown

SOURCE = "aiguille"
UNDATED = date(2000, 1, 1)
"""The least date that the format takes: it asks for one, and ours may be unknown."""
AND = ", "
"""Between the labels of our publics, which hold no comma."""
PERSONAL = ("telephone", "courriel", "contact_nom_prenom")
_PLACE = "une offre dit où elle est ouverte, pas où l’on est reçu"
_REACHED = "une offre ne dit pas les horaires ni les durées"
NO_PLACE: Mapping[str, str] = {
    **dict.fromkeys(PERSONAL, "coordonnées : elles se lisent à la source"),
    **dict.fromkeys(
        "commune code_postal code_insee adresse complement_adresse longitude latitude".split(),
        _PLACE,
    ),
    **dict.fromkeys(
        "volume_horaire_hebdomadaire nombre_semaines horaires_accueil".split(), _REACHED
    ),
    "modes_mobilisation": "la première démarche d’une offre est un texte",
    "mobilisable_par": "une offre ne dit pas qui peut orienter",
}
"""The fields of a service that an offer has no field for, and why."""
HELD = tuple(
    "source structure_id structure id nom description lien_source date_maj type thematiques frais"
    " frais_precisions publics publics_precisions conditions_acces modes_accueil zone_eligibilite"
    " lien_mobilisation mobilisation_precisions".split()
)
NEAR = "rapproché du code le plus voisin"
KEPT_TO_CHECK = "gardé parmi les conditions à vérifier"
UNKNOWN = "code inconnu de data.inclusion v1"

Facts = dict[str, Any]


def facts_of(service: Mapping[str, Any], provider: str, codes: Codes) -> tuple[Facts, list[Loss]]:
    """The raw values of an offer by field, of a service that is valid."""
    told = _Told(bare(str(service["id"])), service)
    link, source = service.get("lien_mobilisation"), service.get("lien_source")
    facts: Facts = {
        "id": told.record,
        "title": service["nom"],
        "provider": {"id": bare(str(service["structure_id"])), "name": provider},
        "status": "open",
        "kind": next(told.coded("type", codes.types), None),
        "need_types": list(dict.fromkeys(told.coded("thematiques", codes.thematiques))),
        "channel": told.channel(),
        "cost": told.cost(codes),
        "audiences": told.audiences(codes),
        "territories": told.territories(codes),
        "url": link or source,
        "sources": [source] if source else [],
        "provenance": ""
        if service["source"] == SOURCE
        else f"data.inclusion : {service['source']}",
    }
    if str(service["date_maj"]) != UNDATED.isoformat():
        facts["checked_on"] = service["date_maj"]
    facts["conditions"] = told.conditions(codes)
    facts["next_step"] = told.next_step()
    facts |= told.texts()
    return facts, told.losses()


def quoted(field: str, value: object) -> str:
    """A value as a report may show it: not how to reach a person."""
    return "(coordonnées)" if field in PERSONAL else shown(value)


def bare(their_id: str) -> str:
    """Our id again, of what we published; any other as it is."""
    return their_id.removeprefix(f"{SOURCE}--")


class _Told:
    """One service as it is read: what goes elsewhere than in its field is noted on the way."""

    def __init__(self, record: str, service: Mapping[str, Any]) -> None:
        self.record = record
        self._service = service
        self._losses: list[Loss] = []
        self._kept: list[tuple[str, str]] = []
        self._texts = Texts()

    def _lost(self, field: str, value: object, why: str) -> None:
        self._losses.append(Loss(self.record, field, shown(value), why))

    def _many(self, field: str) -> Collection[str]:
        found = self._service.get(field) or ()
        return (found,) if isinstance(found, str) else found

    def _text(self, field: str) -> str:
        return str(self._service.get(field) or "").strip()

    def coded(self, field: str, known: Mapping[str, Code]) -> Iterator[str]:
        """Our codes of theirs; a near one is told, and one without a place."""
        for code in self._many(field):
            found = known.get(code)
            if found is None or found.sense == "-":
                self._lost(field, code, found.remark if found else UNKNOWN)
                continue
            if found.sense == ">":
                self._lost(field, code, NEAR)
            yield found.ours

    def channel(self) -> str | None:
        modes = set(self._many("modes_accueil"))
        return next((ours for ours, theirs in CHANNELS.items() if modes == set(theirs)), None)

    def cost(self, codes: Codes) -> str | None:
        """Free or paid; else what our labels say in the detail, which is free text."""
        detail = self._text("frais_precisions")
        labels = {c.label: code for code, c in codes.frame.codes("costs").items()}
        if detail and detail not in labels:
            self._lost("frais_precisions", detail, "le coût d’une offre est un code, sans détail")
        return labels.get(detail) or {FREE: FREE, PAID: PAID}.get(self._text("frais"))

    def audiences(self, codes: Codes) -> list[str]:
        """Our publics are said by their labels; other words are a condition to check."""
        text = self._text("publics_precisions")
        labels = {c.label: code for code, c in codes.frame.codes("profiles").items()}
        parts = text.split(AND)
        if all(part in labels for part in parts):
            return [labels[part] for part in parts]
        if text:
            self._kept.append(("publics_precisions", text))
            self._lost("publics_precisions", text, KEPT_TO_CHECK)
        return []

    def conditions(self, codes: Codes) -> list[str]:
        """A line each; publics are persons: they are one more condition, to check."""
        publics = []
        for code in self._many("publics"):
            found = codes.publics.get(code)
            if found is None or found.sense == "-":
                self._lost("publics", code, found.remark if found else UNKNOWN)
            else:
                publics.append(found.ours)
                self._lost("publics", code, KEPT_TO_CHECK)
        if publics:
            self._kept.append(("publics", f"faire partie de ces publics : {AND.join(publics)}"))
        given = [("conditions_acces", self._text("conditions_acces")), *self._kept]
        return [line for field, text in given for line in self._texts.conditions(field, text)]

    def next_step(self) -> str:
        field = "mobilisation_precisions"
        return self._texts.step(field, self._text(field))

    def texts(self) -> Facts:
        summary, description, moved = self._texts.described(self._text("description"))
        for field, text, why in moved:
            self._lost(field, text, why)
        return {"summary": summary, "description": description}

    def territories(self, codes: Codes) -> list[str]:
        known, unknown = codes.territories(self._many("zone_eligibilite"))
        for code in unknown:
            self._lost("zone_eligibilite", code, "ce code n’est pas un lieu de France")
        return sorted(known)

    def losses(self) -> list[Loss]:
        """All that has no place, known fields and others."""
        for field, value in self._service.items():
            if field not in HELD and value not in (None, "", [], {}):
                why = NO_PLACE.get(field, "champ inconnu de data.inclusion v1")
                self._lost(field, quoted(field, value), why)
        return self._losses
