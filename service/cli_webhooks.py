"""`aiguille webhooks`: where partners are told of events, and telling them again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from service.typography import NBSP

if TYPE_CHECKING:
    from sqlalchemy import Engine

webhooks_app = typer.Typer(
    help="Voir les webhooks des partenaires, et renvoyer des événements.", no_args_is_help=True
)

Json = Annotated[bool, typer.Option("--json", help="Écrire du JSON, pour un programme.")]
STANDINGS = ("delivered", "pending", "failed")


@webhooks_app.command(name="list")
def list_(as_json: Json = False) -> None:
    """Lister les webhooks, et ce que deviennent leurs envois."""
    from rich.table import Table

    from data.engine import read
    from data.store_deliveries import standings
    from data.store_webhooks import load_webhooks
    from service.console import console

    records = []
    for mode, engine in _databases():
        with read(engine) as connection:
            counts = standings(connection, _now())
            for webhook in load_webhooks(connection):
                counted = counts.get(webhook.id, {})
                said = {"id": webhook.id, "partner": webhook.partner_id, "mode": mode}
                said |= {"url": webhook.url, "state": webhook.state}
                events = {"events": list(webhook.events)}
                records.append({**said, **events, **{s: counted.get(s, 0) for s in STANDINGS}})
    if as_json:
        typer.echo(json.dumps(records, ensure_ascii=False, indent=1))
        return
    table = Table()
    for header in ("Webhook", "Partenaire", "Mode", "Adresse", "État", "Reçus", "Dus", "Perdus"):
        table.add_column(header, overflow="fold")
    for one in records:
        table.add_row(
            *(str(one[name]) for name in ("id", "partner", "mode", "url", "state", *STANDINGS))
        )
    console.print(table)


@webhooks_app.command()
def replay(
    endpoint: Annotated[str, typer.Option(help="Un webhook ; tous sinon.")] = "",
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
            help="Tous les événements depuis ce moment (UTC), arrivés ou non ; sinon, ce qui "
            "n’est pas arrivé.",
        ),
    ] = None,
) -> None:
    """Envoyer à nouveau des événements, sous les mêmes identifiants."""
    from service.usecases.replaying import replay as replay_events
    from service.usecases.webhooks import UnknownWebhook

    count, known = 0, False
    moment = since.replace(tzinfo=UTC) if since else None
    for _, engine in _databases():
        found = replay_events(engine, endpoint or None, since=moment, now=_now())
        known |= found is not None
        count += found or 0
    if endpoint and not known:
        raise UnknownWebhook(
            "Aucun webhook « {id} » : voyez « aiguille webhooks list ».", id=endpoint
        )
    typer.echo(f"{count} à envoyer{NBSP}: ils partent au prochain « aiguille jobs run ».")


def _databases() -> Iterator[tuple[str, Engine]]:
    """Each mode with its database; that of test keys once there is one."""
    from service.callers import Sandbox
    from service.catalogue import open_database
    from service.settings import Settings

    settings = Settings()
    yield "live", open_database(settings)
    tried = Sandbox(settings).if_made()
    if tried is not None:
        yield "test", tried


def _now() -> datetime:
    return datetime.now(UTC)
