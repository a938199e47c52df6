"""What happened to a need: one sentence a line of the audit log."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.audit import Line
from service.days import PARIS, instant
from service.triage.reasons import CHANGES, REJECTIONS
from service.triage.states import OUTCOMES, STATES
from service.typography import marked
from service.wording import Wording

ACTORS: Mapping[str, str] = {
    "person": marked("La personne"),
    "provider": marked("Le porteur"),
    "system": "Aiguille",
}


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called: people by id, offers by id, and the words of the screen."""

    users: Mapping[str, str]
    offers: Callable[[str], str]
    wording: Wording

    def actor(self, actor: str) -> str:
        """Who did it: "user:" and an id, or one of `ACTORS`."""
        kind, _, user_id = actor.partition(":")
        if kind == "user":
            return self.users.get(user_id) or self.wording.say("Un ancien compte")
        return self.wording.say(ACTORS[kind]) if kind in ACTORS else actor

    def user(self, user_id: str | None) -> str:
        return self.users.get(user_id or "") or self.wording.say("un ancien compte")

    def types(self, codes: list[str]) -> str:
        told = ", ".join(self.wording.labels.label("need_types", code) for code in codes)
        return told or self.wording.say("aucun type de besoin")


Detail = Mapping[str, Any]
Sentence = Callable[[Names, Detail], str]


def _moved(n: Names, d: Detail) -> str:
    to = d["after"]["state"]
    if to == "closed":
        return _closed(n, d)
    say = n.wording.say
    state = say(STATES.get(to, "?"))
    return say("passage à l’état « {state} »").format(state=state) + _because(n, d)


def _closed(n: Names, d: Detail) -> str:
    say = n.wording.say
    outcome = say(OUTCOMES.get(d["after"]["outcome"], "?")).lower()
    return say("clôture : {outcome}").format(outcome=outcome) + _because(n, d)


def _expired(n: Names, d: Detail) -> str:
    return n.wording.say(marked("expiration, sans réponse depuis longtemps")) + _because(n, d)


def _because(n: Names, d: Detail) -> str:
    reason = CHANGES.get(d.get("reason", ""))
    said = n.wording.say(reason) if reason else ""
    return f" ({said[0].lower()}{said[1:]})" if said else ""


def _assigned(n: Names, d: Detail) -> str:
    say = n.wording.say
    assignee = d["after"]["assignee"]
    if not assignee:
        return say("attribution retirée") + _because(n, d)
    return say("attribution à {who}").format(who=n.user(assignee)) + _because(n, d)


def _rejected(n: Names, d: Detail) -> str:
    say, found = n.wording.say, REJECTIONS.get(d.get("reason", ""))
    why = f" ({say(found.label).lower()})" if found else ""
    return say("offre écartée{why} : {offer}").format(why=why, offer=n.offers(d["offer"]))


def _corrected(n: Names, d: Detail) -> str:
    say = n.wording.say
    said = say("compréhension corrigée : {types}").format(types=n.types(d.get("types", [])))
    return said + (say(", urgent") if d.get("urgent") else "")


def _about(said: str) -> Sentence:
    return lambda n, d: n.wording.say(said).format(offer=n.offers(d.get("offer", "")))


def _plain(said: str) -> Sentence:
    return lambda n, _: n.wording.say(said)


SENTENCES: Mapping[str, Sentence] = {
    "sent": _plain(marked("besoin envoyé")),
    "seen": _plain(marked("premier regard sur le besoin")),
    "moved": _moved,
    "qualified": _moved,
    "closed": _closed,
    "expired": _expired,
    "assigned": _assigned,
    "undone": _plain(marked("geste précédent annulé")),
    "accepted": _about(marked("offre proposée : {offer}")),
    "added": _about(marked("offre ajoutée à la main : {offer}")),
    "rejected": _rejected,
    "undecided": _about(marked("retour sur le choix : {offer}")),
    "reordered": _about(marked("ordre changé : {offer}")),
    "corrected": _corrected,
    "noted": _plain(marked("note du bureau")),
    "asked": _plain(marked("question posée à la personne")),
    "merged": lambda n, d: n.wording.say("réuni au besoin {into}").format(
        into=d.get("into") or "?"
    ),
    "absorbed": lambda n, d: n.wording.say("le besoin {reference} lui est réuni").format(
        reference=d.get("reference") or "?"
    ),
    "consent-asked": _about(marked("accord demandé à la personne : {offer}")),
    "transmitted": _about(marked("transmis au porteur : {offer}")),
    "provider-accepted": _about(marked("le porteur prend en charge : {offer}")),
    "provider-refused": _about(marked("le porteur refuse : {offer}")),
    "provider-not-yet": _about(marked("le porteur répondra plus tard : {offer}")),
    "reminder": _plain(marked("relance envoyée")),
    "words-erased": _plain(marked("mots effacés, délai de conservation atteint")),
    "rematched": _plain(marked("de nouvelles offres ont été cherchées")),
}
"""Action -> what it did, after who did it."""


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the timeline."""

    when: str
    who: str
    what: str


def event_of(line: Line, names: Names) -> Event:
    """A line of the audit log as people read it; an action without a sentence keeps its code."""
    action = line.action.rstrip("0123456789").rstrip("-")
    said = SENTENCES.get(action, _plain(line.action))(names, line.detail)
    return Event(moment(line.at, names.wording), names.actor(line.actor), said)


def moment(at: datetime, wording: Wording) -> str:
    """24 novembre 2026 à 9 h 05, in France."""
    local = instant(at).astimezone(PARIS)
    said = wording.say("{day} à {hour}\u00a0h\u00a0{minute}")
    return said.format(day=wording.day(local.date()), hour=local.hour, minute=f"{local:%M}")
