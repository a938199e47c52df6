"""`aiguille feed`: catalogues of others, fetched again and again by the jobs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.typography import NBSP

if TYPE_CHECKING:
    from data.store_feeds import Feed

feed_app = typer.Typer(help="Flux : catalogues lus à intervalles réguliers.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Écrire du JSON, pour un programme.")]
Number = Annotated[int, typer.Argument(help="Numéro du flux, tel que « feed list » le donne.")]
EXIT_FAILED = 1


@feed_app.command()
def add(
    url: Annotated[str, typer.Argument(help="Adresse du fichier, ou de la première page.")],
    format_: Annotated[
        str, typer.Option("--format", help="jsonl, csv, data-inclusion, aides-territoires…")
    ],
    name: Annotated[str, typer.Option(help="Nom du flux : c’est la source de ses offres.")],
    every: Annotated[str, typer.Option(help="Rythme : 30m, 12h, 1d.")] = "1d",
    local: Annotated[
        bool, typer.Option("--reseau-local", help="Permettre une adresse de ce réseau.")
    ] = False,
) -> None:
    """Suivre un catalogue : il sera lu par « aiguille serve » ou « aiguille jobs run »."""
    from service.catalogue import open_database
    from service.settings import Settings
    from service.usecases.accounts import SYSTEM
    from service.usecases.feeds import open_feed, read_every

    number = open_feed(
        open_database(Settings()),
        name=name,
        url=url,
        format_name=format_,
        every=read_every(every),
        local=local,
        by=SYSTEM,
        now=_now(),
    )
    typer.echo(f"Flux {number} suivi. Pour le lire tout de suite{NBSP}: aiguille feed run {number}")


@feed_app.command(name="list")
def list_(as_json: Json = False) -> None:
    """Dire, de chaque flux, sa dernière lecture, sa dernière panne et la prochaine lecture."""
    from data.engine import read
    from data.store_feeds import load_feeds
    from service.catalogue import open_database
    from service.console import show_feeds
    from service.settings import Settings

    with read(open_database(Settings())) as connection:
        feeds = load_feeds(connection)
    if as_json:
        typer.echo(json.dumps([_record(feed) for feed in feeds], ensure_ascii=False, indent=1))
    else:
        show_feeds(feeds)


@feed_app.command()
def run(
    number: Annotated[int | None, typer.Argument(help="Numéro du flux ; tous sinon.")] = None,
    accept: Annotated[
        bool,
        typer.Option("--accepter", help="Retirer les offres absentes d’une lecture mise de côté."),
    ] = False,
) -> None:
    """Lire un flux, ou tous, sans attendre leur heure."""
    from data.engine import read
    from data.store_feeds import load_feeds
    from service.catalogue import open_database
    from service.console import show_plan
    from service.logs import configure_logs
    from service.settings import Settings
    from service.usecases import feeds
    from service.usecases.accounts import SYSTEM
    from service.usecases.feeding import run_feed

    configure_logs("ERROR")  # what goes wrong is told below, in words
    engine = open_database(Settings())
    if number is None and accept:
        raise feeds.WrongFeed("--accepter veut le numéro d’un flux.", field="number")
    with read(engine) as connection:
        names = {feed.id: feed.name for feed in load_feeds(connection)}
    if number is not None and accept and not feeds.accept(engine, number, by=SYSTEM, now=_now()):
        typer.echo("Rien n’était mis de côté.")
    good = True
    for feed_id in names if number is None else [number]:
        ran = run_feed(engine, feed_id, _now)
        good = good and ran.outcome in ("done", "unchanged")
        typer.echo(f"{names.get(feed_id, feed_id)}{NBSP}: {OUTCOMES[ran.outcome]}{ran.words}")
        if ran.plan is not None and ran.outcome == "done":
            show_plan(ran.plan)
    if not good:
        raise SystemExit(EXIT_FAILED)


OUTCOMES = {
    "done": "lu",
    "unchanged": "inchangé",
    "held": f"mis de côté, rien n’a changé{NBSP}: ",
    "failed": f"pas lu, rien n’a changé{NBSP}: ",
    "busy": "",
}
"""What came of a run -> how the line begins."""


@feed_app.command()
def remove(
    number: Number,
    offers: Annotated[
        bool, typer.Option("--et-ses-offres", help="Retirer aussi ses offres du catalogue.")
    ] = False,
) -> None:
    """Ne plus suivre un flux. Ses offres restent au catalogue, sauf si l’on dit le contraire."""
    from service.catalogue import open_database
    from service.settings import Settings
    from service.usecases.accounts import SYSTEM
    from service.usecases.feeds import close_feed

    engine = open_database(Settings())
    gone = close_feed(engine, number, and_offers=offers, by=SYSTEM, now=_now())
    told = f"offres retirées{NBSP}: {gone}" if offers else "ses offres restent au catalogue"
    typer.echo(f"Flux {number} oublié{NBSP}; {told}.")


def _record(feed: Feed) -> dict[str, Any]:
    moments = ("created_at", "due_at", "succeeded_at", "failed_at")
    return {
        "id": feed.id,
        "name": feed.name,
        "url": feed.url,
        "format": feed.format,
        "every_s": int(feed.every.total_seconds()),
        "local": feed.local,
        **{name: _moment(getattr(feed, name)) for name in moments},
        "failures": feed.failures,
        "failure": feed.failure,
        "held": feed.held,
        "counts": feed.counts,
    }


def _moment(at: datetime | None) -> str | None:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}" if at else None


def _now() -> datetime:
    return datetime.now(UTC)
