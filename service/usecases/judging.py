"""An assessor at the terminal: one need after the other, the whole inventory within reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from data.territories import Gazetteer
from evaluation.corpus import JudgedNeed, read_collection
from evaluation.judging import already_judged, judgements_file, keep_grades, read_grades
from matching.domain import Offer
from matching.eligibility import DATE_RULES
from matching.errors import AiguilleError
from matching.matcher import Matcher
from matching.text import fold, offer_text
from service.catalogue import shipped_matcher
from service.settings import Settings

HELP = (
    "Notes : 1=3 4=2 (numéro=note). Entrée : suite des offres. /mot : chercher. "
    "fin : besoin suivant. quitter : arrêter, tout est gardé."
)

Ask = Callable[[str], str]
Say = Callable[[str], None]


def judge_needs(
    settings: Settings,
    folder: Path,
    assessor: str,
    shown: int,
    ask: Ask | None = None,
    say: Say = print,
) -> int:
    """Ask for grades of each need not yet judged; returns how many were judged."""
    path = judgements_file(folder, assessor)
    collection = read_collection(folder, Gazetteer.load().place)
    matcher = shipped_matcher(settings)
    done = already_judged(path)
    say(HELP)
    judged = 0
    for need in collection.needs:
        if need.id in done:
            continue
        grades = _judge(matcher, need, shown, ask or input, say)
        if grades is None:
            break
        keep_grades(path, need.id, grades)
        judged += 1
    say(f"{judged} besoins notés dans {path}")
    return judged


def _judge(
    matcher: Matcher, judged: JudgedNeed, shown: int, ask: Ask, say: Say
) -> dict[str, int] | None:
    """The grades of one need; None when the assessor stops."""
    need = judged.need
    ranked = [i for i, _ in matcher.ranking(need, today=None, ignoring=DATE_RULES)]
    offers = {o.id: o for o in matcher.index.offers}
    where = need.place.name if need.place else "lieu inconnu"
    staff = "?" if need.actor.headcount is None else str(need.actor.headcount)
    say(f"\n{judged.id} · {need.actor.kind or 'qui ?'} · {staff} salariés · {where}\n{need.text}")
    grades: dict[str, int] = {}
    page, start = ranked[:shown], 0
    _show(page, offers, grades, say)
    while True:
        typed = ask("> ").strip()
        if typed == "quitter":
            return None
        if typed == "fin":
            return {i: g for i, g in grades.items() if g}
        if not typed:
            start = start + shown if start + shown < len(ranked) else 0
            page = ranked[start : start + shown]
        elif typed.startswith("/"):
            word = fold(typed[1:])
            page = [i for i in ranked if word in fold(offer_text(offers[i]))][:shown]
        else:
            try:
                grades |= read_grades(typed, page)
            except AiguilleError as error:
                say(error.message)
                continue
        _show(page, offers, grades, say)


def _show(page: Sequence[str], offers: dict[str, Offer], grades: dict[str, int], say: Say) -> None:
    for number, offer_id in enumerate(page, start=1):
        offer = offers[offer_id]
        mark = f" [{grades[offer_id]}]" if offer_id in grades else ""
        say(f"{number:3}{mark} {offer.title} · {offer.provider.name}\n      {offer.summary}")
