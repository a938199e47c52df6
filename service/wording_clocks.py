"""What is due, in French: a word beside the colour, and a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from service.triage.clocks import Due, How, What
from service.wording import day

STANDING: Mapping[How, str] = {"late": "En retard", "soon": "Bientôt", "ok": "Dans les temps"}

SENTENCES: Mapping[tuple[What, bool], str] = {
    ("first-look", False): "À regarder au plus tard le {by}",
    ("first-look", True): "Devait être regardé au plus tard le {by}",
    ("contact", False): "Personne à contacter au plus tard le {by}",
    ("contact", True): "La personne devait être contactée au plus tard le {by}",
    ("reminder", False): "Relance prévue le {by}",
    ("closing", False): "Sans réponse, expire le {by}",
    ("closing", True): "Devait expirer le {by}",
}
"""(what, whether it is late) -> the sentence."""


def due_sentence(due: Due) -> str:
    """What is due and by when, for a catalyst."""
    return SENTENCES[due.what, due.how == "late"].format(by=day(due.by))
