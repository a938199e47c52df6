"""How a command that fails ends: 1 rows refused, 2 wrong input, 3 not initialised."""

from __future__ import annotations

from typing import NoReturn

import typer
from sqlalchemy.exc import DBAPIError

from data.engine import is_away, is_unmade
from matching.errors import AiguilleError
from service.catalogue import NotInitialised

EXIT_REFUSED, EXIT_INPUT, EXIT_NOT_INITIALISED = 1, 2, 3
_UNMADE = "Il manque des tables à cette base : lancez d’abord « aiguille init »."
_AWAY = "La base ne répond pas ({}) : son serveur tourne-t-il à l’adresse AIGUILLE_DATABASE_URL ?"


def end(error: Exception) -> NoReturn:
    """Tell an error in one line, and end; one that nobody foresaw is raised again."""
    told, code = _ending(error)
    typer.echo(f"Erreur : {told}", err=True)
    raise SystemExit(code) from None


def _ending(error: Exception) -> tuple[str, int]:
    if isinstance(error, NotInitialised):
        return error.message, EXIT_NOT_INITIALISED
    if isinstance(error, AiguilleError):
        return error.message, EXIT_INPUT
    if isinstance(error, DBAPIError) and is_unmade(error):
        return _UNMADE, EXIT_NOT_INITIALISED
    if isinstance(error, DBAPIError) and is_away(error):
        return _AWAY.format(str(error.orig).partition("\n")[0]), EXIT_INPUT
    raise error
