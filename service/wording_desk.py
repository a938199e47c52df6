"""What happened to a need, in French: one sentence a line of the audit log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.audit import Line
from service.days import PARIS, instant
from service.labels import CodeLabels
from service.triage.reasons import CHANGES, REJECTIONS
from service.triage.states import OUTCOMES, STATES
from service.wording import day

ACTORS: Mapping[str, str] = {
    "person": "La personne",
    "provider": "Le porteur",
    "system": "Aiguille",
}


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called: people by id, offers by id, and the labels of the frame."""

    users: Mapping[str, str]
    offers: Callable[[str], str]
    labels: CodeLabels

    def actor(self, actor: str) -> str:
        """Who did it: "user:" and an id, or one of `ACTORS`."""
        kind, _, user_id = actor.partition(":")
        if kind == "user":
            return self.users.get(user_id, "Un ancien compte")
        return ACTORS.get(kind, actor)

    def user(self, user_id: str | None) -> str:
        return self.users.get(user_id or "", "un ancien compte")

    def types(self, codes: list[str]) -> str:
        told = ", ".join(self.labels.label("need_types", code) for code in codes)
        return told or "aucun type de besoin"


Detail = Mapping[str, Any]
Sentence = Callable[[Names, Detail], str]


def _moved(_: Names, d: Detail) -> str:
    if d.get("to") == "closed":
        return _closed(_, d)
    return f"passage à l’état « {STATES.get(d.get('to', ''), '?')} »{_because(d)}"


def _closed(_: Names, d: Detail) -> str:
    return f"clôture : {OUTCOMES.get(d.get('outcome', ''), '?').lower()}{_because(d)}"


def _because(d: Detail) -> str:
    reason = CHANGES.get(d.get("reason", ""))
    return f" ({reason[0].lower()}{reason[1:]})" if reason else ""


def _assigned(n: Names, d: Detail) -> str:
    if not d.get("assignee"):
        return f"attribution retirée{_because(d)}"
    return f"attribution à {n.user(d['assignee'])}{_because(d)}"


def _rejected(n: Names, d: Detail) -> str:
    found = REJECTIONS.get(d.get("reason", ""))
    why = f" ({found.label.lower()})" if found else ""
    return f"offre écartée{why} : {n.offers(d['offer'])}"


def _corrected(n: Names, d: Detail) -> str:
    urgent = ", urgent" if d.get("urgent") else ""
    return f"compréhension corrigée : {n.types(d.get('types', []))}{urgent}"


def _about(said: str) -> Sentence:
    return lambda n, d: f"{said} : {n.offers(d.get('offer', ''))}"


def _plain(said: str) -> Sentence:
    return lambda _, __: said


SENTENCES: Mapping[str, Sentence] = {
    "sent": _plain("besoin envoyé"),
    "seen": _plain("premier regard sur le besoin"),
    "moved": _moved,
    "closed": _closed,
    "expired": _plain("expiration, sans réponse depuis longtemps"),
    "assigned": _assigned,
    "undone": _plain("geste précédent annulé"),
    "accepted": _about("offre proposée"),
    "added": _about("offre ajoutée à la main"),
    "rejected": _rejected,
    "undecided": _about("retour sur le choix"),
    "reordered": _about("ordre changé"),
    "corrected": _corrected,
    "noted": _plain("note du bureau"),
    "asked": _plain("question posée à la personne"),
    "merged": lambda _, d: f"réuni au besoin {d.get('into') or '?'}",
    "absorbed": lambda _, d: f"le besoin {d.get('reference') or '?'} lui est réuni",
    "consent-asked": _about("accord demandé à la personne"),
    "transmitted": _about("transmis au porteur"),
    "provider-accepted": _about("le porteur prend en charge"),
    "provider-refused": _about("le porteur refuse"),
    "provider-not-yet": _about("le porteur répondra plus tard"),
    "reminder": _plain("relance envoyée"),
    "words-erased": _plain("mots effacés, délai de conservation atteint"),
    "rematched": _plain("de nouvelles offres ont été cherchées"),
}
"""Action -> what it did, after who did it."""


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the timeline."""

    at: datetime
    who: str
    what: str

    @property
    def when(self) -> str:
        return moment(self.at)


def event_of(line: Line, names: Names) -> Event:
    """A line of the audit log as people read it; an action without a sentence keeps its code."""
    action = line.action.rstrip("0123456789").rstrip("-")
    said = SENTENCES.get(action, _plain(line.action))(names, line.detail)
    return Event(line.at, names.actor(line.actor), said)


def moment(at: datetime) -> str:
    """24 novembre 2026 à 9 h 05, in France."""
    local = instant(at).astimezone(PARIS)
    return f"{day(local.date())} à {local.hour}\u00a0h\u00a0{local:%M}"
