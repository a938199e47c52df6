"""What was typed in the form of a need, read into a need, or said what to correct in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated

from fastapi import Depends, Form
from pydantic import ValidationError

from data.places import AmbiguousTerritory, Territory, UnknownTerritory
from matching.domain import Need
from matching.errors import AiguilleError
from service.catalogue import Catalogue
from service.errors import of_validation
from service.schemas.need_in import LONGEST_NEED, NeedIn
from service.triage.registration import BadRegistration, kind_of
from service.typography import Say, marked

SHORTEST, LONGEST = 20, 2_000
"""Characters of a need in the form; a program may send more."""
MOST_CHOICES = 12

Words = Annotated[str, Form(max_length=LONGEST_NEED)]
"""What is longer than any need is not even looked at."""
Fact = Annotated[str, Form(max_length=200)]


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of the form, as they were typed. `lieu` is a code chosen among places.

    `number` is a SIRET or RNA number: read for what it says, never kept.
    """

    text: str = ""
    commune: str = ""
    lieu: str = ""
    profile: str = ""
    employees: str = ""
    number: str = ""


def typed(
    text: Words = "",
    commune: Fact = "",
    lieu: Fact = "",
    profile: Fact = "",
    employees: Fact = "",
    number: Fact = "",
) -> Typed:
    """A browser counts a line break as one character, and sends two."""
    fields = (text.replace("\r\n", "\n"), commune, lieu, profile, employees, number)
    return Typed(*(said.strip() for said in fields))


TypedDep = Annotated[Typed, Depends(typed)]


@dataclass(frozen=True, slots=True)
class Misread:
    """Field -> what to correct in it; `places` are those that the commune may mean."""

    errors: Mapping[str, str]
    places: tuple[Territory, ...] = field(default=())


TOO_SHORT = marked(
    "Dites-en un peu plus : il faut au moins {least} caractères, vous en avez écrit {count}."
)
TOO_LONG = marked("Au plus {most} caractères : vous en avez écrit {count}. Gardez l’essentiel.")
NO_PLACE = marked("Dites où vous êtes : le nom de la commune ou son code postal.")
UNKNOWN_PLACE = marked(
    "Nous ne connaissons pas « {place} ». Donnez le nom de la commune, comme « Mende », ou son "
    "code postal, comme « 48000 »."
)
WHICH_PLACE = marked("« {place} » peut désigner plusieurs lieux : choisissez le vôtre.")
WRONG_NUMBER = marked(
    "Donnez un nombre entier, comme 3 ; ou 0 si vous êtes tous bénévoles. Laissez vide si vous ne "
    "savez pas."
)


def read_need(said: Typed, catalogue: Catalogue, say: Say) -> Need | Misread:
    """The need that was typed, or all that is to correct in it at once."""
    errors: dict[str, str] = {}
    places: tuple[Territory, ...] = ()
    count = len(said.text)
    if count < SHORTEST:
        errors["text"] = say(TOO_SHORT).format(least=SHORTEST, count=count)
    elif count > LONGEST:
        errors["text"] = say(TOO_LONG).format(most=LONGEST, count=count)
    try:
        said = replace(said, profile=said.profile or _told_by(said.number))
    except BadRegistration as error:
        errors["number"] = error.said(say)
    try:
        territory = place_of(said, catalogue)
    except AmbiguousTerritory as error:
        places = error.candidates[:MOST_CHOICES]
        errors["commune"] = say(WHICH_PLACE).format(place=said.commune)
    except UnknownTerritory:
        message = UNKNOWN_PLACE if said.commune else NO_PLACE
        errors["commune"] = say(message).format(place=said.commune)
    facts = {"profile": said.profile or None, "employees": said.employees or None}
    try:
        read = NeedIn.model_validate({"text": said.text or "-", **facts}, strict=False)
        need = read.to_need(catalogue.frame, catalogue.gazetteer)
    except ValidationError as error:
        for problem in of_validation(
            [{**e, "loc": ("body", *e["loc"])} for e in error.errors()], say
        ).errors:
            wrong = say(WRONG_NUMBER) if problem.field == "employees" else problem.message
            errors.setdefault(problem.field, wrong)
    except AiguilleError as error:
        errors[error.field or "text"] = error.said(say)
    if errors:
        return Misread(errors, places)
    return replace(need, place=catalogue.gazetteer.place([territory.code]))


def place_of(said: Typed, catalogue: Catalogue) -> Territory:
    """The place that was chosen if it is one of those that were typed, else the only one meant.

    A person types postal codes more than INSEE codes: 13001 asks which of the two is meant.
    """
    gazetteer = catalogue.gazetteer
    found = gazetteer.candidates(said.commune) if said.commune else []
    if said.lieu in gazetteer:
        chosen = gazetteer.get(said.lieu)
        if chosen in found or chosen.label == said.commune:
            return chosen
    if said.commune.isdigit() and len(found) > 1:
        raise AmbiguousTerritory(said.commune, found)
    return gazetteer.resolve(said.commune)


def _told_by(number: str) -> str:
    return (kind_of(number) or "") if number else ""
