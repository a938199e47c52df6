"""A person's answers on paper: what was understood, the parcours, each answer, whom to talk to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from service.languages import FRENCH
from service.pages.cards import Card
from service.pages.results import NearShown, ResultsPage, StepShown
from service.papers.lines import Span
from service.papers.paper import (
    BODY,
    BRAND,
    CLOSE,
    HEAD,
    PART,
    QUOTE,
    SMALL,
    SOFT,
    THREAD,
    TITLE,
    Paper,
)
from service.wording import Wording

VERDICTS: Mapping[str, tuple[str, str]] = {
    "eligible": ("#1d6b3a", "#e3f3e8"),
    "to_check": ("#7a4b00", "#fdf1d8"),
    "ineligible": ("#a3211a", "#fdecea"),
}
"""Verdict -> its ink and its ground, those of the site."""


def parcours_pdf(
    page: ResultsPage, wording: Wording, *, on: date, language: str, link: bool
) -> bytes:
    """The paper of what a person's page shows; their private link is on it if they want it."""
    return _Writing(page, wording, on, language).written(link=link)


class _Writing:
    """One paper, while it is written."""

    def __init__(self, page: ResultsPage, wording: Wording, on: date, language: str) -> None:
        self.page, self.wording, self.on = page, wording, on
        self.say = wording.say
        self.site = page.address.partition("/besoins/")[0]
        self.paper = Paper(self.say("Votre parcours – Aiguille"), language, on)

    def written(self, *, link: bool) -> bytes:
        self._top(link=link)
        self._understood()
        page = self.page
        if page.message:
            self.paper.text(BODY, Span(page.message), indent=12, bar=THREAD)
            self.paper.space(4)
        if page.human:
            self._part(self.say("À qui parler"))
            self._card(page.human)
        if page.steps:
            self._part(self.say("Un parcours possible"))
            for number, step in enumerate(page.steps, start=1):
                self._step(number, step)
        if page.cards:
            self._part(self.say("Réponses"))
            for card in page.cards:
                self._card(card)
        if page.near:
            self._part(self.say("Écartées de peu"))
            for near in page.near:
                self._near(near)
        foot = self.say("Aiguille. Vérifiez toujours auprès du porteur avant de vous engager.")
        return self.paper.finished(foot, self.say("Page {page} sur {pages}"))

    def _top(self, *, link: bool) -> None:
        paper = self.paper
        made = self.say("Fait le {day}").format(day=self.wording.day(self.on))
        paper.text(SMALL, Span("Aiguille", bold=True, ink=BRAND), Span(f" · {made}"))
        paper.rule(THREAD)
        paper.heading(TITLE, Span(self.say("Votre parcours")))
        for part in self.page.need.text.splitlines():
            if part.strip():
                paper.text(QUOTE, self._french(part), indent=12, bar=THREAD)
        paper.space(4)
        if link:
            back = Span(self.page.address, link=self.page.address)
            paper.text(BODY, Span(self.say("Votre lien privé :") + " ", bold=True), back)

    def _understood(self) -> None:
        found = self.page.understood
        self._part(self.say("Voici ce que nous avons compris"))
        for theme in found.themes:
            said = self.say("« {words} »").format(words=theme.words) if theme.words else ""
            words = (Span(" "), self._french(said)) if said else ()
            self.paper.text(CLOSE, Span("•  "), Span(theme.label, bold=True), *words)
        facts = [found.place, found.profile, found.size]
        if found.urgent:
            facts.append(self.say("C’est urgent"))
        if told := " · ".join(fact for fact in facts if fact):
            self.paper.text(CLOSE, Span("•  "), Span(told))
        self.paper.space(6)

    def _part(self, title: str) -> None:
        self.paper.space(8)
        self.paper.heading(PART, Span(title))

    def _step(self, number: int, step: StepShown) -> None:
        paper = self.paper
        paper.number(number)
        first = (Span(f" – {self.say('d’abord')}", ink="#7a4b00"),) if step.urgent else ()
        paper.heading(HEAD, self._french(step.title), *first, indent=30)
        who = (self._french(step.provider), *self._after(step.kind))
        paper.text(SMALL, *who, indent=30)
        covers = self._labelled(self.say("Pour :"), ", ".join(step.covers))
        if not step.covers:
            covers = (Span(self.say("La réponse la plus utile à votre besoin")),)
        paper.text(CLOSE, *covers, indent=30)
        for words in step.words:
            said = self.say("« {words} »").format(words=words)
            paper.text(CLOSE, Span(said, language=FRENCH, ink=SOFT), indent=30)
        paper.space(7)

    def _card(self, card: Card) -> None:
        paper, offer = self.paper, card.offer
        paper.keep(130)
        paper.rule()
        title = Span(offer.title, link=f"{self.site}/offres/{offer.id}", language=FRENCH)
        paper.heading(HEAD, title)
        paper.text(SMALL, self._french(offer.provider.name), *self._after(card.coverage))
        more = " · ".join(part for part in (card.cost, card.channel, card.kind) if part)
        paper.chip(card.suits, *VERDICTS[card.verdict], beside=(Span(more),) if more else ())
        if offer.summary:
            paper.text(BODY, self._french(offer.summary))
        if card.reasons:
            paper.text(CLOSE, Span(self.say("Pourquoi cette réponse"), bold=True))
            for why in card.reasons:
                told = Span(why.sentence), Span(f" ({why.strength})", ink=SOFT)
                paper.text(CLOSE, *told, indent=50, share=why.weight)
            paper.space(4)
        self._listed(self.say("À vérifier"), card.checks)
        if card.relay:
            link = card.relay_link
            there = f"{self.site}{link}" if link and link.startswith("/") else link
            relay = Span(card.relay, link=there, language=FRENCH)
            paper.text(BODY, Span(self.say("Près de chez vous :") + " ", bold=True), relay)
        paper.keep(3 * BODY.leading + 2 * SMALL.leading)
        step = self._labelled(self.say("Première démarche :"), card.next_step, french=True)
        site = (Span(" "), Span(offer.url, link=offer.url)) if offer.url else ()
        paper.text(BODY, *step, *site, indent=12, bar=THREAD)
        self._source(card)

    def _source(self, card: Card) -> None:
        offer = card.offer
        on = offer.checked_on
        checked = f"{self.say('Vérifié le')} {self.wording.day(on)}" if on else ""
        told = " · ".join(part for part in (checked, offer.provenance) if part)
        if told:
            self.paper.text(SMALL, Span(told))
        self.paper.space(4)

    def _near(self, near: NearShown) -> None:
        name = (self._french(near.title, bold=True), self._french(f" ({near.provider})"))
        self.paper.keep(2 * BODY.leading)
        self.paper.text(CLOSE, Span("•  "), *name)
        after: tuple[Span, ...] = ()
        if near.successor:
            offer_id, title = near.successor
            there = f"{self.site}/offres/{offer_id}"
            after = (
                Span(f" {self.say('Remplacée par')} "),
                Span(title, link=there, language=FRENCH),
                Span("."),
            )
        self.paper.text(BODY, Span(f"{near.sentence}."), *after, indent=12)

    def _listed(self, title: str, lines: Sequence[str]) -> None:
        if not lines:
            return
        self.paper.keep(2 * BODY.leading)
        self.paper.text(CLOSE, Span(title, bold=True))
        for line in lines:
            self.paper.text(CLOSE, Span("•  "), Span(line), indent=4)
        self.paper.space(4)

    def _labelled(self, label: str, text: str, *, french: bool = False) -> tuple[Span, ...]:
        said = self._french(text) if french else Span(text)
        return Span(f"{label} ", bold=True), said

    def _french(self, text: str, *, bold: bool = False) -> Span:
        """Words of an offer or of the person, which are in French whatever the paper is in."""
        return Span(text, bold=bold, language=FRENCH)

    def _after(self, text: str | None) -> tuple[Span, ...]:
        return (Span(f" · {text}"),) if text else ()
