"""Each kind of mail: to whom, saying what, with which link; and when there is nothing to send."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from data.engine import read, write
from data.erasing import erase
from data.outbox import backlog, queue, undone
from data.store_contacts import save_consent, withdraw_consent
from data.store_needs import change_need, desk_key
from data.store_partners import Partner, save_partner
from data.store_transmissions import Transmission, change_transmission, save_transmission
from data.store_users import User, change_user, save_user
from data.store_webhooks import Webhook, change_webhook, delete_webhook, save_webhook
from data.tables_people import contacts, outbox
from service.mail import Unsent
from service.usecases.letter_text import WIDTH
from service.usecases.letters import LETTERS
from service.usecases.signing_in import LINK_LASTS
from tests.service.sent_needs import EMAIL, WORDS, Clock, Pigeon, jobs_of, opened, waiting
from tests.service.test_english_pages import FRENCH

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
NEED, PAGE = "Xk3vQ", "https://a.exemple/besoins/Xk3vQ"
DESK = "agnes@reseau.exemple"
PROVIDER = "contact@porteur.exemple"
PARTNER = "api@portail.exemple"


def unfolded(mail):
    """Its body, whatever the width of its lines."""
    return mail.body.replace("\n", " ")


@pytest.fixture
def engine(tmp_path):
    made = opened(tmp_path)
    waiting(made, NEED, MONDAY, assignee="u")
    with write(made) as connection:
        user = User("u", DESK, "Agnès", "catalyst", ("FR",))
        save_user(connection, user, at=MONDAY)
        sent = Transmission("t", NEED, "offre", PROVIDER, MONDAY, MONDAY + timedelta(days=14))
        save_transmission(connection, sent, "jeton")
        save_consent(connection, NEED, "offre", text_version="1", at=MONDAY)
        save_partner(connection, Partner("portail", "Portail", PARTNER, MONDAY))
        hook = Webhook("wh_0", "portail", "https://portail.exemple/x?y", ("need.closed",), MONDAY)
        save_webhook(connection, replace(hook, state="disabled", disabled_at=MONDAY))
    return made


@pytest.fixture
def post(engine):
    pigeon, clock = Pigeon(), Clock(MONDAY)

    def send(kind, at=MONDAY, need_id=NEED, **payload):
        """What is sent for a row queued on Monday, at another time; else the note it leaves."""
        with write(engine) as connection:
            queue(connection, kind, at=MONDAY, need_id=need_id, **payload)
        clock.now = at
        jobs_of(engine, pigeon).send(clock)
        with read(engine) as connection:
            assert undone(connection) == []
            notes = [row.error for row in connection.execute(outbox.select())]
        return pigeon.sent.pop() if pigeon.sent else notes[-1]

    return send


KINDS = [
    ("acknowledged", {}, EMAIL, f"{PAGE}/suivi"),
    ("answered", {}, EMAIL, f"{PAGE}/suivi"),
    ("question", {}, EMAIL, f"{PAGE}/suivi"),
    ("gap-filled", {}, EMAIL, PAGE),
    ("reminder-9", {"to": "person"}, EMAIL, f"{PAGE}/suivi"),
    ("reminder-21", {"to": "desk"}, DESK, f"https://a.exemple/bureau/besoins/{desk_key(NEED)}"),
    ("closed", {}, EMAIL, f"{PAGE}/suivi"),
    ("closing-45", {}, EMAIL, f"{PAGE}/suivi"),
    (
        "transmitted",
        {"transmission_id": "t", "token": "jeton"},
        PROVIDER,
        "https://a.exemple/reponse/jeton",
    ),
    ("first-looks", {"user_id": "u"}, DESK, "https://a.exemple/bureau"),
    ("invited", {"user_id": "u"}, DESK, "https://a.exemple/connexion"),
    ("webhook-disabled", {"webhook_id": "wh_0"}, PARTNER, "https://a.exemple/v1/webhooks/wh_0"),
    ("sign-in", {"user_id": "u", "token": "jeton"}, DESK, "https://a.exemple/connexion/jeton"),
]
STANDING = {
    "closed": {"state": "closed"},
    "closing-45": {"state": "expired"},
    "first-looks": {"state": "new", "seen_at": None, "contacted_at": None},
}
"""Where the need stands when such a mail leaves, if it is not waiting."""


@pytest.mark.parametrize(("kind", "payload", "to", "link"), KINDS)
def test_each_kind_reaches_whom_it_should_with_its_link(engine, post, kind, payload, to, link):
    with write(engine) as connection:
        change_need(connection, NEED, **STANDING.get(kind, {}))
    mail = post(kind, **payload)
    assert mail.to == to
    assert link in mail.body.split("\n")
    assert mail.body.startswith("Bonjour,\n\n")
    assert ("XK3VQ" in mail.body) == (kind not in ("sign-in", "invited", "webhook-disabled"))
    for private in (WORDS, "Camille", EMAIL, "0600000000", NEED):
        assert private not in mail.subject
    for private in (WORDS, "Camille", EMAIL, "0600000000"):
        assert private not in mail.body
    assert "'" not in mail.body
    assert "\n\n\n" not in mail.body
    said = [line for line in mail.body.split("\n") if "://" not in line]
    assert max(map(len, said)) <= WIDTH


def in_english(engine):
    """The person and the catalyst read English."""
    with write(engine) as connection:
        connection.execute(contacts.update().values(language="en"))
        change_user(connection, "u", language="en")


@pytest.mark.parametrize(("kind", "payload", "to", "link"), KINDS)
def test_each_kind_is_in_the_language_of_its_reader(engine, post, kind, payload, to, link):
    in_english(engine)
    with write(engine) as connection:
        change_need(connection, NEED, **STANDING.get(kind, {}))
    mail = post(kind, **payload)
    links = re.findall(r"https://\S+", mail.body)
    if to in (PROVIDER, PARTNER):
        assert mail.body.startswith("Bonjour,\n\n")
        assert links == [link]
        return
    assert f"{link}?lang=en" in links
    assert all(address.endswith("?lang=en") for address in links)
    assert mail.body.startswith("Hello,\n\n")
    said = re.sub(r"https://\S+", "", f"{mail.subject} {mail.body}")
    assert not FRENCH.findall(said)


def test_a_day_is_said_as_the_language_says_it(engine, post):
    in_english(engine)
    assert "by 30\u00a0November\u00a02026 at the latest." in unfolded(post("acknowledged"))


def test_every_kind_is_tested():
    tested = {kind.rstrip("0123456789").rstrip("-") for kind, *_ in KINDS}
    assert tested == set(LETTERS)


def test_the_first_mail_promises_a_day(post):
    assert "au plus tard le 30\u00a0novembre\u00a02026." in unfolded(post("acknowledged"))


def test_a_reminder_says_how_long_it_waits_and_when_it_ends(post):
    body = unfolded(post("reminder-9", at=MONDAY + timedelta(days=9)))
    assert "depuis 9 jours" in body
    assert "expirera le 7\u00a0janvier\u00a02027" in body


@pytest.mark.parametrize(
    ("state", "kind", "payload"),
    [
        ("qualifying", "reminder-9", {"to": "person"}),
        ("qualifying", "closed", {}),
        ("waiting", "closing-45", {}),
    ],
)
def test_what_changed_meanwhile_is_not_told(engine, post, state, kind, payload):
    with write(engine) as connection:
        change_need(connection, NEED, state=state)
    assert post(kind, **payload) == "moot"


def test_who_erased_their_need_is_sent_nothing(engine, post):
    with write(engine) as connection:
        erase(connection, NEED)
    assert post("question") == "gone"
    assert post("reminder-9", to="person") == "gone"
    assert post("transmitted", transmission_id="t", token="jeton") == "gone"


def test_who_gave_a_telephone_alone_is_sent_nothing(engine, post):
    waiting(engine, "sans", MONDAY, email=None)
    assert post("question", need_id="sans") == "no-address"


def test_a_provider_who_answered_or_came_too_late_is_not_asked_again(engine, post):
    asked = {"transmission_id": "t", "token": "jeton"}
    assert post("transmitted", at=MONDAY + timedelta(days=14), **asked) == "moot"
    with write(engine) as connection:
        change_transmission(connection, "t", state="refused", reason="full")
    assert post("transmitted", **asked) == "moot"


def test_a_webhook_that_is_mended_or_gone_meanwhile_is_not_told_of(engine, post):
    mail = post("webhook-disabled", webhook_id="wh_0")
    assert "portail.exemple" in mail.body
    assert "x?y" not in mail.body
    assert "gardé 30 jours. Une fois l’adresse réparée" in " ".join(mail.body.split())
    with write(engine) as connection:
        change_webhook(connection, "wh_0", state="active", disabled_at=None)
    assert post("webhook-disabled", webhook_id="wh_0") == "moot"
    with write(engine) as connection:
        delete_webhook(connection, "wh_0")
    assert post("webhook-disabled", webhook_id="wh_0") == "gone"


def test_a_consent_taken_back_keeps_the_mail_from_leaving(engine, post):
    with write(engine) as connection:
        withdraw_consent(connection, NEED, "offre", MONDAY)
    assert post("transmitted", transmission_id="t", token="jeton") == "moot"


def test_a_sign_in_link_past_its_time_or_of_a_closed_account_stays(engine, post):
    asked = {"user_id": "u", "token": "jeton", "need_id": None}
    late = MONDAY + LINK_LASTS + timedelta(seconds=1)
    assert post("sign-in", at=late, **asked) == "moot"
    with write(engine) as connection:
        change_user(connection, "u", active=False)
    assert post("sign-in", **asked) == "gone"
    assert post("reminder-9", to="desk") == "gone"


def test_a_row_that_fails_holds_up_no_other_and_keeps_a_code_alone(engine):
    pigeon, clock = Pigeon(), Clock(MONDAY)
    with write(engine) as connection:
        queue(connection, "no-such-kind", at=MONDAY)
        queue(connection, "transmitted", at=MONDAY, need_id=NEED)
        queue(connection, "question", at=MONDAY, need_id=NEED)
    assert jobs_of(engine, pigeon).send(clock) == {"sent": 1, "nothing": 0, "failed": 2}
    with read(engine) as connection:
        errors = {row.kind: row.error for row in undone(connection)}
        assert errors == {"no-such-kind": "UnknownKind", "transmitted": "KeyError"}
        assert (backlog(connection, MONDAY).given_up, backlog(connection, MONDAY).pending) == (1, 1)


def test_a_mail_that_did_not_leave_leaves_later_under_the_same_name(engine):
    pigeon, clock = Pigeon(), Clock(MONDAY)
    jobs = jobs_of(engine, pigeon)
    names = []
    with write(engine) as connection:
        queue(connection, "question", at=MONDAY, need_id=NEED)
    pigeon.fails = Unsent("smtp-451")
    assert jobs.send(clock)["failed"] == 1
    pigeon.fails = None
    assert jobs.send(clock) == {"sent": 0, "nothing": 0, "failed": 0}
    clock.forward(minutes=1)
    assert jobs.send(clock)["sent"] == 1
    names = [mail.name for mail in pigeon.sent]
    assert names == ["aiguille-1-20261123100000"]
