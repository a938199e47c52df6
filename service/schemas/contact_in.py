"""How to reach a person, as they type it: a name if they wish, an e-mail address or a phone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from data.store_contacts import Contact
from matching.errors import AiguilleError
from service.languages import FRENCH
from service.typography import marked

LONGEST_NAME, LONGEST_EMAIL, LONGEST_PHONE = 120, 254, 30
_EMAIL = re.compile(r"[^@\s<>(),:;\"\\]+@[^@\s<>(),:;\"\\.]+(\.[^@\s<>(),:;\"\\.]+)+")
_PHONE = re.compile(r"\+?[\d\s.()/-]+")


class WrongContact(AiguilleError):
    """Nobody can be reached by that; `errors` says why, by field."""

    def __init__(self, errors: Mapping[str, AiguilleError]) -> None:
        told = " ".join(error.message for error in errors.values())
        super().__init__(told, field=next(iter(errors)))
        self.errors = errors


def read_contact(name: str, email: str, phone: str, language: str = FRENCH) -> Contact:
    """A contact who reads a language, spaces tidied; or `WrongContact`."""
    name, email, phone = (" ".join(said.split()) for said in (name, email, phone))
    errors: dict[str, AiguilleError] = {}
    if not name.isprintable() or len(name) > LONGEST_NAME:
        errors["name"] = AiguilleError(
            marked("Ce nom est illisible : au plus {most} caractères, sur une ligne."),
            most=LONGEST_NAME,
        )
    if not (email or phone):
        errors["email"] = AiguilleError(
            marked("Donnez une adresse électronique ou un téléphone, pour qu’on vous réponde.")
        )
    if email and not is_email(email):
        errors["email"] = AiguilleError(
            marked("Cette adresse est incomplète : elle s’écrit comme nom@exemple.fr.")
        )
    if phone and not _is_phone(phone):
        errors["phone"] = AiguilleError(
            marked("Ce numéro est illisible : dix chiffres, ou + et l’indicatif du pays.")
        )
    if errors:
        raise WrongContact(errors)
    return Contact(name, email or None, phone or None, language)


def is_email(text: str) -> bool:
    """Could a mail server be found for this address?"""
    return len(text) <= LONGEST_EMAIL and text.isprintable() and bool(_EMAIL.fullmatch(text))


def _is_phone(text: str) -> bool:
    digits = sum(c.isdigit() for c in text)
    return len(text) <= LONGEST_PHONE and bool(_PHONE.fullmatch(text)) and 10 <= digits <= 15
