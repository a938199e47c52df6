"""`aiguille export`: the catalogue in the format of someone else, and what that format lost."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer


def export(
    file: Annotated[Path, typer.Argument(help="Fichier à écrire.", dir_okay=False)],
    format_: Annotated[
        str,
        typer.Option(
            "--format", help="jsonl, csv, xlsx, data-inclusion, hsds… ; d’après l’extension sinon."
        ),
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="Écrire du JSON, pour un programme.")
    ] = False,
) -> None:
    """Exporter le catalogue, et dire chaque champ que le format ne peut pas porter."""
    from data.engine import read
    from data.exporters import exporter
    from data.store import load_offers
    from service.catalogue import open_database
    from service.console import show_losses
    from service.settings import Settings

    write = exporter(format_ or file.suffix.lstrip(".").lower())
    with read(open_database(Settings())) as connection:
        offers = load_offers(connection)
    losses = write(offers, file)
    if as_json:
        record = {"offers": len(offers), "losses": [asdict(lost) for lost in losses]}
        typer.echo(json.dumps(record, ensure_ascii=False, indent=1))
    else:
        typer.echo(f"{len(offers)} offres lues, écrites dans {file}")
        show_losses(losses)
