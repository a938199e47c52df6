"""Errors as RFC 9457 problems: the only place where the HTTP status of one is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.exceptions import HTTPException

from data.store_needs import ChangedMeanwhile
from data.territories import AmbiguousTerritory, UnknownTerritory
from matching.errors import AiguilleError
from service.api.health import NotFromHere, TokenNeeded
from service.auth import ForgedForm, NotAllowed
from service.callers import KeyNeeded, ScopeMissing, TestKeyNeeded
from service.etags import NoVersion, OtherVersion
from service.idempotency import KeyReused, UnderWay
from service.oidc import NoProvider, ProviderRefused
from service.pages.problems import UnknownProblem
from service.rates import TooMany, TooManyLinks, TooManyRequests
from service.same_origin import FromElsewhere
from service.schemas.need_in import LONGEST_NEED, UnknownCode
from service.schemas.problems import FieldProblem, Problem
from service.triage.states import ForbiddenMove
from service.turns import TooManyNeeds
from service.typography import Say, marked
from service.usecases.accounts import UnknownAccount
from service.usecases.answering import ErasedNeed, UnknownNeed
from service.usecases.browsing import BadCursor, UnknownOffer
from service.usecases.feeds import UnknownFeed
from service.usecases.following import NothingAsked, NotSentYet
from service.usecases.gaps import UnknownGap
from service.usecases.keys import UnknownKey, WrongKey
from service.usecases.partner_needs import AlreadyKnown, NotOpen
from service.usecases.partners import UnknownPartner
from service.usecases.publishing import UnknownDump
from service.usecases.replying import LinkOver, UnknownLink
from service.usecases.revising import AlreadySent
from service.usecases.signing_in import LinkPast, NoAccount
from service.usecases.transmitting import AlreadyTransmitted, NeedsConsent
from service.usecases.webhooks import StoppedWebhook, UnknownDelivery, UnknownWebhook

MEDIA_TYPE = "application/problem+json"

STATUSES: Mapping[type[AiguilleError], tuple[int, str]] = {
    ChangedMeanwhile: (409, "change-entre-temps"),
    KeyNeeded: (401, "cle-absente"),
    WrongKey: (401, "cle-refusee"),
    TokenNeeded: (401, "jeton-absent"),
    ScopeMissing: (403, "droit-absent"),
    TestKeyNeeded: (403, "bac-a-sable"),
    NotAllowed: (403, "role-insuffisant"),
    NoAccount: (403, "compte-inconnu"),
    ProviderRefused: (403, "identite-refusee"),
    ForgedForm: (403, "formulaire-perime"),
    FromElsewhere: (403, "autre-site"),
    NoProvider: (404, "sans-fournisseur"),
    LinkPast: (410, "lien-passe"),
    TooManyLinks: (429, "trop-de-demandes"),
    TooManyRequests: (429, "trop-de-demandes"),
    TooManyNeeds: (503, "occupee"),
    NotFromHere: (404, "adresse-inconnue"),
    UnknownAccount: (404, "compte-inconnu"),
    UnknownKey: (404, "cle-inconnue"),
    UnknownPartner: (404, "adresse-inconnue"),
    UnknownProblem: (404, "adresse-inconnue"),
    UnknownGap: (404, "trou-inconnu"),
    UnknownWebhook: (404, "webhook-inconnu"),
    UnknownDelivery: (404, "envoi-inconnu"),
    StoppedWebhook: (409, "webhook-arrete"),
    UnknownNeed: (404, "besoin-inconnu"),
    ErasedNeed: (410, "besoin-efface"),
    AlreadyKnown: (409, "deja-connu"),
    AlreadySent: (409, "deja-envoye"),
    NotOpen: (409, "besoin-clos"),
    OtherVersion: (412, "autre-version"),
    NoVersion: (428, "version-attendue"),
    UnderWay: (409, "en-cours"),
    NotSentYet: (409, "pas-encore-envoye"),
    ForbiddenMove: (409, "etape-impossible"),
    NothingAsked: (409, "rien-a-repondre"),
    NeedsConsent: (409, "accord-manquant"),
    AlreadyTransmitted: (409, "deja-transmis"),
    UnknownLink: (404, "lien-inconnu"),
    LinkOver: (410, "lien-passe"),
    UnknownOffer: (404, "offre-inconnue"),
    UnknownDump: (404, "export-inconnu"),
    UnknownFeed: (404, "flux-inconnu"),
    UnknownTerritory: (422, "lieu-inconnu"),
    AmbiguousTerritory: (422, "lieu-ambigu"),
    UnknownCode: (422, "code-inconnu"),
    KeyReused: (422, "cle-deja-servie"),
    BadCursor: (422, "curseur-illisible"),
}
TITLES: Mapping[int, str] = {
    401: marked("Clé demandée"),
    403: marked("Accès refusé"),
    404: marked("Introuvable"),
    405: marked("Méthode non permise"),
    408: marked("Trop lent"),
    409: marked("Changé entre-temps"),
    410: marked("Lien périmé"),
    412: marked("Changé entre-temps"),
    413: marked("Trop volumineux"),
    415: marked("Encodage inconnu"),
    422: marked("Demande à corriger"),
    428: marked("Version attendue"),
    429: marked("Trop de demandes"),
    500: marked("Erreur de notre part"),
    503: marked("Occupé pour l’instant"),
    507: marked("Plus de place"),
}
# Messages of pydantic's error types; what is not here falls back on its own words.
MESSAGES: Mapping[str, str] = {
    "missing": marked("Ce champ est obligatoire."),
    "extra_forbidden": marked("Champ inconnu : retirez-le."),
    "string_too_short": marked("Écrivez votre besoin en quelques mots."),
    "string_too_long": marked("Trop long : au plus {max_length} caractères."),
    "string_type": marked("Un texte était attendu."),
    "string_unicode": marked("Le texte contient un caractère illisible : retirez-le."),
    "string_pattern_mismatch": marked(
        "Le texte contient un caractère interdit (NUL) : retirez-le."
    ),
    "int_type": marked("Un nombre entier était attendu."),
    "int_parsing": marked("Un nombre entier était attendu."),
    "int_from_float": marked("Un nombre entier était attendu."),
    "bool_type": marked("true ou false était attendu."),
    "bool_parsing": marked("true ou false était attendu."),
    "greater_than_equal": marked("Au moins {ge}."),
    "less_than_equal": marked("Au plus {le}."),
    "list_type": marked("Une liste était attendue."),
    "literal_error": marked("Valeur inconnue : attendu {expected}."),
    "too_long": marked("Trop de valeurs : au plus {max_length}."),
    "date_from_datetime_parsing": marked("Une date était attendue, comme 2026-03-31."),
    "date_parsing": marked("Une date était attendue, comme 2026-03-31."),
    "date_type": marked("Une date était attendue, comme 2026-03-31."),
    "json_invalid": marked("JSON illisible : vérifiez guillemets, virgules et accolades."),
    "model_attributes_type": marked("Un objet JSON était attendu."),
    "dict_type": marked("Un objet JSON était attendu."),
}


WRONG = marked("Erreur")
TOO_LARGE = marked("Le corps est trop volumineux : un besoin tient en {most} caractères.")
GARBLED = marked("Corps illisible : envoyez-le en UTF-8, sous la forme que dit Content-Type.")
DETAILS: Mapping[int, str] = {
    404: marked("Aucune page à cette adresse."),
    405: marked("Cette adresse n’accepte pas cette méthode."),
    408: marked("Le corps n’est pas arrivé à temps : renvoyez-le d’une traite."),
}


def problem(
    status: int, kind: str, detail: str, errors: Sequence[FieldProblem] = (), say: Say = str
) -> Problem:
    """A problem; `say` says its title, the rest is said."""
    return Problem(
        type=f"/problems/{kind}",
        title=say(TITLES.get(status, WRONG)),
        status=status,
        detail=detail,
        errors=list(errors),
    )


def of_aiguille(error: AiguilleError, say: Say = str) -> Problem:
    status, kind = STATUSES.get(type(error), (422, "demande-invalide"))
    message = error.said(say)
    fields = [_field((error.field,), message)] if error.field else []
    return problem(status, kind, message, fields, say)


def status_of(error: AiguilleError) -> int:
    """The status of a page that tells of an error of ours."""
    return STATUSES.get(type(error), (422, ""))[0]


def headers_of(error: AiguilleError) -> dict[str, str]:
    """What an answer that tells of an error of ours says beside it."""
    if isinstance(error, TooMany | TooManyNeeds | UnderWay):
        return {"Retry-After": str(error.wait_s)}
    return {"WWW-Authenticate": "Bearer"} if status_of(error) == 401 else {}


def of_validation(errors: Sequence[Mapping[str, Any]], say: Say = str) -> Problem:
    fields = [_field(_path(e["loc"]), _message(e, say)) for e in errors]
    named = say(marked("« {field} » : {message}"))
    each = " ".join(
        named.format(field=f.field, message=f.message) if f.field else f.message for f in fields
    )
    return problem(422, "demande-invalide", each, fields, say)


def of_http(error: HTTPException, say: Say = str) -> Problem:
    if error.status_code == 400:
        return problem(422, "demande-invalide", say(GARBLED), say=say)
    kinds = {
        404: "adresse-inconnue",
        405: "methode-non-permise",
        408: "trop-lent",
        413: "trop-volumineux",
    }
    detail = say(DETAILS.get(error.status_code, str(error.detail)))
    if error.status_code == 413:
        detail = say(TOO_LARGE).format(most=LONGEST_NEED)
    return problem(error.status_code, kinds.get(error.status_code, "erreur"), detail, say=say)


def _path(location: Sequence[Any]) -> tuple[Any, ...]:
    """The field at fault; broken JSON gives an offset, which names no field."""
    return tuple(
        part for part in location[1:] if not (len(location) == 2 and isinstance(part, int))
    )


def _message(error: Mapping[str, Any], say: Say) -> str:
    template = say(MESSAGES.get(error["type"], error["msg"]))
    values = error.get("ctx", {})
    if error["type"] == "literal_error":  # Told by pydantic as « 'fr' or 'en' ».
        values = {"expected": values["expected"].replace(" or ", ", ").replace("'", "")}
    return template.format(**values) if "{" in template else template


def _field(path: Sequence[Any], message: str) -> FieldProblem:
    pointer = "".join(f"/{part}" for part in path)
    return FieldProblem(field=str(path[0]) if path else "", pointer=pointer, message=message)


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented problems of a route, for OpenAPI."""
    return {
        status: {
            "description": TITLES[status],
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }
