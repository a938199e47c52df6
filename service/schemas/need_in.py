"""A need as it comes in, and how it becomes a `Need` of the core."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from data.frames import Frame
from data.territories import Gazetteer
from matching.domain import PROFILES, ActorProfile, Need, Place
from matching.errors import AiguilleError
from service.schemas.strict import Strict

LONGEST_NEED = 10_000
MOST_MATCHES = 50

NeedText = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=1, max_length=LONGEST_NEED, pattern=r"^[^\x00]*$"
    ),
]


class NeedIn(Strict):
    """A need in the person's own words, with the facts they give. Only `text` is required."""

    text: NeedText
    commune: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        None, description="Code INSEE, code postal ou nom de la commune (« Mende », « 48095 »)"
    )
    profile: str | None = Field(None, description=f"Un de : {', '.join(PROFILES)}")
    employees: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    volunteer_only: bool | None = None
    naf_section: str | None = Field(None, description="Section NAF, de A à U")
    founded_on: date | None = None
    need_types: list[str] = Field(default_factory=list, max_length=25)
    today: date | None = Field(None, description="Jour pour lequel répondre ; aujourd’hui sinon")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "text": "On n’arrive plus à payer les salaires, la subvention de la ville "
                    "n’est toujours pas versée.",
                    "commune": "59350",
                    "profile": "association",
                    "employees": 4,
                }
            ]
        }
    )

    @model_validator(mode="after")
    def employees_agree(self) -> Self:
        said = (self.employees, self.volunteer_only)
        if None not in said and (self.employees == 0) != self.volunteer_only:
            raise PydanticCustomError(
                "contradiction",
                "« employees » ({employees}) et « volunteer_only » se contredisent : corrigez "
                "l’un des deux (volunteer_only n’est vrai que sans salarié).",
                {"employees": self.employees},
            )
        return self

    def to_need(self, frame: Frame, gazetteer: Gazetteer) -> Need:
        """The need as the core reads it; unknown codes and places are errors that say so."""
        _known(frame, "profiles", self.profile, "profile")
        _known(frame, "naf_sections", self.naf_section, "naf_section")
        for code in self.need_types:
            _known(frame, "need_types", code, "need_types")
        return Need(
            text=self.text,
            actor=ActorProfile(
                self.profile,
                self.employees,
                self.volunteer_only,
                self.naf_section,
                self.founded_on,
            ),
            place=self._place(gazetteer),
            need_types=frozenset(self.need_types),
        )

    def _place(self, gazetteer: Gazetteer) -> Place | None:
        if self.commune is None or not self.commune.strip():
            return None
        return gazetteer.place([gazetteer.resolve(self.commune).code])


Explain = Literal["reasons", "full"]
"""How much an answer says of each match: its reasons, or every feature and rule too."""


class MatchIn(NeedIn):
    limit: Annotated[int, Field(ge=1, le=MOST_MATCHES)] = 10
    explain: Explain = "reasons"


class UnknownCode(AiguilleError):
    """A code that the frame does not have; the message lists those it has."""


def _known(frame: Frame, list_name: str, code: str | None, field: str) -> None:
    if code is not None and code not in frame.codes(list_name):
        raise UnknownCode(
            "Code inconnu pour « {name} » : « {code} ». Codes possibles : {known}.",
            field=field,
            name=field,
            code=code,
            known=tuple(frame.codes(list_name)),
        )
