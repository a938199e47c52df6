"""`aiguille dump` and `aiguille links`: what keeps a catalogue open and fresh."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

FOLLOWED_EVERY = timedelta(days=6)


def dump(
    folder: Annotated[
        Path | None,
        typer.Argument(
            help="Où ranger les exports, un dossier par jour ; sinon ceux qu’on publie."
        ),
    ] = None,
) -> None:
    """Exporter le catalogue, daté, avec sommes de contrôle et liste des changements."""
    from data.engine import read
    from data.store import load_offers
    from service.catalogue import open_database
    from service.days import day_of
    from service.settings import Settings
    from service.usecases.dumping import dump as write_dump

    settings = Settings()
    with read(open_database(settings)) as connection:
        offers = load_offers(connection)
    made, changes = write_dump(offers, folder or settings.dumps_folder, day_of(datetime.now(UTC)))
    typer.echo(f"{len(offers)} offres dans {made}")
    for file, why in changes.missing.items():
        typer.echo(f"Sans {file} : {why}", err=True)
    if changes.since is None:
        typer.echo("Premier export : rien à comparer.")
    else:
        typer.echo(
            f"Depuis le {changes.since} : {len(changes.added)} ajoutées, "
            f"{len(changes.changed)} modifiées, {len(changes.removed)} retirées."
        )


def links(
    most: Annotated[int, typer.Option(help="Nombre de liens à suivre, au plus.")] = 1_000,
) -> None:
    """Suivre les liens du catalogue ; les liens morts se voient sur le bureau du catalogue."""
    from data.engine import read, write
    from data.store import load_offers
    from data.store_suggestions import followed_since, record_link
    from service.catalogue import open_database
    from service.console import progress
    from service.links import follow
    from service.settings import Settings
    from service.triage.freshness import LIVE

    engine, now = open_database(Settings()), datetime.now(UTC)
    with read(engine) as connection:
        done = followed_since(connection, now - FOLLOWED_EVERY)
        live = {o.url for o in load_offers(connection) if o.url and o.status in LIVE}
    wanted = sorted(live - done)[:most]
    wrong = 0
    with progress() as step:
        for n, (url, problem) in enumerate(follow(wanted), start=1):
            with write(engine) as connection:
                record_link(connection, url, problem=problem, at=now)
            wrong += problem is not None
            step("liens", n, len(wanted))
    typer.echo(f"{len(wanted)} liens suivis, {wrong} sans page.")
