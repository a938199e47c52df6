"""What the forms of a need's page do, by the last word of their address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from data.store_needs import StoredNeed
from data.store_users import User
from matching.domain import Correction
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.pages.desk import change_of
from service.schemas.need_in import UnknownCode
from service.typography import marked
from service.usecases.changing import Change, WrongChange, change_needs
from service.usecases.deciding import accept, reject, reorder, undecide
from service.usecases.desk_need import ask, contact_provider, correct, merge, note


class NoVersion(AiguilleError):
    """A form without the version of the need that it was made for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A form that somebody sent about a need."""

    catalogue: Catalogue
    user: User
    need: StoredNeed
    form: Mapping[str, list[str]]
    now: datetime
    undo: timedelta
    link_days: int

    @property
    def need_id(self) -> str:
        return self.need.id

    def field(self, name: str) -> str:
        return next(iter(self.form.get(name, ())), "")

    @property
    def version(self) -> int:
        """The version that the form was made for."""
        told = self.field("version")
        if not (told.isdecimal() and len(told) < 10):
            raise NoVersion("Formulaire incomplet : rechargez la page et recommencez.")
        return int(told)


@dataclass(frozen=True, slots=True)
class Action:
    """`do` may return the batch that undoes it; `anchor` is where the page comes back to."""

    label: str
    anchor: str
    do: Callable[[Asked], str | None]


def _accept(a: Asked, *, added: bool = False) -> None:
    offer = a.field("offre")
    accept(a.catalogue, a.user, a.need_id, offer, version=a.version, now=a.now, added=added)


def _reject(a: Asked) -> None:
    offer, reason = a.field("offre"), a.field("raison")
    reject(a.catalogue, a.user, a.need_id, offer, reason, version=a.version, now=a.now)


def _undecide(a: Asked) -> None:
    undecide(a.catalogue, a.user, a.need_id, a.field("offre"), version=a.version, now=a.now)


def _reorder(a: Asked, *, step: int) -> None:
    offer = a.field("offre")
    reorder(a.catalogue, a.user, a.need_id, offer, step, version=a.version, now=a.now)


def _correct(a: Asked) -> None:
    known = a.catalogue.frame.codes("need_types")
    types = frozenset(a.form.get("type", ()))
    if not types or not types <= known.keys():
        raise UnknownCode(
            "Gardez au moins un type de besoin de la liste : c’est ce qui choisit les offres.",
            field="type",
        )
    made = Correction(types, a.field("urgent") == "oui")
    correct(a.catalogue, a.user, a.need_id, made, version=a.version, now=a.now)


def _note(a: Asked) -> None:
    note(a.catalogue, a.user, a.need_id, a.field("texte"), now=a.now)


def _ask(a: Asked) -> None:
    ask(a.catalogue, a.user, a.need_id, a.field("texte"), version=a.version, now=a.now)


def _transmit(a: Asked) -> None:
    offer, recipient = a.field("offre"), a.field("destinataire")
    contact_provider(
        a.catalogue,
        a.user,
        a.need_id,
        offer,
        recipient,
        version=a.version,
        now=a.now,
        days=a.link_days,
    )


def _change(a: Asked) -> str | None:
    made = change_of(a.field("geste"), a.field("raison"), a.field("note"), a.user)
    return _changed(a, made)


def _reopen(a: Asked) -> str | None:
    return _changed(a, Change("move", "qualifying", a.field("raison")))


def _changed(a: Asked, change: Change) -> str | None:
    chosen = [(a.need.key, a.version)]
    return change_needs(a.catalogue, a.user, chosen, change, now=a.now, undo=a.undo).batch


def _merge(a: Asked) -> str:
    reference = a.field("reference")
    if not reference.strip():
        raise WrongChange("Donnez la référence du besoin qui reste.", field="reference")
    return merge(
        a.catalogue, a.user, a.need_id, reference, version=a.version, now=a.now, undo=a.undo
    )


ACTIONS: Mapping[str, Action] = {
    "proposer": Action(marked("Proposer une offre"), "offres", _accept),
    "ajouter": Action(marked("Ajouter une offre"), "offres", partial(_accept, added=True)),
    "ecarter": Action(marked("Écarter une offre"), "offres", _reject),
    "revenir": Action(marked("Revenir sur un choix"), "offres", _undecide),
    "monter": Action(marked("Monter une offre"), "offres", partial(_reorder, step=-1)),
    "descendre": Action(marked("Descendre une offre"), "offres", partial(_reorder, step=1)),
    "comprendre": Action(marked("Corriger ce qui a été compris"), "compris", _correct),
    "note": Action(marked("Écrire une note"), "echanges", _note),
    "question": Action(marked("Poser une question"), "echanges", _ask),
    "transmettre": Action(marked("Transmettre à un porteur"), "offres", _transmit),
    "changer": Action(marked("Attribuer, changer d’état ou clore"), "suite", _change),
    "rouvrir": Action(marked("Rouvrir le besoin"), "suite", _reopen),
    "fusionner": Action(marked("Réunir à un autre besoin"), "suite", _merge),
}
