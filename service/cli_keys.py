"""`aiguille key`: what partners prove themselves with."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from data.store_partners import Key


key_app = typer.Typer(
    help="Créer, renouveler et révoquer les clés des partenaires.", no_args_is_help=True
)

KeyId = Annotated[str, typer.Argument(help="Identifiant de la clé (12 caractères).")]
Json = Annotated[bool, typer.Option("--json", help="Écrire du JSON, pour un programme.")]
BY = "system"


@key_app.command()
def create(
    partner: Annotated[str, typer.Argument(help="Nom du partenaire ; ouvert s’il est nouveau.")],
    email: Annotated[str, typer.Option(help="Adresse à prévenir, pour un nouveau.")] = "",
    label: Annotated[str, typer.Option(help="À quoi sert la clé.")] = "principale",
    mode: Annotated[
        Literal["live", "test"], typer.Option(help="test (bac à sable) ou live.")
    ] = "test",
    scope: Annotated[
        list[str] | None, typer.Option(help="Droit ; se répète. needs:read et needs:write sinon.")
    ] = None,
    origin: Annotated[
        list[str] | None, typer.Option(help="Origine web exacte, https://… ; se répète.")
    ] = None,
    days: Annotated[int, typer.Option(help="Durée, en jours.")] = 548,
    as_json: Json = False,
) -> None:
    """Créer une clé. Elle n’est montrée qu’une fois."""
    from service.callers import KEYS
    from service.catalogue import open_database
    from service.secret import derived, secret_of
    from service.settings import Settings
    from service.usecases.keys import WantedKey, create_key

    settings = Settings()
    scopes = tuple(scope or ("needs:read", "needs:write"))
    lasts = timedelta(days=days)
    wanted = WantedKey(partner, email, label, mode, scopes, tuple(origin or ()), lasts)
    secret = derived(secret_of(settings), KEYS)
    made = create_key(open_database(settings), secret, wanted, by=BY, now=_now())
    _show(made.key, made.clear, as_json)


@key_app.command(name="list")
def list_(as_json: Json = False) -> None:
    """Lister les clés, sans leur secret."""
    from rich.table import Table

    from data.engine import read
    from data.store_partners import load_keys
    from service.catalogue import open_database
    from service.console import console
    from service.settings import Settings

    with read(open_database(Settings())) as connection:
        found = load_keys(connection)
    if as_json:
        typer.echo(json.dumps([_record(key) for key in found], ensure_ascii=False, indent=2))
        return
    table = Table()
    table.add_column("Clé", no_wrap=True)
    for header in ("Partenaire", "Nom", "Mode", "Droits", "Servie le", "Jusqu’au", ""):
        table.add_column(header, overflow="fold")
    for key in found:
        state = "" if key.usable(_now()) else "n’ouvre plus rien"
        used = str(key.used_on or "jamais")
        until = str(key.ends_at.date())
        table.add_row(
            key.id, key.partner_id, key.label, key.mode, ", ".join(key.scopes), used, until, state
        )
    console.print(table)


@key_app.command()
def rotate(
    key_id: KeyId,
    days: Annotated[int, typer.Option(help="Jours où l’ancienne sert encore.")] = 7,
    as_json: Json = False,
) -> None:
    """Donner une clé qui prend la suite ; l’ancienne sert encore quelques jours."""
    from service.callers import KEYS
    from service.catalogue import open_database
    from service.secret import derived, secret_of
    from service.settings import Settings
    from service.usecases.keys import turn_over

    settings = Settings()
    secret = derived(secret_of(settings), KEYS)
    overlap = timedelta(days=days)
    made = turn_over(open_database(settings), secret, key_id, by=BY, now=_now(), overlap=overlap)
    _show(made.key, made.clear, as_json)


@key_app.command()
def revoke(key_id: KeyId) -> None:
    """Faire qu’une clé n’ouvre plus rien, dès maintenant."""
    from service.catalogue import open_database
    from service.settings import Settings
    from service.usecases.keys import revoke as close

    close(open_database(Settings()), key_id, by=BY, now=_now())
    typer.echo(f"Clé révoquée : {key_id}.")


def _show(key: Key, clear: str, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({**_record(key), "key": clear}, ensure_ascii=False, indent=2))
        return
    typer.echo(f"Clé de {key.partner_id}, {key.mode}, jusqu’au {key.expires_at.date()} :")
    typer.echo(clear)
    typer.echo("Notez-la : elle n’est gardée nulle part et ne sera pas montrée à nouveau.")


def _record(key: Key) -> dict[str, Any]:
    """A key as JSON values, without its digest."""
    ends = {"expires_at": key.ends_at.isoformat(), "usable": key.usable(_now())}
    return {
        "id": key.id,
        "partner": key.partner_id,
        "label": key.label,
        "mode": key.mode,
        "scopes": list(key.scopes),
        "origins": list(key.origins),
        "used_on": str(key.used_on) if key.used_on else None,
        **ends,
    }


def _now() -> datetime:
    return datetime.now(UTC)
