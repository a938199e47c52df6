"""Needs as a partner sends and follows them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from service.schemas.moments import Moment
from service.schemas.need_in import NeedIn
from service.schemas.needs import NeedOut
from service.schemas.problems import Problem
from service.schemas.strict import Strict
from service.timeline import Actor
from service.usecases.sending import MOST_OFFERS

Short = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00]*$")]
ExternalId = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[!-~]+$")
]


class ContactIn(Strict):
    """How to reach the person: at least an e-mail address or a phone number."""

    name: Short = ""
    email: Short = ""
    phone: Short = ""
    language: Literal["fr", "en"] = Field(
        default="fr", description="La langue dans laquelle on écrit à la personne"
    )


class ConsentIn(Strict):
    """What the person agreed to: which text (see `GET /v1/consents`), for whom, and when."""

    text_version: Short
    recipients: list[Short] = Field(
        min_length=1,
        max_length=MOST_OFFERS + 1,
        description="« catalyst », puis l’identifiant de chaque offre dont le porteur peut lire",
    )
    agreed_at: AwareDatetime


class SendIn(Strict):
    """Sends a need to a catalyst, with what the person agreed to."""

    contact: ContactIn
    consent: ConsentIn


class PartnerNeedIn(NeedIn):
    """A need. With a key it may bear the partner's own id, and be sent at once."""

    external_id: ExternalId | None = None
    send: SendIn | None = None


class FactsIn(Strict):
    """Facts of a need that were missing or wrong; what is absent stays as it is."""

    commune: Short | None = None
    profile: str | None = None
    employees: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    volunteer_only: bool | None = None
    naf_section: str | None = None
    founded_on: date | None = None


class MessageIn(Strict):
    """The person's words to the desk: an answer to what was asked, or more."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


class NeedPage(Strict):
    needs: list[NeedOut]
    next_cursor: str | None


class CountsOut(Strict):
    """State -> how many needs of the partner are in it; those erased are counted apart."""

    counts: dict[str, int]


class MoveOut(Strict):
    """One move of a need. `detail` holds codes, dates and ids: never words."""

    at: Moment
    step: str
    actor: Actor
    detail: dict[str, str | int | list[str] | None]


class TimelineOut(Strict):
    steps: list[MoveOut]


class ConsentTextsOut(Strict):
    """The words to show before a need is sent. `{provider}` stands for who delivers the offer."""

    version: str
    catalyst: str
    provider: str


class BatchLine(Strict):
    """What became of a line: `known` when a need of the same `external_id` was there already."""

    line: int
    status: Literal["created", "known", "refused"]
    need: NeedOut | None = None
    problem: Problem | None = None


class AdvanceIn(Strict):
    """Where to make a need of the sandbox go; `outcome` goes with "closed"."""

    to: str = Field(description="qualifying, proposed, transmitted, accepted, refused, …")
    outcome: str = "helped"
