"""What is said of personal data is what is done with it."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from pathlib import Path

import pytest

from data.engine import read
from data.store_needs import need_ids
from service.app import create_app
from service.days import months_before
from service.usecases.jobs import Jobs
from service.wording_privacy import retention
from tests.builders import settings, tiny_catalogue
from tests.desk import NOON, client_of
from tests.service.sent_needs import Clock, keep_need

RECORD = Path(__file__).parents[2] / "docs/privacy/registre.md"
OTHERS = {
    "keep_drafts_days": 3,
    "keep_words_months": 5,
    "keep_sent_days": 11,
    "keep_accounts_months": 1,
    "keep_notes_months": 4,
    "link_days": 9,
}


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    return tiny_catalogue(tmp_path_factory.mktemp("privacy"))


def page_of(folder, catalogue, language="fr", **more):
    client = client_of(create_app(settings(folder, **more), catalogue))
    shown = client.get("/vie-privee", params={"lang": language})
    assert shown.status_code == 200
    return shown.text


def told(page):
    """What is kept -> how long, as the table of the page says."""
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', page)
    return {html.unescape(what): html.unescape(lasts) for what, lasts in rows}


def recorded():
    """The same, as the record of processing says."""
    durations = RECORD.read_text(encoding="utf-8").partition("## Durées")[2]
    rows = re.findall(r"^\| (.+?) \| (\d+ .+?) \|$", durations, re.MULTILINE)
    return dict(rows)


def test_the_record_and_the_page_say_the_same_durations(tmp_path, catalogue):
    page = {
        what.replace("\u00a0", " "): lasts
        for what, lasts in told(page_of(tmp_path, catalogue)).items()
    }
    assert page == recorded()


def test_the_durations_of_the_page_follow_the_settings(tmp_path, catalogue):
    usual, other = (told(page_of(tmp_path, catalogue, **more)) for more in ({}, OTHERS))
    assert list(usual) == list(other)
    assert [lasts.split()[0] for lasts in other.values()] == [
        "3", "5", "9", "11", "3", "2", "5", "4", "7", "1",
    ]  # fmt: skip


@pytest.mark.parametrize("more", [{}, OTHERS])
def test_what_the_page_says_of_words_is_what_the_job_does(tmp_path, catalogue, more):
    """A draft and a closed need, the night before they should go and the night they should."""
    own = tiny_catalogue(tmp_path)
    days, months = (kept.lasting.count for kept in retention(settings(tmp_path, **more))[:2])
    jobs = Jobs.of(settings(tmp_path, **more), own.engine)
    keep_need(own.engine, "draft", NOON)
    ended = {"state": "closed", "outcome": "helped", "closed_at": NOON, "sent_at": NOON}
    keep_need(own.engine, "closed", NOON, **ended)
    second = timedelta(seconds=1)
    for gone, at in (
        ("drafts", NOON + timedelta(days=days)),
        ("words", next(at for at in nights(NOON) if months_before(at, months) >= NOON)),
    ):
        assert jobs.day(Clock(at - second))[gone] == 0
        assert jobs.day(Clock(at + second))[gone] == 1
    with read(own.engine) as connection:
        assert need_ids(connection) == ["closed"]


def nights(start):
    """The same hour of each day that follows, two years long."""
    return (start + timedelta(days=n) for n in range(1, 731))


def test_who_is_responsible_is_said_or_plainly_is_not(tmp_path, catalogue):
    unsaid = page_of(tmp_path, catalogue)
    assert "n’a pas encore dit son nom" in unsaid
    assert "mailto:" not in unsaid
    said = {"controller": "Maison <b>des</b> associations", "contact": "dpd@maison.example"}
    page = page_of(tmp_path, catalogue, **said, legal_basis="Mission d’intérêt public")
    assert "n’a pas encore dit son nom" not in page
    assert "Maison &lt;b&gt;des&lt;/b&gt; associations" in page
    assert 'href="mailto:dpd@maison.example"' in page
    assert "Mission d’intérêt public" in page
    assert "6.1.a" not in page


@pytest.mark.parametrize("address", ["/", "/inventaire", "/vie-privee", "/nulle-part"])
def test_every_page_leads_to_it(tmp_path, catalogue, address):
    client = client_of(create_app(settings(tmp_path), catalogue))
    assert 'href="/vie-privee"' in client.get(address).text


def test_the_page_is_read_in_english(tmp_path, catalogue):
    page = page_of(tmp_path, catalogue, "en", keep_words_months=1)
    assert "7 days after you described it" in told(page).values()
    assert "1 month after it ended" in told(page).values()
