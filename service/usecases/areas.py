"""Ad-hoc areas: a park, a basin, a syndicate, as a named list of official territories."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Engine

from data import audit
from data.engine import read, write
from data.geography import shipped_areas
from data.place_names import name_key
from data.store import load_areas, save_area
from data.territories import Area, Gazetteer
from matching.errors import AiguilleError
from service.typed_places import code_of

_LONGEST = 50


class BadArea(AiguilleError):
    """An area without a name, or that lists nothing or what cannot be listed."""


def areas(engine: Engine) -> tuple[Area, ...]:
    with read(engine) as connection:
        return load_areas(connection)


def define_area(
    engine: Engine, places: Gazetteer, name: str, said: Iterable[str], *, by: str, now: datetime
) -> Area:
    """Keep the area of that name, of these codes or names; it takes the place of one so named.

    Who follows it sees the needs of what it lists from then on, so the audit log tells it.
    """
    found = [places.get(code_of(text.strip(), places)) for text in said]
    if nested := [t.name for t in found if t.kind == "area"]:
        raise BadArea(
            f"« {nested[0]} » est elle-même une zone : donnez les territoires qu’elle réunit.",
            field="codes",
        )
    slug = re.sub(r"\W+", "-", name_key(name)).strip("-")
    if not slug or not found:
        raise BadArea("Donnez le nom de la zone, puis les territoires qu’elle réunit.")
    area = Area(f"AREA-{slug[:_LONGEST]}", name.strip(), tuple(sorted({t.code for t in found})))
    if area.code in {code for code, *_ in shipped_areas()}:
        raise BadArea(f"« {name} » est une zone livrée avec Aiguille : prenez un autre nom.")
    with write(engine) as connection:
        save_area(connection, area)
        codes = list(area.codes)
        audit.append(
            connection, at=now, actor=by, action="area-defined", area=area.code, codes=codes
        )
    return area
