"""Offers that hypothesis makes: whatever the readers of `data.fields` take, and nothing else."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from data.fields import Reading, read_offer
from matching.domain import PROFILES, Offer
from tests.builders import FRAME, gazetteer

READING = Reading(FRAME, gazetteer())
PLACES = ("FR", "REG-76", "REG-01", "DEP-48", "DEP-2A", "COM-48095", "EPCI-200054781")
NEVER = "|"
"""What separates the values of a cell: a spreadsheet refuses an offer that says it."""


def texts(most: int, least: int = 0) -> st.SearchStrategy[str]:
    """Any characters but controls: line ends are those that a file keeps."""
    letters = st.characters(
        exclude_categories=("Cc", "Cs"), include_characters="\n", exclude_characters=NEVER
    )
    words = st.sampled_from(["=1+1", "<script>", "« Été »", "\n\n", "a\u2028b", "'=x", "_x000D_"])
    pieces = st.lists(st.one_of(words, st.text(letters, max_size=12)), max_size=6)
    return pieces.map(lambda p: "".join(p).strip()[:most].strip()).filter(
        lambda text: len(text) >= least
    )


def some(codes) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(sorted(codes)), max_size=4, unique=True)


def codes(name: str) -> st.SearchStrategy[list[str]]:
    return some(FRAME.codes(name))


def code(name: str) -> st.SearchStrategy[str | None]:
    return st.sampled_from([None, *FRAME.codes(name)])


ids = st.from_regex(r"[a-z0-9][a-z0-9.:_-]{0,20}", fullmatch=True)
urls = st.one_of(
    st.sampled_from(
        [
            "https://exemple.fr",
            "http://exemple.fr/a?b=c#d",
            "https://été.fr/aidés,--100%",
            "http://x_y/",
        ]
    ),
    ids.map(lambda part: f"https://exemple.fr/{part}"),
)
days = st.dates(date(1990, 1, 1), date(2035, 1, 1))
counts = st.integers(0, 10_000)
bounds = st.one_of(st.just((None, None)), st.tuples(counts, counts).map(sorted))


@st.composite
def raw_offers(draw: st.DrawFn) -> dict:
    employees, ages, period = draw(bounds), draw(bounds), sorted(draw(st.tuples(days, days)))
    return {
        "id": draw(ids),
        "title": draw(texts(300, least=1)),
        "summary": draw(texts(600)),
        "description": draw(texts(2_000)),
        "provider": {"id": draw(ids), "name": draw(texts(300, least=1))},
        "kind": draw(code("kinds")),
        "axis": draw(st.sampled_from([None, "both", "urgence"])),
        "temporalities": draw(codes("temporalities")),
        "need_types": draw(codes("need_types")),
        "audiences": draw(some(PROFILES)),
        "employees_min": employees[0],
        "employees_max": employees[1],
        "volunteer_only_ok": draw(st.sampled_from([None, True, False])),
        "naf_sections": draw(codes("naf_sections")),
        "age_months_min": ages[0],
        "age_months_max": ages[1],
        "population_max": draw(st.one_of(st.none(), counts)),
        "conditions": draw(st.lists(texts(200, least=1), max_size=3)),
        "territories": draw(some(PLACES)),
        "relay": draw(
            st.one_of(
                st.none(),
                st.fixed_dictionaries(
                    {
                        "name": texts(100, least=1),
                        "offer_id": st.none() | ids,
                        "url": st.none() | urls,
                    }
                ),
            )
        ),
        "national_offer": draw(st.none() | ids),
        "channel": draw(code("channels")),
        "cost": draw(code("costs")),
        "nature": draw(code("natures")),
        "levers": draw(codes("levers")),
        "echelon": draw(code("echelons")),
        "odd": draw(st.lists(st.integers(1, 17), max_size=3, unique=True)),
        "status": draw(st.sampled_from(sorted(FRAME.codes("statuses")))),
        "valid_from": draw(st.sampled_from([None, period[0]])),
        "valid_to": draw(st.sampled_from([None, period[1]])),
        "successor": draw(st.none() | ids),
        "next_step": draw(texts(600)),
        "url": draw(st.none() | urls),
        "sources": draw(st.lists(urls, max_size=3)),
        "verified": draw(st.booleans()),
        "checked_on": draw(st.none() | days),
        "provenance": draw(texts(300)),
        "licence": draw(texts(200)),
        "expressions": draw(st.lists(texts(1_000, least=1), max_size=3)),
        "generalist": draw(st.booleans()),
    }


def offers() -> st.SearchStrategy[Offer]:
    read = raw_offers().map(lambda raw: read_offer(raw, 1, READING))
    return read.filter(lambda found: isinstance(found, Offer))
