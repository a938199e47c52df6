"""`aiguille area`: parks, basins and other areas that no official code names."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

area_app = typer.Typer(
    help="Définir des zones (parc, bassin, syndicat) par une liste de territoires.",
    no_args_is_help=True,
)


@area_app.command()
def add(
    name: Annotated[str, typer.Argument(help="Nom de la zone.")],
    places: Annotated[
        list[str], typer.Argument(help="Codes ou noms de communes, d’intercommunalités…")
    ],
) -> None:
    """Définir une zone, ou la redéfinir. Un compte peut la suivre : --territory NOM."""
    from data.territories import Gazetteer
    from service.catalogue import open_database
    from service.settings import Settings
    from service.usecases.accounts import SYSTEM
    from service.usecases.areas import areas, define_area

    engine = open_database(Settings())
    known = Gazetteer.load(areas(engine))
    area = define_area(engine, known, name, places, by=SYSTEM, now=datetime.now(UTC))
    typer.echo(f"Zone définie : {area.name} ({area.code}), {len(area.codes)} territoires.")


@area_app.command(name="list")
def list_() -> None:
    """Lister les zones définies ici."""
    from service.catalogue import open_database
    from service.settings import Settings
    from service.usecases.areas import areas

    for area in areas(open_database(Settings())):
        typer.echo(f"{area.code}\t{area.name}\t{', '.join(area.codes)}")
