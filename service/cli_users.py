"""`aiguille user`: accounts from the machine itself, the first administrator above all."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

user_app = typer.Typer(help="Ouvrir, lister et fermer les comptes du bureau.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="Adresse e-mail de la personne.")]
Json = Annotated[bool, typer.Option("--json", help="Écrire du JSON, pour un programme.")]


@user_app.command()
def add(
    email: Email,
    name: Annotated[str, typer.Option(help="Nom de la personne.")],
    role: Annotated[
        str, typer.Option(help="catalyst, network-lead ou administrator.")
    ] = "catalyst",
    territory: Annotated[
        list[str] | None,
        typer.Option(help="France, région, département, commune, zone… ; se répète. Aucun : rien."),
    ] = None,
    need_type: Annotated[
        list[str] | None, typer.Option(help="Type de besoin suivi ; se répète. Aucun : tous.")
    ] = None,
) -> None:
    """Ouvrir un compte. Pour le premier : --role administrator."""
    from data.fields import Reading
    from data.frames import load_frame
    from data.territories import Gazetteer
    from service.catalogue import open_database
    from service.settings import Settings
    from service.usecases.accounts import SYSTEM, Wanted, open_account
    from service.usecases.areas import areas

    engine = open_database(Settings())
    wanted = Wanted(email, name, role, tuple(territory or ()), tuple(need_type or ()))
    reading = Reading(load_frame(), Gazetteer.load(areas(engine)))
    user = open_account(engine, reading, wanted, by=SYSTEM, now=_now())
    typer.echo(f"Compte ouvert : {user.email} ({user.role}, {_listed(user.territories)}).")
    typer.echo(f"Pour y entrer sans attendre de message : aiguille user link {user.email}")


@user_app.command(name="list")
def list_(as_json: Json = False) -> None:
    """Lister les comptes."""
    from rich.table import Table

    from service.catalogue import open_database
    from service.console import console
    from service.settings import Settings
    from service.usecases.accounts import accounts

    found = accounts(open_database(Settings()))
    if as_json:
        typer.echo(json.dumps([asdict(user) for user in found], ensure_ascii=False, indent=1))
        return
    table = Table("Nom", "Rôle", "Territoires", "Types de besoin", "État")
    table.add_column("Adresse", overflow="fold")
    for user in found:
        state = "actif" if user.active else "fermé"
        types = ", ".join(user.need_types) or "tous"
        table.add_row(user.name, user.role, _listed(user.territories), types, state, user.email)
    console.print(table)


@user_app.command()
def link(email: Email) -> None:
    """Écrire un lien de connexion, à usage unique, valable quinze minutes."""
    from service.catalogue import open_database
    from service.settings import Settings
    from service.usecases.signing_in import make_link

    settings = Settings()
    token = make_link(open_database(settings), email, now=_now())
    typer.echo(f"{settings.public_url.rstrip('/')}/connexion/{token}")


@user_app.command()
def deactivate(email: Email) -> None:
    """Fermer un compte : ses sessions se terminent, plus personne n’y entre."""
    from service.catalogue import open_database
    from service.settings import Settings
    from service.usecases.accounts import SYSTEM, account_of, close_account

    engine = open_database(Settings())
    user = close_account(engine, account_of(engine, email).id, by=SYSTEM, now=_now())
    typer.echo(f"Compte fermé : {user.email}.")


@user_app.command()
def activate(email: Email) -> None:
    """Rouvrir un compte fermé."""
    from service.catalogue import open_database
    from service.settings import Settings
    from service.usecases.accounts import SYSTEM, account_of, reopen_account

    engine = open_database(Settings())
    user = reopen_account(engine, account_of(engine, email).id, by=SYSTEM, now=_now())
    typer.echo(f"Compte rouvert : {user.email}.")


def _listed(territories: tuple[str, ...]) -> str:
    return ", ".join(territories) or "aucun territoire"


def _now() -> datetime:
    return datetime.now(UTC)
