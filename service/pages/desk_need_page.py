"""What the template of a need's page shows, made of what was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from data.store_desk import NOBODY
from data.store_messages import Message
from data.store_transmissions import Room, Transmission
from data.store_triage import Decision
from data.store_users import User
from matching.domain import Offer
from service.catalogue import Catalogue
from service.days import day_of, instant
from service.pages.desk import BY_HAND
from service.pages.desk_actions import Asked
from service.pages.desk_filters import MINE
from service.schemas.answers import AnswerOut, MatchOut
from service.settings import Settings
from service.triage.clocks import Due, How, due
from service.triage.reasons import CHANGES, REJECTIONS, Rejection
from service.triage.states import MOVES, OUTCOMES, STATES
from service.typography import Say, marked
from service.usecases.changing import Batch, find_batch
from service.usecases.desk_reading import Opened
from service.wording import Labels, Wording
from service.wording_clocks import STANDING, due_sentence
from service.wording_desk import Event, Names, event_of, moment


@dataclass(frozen=True, slots=True)
class OfferRow:
    """An offer for the need: as it was answered, and what was decided of it."""

    id: str
    offer: Offer | None
    match: MatchOut | None
    decision: Decision | None
    transmissions: Sequence[Transmission]
    room: Room | None
    agreed: bool
    asked: bool

    @property
    def title(self) -> str:
        return self.offer.title if self.offer else self.id


@dataclass(frozen=True, slots=True)
class Written:
    """A message as it is shown."""

    message: Message
    who: str
    when: str


@dataclass(frozen=True, slots=True)
class NeedPage:
    """All that the template shows. `last` is the last audit line read, to tell what came after.

    `typed` gives back what was typed in the form `at_fault` that was refused.
    """

    me: User
    opened: Opened
    answer: AnswerOut | None
    chosen: Sequence[OfferRow]
    waiting: Sequence[OfferRow]
    rejected: Sequence[OfferRow]
    helped: Sequence[Sequence[Offer]]
    written: Sequence[Written]
    events: Sequence[Event]
    last: int
    due: Due | None
    labels: Labels
    names: Names
    need_types: Sequence[tuple[str, str]]
    urgent: bool
    assignee: str | None
    undo: Batch | None
    seconds: int
    search: str = ""
    found: Sequence[Offer] = ()
    error: str = ""
    at_fault: str = ""
    typed: Mapping[str, Sequence[str]] | None = None
    states: ClassVar[Mapping[str, str]] = STATES
    outcomes: ClassVar[Mapping[str, str]] = OUTCOMES
    by_hand: ClassVar[Sequence[str]] = BY_HAND
    reasons: ClassVar[Mapping[str, str]] = CHANGES
    rejections: ClassVar[Mapping[str, Rejection]] = REJECTIONS
    standing: ClassVar[Mapping[How, str]] = STANDING
    due_sentence = staticmethod(due_sentence)

    def moment(self, at: datetime) -> str:
        return moment(at, self.names.wording)

    @property
    def moves(self) -> list[str]:
        """The states that may follow, and that a hand may give."""
        return [s for s in BY_HAND if s in MOVES[self.opened.need.state]]

    @property
    def closable(self) -> bool:
        return "closed" in MOVES[self.opened.need.state]

    def given_back(self, action: str, name: str) -> str:
        """What was typed in a form that was refused."""
        if self.typed is None or action != self.at_fault:
            return ""
        return next(iter(self.typed.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class Conflict:
    """What somebody tried, what others did meanwhile, and the form to send it again."""

    page: NeedPage
    action: str
    label: str
    meanwhile: Sequence[Event]
    typed: Mapping[str, Sequence[str]]

    @property
    def again(self) -> Iterator[tuple[str, str]]:
        """The fields to send again as they were; words are in a field of their own."""
        kept = ("version", "depuis", "texte", "note")
        return ((n, v) for n, values in self.typed.items() if n not in kept for v in values)

    @property
    def told(self) -> list[str]:
        """What was asked for, in words."""
        found = [_told(self.page, name, value) for name, value in self.again]
        return [one for one in found if one]


def need_page(
    catalogue: Catalogue,
    wording: Wording,
    settings: Settings,
    user: User,
    opened: Opened,
    now: datetime,
    batch: str = "",
) -> NeedPage:
    labels = wording.labels
    index = catalogue.matcher.index

    def offer(offer_id: str) -> Offer | None:
        row = index.rows.get(offer_id)
        return None if row is None else index.offers[row]

    def title(offer_id: str) -> str:
        found = offer(offer_id)
        return found.title if found else offer_id

    users = {u.id: u.name for u in opened.users}
    names = Names(users, title, wording)
    answer = AnswerOut.of(opened.answer, wording) if opened.answer else None
    rows = list(_rows(opened, answer, offer))
    types = [(c, labels.label("need_types", c)) for c in catalogue.frame.codes("need_types")]
    correction = opened.need.correction
    read = opened.answer.understanding.axis == "urgence" if opened.answer else False
    undo = timedelta(seconds=settings.undo_seconds)
    found = find_batch(catalogue, user, batch, now=now, undo=undo) if batch else None
    return NeedPage(
        me=user,
        opened=opened,
        answer=answer,
        chosen=[r for r in rows if r.decision and r.decision.chosen],
        waiting=[r for r in rows if r.decision is None],
        rejected=[r for r in rows if r.decision and not r.decision.chosen],
        helped=[[o for i in h.offers if (o := offer(i))] for h in opened.helped],
        written=[Written(m, names.actor(m.author), moment(m.at, wording)) for m in opened.messages],
        events=[event_of(line, names) for line in opened.lines],
        last=opened.lines[-1].id if opened.lines else 0,
        due=due(opened.need, day_of(now), settings.clocks),
        labels=labels,
        names=names,
        need_types=sorted(types, key=lambda t: t[1]),
        urgent=correction.urgent if correction else read,
        assignee=users.get(opened.need.assignee or ""),
        undo=found,
        seconds=max(round((instant(found.until) - now).total_seconds()), 1) if found else 0,
    )


def _rows(
    opened: Opened, answer: AnswerOut | None, offer: Callable[[str], Offer | None]
) -> Iterator[OfferRow]:
    """The offers decided of, in their order, then those that were answered and wait."""
    matches = {m.offer.id: m for m in answer.matches} if answer else {}
    decisions = {d.offer_id: d for d in opened.decisions}
    agreed = {c.recipient for c in opened.consents if c.withdrawn_at is None}
    for offer_id in (*decisions, *(i for i in matches if i not in decisions)):
        yield OfferRow(
            offer_id,
            offer(offer_id),
            matches.get(offer_id),
            decisions.get(offer_id),
            [t for t in opened.transmissions if t.offer_id == offer_id],
            opened.rooms.get(offer_id),
            offer_id in agreed,
            offer_id in opened.asked,
        )


def since(page: NeedPage, asked: Asked) -> list[Event]:
    """What happened after the page was read."""
    read = asked.field("depuis")
    last = int(read) if read.isdecimal() and len(read) < 16 else page.last
    return [event_of(line, page.names) for line in page.opened.lines if line.id > last]


def as_typed(form: Mapping[str, list[str]]) -> Mapping[str, Sequence[str]]:
    return {name: tuple(values) for name, values in form.items()}


def _told(page: NeedPage, name: str, value: str) -> str | None:
    """A field that was sent, in words; None for those that only machines read."""
    say = page.names.wording.say
    if name == "geste":
        return _gesture(page, value, say)
    words: Mapping[str, tuple[str, Callable[[], str]]] = {
        "offre": (marked("Offre : {value}"), lambda: page.names.offers(value)),
        "raison": (marked("Raison : {value}"), lambda: _reason(page, value, say)),
        "type": (
            marked("Type de besoin : {value}"),
            lambda: page.labels.label("need_types", value),
        ),
        "urgent": (marked("Urgent"), lambda: ""),
        "reference": (marked("Réunir à : {value}"), lambda: value),
        "destinataire": (marked("Adresse du porteur : {value}"), lambda: value),
    }
    if name not in words:
        return None
    text, told = words[name]
    return say(text).format(value=told())


def _gesture(page: NeedPage, value: str, say: Say) -> str:
    """A gesture of the form ("assign:moi", "move:waiting", "close:helped") in words."""
    kind, _, to = value.partition(":")
    if kind == "assign" and to == MINE:
        return say("Vous attribuer le besoin")
    if kind == "assign" and to == NOBODY:
        return say("Attribuer à personne")
    if kind == "assign":
        return say("Attribuer à {who}").format(who=page.names.user(to))
    if kind == "move":
        return say("Passer à l’état « {state} »").format(state=say(page.states.get(to, to)))
    if kind == "close":
        return say("Clore : {outcome}").format(outcome=say(page.outcomes.get(to, to)).lower())
    return value


def _reason(page: NeedPage, code: str, say: Say) -> str:
    found = page.rejections.get(code)
    return say(found.label if found else page.reasons.get(code, code))
