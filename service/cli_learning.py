"""`aiguille train`, `judge`, `judged`, `report`: learning from judged needs, and measuring it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

train_app = typer.Typer(help="Apprendre de besoins jugés.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(help="Dossier au format BEIR.", file_okay=False)]


@train_app.command()
def ranker(
    version: Annotated[str, typer.Option(help="Nom de la version.")] = "learned-2",
    needs: Annotated[
        list[Path] | None, typer.Option(help="Autre dossier de besoins jugés.", file_okay=False)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Où écrire le modèle ; livré sinon.")] = None,
) -> None:
    """Apprendre le classement, la lecture des besoins et le doute (quelques minutes)."""
    from matching.learned import SHIPPED
    from service.console import progress
    from service.settings import Settings
    from service.usecases.learning import open_world, train_ranker
    from service.usecases.reporting import cross_validation

    with progress() as step:
        world = open_world(Settings(), needs or (), step, shipping=out is None)
    trained = train_ranker(world, out or SHIPPED, version=version)
    typer.echo(json.dumps(cross_validation(world, trained), ensure_ascii=False, indent=1))


@train_app.command()
def encoder(
    texts: Annotated[Path, typer.Argument(help="Textes parallèles.", file_okay=False)],
    teacher: Annotated[Path, typer.Argument(help="Dossier de all-MiniLM-L6-v2.", file_okay=False)],
    out: Annotated[Path | None, typer.Option(help="Où écrire le modèle ; livré sinon.")] = None,
    seed: Annotated[int, typer.Option(help="Graine du hasard.")] = 0,
) -> None:
    """Apprendre l’encodeur français (environ une heure sur deux cœurs)."""
    from matching.embedded import SHIPPED
    from service.usecases.encoding import train_shipped_encoder

    train_shipped_encoder(texts, teacher, out or SHIPPED, seed=seed)


def judge(
    folder: Folder,
    assessor: Annotated[str, typer.Option(help="Votre nom de fichier, par exemple lea.")],
    shown: Annotated[int, typer.Option(help="Offres proposées à chaque page.")] = 20,
) -> None:
    """Noter des offres pour des besoins, dans le terminal : 3 exactement, 2 utile, 1 à citer."""
    from service.settings import Settings
    from service.usecases.judging import judge_needs

    judge_needs(Settings(), folder, assessor, shown)


def judged(
    folder: Annotated[Path, typer.Argument(help="Dossier à écrire.", file_okay=False)],
    place: Annotated[
        str,
        typer.Option(help="Lieu dit au plus près : commune, epci, departement, region, nowhere."),
    ] = "departement",
) -> None:
    """Copier, sans nom ni coordonnées, les besoins clos que le bureau a jugés, pour apprendre."""
    from data.fields import Reading
    from data.frames import load_frame
    from data.territories import Gazetteer
    from service.catalogue import open_database
    from service.settings import Settings
    from service.usecases.judged_copies import copy_judged

    reading = Reading(load_frame(), Gazetteer.load())
    count = copy_judged(open_database(Settings()), reading, folder, place=place)
    typer.echo(f"Besoins copiés dans {folder} : {count}")
    typer.echo("Relisez queries.jsonl avant de partager : un nom que rien n’annonce peut y rester.")


def report(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="Où écrire le rapport.", file_okay=False)] = Path(
        "docs/evaluation"
    ),
    name: Annotated[str, typer.Option(help="Nom des fichiers, par exemple la date.")] = "report",
) -> None:
    """Mesurer tout sur des besoins tenus à l’écart, avec la courbe d’apprentissage."""
    from service.console import progress
    from service.settings import Settings
    from service.usecases.learning import open_world
    from service.usecases.reporting import report as measure_all

    with progress() as step:
        found, svg = measure_all(open_world(Settings(), (), step), folder, step)
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    (out / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    (out / f"{name}.svg").write_text(svg, encoding="utf-8")
    typer.echo(text)
