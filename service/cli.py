"""The `aiguille` command. Exit codes: 0 done, 1 rows refused, 2 wrong input, 3 not initialised."""

from __future__ import annotations

import gc
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import make_url

from matching.errors import AiguilleError
from service.blas import one_blas_thread
from service.cli_areas import area_app
from service.cli_backup import backup, copy, restore
from service.cli_catalogue import dump, links
from service.cli_exchange import export
from service.cli_feeds import feed_app
from service.cli_jobs import jobs_app
from service.cli_keys import key_app
from service.cli_learning import judge, judged, report, train_app
from service.cli_mcp import mcp
from service.cli_users import user_app
from service.cli_webhooks import webhooks_app

app = typer.Typer(
    help="Aiguille : du besoin de terrain aux appuis qui existent.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
BRIEF = ("init", "import", "export", "match", "offers")
"""Commands that make much, keep all of it, and end."""

Json = Annotated[bool, typer.Option("--json", help="Écrire du JSON, pour un programme.")]


def main() -> None:
    """Run a command; an error of ours is one line on standard error, and an exit code."""
    one_blas_thread()
    if sys.argv[1:2] and sys.argv[1] in (*BRIEF, "serve"):
        # The process ends before there is anything worth collecting, or collects once it serves.
        gc.disable()
    try:
        app()
    except Exception as error:
        # It brings numpy, which reads at once how many threads it may take.
        from service.cli_ends import end

        end(error)


@app.command()
def init(as_json: Json = False) -> None:
    """Créer la base et y mettre l’inventaire livré, dans le dossier des réglages."""
    from service.catalogue import initialise
    from service.console import progress, show_plan
    from service.settings import Settings
    from service.usecases.rematching import new_offers, rematch

    settings = Settings()
    with progress() as step:
        plan, catalogue = initialise(settings, _now(), step)
    answered = len(rematch(catalogue, new_offers(plan), _now()).answers)
    if as_json:
        _print_json({**plan.counts, "rematched": answered})
    else:
        show_plan(plan, answered)
        typer.echo(f"Prêt. Base : {settings.database_file or make_url(settings.database)}")
        typer.echo(
            'Essayez : aiguille match --commune Mende "Plus personne ne veut reprendre le bureau"'
        )


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="Fichier à importer.", exists=True, dir_okay=False)],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            help="jsonl, csv, xlsx, ods, data-inclusion, hsds… ; d’après l’extension sinon.",
        ),
    ] = "",
    source: Annotated[str, typer.Option(help="Nom de la source ; celui du fichier sinon.")] = "",
    complete: Annotated[
        bool, typer.Option(help="Le fichier dit tout : retirer de la source ce qui n’y est plus.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Dire sans rien écrire.")] = False,
    as_json: Json = False,
) -> None:
    """Importer un catalogue, et dire ligne par ligne ce qui est refusé."""
    from data.importers import importer
    from service.catalogue import import_offers, open_catalogue
    from service.cli_ends import EXIT_REFUSED
    from service.console import plan_record, show_plan
    from service.settings import Settings
    from service.usecases.rematching import rematch_imported

    read = importer(format_ or file.suffix.lstrip(".").lower())
    settings = Settings()
    catalogue = open_catalogue(settings)
    plan = import_offers(
        catalogue.engine,
        list(read(file, catalogue.reading)),
        catalogue.reading,
        source=source or file.name,
        now=_now(),
        complete=complete,
        dry_run=dry_run,
    )
    answered = 0 if dry_run else rematch_imported(settings, plan, _now())
    if as_json:
        _print_json({**plan_record(plan), "rematched": answered})
    else:
        show_plan(plan, answered)
    if plan.rejected:
        raise SystemExit(EXIT_REFUSED)


@app.command()
def template(
    file: Annotated[Path, typer.Argument(help="Classeur à écrire, par exemple modele.xlsx.")],
) -> None:
    """Écrire le modèle de tableur à remplir, avec son mode d’emploi."""
    from data.exporters.spreadsheet import write_template

    write_template(file)
    typer.echo(f"Modèle écrit : {file}")


@app.command()
def match(
    text: Annotated[str, typer.Argument(help="Le besoin, avec vos mots.")],
    commune: Annotated[str, typer.Option(help="Nom, code postal ou code INSEE.")] = "",
    profile: Annotated[str, typer.Option(help="association, tpe, collectivite…")] = "",
    employees: Annotated[int | None, typer.Option(help="Nombre de salariés ; 0 compte.")] = None,
    today: Annotated[str, typer.Option(help="Jour pour lequel répondre (AAAA-MM-JJ).")] = "",
    limit: Annotated[int, typer.Option(help="Nombre de réponses, 50 au plus.")] = 5,
    as_json: Json = False,
) -> None:
    """Répondre à un besoin : offres classées, expliquées, avec ce qu’il faut vérifier."""
    from pydantic import ValidationError

    from service.catalogue import open_catalogue
    from service.console import show_answer
    from service.days import day_of
    from service.labels import CodeLabels
    from service.schemas.answers import AnswerOut
    from service.schemas.need_in import MatchIn
    from service.settings import Settings
    from service.usecases.answering import answer_need
    from service.wording import Wording

    said: dict[str, Any] = {"text": text, "limit": limit, "employees": employees}
    said |= {"commune": commune or None, "profile": profile or None, "today": today or None}
    try:
        body = MatchIn.model_validate(said)
    except ValidationError as error:
        from service.errors import of_validation

        errors = [{**e, "loc": ("body", *e["loc"])} for e in error.errors()]
        raise AiguilleError(of_validation(errors).detail) from None
    catalogue = open_catalogue(Settings())
    need = body.to_need(catalogue.frame, catalogue.gazetteer)
    day: date = body.today or day_of(_now())
    found = answer_need(catalogue, need, today=day, limit=limit)
    wording = Wording(CodeLabels(catalogue.frame, catalogue.gazetteer))
    shown = AnswerOut.of(found, wording)
    if as_json:
        typer.echo(shown.model_dump_json(indent=1))
    else:
        show_answer(shown, need.text)


@app.command()
def offers(
    query: Annotated[str, typer.Argument(help="Mots du titre, du résumé ou du porteur.")] = "",
    need_type: Annotated[str, typer.Option(help="Type de besoin.")] = "",
    place: Annotated[str, typer.Option(help="Commune, département, région.")] = "",
    limit: Annotated[int, typer.Option(help="Nombre d’offres.")] = 20,
    as_json: Json = False,
) -> None:
    """Parcourir le catalogue."""
    from data.records import to_record
    from service.catalogue import open_catalogue
    from service.console import show_offers
    from service.settings import Settings
    from service.usecases.browsing import OfferFilter, browse_offers

    catalogue = open_catalogue(Settings())
    wanted = OfferFilter(q=query or None, need_type=need_type or None, place=place or None)
    page, _ = browse_offers(catalogue, wanted, after=None, limit=limit)
    if as_json:
        _print_json([to_record(offer) for offer in page])
    else:
        show_offers(page)


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Port d’écoute.")] = 8000,
    host: Annotated[str, typer.Option(help="Adresse d’écoute.")] = "127.0.0.1",
) -> None:
    """Servir l’API et la page de recherche."""
    import uvicorn

    from service.app import create_app
    from service.logs import configure_logs
    from service.refreshing import Refresher
    from service.settings import Settings
    from service.usecases.delivering import Couriers
    from service.usecases.jobs import Jobs, Worker

    settings = Settings()
    configure_logs(settings.log_level)
    served = create_app(settings)
    # The catalogue lives as long as the process: the collector need not walk through it again.
    gc.freeze()
    gc.enable()
    refresher = Refresher(served, settings)
    refresher.start()
    if settings.jobs_every_s:
        sandbox = served.state.sandbox.if_made
        jobs = Jobs.of(settings, served.state.catalogue.engine, refresher.catalogue, sandbox)
        couriers = Couriers.of(settings, jobs.engine, sandbox)
        for round_ in (jobs.again(), couriers.run):
            Worker(round_, _now, settings.jobs_every_s).start()
    uvicorn.run(
        served,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        forwarded_allow_ips=settings.proxies,
    )


@app.command()
def evaluate(
    folder: Annotated[Path, typer.Argument(help="Dossier au format BEIR.", file_okay=False)],
    system: Annotated[
        str, typer.Option(help="full, plain, hybrid, text, bm25, dense, random.")
    ] = "full",
    run: Annotated[Path | None, typer.Option(help="Où écrire les listes (format TREC).")] = None,
    depth: Annotated[int, typer.Option(help="Rangs gardés ; 0 : tous les admissibles.")] = 100,
    ignore_dates: Annotated[
        bool, typer.Option("--ignore-dates", help="Tenir chaque offre pour ouverte.")
    ] = False,
    ignore_eligibility: Annotated[
        bool, typer.Option("--ignore-eligibility", help="N’appliquer aucune règle.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Mesurer la pertinence sur des besoins jugés."""
    from evaluation.measure import write_run
    from service.console import progress, show_record
    from service.settings import Settings
    from service.usecases.evaluating import EvaluationOrder, evaluate_folder, record

    order = EvaluationOrder(folder, system, depth, ignore_dates, ignore_eligibility)
    with progress() as step:
        collection, measured = evaluate_folder(Settings(), order, step)
    if run is not None:
        write_run(measured.run, run, f"aiguille-{system}")
    found = record(order, collection, measured)
    if as_json:
        _print_json(found)
    else:
        show_record(found)


app.add_typer(train_app, name="train")
app.add_typer(user_app, name="user")
app.add_typer(area_app, name="area")
app.add_typer(key_app, name="key")
app.add_typer(jobs_app, name="jobs")
app.add_typer(webhooks_app, name="webhooks")
app.add_typer(feed_app, name="feed")
for command in (judge, judged, report, dump, backup, restore, copy, export, links, mcp):
    app.command()(command)


def _now() -> datetime:
    return datetime.now(UTC)


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))
