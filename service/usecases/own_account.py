"""What somebody of the desk chooses for themselves, which no administrator chooses for them."""

from __future__ import annotations

from sqlalchemy import Engine

from data.engine import write
from data.store_users import change_user
from matching.errors import AiguilleError, Word
from service.languages import LANGUAGES
from service.triage.notices import NOTICES


class UnknownChoice(AiguilleError):
    """Not one of the choices that the form offers."""


def choose(engine: Engine, user_id: str, *, notices: str, language: str) -> None:
    """Keep how often somebody is told what waits, and in which language they are written to."""
    for field, said, known in (("avis", notices, NOTICES), ("langue", language, LANGUAGES)):
        if said not in known:
            raise UnknownChoice(
                "Choix inconnu : « {said} ». Attendu : {known}.",
                field=field,
                said=said[:40],
                known=tuple(map(Word, known.values())),
            )
    with write(engine) as connection:
        change_user(connection, user_id, notices=notices, language=language)
