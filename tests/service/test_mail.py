"""Mail leaves by a real mail server, or as a file, or stays with a code that says why."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from pydantic import SecretStr

from service.mail import Console, Folder, Mail, Smtp, Unsent, mailer
from tests.builders import settings
from tests.service.smtp_server import Kept, certificate, only, serving

LINK = "https://aiguille.exemple/besoins/" + "a" * 90
MAIL = Mail(
    "aiguille-1-20261124",
    "camille@exemple.org",
    "Une question\u00a0: où êtes-vous\u00a0?",
    f"Bonjour,\n\nC’est par ici\u00a0:\n{LINK}\n",
    datetime(2026, 11, 24, 12, tzinfo=UTC),
)


def smtp(port, **more):
    known = {
        "sender": "Aiguille <desk@aiguille.exemple>",
        "host": "127.0.0.1",
        "port": port,
        "user": "",
        "password": "",
        "tls": "none",
        "timeout_s": 5.0,
    }
    return Smtp(**{**known, **more})


def unsent(sender, mail=MAIL):
    with pytest.raises(Unsent) as raised:
        sender.send(mail)
    assert "camille" not in raised.value.message
    assert raised.value.__cause__ is None
    return raised.value.code, raised.value.final


def test_a_mail_arrives_as_it_was_written_its_link_in_one_piece():
    kept = Kept()
    with serving(kept) as port:
        smtp(port).send(MAIL)
    (found,) = kept.messages
    assert found["To"] == "camille@exemple.org"
    assert found["From"] == "Aiguille <desk@aiguille.exemple>"
    assert found["Subject"] == MAIL.subject
    assert found["Message-ID"] == "<aiguille-1-20261124@aiguille.exemple>"
    assert found["Auto-Submitted"] == "auto-generated"
    assert found.get_content().replace("\r\n", "\n") == MAIL.body


def test_starttls_and_an_account_open_the_server(tmp_path):
    context, authority = certificate(tmp_path)
    kept = Kept()
    options = {
        "tls_context": context,
        "require_starttls": True,
        "authenticator": only("moi", "secret"),
        "auth_required": True,
    }
    with serving(kept, **options) as port:
        right = smtp(port, tls="starttls", authority=authority, user="moi", password="secret")
        right.send(MAIL)
        assert unsent(replace(right, password="faux")) == ("smtp-535", False)
        assert unsent(replace(right, authority=None)) == ("tls", False)
    assert len(kept.messages) == 1


def test_a_server_without_tls_gets_nothing_when_tls_is_asked():
    kept = Kept()
    with serving(kept) as port:
        assert unsent(smtp(port, tls="starttls")) == ("not-offered", False)
    assert kept.messages == []


@pytest.mark.parametrize(("refusal", "final"), [("550", True), ("451", False)])
def test_a_refused_address_is_final_when_the_server_says_so(refusal, final):
    with serving(Kept(refusal)) as port:
        assert unsent(smtp(port)) == (f"smtp-{refusal}", final)


def test_a_server_that_says_nothing_is_left_after_a_while():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        assert unsent(smtp(port, timeout_s=0.2)) == ("disconnected", False)
    assert unsent(smtp(port)) == ("unreachable", False)


@pytest.mark.parametrize(
    "address",
    ["", "camille", "camille@", "a@b.fr, c@d.fr", "a@b.fr\nBcc: c@d.fr", "\ud800@b.fr"],
)
def test_what_is_no_address_is_never_tried_again(tmp_path, address):
    assert unsent(Folder("a@b.fr", tmp_path), replace(MAIL, to=address)) == ("address", True)


def test_a_mail_left_as_a_file_is_read_by_its_owner_alone_and_a_second_try_is_the_same_file(
    tmp_path,
):
    out = Folder("Aiguille <desk@aiguille.exemple>", tmp_path / "mails")
    out.send(MAIL)
    out.send(MAIL)
    (file,) = (tmp_path / "mails").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    found = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert found.get_content() == MAIL.body


def test_a_folder_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "mails").write_text("")
    assert unsent(Folder("a@b.fr", tmp_path / "mails")) == ("folder-17", False)


def test_the_console_shows_the_whole_mail(capsys):
    Console("a@b.fr").send(MAIL)
    shown = capsys.readouterr().out
    assert MAIL.body in shown
    assert MAIL.to in shown


def test_with_nothing_configured_mails_are_files_in_the_folder(tmp_path):
    assert isinstance(mailer(settings(tmp_path)), Folder)
    assert isinstance(mailer(settings(tmp_path, mail="console")), Console)
    there = settings(tmp_path, mail="smtp", mail_host="mail.exemple", mail_password=SecretStr("s"))
    assert "mail_password=SecretStr('**********')" in repr(there)
    assert mailer(there).password == "s"
