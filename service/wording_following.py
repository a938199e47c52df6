"""What became of a need, told to the person who asked: codes of the audit log in, sentences out.

What the desk does for itself is not told; neither is a move that another line tells better.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from data.audit import Line
from service.days import day_of
from service.typography import Say, marked

STATES_TOLD: Mapping[str, str] = {
    "new": marked("Votre demande est arrivée. Un catalyseur de votre territoire va la lire."),
    "qualifying": marked("Un catalyseur étudie votre demande."),
    "proposed": marked(
        "Un catalyseur vous a proposé des réponses. Dites-lui si elles conviennent."
    ),
    "transmitted": marked("Votre demande est entre les mains de qui peut vous aider."),
    "waiting": marked("Nous attendons un mot de vous : voyez les questions plus bas."),
    "expired": marked(
        "Sans nouvelles de votre part, nous avons cessé de suivre votre demande. Un message suffit "
        "à la rouvrir."
    ),
}
"""State -> what it means for the person; a closed need is told by its outcome."""

OUTCOMES_TOLD: Mapping[str, str] = {
    "helped": marked("Votre demande est close : vous avez été aidé(e)."),
    "not-helped": marked("Votre demande est close, sans que nous ayons pu vous aider."),
    "unreachable": marked("Votre demande est close : nous n’avons pas réussi à vous joindre."),
    "out-of-scope": marked("Votre demande est close : elle sort de ce que nous pouvons traiter."),
    "duplicate": marked("Votre demande est suivie avec une autre, qui dit la même chose."),
}

REFUSALS_TOLD: Mapping[str, str] = {
    "territory": marked("n’intervient pas sur votre territoire"),
    "audience": marked("ne s’adresse pas aux structures comme la vôtre"),
    "full": marked("ne peut plus prendre de demande pour le moment"),
    "gone": marked("ne propose plus cet appui"),
    "wrong-contact": marked("n’est pas le bon interlocuteur"),
    "other": marked("ne peut pas prendre votre demande"),
}
"""Why a provider refused -> what follows its name."""


@dataclass(frozen=True, slots=True)
class Event:
    on: date
    sentence: str


Naming = Callable[[str], str]
"""The id of an offer -> who delivers it, as the person knows them."""


def state_told(state: str, outcome: str | None) -> str:
    """A need's standing, as a French text to be said."""
    return OUTCOMES_TOLD[outcome] if state == "closed" and outcome else STATES_TOLD[state]


def events(lines: Iterable[Line], name: Naming, say: Say) -> list[Event]:
    """What happened, oldest first; what was undone did not."""
    kept = list(lines)
    undone = {line.detail.get("batch") for line in kept if line.action == "undone"} - {None}
    told = []
    for line in kept:
        text = None if line.detail.get("batch") in undone else _text(line)
        if text is not None:
            who = name(line.detail["offer"]) if "offer" in line.detail else ""
            told.append(Event(day_of(line.at), say(text).format(who=who)))
    return told


def _text(line: Line) -> str | None:
    if line.action in MOVES:
        return _moved(line)
    if line.action == "assigned":
        assigned = line.detail.get("after", {}).get("assignee")
        return marked("Un catalyseur suit votre demande.") if assigned else None
    return TOLD.get(line.action)


def _moved(line: Line) -> str | None:
    """A move of the desk, or an ending; others are told by the line that caused them."""
    after = line.detail.get("after", {})
    if after.get("state") == "closed":
        return CLOSED.get(after.get("outcome"))
    return MOVED.get(after.get("state")) if line.actor != "person" else None


TOLD: Mapping[str, str] = {
    "sent": marked("Vous avez envoyé votre demande."),
    "wrote": marked("Vous avez écrit au catalyseur."),
    "asked": marked("Un catalyseur vous a écrit."),
    "consent-asked": marked("Un catalyseur vous demande votre accord pour {who}."),
    "consented": marked("Vous avez donné votre accord pour {who}."),
    "declined": marked("Vous n’avez pas donné votre accord pour {who}."),
    "consent-withdrawn": marked("Vous avez retiré votre accord pour {who}."),
    "transmitted": marked("{who} a reçu votre demande."),
    "provider-accepted": marked("{who} prend votre demande."),
    "provider-refused": marked("{who} ne peut pas prendre votre demande."),
    "provider-not-yet": marked("{who} a lu votre demande et répondra plus tard."),
    "not-helped-yet": marked("Vous avez dit que votre besoin n’est pas encore couvert."),
}
"""Action -> the sentence; {who} is who delivers the offer that it names."""

MOVES = ("moved", "qualified", "closed", "expired")
"""The actions that are told by the state they lead to."""

MOVED: Mapping[str | None, str] = {
    "qualifying": marked("Un catalyseur étudie votre demande."),
    "proposed": marked("Un catalyseur vous a proposé des réponses."),
    "expired": marked("Sans nouvelles, votre demande a cessé d’être suivie."),
}

CLOSED: Mapping[str | None, str] = {
    "helped": marked("Demande close : vous avez été aidé(e)."),
    "not-helped": marked("Demande close : nous n’avons pas pu vous aider."),
    "unreachable": marked("Demande close : nous n’avons pas réussi à vous joindre."),
    "out-of-scope": marked("Demande close : elle sort de ce que nous pouvons traiter."),
    "duplicate": marked("Demande regroupée avec une autre, qui dit la même chose."),
}
