"""What is due, in words: one beside the colour, and a sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from service.triage.clocks import Due, How, What
from service.typography import Say, marked, typeset
from service.wording import day

STANDING: Mapping[How, str] = {
    "late": marked("En retard"),
    "soon": marked("Bientôt"),
    "ok": marked("Dans les temps"),
}

SENTENCES: Mapping[tuple[What, bool], str] = {
    ("first-look", False): marked("À regarder au plus tard le {by}"),
    ("first-look", True): marked("Devait être regardé au plus tard le {by}"),
    ("contact", False): marked("Personne à contacter au plus tard le {by}"),
    ("contact", True): marked("La personne devait être contactée au plus tard le {by}"),
    ("reminder", False): marked("Relance prévue le {by}"),
    ("closing", False): marked("Sans réponse, expire le {by}"),
    ("closing", True): marked("Devait expirer le {by}"),
}
"""(what, whether it is late) -> the sentence."""


def due_sentence(due: Due, say: Say = typeset, day: Callable[[date], str] = day) -> str:
    """What is due and by when, for a catalyst, as `say` and `day` say it."""
    return say(SENTENCES[due.what, due.how == "late"]).format(by=day(due.by))
