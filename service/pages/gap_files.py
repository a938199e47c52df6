"""The gaps as files for a spreadsheet: UTF-8 with a mark, semicolons, a line a cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from starlette.responses import Response

from matching.supply import Offered
from service.usecases.gap_register import Register
from service.usecases.public_gaps import PublicRegister
from service.wording_gaps import GapWording

_CELL = ("code_territoire", "territoire", "code_theme", "theme")
_OFFERS = ("offres_locales", "offres_partielles", "offres_nationales")


def desk_file(register: Register, words: GapWording) -> Response:
    """Every gap of the register, the heaviest first."""
    counts = ("besoins", "sans_reponse", "nouvelle_reponse", "jamais_envoyes")
    header = (*_CELL, "profil", *counts, *_OFFERS, "poids", "etat")
    rows = (
        (
            gap.cell.territory,
            words.unit(gap.cell.territory),
            gap.cell.need_type,
            words.need_type(gap.cell.need_type),
            words.profile(gap.cell.profile),
            gap.demand.needs,
            gap.demand.unmet,
            gap.demand.renewed,
            gap.demand.unsent,
            *_offers(gap.offered),
            round(gap.weight, 2),
            gap.state,
        )
        for gap in register.gaps
    )
    return _file("raquette.csv", header, rows, private=True)


def public_file(register: PublicRegister, words: GapWording) -> Response:
    """Every cell of the public table; no number where nothing is told."""
    rows = (
        (
            code,
            words.public_place(code, register.territory),
            need_type,
            words.need_type(need_type),
            register.counts[code, need_type] or None,
            *_offers(register.offered(code, need_type)),
        )
        for code in register.rows
        for need_type in register.columns
        if register.need_type in ("", need_type)
    )
    return _file(
        "raquette-publique.csv", (*_CELL, "besoins_au_moins", *_OFFERS), rows, private=False
    )


def _offers(offered: Offered) -> tuple[int, int, int]:
    return (offered.local, offered.partial, offered.national)


def _file(
    name: str, header: Sequence[str], rows: Iterable[Sequence[object]], *, private: bool
) -> Response:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    headers["Cache-Control"] = "no-store" if private else "no-cache"
    content = written.getvalue().encode("utf-8-sig")
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)
