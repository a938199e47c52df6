"""A form sent by another site is refused, in French, and does nothing."""

from __future__ import annotations

import pytest

from service.same_origin import from_elsewhere

OURS = "https://aiguille.example"


@pytest.mark.parametrize(
    ("headers", "elsewhere"),
    [
        ({}, False),
        ({"sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"sec-fetch-site": "same-site"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "cross-site", "origin": OURS}, True),
        ({"origin": OURS}, False),
        ({"origin": "http://127.0.0.1:8000", "host": "127.0.0.1:8000"}, False),
        ({"origin": "https://mechant.example", "host": "aiguille.example"}, True),
        ({"origin": "https://aiguille.example.mechant.example"}, True),
        ({"origin": "null", "host": "aiguille.example"}, True),
        ({"origin": "null", "host": ""}, True),
    ],
)
def test_a_browser_says_which_site_sends_a_form(headers, elsewhere):
    assert from_elsewhere(headers, OURS) is elsewhere
