"""`aiguille backup`, `restore` and `copy`: a database kept, brought back, moved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from service.typography import NBSP

if TYPE_CHECKING:
    from data.copying import Copied


def backup(
    file: Annotated[Path, typer.Argument(help="Le fichier à écrire, neuf.")],
) -> None:
    """Garder la base dans un fichier, pendant qu’elle sert."""
    from service.catalogue import open_database
    from service.console import progress
    from service.settings import Settings
    from service.usecases.backing_up import back_up

    with progress() as step:
        tables = back_up(open_database(Settings()), file, step)
    _tell(tables)
    typer.echo(f"Sauvegarde : {file}")


def restore(
    file: Annotated[Path, typer.Argument(help="Une sauvegarde.")],
) -> None:
    """Remettre une sauvegarde dans la base des réglages, qui doit être neuve ou absente."""
    from data.engine import open_engine
    from service.console import progress
    from service.settings import Settings
    from service.usecases.backing_up import restore as bring_back

    settings = Settings()
    settings.folder.mkdir(parents=True, exist_ok=True)
    engine = open_engine(settings.database)
    with progress() as step:
        done = bring_back(file, engine, settings.erased_file, now=datetime.now(UTC), told=step)
    _tell(done.tables)
    typer.echo(f"Besoins effacés depuis la sauvegarde, et effacés à nouveau{NBSP}: {done.erased}")
    if done.broken_at is None:
        typer.echo("Le journal se suit, de la première ligne à la dernière.")
    else:
        typer.echo(f"Le journal ne se suit plus à la ligne {done.broken_at}.", err=True)
        raise SystemExit(1)


def copy(
    source: Annotated[str, typer.Option("--from", help="Adresse de la base à copier.")],
    target: Annotated[str, typer.Option("--to", help="Adresse d’une base vide.")],
) -> None:
    """Copier une base dans une autre, SQLite ou PostgreSQL ; comptes et empreintes à l’appui."""
    from data.copying import copy as copy_rows
    from data.engine import migrate, open_engine
    from service.catalogue import open_database
    from service.console import progress
    from service.settings import Settings

    given, taking = open_database(Settings(database_url=source)), open_engine(target)
    migrate(taking)
    with progress() as step:
        tables = copy_rows(given, taking, step)
    _tell(tables)


def _tell(tables: Iterable[Copied]) -> None:
    from service.console import show_copied

    show_copied([one for one in tables if one.rows])
