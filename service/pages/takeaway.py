"""What a person takes from their answers: offers side by side, a paper, a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from data.values import harmless
from service.days import day_of
from service.deps import CatalogueDep, NowDep, PageWordingDep
from service.pages.cards import Card, cards_of
from service.pages.languages import language_of
from service.pages.rendering import PRIVATE_HEADERS, render
from service.pages.results import SEEN, results_page
from service.typography import marked
from service.usecases.answering import answer_need, need_of, read_need
from service.wording import Wording

router = APIRouter(prefix="/besoins", include_in_schema=False)

SIDE_BY_SIDE = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One thing compared: what each offer says of it."""

    label: str
    cells: tuple[tuple[str, ...], ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class ComparePage:
    need_id: str
    cards: tuple[Card, ...]
    rows: tuple[Row, ...]


def _lines(*lines: str | None) -> tuple[str, ...]:
    return tuple(line for line in lines if line)


COMPARED: Mapping[str, Callable[[Card, Wording], tuple[str, ...]]] = {
    marked("En une phrase"): lambda c, _: _lines(c.offer.summary),
    marked("Vous convient-elle ?"): lambda c, _: _lines(c.suits, *c.checks),
    marked("Pourquoi"): lambda c, _: tuple(w.sentence for w in c.reasons[:3]),
    marked("Forme d’aide"): lambda c, _: _lines(c.kind),
    marked("Coût"): lambda c, _: _lines(c.cost),
    marked("Comment"): lambda c, _: _lines(c.channel),
    marked("Où"): lambda c, _: _lines(c.coverage),
    marked("Près de chez vous"): lambda c, _: _lines(c.relay),
    marked("Pour qui"): lambda c, w: _lines(w.audiences(c.offer)),
    marked("Première démarche"): lambda c, _: _lines(c.next_step),
    marked("Vérifié le"): lambda c, w: _lines(
        w.day(c.offer.checked_on) if c.offer.checked_on else None
    ),
}
"""What is compared -> what a card says of it."""

COLUMNS: Mapping[str, Callable[[Card, Wording], str]] = {
    marked("Rang"): lambda c, _: str(c.rank),
    marked("Offre"): lambda c, _: c.offer.title,
    marked("Porteur"): lambda c, _: c.offer.provider.name,
    marked("En une phrase"): lambda c, _: c.offer.summary,
    marked("Conditions"): lambda c, _: c.suits,
    marked("À vérifier"): lambda c, _: " ; ".join(c.checks),
    marked("Pourquoi"): lambda c, _: " ; ".join(w.sentence for w in c.reasons),
    marked("Forme d’aide"): lambda c, _: c.kind or "",
    marked("Coût"): lambda c, _: c.cost or "",
    marked("Comment"): lambda c, _: c.channel or "",
    marked("Où"): lambda c, _: c.coverage,
    marked("Près de chez vous"): lambda c, _: c.relay or "",
    marked("Première démarche"): lambda c, _: c.next_step,
    marked("Site"): lambda c, _: c.offer.url or "",
    marked("Vérifié le"): lambda c, _: c.offer.checked_on.isoformat() if c.offer.checked_on else "",
    marked("Provenance"): lambda c, _: c.offer.provenance,
}
"""Column of the table -> its cell."""


@router.get("/{need_id}/comparer")
def compare(
    request: Request,
    need_id: str,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    now: NowDep,
    offre: Annotated[list[str], Query(default_factory=list)],
) -> Response:
    """Two or three of the answers side by side."""
    need = need_of(catalogue, read_need(catalogue, need_id))
    answer = answer_need(catalogue, need, today=day_of(now), limit=SEEN)
    chosen = tuple(m for m in answer.matches if m.offer.id in offre)[:SIDE_BY_SIDE]
    cards = cards_of(chosen, answer.need, wording)
    rows = tuple(_row(label, cards, wording) for label in COMPARED) if cards else ()
    page = ComparePage(need_id, cards, tuple(row for row in rows if any(row.cells)))
    return render(request, "compare.html", page, private=True)


@router.get("/{need_id}/reponses.csv")
def table(need_id: str, catalogue: CatalogueDep, wording: PageWordingDep, now: NowDep) -> Response:
    """The answers for a spreadsheet: semicolons and a mark, and no cell that could run."""
    need = need_of(catalogue, read_need(catalogue, need_id))
    answer = answer_need(catalogue, need, today=day_of(now), limit=SEEN)
    out = StringIO()
    sheet = csv.writer(out, delimiter=";")
    sheet.writerow(wording.say(header) for header in COLUMNS)
    for card in cards_of(answer.matches, answer.need, wording):
        sheet.writerow(harmless(cell(card, wording)) for cell in COLUMNS.values())
    headers = {**PRIVATE_HEADERS, "Content-Disposition": 'attachment; filename="reponses.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv", headers=headers)


@router.get("/{need_id}/parcours.pdf")
def paper(
    request: Request,
    need_id: str,
    catalogue: CatalogueDep,
    wording: PageWordingDep,
    now: NowDep,
    lien: str = "",
) -> Response:
    """The answers on paper; with the private link that leads back to them when `lien` asks it."""
    from service.papers.parcours import parcours_pdf

    today = day_of(now)
    stored = read_need(catalogue, need_id)
    page = results_page(request, stored, catalogue, wording, today, whole=True)
    language = language_of(request)
    made = parcours_pdf(page, wording, on=today, language=language, link=bool(lien))
    headers = {
        **PRIVATE_HEADERS,
        "Content-Disposition": 'attachment; filename="parcours.pdf"',
        "Content-Language": language,
    }
    return Response(made, media_type="application/pdf", headers=headers)


def _row(label: str, cards: tuple[Card, ...], wording: Wording) -> Row:
    cells = tuple(COMPARED[label](card, wording) for card in cards)
    return Row(wording.say(label), cells, len(set(cells)) > 1)
