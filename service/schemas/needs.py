"""A need that was kept."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import Field

from data.store_needs import StoredNeed
from data.territories import Gazetteer
from service.schemas.moments import Moment
from service.schemas.places import PlaceOut
from service.schemas.strict import Strict
from service.settings import Settings
from service.usecases.sending import first_answer_by


class NeedOut(Strict):
    """A need as it was kept, and where to read its matches."""

    id: str
    created_at: Moment
    today: date
    text: str
    place: PlaceOut | None
    profile: str | None
    employees: int | None
    volunteer_only: bool | None
    naf_section: str | None
    founded_on: date | None
    need_types: list[str]
    matches_url: str
    external_id: str | None = None
    state: str = Field(description="draft, new, qualifying, proposed, transmitted, waiting, …")
    outcome: str | None = Field(None, description="Comment un besoin clos s’est terminé")
    reference: str | None = Field(None, description="Ce que la personne peut citer")
    version: int = Field(description="Compte les changements : c’est aussi l’ETag")
    sent_at: Moment | None = None
    moved_at: Moment | None = None
    first_answer_by: date | None = Field(None, description="Promesse d’une première réponse")
    person_url: str | None = Field(
        None, description="Lien privé, à donner à la personne ; aucun dans le bac à sable"
    )

    @classmethod
    def of(
        cls, stored: StoredNeed, gazetteer: Gazetteer, settings: Settings, *, is_test: bool = False
    ) -> Self:
        place = gazetteer.place([stored.place_code]) if stored.place_code else None
        return cls(
            id=stored.id,
            created_at=stored.created_at,
            today=stored.today,
            text=stored.text,
            place=PlaceOut.of(place),
            profile=stored.actor.kind,
            employees=stored.actor.employees,
            volunteer_only=stored.actor.volunteer_only,
            naf_section=stored.actor.naf_section,
            founded_on=stored.actor.founded_on,
            need_types=sorted(stored.need_types),
            matches_url=f"/v1/needs/{stored.id}/matches",
            external_id=stored.external_id,
            state=stored.state,
            outcome=stored.outcome,
            reference=stored.reference,
            version=stored.version,
            sent_at=stored.sent_at,
            moved_at=stored.moved_at,
            first_answer_by=first_answer_by(stored, settings.clocks),
            person_url=None if is_test else f"{settings.public_url}/besoins/{stored.id}",
        )
