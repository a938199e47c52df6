"""How long each thing is kept, as everybody is told: read from what the retention job does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from service.settings import Settings
from service.typography import marked
from service.usecases.retaining import Keep
from service.usecases.signing_in import SESSION_LASTS


@dataclass(frozen=True, slots=True)
class Lasting:
    """So many months, or so many days when it is not months."""

    count: int
    months: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """Something kept for a while, `since` something."""

    what: str
    lasting: Lasting
    since: str


def _days(delta: timedelta) -> Lasting:
    return Lasting(delta.days)


def _months(count: int) -> Lasting:
    return Lasting(count, months=True)


_RETENTION: tuple[tuple[str, Callable[[Keep, Settings], Lasting], str], ...] = (
    (
        marked("Un besoin que vous n’envoyez pas"),
        lambda keep, _: _days(keep.drafts),
        marked("après que vous l’avez décrit"),
    ),
    (
        marked("Les mots d’un besoin envoyé, vos coordonnées et vos échanges"),
        lambda keep, _: _months(keep.words_months),
        marked("après la fin du suivi"),
    ),
    (
        marked("Le lien par lequel un porteur lit votre besoin, s’il ne répond pas"),
        lambda _, settings: Lasting(settings.link_days),
        marked("après la transmission"),
    ),
    (
        marked("La trace des messages envoyés, sans leur texte"),
        lambda keep, _: _days(keep.work),
        marked("après l’envoi"),
    ),
    (
        marked("La copie d’un message, là où les messages sont déposés en fichiers"),
        lambda keep, _: _days(keep.drafts),
        marked("après l’envoi"),
    ),
    (
        marked("La réponse faite à un portail, gardée chiffrée s’il redemande"),
        lambda keep, _: _days(keep.keys),
        marked("après sa demande"),
    ),
    (
        marked("Une correction suggérée sur une fiche"),
        lambda keep, _: _months(keep.words_months),
        marked("après la décision"),
    ),
    (
        marked("Une note sur un trou dans la raquette"),
        lambda keep, _: _months(keep.notes_months),
        marked("après qu’il est comblé"),
    ),
    (
        marked("Une session du bureau"),
        lambda *_: _days(SESSION_LASTS),
        marked("après la connexion"),
    ),
    (
        marked("Un compte du bureau : nom, adresse, territoires"),
        lambda keep, _: _months(keep.accounts_months),
        marked("après sa fermeture"),
    ),
)
"""What is kept, how long, since when. What it is erased by: service/usecases/retaining.py."""

LEGAL_BASIS = marked(
    "Votre accord, pour ce que vous envoyez : il est demandé pour chaque destinataire (RGPD, "
    "article 6.1.a). L’intérêt légitime de répondre à qui demande, pour un besoin décrit sans être "
    "envoyé et pour les comptes du bureau (article 6.1.f)."
)
"""What is said unless the operator says otherwise."""


def retention(settings: Settings) -> tuple[Kept, ...]:
    """What is kept under these settings, and for how long."""
    keep = Keep.of(settings)
    return tuple(Kept(what, lasts(keep, settings), since) for what, lasts, since in _RETENTION)
