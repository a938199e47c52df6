"""Text made to be slow is read in no time: what it costs is counted in seconds of processor."""

from __future__ import annotations

from time import process_time

import pytest

from matching.text import clauses, fold, tokens
from service.pages.desk_filters import filters_of
from service.triage.personal import masked
from service.triage.pseudonyms import pseudonymised
from service.triage.registration import BadRegistration, kind_of

MOST_S = 0.05
AGAIN = 12
"""Tries, of which the best counts: what shares the core slows some."""
LONGEST = 10_000
"""Characters that a need may have: nothing longer reaches what is timed here."""


def registered(text):
    try:
        return kind_of(text)
    except BadRegistration:
        return None


READERS = {
    "fold": fold,
    "tokens": tokens,
    "clauses": clauses,
    "masked": masked,
    "pseudonymised": lambda text: pseudonymised(text, [text[:120]]),
    "registered": registered,
    "filters": filters_of,
}
TEXTS = {
    "combining": "e" + "\u0301" * 2 * LONGEST,
    "ligatures": "\ufdfa" * LONGEST,
    "one word": "a" * LONGEST,
    "digits": "1" * LONGEST,
    "spaced digits": "1 " * (LONGEST // 2),
    "mails": "a@" * (LONGEST // 2),
    "dots": "a@" + "b." * (LONGEST // 2),
    "names": "Mme Aa " * (LONGEST // 7),
    "account": "FR76 " + "0000 " * (LONGEST // 5),
    "marks": ("zq\u200b" * LONGEST)[:LONGEST],
    "query": "q=" + "%25" * (LONGEST // 3),
    "addresses": "http://" * (LONGEST // 7),
    "phones": "+33 (0) " * (LONGEST // 8),
    "apostrophes": "l’" * (LONGEST // 2),
    "sentences": ". " * (LONGEST // 2),
}


def seconds_of(reader, text):
    started = process_time()
    reader(text)
    return process_time() - started


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_is_read_in_no_time(reader, text):
    reader("a")  # what is loaded once is not counted
    assert min(seconds_of(reader, text) for _ in range(AGAIN)) < MOST_S
