"""Any offer that an import may bring: every field at will, each value one that its field holds."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from data.values import slug
from matching.domain import Offer, Provider, Relay
from tests.builders import FRAME

PLACES = (
    "FR",
    "REG-94",
    "REG-11",
    "DEP-2A",
    "DEP-2B",
    "DEP-48",
    "DEP-988",
    "COM-2A004",
    "COM-2B033",
    "COM-48095",
    "EPCI-200054781",
    "AREA-outre-mer",
)
WORDS = st.sampled_from(
    ("été", "=1+1", "@ici", "a|b", "• puce", "- tiret", "<b>gras</b>", '"cité"', "l’an", "x ; y",
     "Publics : Association", "Territoires : Lozère (DEP-48)", "'=2", "deux\nlignes", "fin –")
)  # fmt: skip


def texts(most: int, least: int = 0) -> st.SearchStrategy[str]:
    letters = st.characters(exclude_categories=("Cc", "Cs"))
    made = st.one_of(st.text(letters, max_size=40), WORDS, st.text("ab é\n", max_size=most))
    return made.map(lambda t: t[:most].strip()).filter(lambda t: len(t) >= least)


def _codes(list_name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(sorted(FRAME.codes(list_name)))


def _some(one: st.SearchStrategy, most: int = 4) -> st.SearchStrategy:
    return st.lists(one, max_size=most, unique=True)


def _bounds(most: int) -> st.SearchStrategy:
    one = st.none() | st.integers(0, most)
    return st.tuples(one, one).map(lambda p: p if None in p else tuple(sorted(p)))


IDS = st.one_of(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,30}", fullmatch=True), st.uuids().map(str)
)
NAMES = texts(300, least=1).filter(slug)
PROVIDERS = st.one_of(
    NAMES.map(lambda name: Provider(slug(name), name)),
    NAMES.map(lambda name: Provider("130025265", name)),
    st.builds(Provider, IDS, NAMES),
)
URLS = st.sampled_from(("https://exemple.fr", "http://exemple.fr/a?b=c&d=|", "https://é.fr/=1"))
DAYS = st.none() | st.dates(date(1900, 1, 1), date(2100, 12, 31))


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    employees, months = draw(_bounds(500)), draw(_bounds(120))
    days = draw(st.tuples(DAYS, DAYS).map(lambda p: p if None in p else tuple(sorted(p))))
    conditions = draw(_some(texts(200, least=1)))
    return Offer(
        draw(IDS),
        draw(texts(300, least=1)),
        summary=draw(texts(600)),
        description=draw(texts(20_000) | st.just("mot " * 1_500).map(str.strip)),
        provider=draw(PROVIDERS),
        kind=draw(st.none() | _codes("kinds")),
        axis=draw(st.none() | _codes("axes") | st.just("both")),
        temporalities=tuple(draw(_some(_codes("temporalities")))),
        need_types=tuple(draw(_some(_codes("need_types")))),
        audiences=frozenset(draw(_some(_codes("profiles"), 9))),
        employees_min=employees[0],
        employees_max=employees[1],
        volunteer_only_ok=draw(st.none() | st.booleans()),
        naf_sections=frozenset(draw(_some(_codes("naf_sections")))),
        age_months_min=months[0],
        age_months_max=months[1],
        population_max=draw(st.none() | st.integers(0, 10_000_000)),
        conditions=tuple(conditions),
        territories=frozenset(draw(_some(st.sampled_from(PLACES)))),
        relay=draw(
            st.none() | st.builds(Relay, texts(300, least=1), st.none() | IDS, st.none() | URLS)
        ),
        national_offer=draw(st.none() | IDS),
        channel=draw(st.none() | _codes("channels")),
        cost=draw(st.none() | _codes("costs")),
        nature=draw(st.none() | _codes("natures")),
        levers=tuple(draw(_some(_codes("levers")))),
        echelon=draw(st.none() | _codes("echelons")),
        odd=tuple(map(int, draw(_some(_codes("odd"))))),
        status=draw(_codes("statuses")),
        valid_from=days[0],
        valid_to=days[1],
        successor=draw(st.none() | IDS),
        next_step=draw(texts(600)),
        url=draw(st.none() | URLS),
        sources=tuple(draw(_some(URLS))),
        verified=draw(st.booleans()),
        checked_on=draw(DAYS),
        provenance=draw(texts(300)),
        licence=draw(texts(200)),
        expressions=tuple(draw(_some(texts(1_000, least=1)))),
        generalist=draw(st.booleans()),
    )
