"""The pictures of gaps: heat table, tile map and bars, from a register and the words for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from matching.domain import FRANCE, PROFILES
from matching.supply import Offered
from service.pictures.bars import Bar, bar_chart
from service.pictures.heat import Value, heat
from service.pictures.tiles import Tile, tile_map
from service.triage.gaps import UNSAID, Demand
from service.triage.masking import STEP
from service.typography import marked
from service.usecases.gap_register import Register
from service.usecases.public_gaps import PublicRegister
from service.wording_gaps import GapWording

MEASURES: Mapping[str, str] = {
    "needs": marked("Besoins"),
    "unmet": marked("Besoins sans réponse suffisante"),
    "offers": marked("Offres locales"),
}
"""What a cell of the pictures counts."""

_COUNTS: Mapping[str, Callable[[Demand, Offered], int]] = {
    "needs": lambda demand, _: demand.needs,
    "unmet": lambda demand, _: demand.unmet,
    "offers": lambda _, offered: offered.local + offered.partial,
}

_HEAT_TOLD = marked(
    "Une ligne par territoire, une colonne par thème. Le nombre est écrit dans la case ; plus elle "
    "est foncée, plus il est grand. Un coin rouge : aucune offre locale. Les mêmes chiffres sont "
    "dans le tableau qui suit."
)
_TILES_TOLD = marked(
    "Une tuile par département et collectivité d’outre-mer, près de ses voisins. Le nombre est "
    "écrit dans la tuile ; plus elle est foncée, plus il est grand. Les mêmes chiffres sont dans "
    "le tableau qui suit."
)
_BARS_TOLD = marked(
    "Une barre par profil, d’autant plus longue que les besoins sont nombreux. Les mêmes chiffres "
    "sont dans le tableau qui suit."
)
_ALONE = marked("aucune offre locale")
_HINT = marked("{place} × {theme} : {told}")

EMPTY = Value(0, "", False, "")


@dataclass(frozen=True, slots=True)
class Pictures:
    heat: Markup
    tiles: Markup
    bars: Markup


def desk_pictures(
    register: Register, measure: str, places: Mapping[str, tuple[int, int]], words: GapWording
) -> Pictures:
    counted, about = words.say(MEASURES[measure]), register.wanted.need_type
    # All themes together have no count of offers: an offer of three themes is one.
    by_tile = "needs" if measure == "offers" and not about else measure
    row_names = [words.place(r, register.wanted.territory) for r in register.rows]
    themes = [words.need_type(t) for t in register.columns]
    hinting = words.say(_HINT)

    def cell(r: int, c: int) -> Value:
        demand, offered = register.cells[r][c]
        count = _COUNTS[measure](demand, offered)
        if not count:
            return EMPTY
        alone = demand.needs > 0 and not offered.local + offered.partial
        told = words.told(demand, offered, register.rows[r])
        hint = hinting.format(place=row_names[r], theme=themes[c], told=told)
        return Value(count, str(count), alone, hint)

    def tile(code: str) -> Tile:
        demand = register.tiles.get(code, Demand())
        offered = register.offered(code, about) if about else Offered()
        count = _COUNTS[by_tile](demand, offered)
        hint = words.about(code, words.demand(demand))
        alone = bool(count) and _nobody_near(register, code, about)
        return Tile(code.partition("-")[2], count, str(count) if count else "", alone, hint)

    bars = [
        Bar(
            words.profile(code),
            demand.needs,
            demand.unmet,
            _counts(demand, words),
            words.demand(demand),
        )
        for code in (*PROFILES, UNSAID)
        if (demand := register.profiles.get(code, Demand())).needs
    ]
    where = words.view(register.wanted.territory)
    of_tiles = words.say(MEASURES[by_tile])
    seen = {code: tile(code) for code in places if code in register.seen}
    return _drawn(
        words,
        (counted, of_tiles, where, where),
        row_names,
        themes,
        cell,
        (places, seen),
        bars,
    )


def public_pictures(
    register: PublicRegister, places: Mapping[str, tuple[int, int]], words: GapWording
) -> Pictures:
    needs = MEASURES["needs"]
    counted = words.say(needs)
    rows, columns = register.told_rows, register.told_columns
    row_names = [words.public_place(r, register.territory) for r in rows]
    themes = [words.need_type(t) for t in columns]
    hinting = words.say(_HINT)

    def cell(r: int, c: int) -> Value:
        row, need_type = rows[r], columns[c]
        count, offered = register.counts[row, need_type], register.offered(row, need_type)
        if not count:
            return EMPTY
        alone = row != FRANCE and not offered.local + offered.partial
        told = words.told_publicly(count, offered, row)
        hint = hinting.format(place=row_names[r], theme=themes[c], told=told)
        return Value(count, f"{count}+", alone, hint)

    tiles = {
        code: Tile(
            code.partition("-")[2],
            count,
            f"{count}+" if count else "",
            bool(count) and _nobody_near(register, code, register.need_type),
            words.about(code, words.at_least(count)),
        )
        for code, count in register.tiles.items()
    }
    bars = [
        Bar(words.profile(code), count, 0, f"{count}+", words.at_least(count))
        for code, count in register.profiles.items()
        if count
    ]
    return _drawn(
        words,
        (counted, counted, words.view(register.territory), words.view(FRANCE)),
        row_names,
        themes,
        cell,
        (places, tiles),
        bars,
        STEP,
        words.say("non publié"),
    )


def _drawn(
    words: GapWording,
    titles: tuple[str, str, str, str],
    rows: list[str],
    columns: list[str],
    cell: Callable[[int, int], Value],
    map_of: tuple[Mapping[str, tuple[int, int]], Mapping[str, Tile]],
    bars: list[Bar],
    least: int = 1,
    none: str = "0",
) -> Pictures:
    counted, of_tiles, where, where_of_bars = titles
    heat_title = words.say("{counted} par territoire et par thème : {where}")
    tiles_title = words.say("{counted} par département")
    bars_title = words.say("Besoins par profil : {where}")
    return Pictures(
        heat=heat(
            "chaleur",
            heat_title.format(counted=counted, where=where),
            words.say(_HEAT_TOLD),
            rows,
            columns,
            cell,
            words.say(_ALONE),
            least,
            none,
        ),
        tiles=tile_map(
            "tuiles",
            tiles_title.format(counted=of_tiles),
            words.say(_TILES_TOLD),
            map_of[0],
            map_of[1],
            words.say(_ALONE) if any(t.alone for t in map_of[1].values()) else "",
            words.say("Outre-mer"),
            least,
            none,
        ),
        bars=bar_chart(
            "profils", bars_title.format(where=where_of_bars), words.say(_BARS_TOLD), bars
        ),
    )


def _nobody_near(register: Register | PublicRegister, code: str, need_type: str) -> bool:
    """Has a département no local offer for the one need type that is looked at?"""
    offered = register.offered(code, need_type) if need_type else None
    return offered is not None and not offered.local + offered.partial


def _counts(demand: Demand, words: GapWording) -> str:
    if not demand.unmet:
        return str(demand.needs)
    return words.say("{count}, dont {unmet} sans").format(count=demand.needs, unmet=demand.unmet)
