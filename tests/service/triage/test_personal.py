"""What is personal in a need is found, whatever its spelling, and nothing else is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.triage.personal import masked, personal_in
from service.triage.registration import BadRegistration, kind_of

PERSONAL = [
    ("Écrivez à marie.dupont+asso@exemple.fr svp", "email", "Écrivez à […] svp"),
    ("marie (at) exemple.org", "email", "[…]"),
    ("Appelez le 06 12 34 56 78.", "phone", "Appelez le […]."),
    ("Tél. : 0612345678 ou +33 6.12.34.56.78", "phone", "Tél. : […] ou […]"),
    ("+33 (0)4 66 49 60 00", "phone", "[…]"),
    ("IBAN FR76 3000 6000 0112 3456 7890 189 merci", "iban", "IBAN […] merci"),
    ("Sécu 2 95 10 99 126 111 93", "nir", "Sécu […]"),
]
NOT_PERSONAL = [
    "Notre SIRET est 732 829 320 00074",
    "Il nous faut 12 000 euros pour 2026, soit 10 % de plus qu’en 2025",
    "IBAN FR76 3000 6000 0112 3456 7890 188 faux",
    "Depuis le 01.02.2024, plus rien ; dossier 1234567890123456",
    "à 20 h @ la mairie",
]


@pytest.mark.parametrize(("text", "kind", "shown"), PERSONAL)
def test_what_is_personal_is_found_and_masked(text, kind, shown):
    assert {f.kind for f in personal_in(text)} == {kind}
    assert masked(text) == shown


@pytest.mark.parametrize("text", NOT_PERSONAL)
def test_what_only_looks_like_it_is_left(text):
    assert personal_in(text) == ()
    assert masked(text) == text


@given(st.text("0123456789 .-@AaBFRZé()+", max_size=300))
def test_nothing_personal_is_left_once_masked(text):
    assert personal_in(masked(text)) == ()


@pytest.mark.parametrize(
    "text", ["a." * 1000, "0 " * 1000, "FR76" + " 1" * 1000, "a@" + "b-" * 990]
)
def test_a_hostile_text_is_read_in_no_time(text):
    started = time.perf_counter()
    personal_in(text)
    assert time.perf_counter() - started < 0.25


def test_numbers_of_registration_say_what_they_can():
    assert kind_of("w482001234") == "association"
    assert kind_of("W2A1000012") == "association"
    assert kind_of("732 829 320 00074") is None
    assert kind_of("21480095500004") == "collectivite"
    for wrong in ("732 829 320 00075", "W12", "12"):
        with pytest.raises(BadRegistration, match="14 chiffres"):
            kind_of(wrong)
