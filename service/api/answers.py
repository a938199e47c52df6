"""/v1/answers/{token}: a provider answers by program what the link of its mail answers by page."""

from __future__ import annotations

from fastapi import APIRouter

from service.deps import CatalogueDep, NowDep
from service.errors import responses
from service.schemas.provider_answers import LetterOut, ReplyIn
from service.usecases.replying import Letter, Reply, read_letter, reply

router = APIRouter(prefix="/answers", tags=["answers"])


@router.get("/{token}", responses=responses(404, 410, 422))
def read_request(token: str, catalogue: CatalogueDep, now: NowDep) -> LetterOut:
    """Le besoin transmis ; les coordonnées, une fois la demande prise et si la personne l’accepte.

    Le jeton est la fin du lien reçu par courriel : il suffit, et n’ouvre rien d’autre.
    """
    return _letter_out(read_letter(catalogue, token, now=now))


@router.post("/{token}", responses=responses(404, 410, 413, 422))
def answer_request(token: str, body: ReplyIn, catalogue: CatalogueDep, now: NowDep) -> LetterOut:
    """Prendre, refuser avec une raison, ou dire que ce sera plus tard. La première réponse vaut."""
    said = Reply(body.choice, body.contact_on, body.capacity, body.reason)
    reply(catalogue, token, said, now=now)
    return _letter_out(read_letter(catalogue, token, now=now))


def _letter_out(letter: Letter) -> LetterOut:
    made, contact = letter.transmission, letter.contact
    return LetterOut(
        reference=letter.stored.reference,
        text=letter.stored.text,
        profile=letter.stored.actor.kind,
        employees=letter.stored.actor.employees,
        departement=letter.stored.departement,
        offer_id=made.offer_id,
        offer_title=letter.offer.title if letter.offer else None,
        state=made.state,
        reason=made.reason,
        contact_on=made.contact_on,
        capacity=made.capacity,
        expires_at=made.expires_at,
        name=contact.name if contact else None,
        email=contact.email if contact else None,
        phone=contact.phone if contact else None,
    )
