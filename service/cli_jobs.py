"""`aiguille jobs`: do what is due, see what is not done, try again what was given up."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

import typer

from service.typography import NBSP

jobs_app = typer.Typer(help="Courriels, relances, effacements, webhooks dus.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Écrire du JSON, pour un programme.")]

DONE: Mapping[str, str] = {
    "sent": "Courriels partis",
    "nothing": "Courriels sans objet (pas d’adresse, effacé, dépassé)",
    "failed": "Courriels non partis",
    "unfinished": "Travaux à reprendre",
    "dumped": "Exports du catalogue",
    "rematched": "Besoins qui ont une nouvelle réponse",
    "fed": "Flux lus",
    "unfed": "Flux qui n’ont pas pu être lus",
    "reminded": "Besoins relancés",
    "expired": "Besoins expirés",
    "notices": "Avis du jour préparés pour le bureau",
    "counted": "Relevés publics des trous dans la raquette",
    "drafts": "Brouillons effacés",
    "words": "Besoins vidés de leurs mots",
    "accounts": "Comptes fermés effacés",
    "notes": "Notes de trous comblés effacées",
    "sessions": "Sessions et liens de connexion effacés",
    "suggestions": "Corrections suggérées oubliées",
    "work": "Traces d’envoi effacées",
    "keys": "Clés d’idempotence oubliées",
    "mails": "Courriels en fichier effacés",
    "gaps": "Trous dans la raquette qui se sont ouverts",
    "delivered": "Événements reçus par des webhooks",
    "undelivered": "Événements à envoyer à nouveau",
    "disabled": "Webhooks arrêtés, faute de réponse",
}
"""What was done -> its name."""


@jobs_app.command()
def run(
    every: Annotated[
        float, typer.Option(help="Recommencer sans fin, toutes les tant de secondes.", min=0)
    ] = 0,
    as_json: Json = False,
) -> None:
    """Faire ce qui est dû : courriels, relances, effacements, travaux, flux, webhooks."""
    from service.callers import Sandbox
    from service.catalogue import open_database
    from service.logs import configure_logs
    from service.settings import Settings
    from service.usecases.delivering import Couriers
    from service.usecases.jobs import Jobs, Worker, keep_doing

    settings = Settings()
    configure_logs(settings.log_level)
    sandbox = Sandbox(settings).if_made
    jobs = Jobs.of(settings, open_database(settings), sandbox=sandbox)
    couriers = Couriers.of(settings, jobs.engine, sandbox)
    if every:
        Worker(couriers.run, _now, every).start()
        keep_doing(jobs.again(), _now, every, threading.Event())
        return
    account = {**jobs.once(_now), **couriers.run(_now)}
    if as_json:
        typer.echo(json.dumps(account))
    else:
        told = [f"{DONE[what]}{NBSP}: {n}" for what, n in account.items() if n]
        typer.echo("\n".join(told) or "Rien à faire.")


@jobs_app.command(name="list")
def list_undone(as_json: Json = False) -> None:
    """Dire ce qui attend et ce qui a échoué, sans aucune donnée personnelle."""
    from data.engine import read
    from data.outbox import undone
    from service.catalogue import open_database
    from service.console import show_undone
    from service.settings import Settings

    now = _now()
    with read(open_database(Settings())) as connection:
        rows = undone(connection)
    if as_json:
        told = [
            {"id": r.id, "kind": r.kind, "standing": r.standing(now), "tries": r.tries}
            | {"due_at": f"{r.due_at:%Y-%m-%dT%H:%M:%SZ}", "error": r.error}
            for r in rows
        ]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        show_undone(rows, now)


@jobs_app.command()
def retry() -> None:
    """Réessayer les courriels abandonnés, une fois la cause réparée."""
    from data import outbox
    from data.engine import write
    from service.catalogue import open_database
    from service.settings import Settings

    with write(open_database(Settings())) as connection:
        count = outbox.retry(connection, _now())
    typer.echo(f"{count} à réessayer{NBSP}: ils partent au prochain « aiguille jobs run ».")


def _now() -> datetime:
    return datetime.now(UTC)
