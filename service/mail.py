"""Mail by SMTP, into a folder, or on the console: one message, three ways out.

Sending is at least once: the `Message-ID` stays the same from one try to the next, so that a mail
server or reader can tell a second copy. What is raised or kept of a failure is a code, never the
words of a server: they hold addresses.
"""

from __future__ import annotations

import smtplib
import ssl
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from pathlib import Path
from typing import Literal, Protocol

from matching.errors import AiguilleError
from service.settings import Settings

WHOLE, PARTIAL = ".eml", ".part"
"""How the file of a mail ends, once written and while it is."""


class Unsent(AiguilleError):
    """The mail did not leave. `final`: it never will, whatever the number of tries."""

    def __init__(self, code: str, *, final: bool = False) -> None:
        super().__init__(f"Courriel non parti : {code}.")
        self.code = code
        self.final = final


@dataclass(frozen=True, slots=True)
class Mail:
    """`name` is one mail's own, however often it is tried: letters, digits and dashes."""

    name: str
    to: str
    subject: str
    body: str
    at: datetime


class Mailer(Protocol):
    def send(self, mail: Mail) -> None:
        """Send, or raise `Unsent`."""


def message(mail: Mail, sender: str) -> EmailMessage:
    """The message as it travels; an address that is none is refused here."""
    made = EmailMessage()
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    try:
        made["From"] = sender
        made["To"] = mail.to
        made["Subject"] = mail.subject
    except (ValueError, IndexError):
        raise Unsent("address", final=True) from None
    if len(made["To"].addresses) != 1 or not made["To"].addresses[0].domain:
        raise Unsent("address", final=True)
    made["Date"] = format_datetime(mail.at)
    made["Message-ID"] = f"<{mail.name}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(mail.body, cte="quoted-printable")
    return made


@dataclass(frozen=True, slots=True)
class Console:
    """Prints each mail: for a trial on one's own machine, not for a server whose output is kept."""

    sender: str

    def send(self, mail: Mail) -> None:
        made = message(mail, self.sender)
        head = "\n".join(f"{name} : {made[name]}" for name in ("To", "Subject"))
        sys.stdout.write(f"{head}\n\n{mail.body}\n")
        sys.stdout.flush()


@dataclass(frozen=True, slots=True)
class Folder:
    """Leaves each mail as a file that any mail reader opens, readable by its owner alone."""

    sender: str
    folder: Path

    def send(self, mail: Mail) -> None:
        made = message(mail, self.sender)
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = self.folder / f"{mail.name}{PARTIAL}"
            partial.touch(mode=0o600)
            partial.write_bytes(made.as_bytes())
            partial.rename(self.folder / f"{mail.name}{WHOLE}")
        except OSError as error:
            raise Unsent(f"folder-{error.errno}") from None


@dataclass(frozen=True, slots=True)
class Smtp:
    """A mail server. With "starttls", one that does not offer it gets nothing, not even a name."""

    sender: str
    host: str
    port: int
    user: str
    password: str
    tls: Literal["starttls", "tls", "none"]
    timeout_s: float
    authority: Path | None = None

    def send(self, mail: Mail) -> None:
        made = message(mail, self.sender)
        try:
            with self._open() as server:
                server.send_message(made)
        except smtplib.SMTPRecipientsRefused as error:
            code = max(code for code, _ in error.recipients.values())
            raise Unsent(f"smtp-{code}", final=code >= 500) from None
        except smtplib.SMTPResponseException as error:
            raise Unsent(f"smtp-{error.smtp_code}") from None
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            raise Unsent(_code(error)) from None

    def _open(self) -> smtplib.SMTP:
        context = ssl.create_default_context(cafile=self.authority)
        me = parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"
        if self.tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, me, timeout=self.timeout_s, context=context
            )
        else:
            server = smtplib.SMTP(self.host, self.port, me, timeout=self.timeout_s)
        try:
            if self.tls == "starttls":
                server.starttls(context=context)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


CODES: Mapping[type[Exception], str] = {
    smtplib.SMTPServerDisconnected: "disconnected",
    smtplib.SMTPNotSupportedError: "not-offered",
    ssl.SSLError: "tls",
    TimeoutError: "timeout",
    UnicodeError: "address",
    OSError: "unreachable",
}
"""What went wrong -> its code, the narrowest first."""


def _code(error: Exception) -> str:
    return next(code for kind, code in CODES.items() if isinstance(error, kind))


MAILERS: Mapping[str, Callable[[Settings], Mailer]] = {
    "console": lambda s: Console(s.mail_sender),
    "file": lambda s: Folder(s.mail_sender, s.mail_folder),
    "smtp": lambda s: Smtp(
        s.mail_sender,
        s.mail_host,
        s.mail_port,
        s.mail_user,
        s.mail_password.get_secret_value(),
        s.mail_tls,
        s.mail_timeout_s,
        s.mail_ca,
    ),
}


def mailer(settings: Settings) -> Mailer:
    """The way out that the settings name."""
    return MAILERS[settings.mail](settings)
