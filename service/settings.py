"""What an operator may set, by environment (AIGUILLE_...) only here."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.triage.clocks import Clocks

Rate = Annotated[
    str, StringConstraints(pattern=r"^(0|[1-9]\d*/([1-9]\d* )?(second|minute|hour|day))?$")
]
"""As "120/minute" or "1000/15 minute"; "0" or "": as often as one likes."""


class Rates(BaseModel):
    """How often: `pages`, writing from a network; `api`, calling from one; `key`, with a key.

    A network is an IPv4 address or an IPv6 /64: a town hall's whole staff may be behind one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pages: Rate = "300/minute"
    api: Rate = "600/minute"
    key: Rate = "1200/minute"


class Settings(BaseSettings):
    """`folder` holds the database and all that is derived from it.

    `sandbox_url`: the database of test keys; beside the other, in the folder, unless it is given.
    `secret`: what keys and cursors are signed with; made in the folder unless it is given.
    `threads`: how many requests a process answers at once; what comes beyond is refused.
    `encoder`: "embedded", "lsa", or a sentence-transformers model to load, by name or folder.
    `public_url`: where people reach the site; beginning with https, cookies are kept to it.
    `rates`: in JSON, {"pages": "60/minute", "api": "0"}; what is not said stays as it is.
    `proxies`: addresses or networks, comma-separated, whose word on who asks is believed.
    `metrics_token`: what must be shown to read /metrics; without any, this machine alone reads it.
    `mail`: "file" leaves each mail in the folder `mails`, "console" prints it, "smtp" sends it.
    `mail_ca`: a file of certificates to trust, for a mail server that has its own authority.
    `clocks`: in JSON, {"contact": 7, "reminders": [7, 14]}; what is not said stays as it is.
    `link_days`: how long a provider may answer by the link to a need.
    `jobs_every_s`: how often `aiguille serve` looks for what is due; 0: never, for another does.
    `keep_...`: after how long drafts, words of closed needs, traces of what was sent, closed
    accounts and notes on gaps that were filled go, and how many nightly dumps stay.
    `webhooks_local`: webhooks may also be on this machine, over http: to develop one's own.
    `controller`, `contact`, `legal_basis`: who answers for personal data, how to reach them, and by
    what right they keep it: said on the privacy page as they are written here.
    `oidc_issuer`: an OpenID Connect provider, at the address it publishes, that may sign in users.
    """

    model_config = SettingsConfigDict(env_prefix="AIGUILLE_", frozen=True)

    folder: Path = Path()
    database_url: str = ""
    sandbox_url: str = ""
    secret: SecretStr = SecretStr("")
    public_url: str = "http://127.0.0.1:8000"
    encoder: str = "embedded"
    max_body_bytes: int = 1_000_000
    threads: int = Field(default=40, ge=1)
    rates: Rates = Rates()
    proxies: str = "127.0.0.1"
    metrics_token: SecretStr = SecretStr("")
    undo_seconds: int = 10
    log_level: str = "INFO"
    mail: Literal["console", "file", "smtp"] = "file"
    mail_sender: str = "Aiguille <ne-pas-repondre@localhost>"
    mail_host: str = "localhost"
    mail_port: int = Field(default=587, ge=1, le=65535)
    mail_tls: Literal["starttls", "tls", "none"] = "starttls"
    mail_user: str = ""
    mail_password: SecretStr = SecretStr("")
    mail_timeout_s: float = Field(default=20, gt=0, le=120)
    mail_ca: Path | None = None
    clocks: Clocks = Clocks()
    link_days: int = Field(default=14, ge=1, le=90)
    jobs_every_s: float = Field(default=5, ge=0)
    keep_drafts_days: int = Field(default=7, ge=1)
    keep_words_months: int = Field(default=12, ge=0)
    keep_sent_days: int = Field(default=30, ge=1)
    keep_dumps: int = Field(default=30, ge=1)
    keep_accounts_months: int = Field(default=12, ge=1)
    keep_notes_months: int = Field(default=12, ge=1)
    webhooks_local: bool = False
    controller: str = ""
    contact: str = ""
    legal_basis: str = ""
    oidc_issuer: str = ""
    oidc_name: str = "votre fournisseur d’identité"
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")

    @property
    def database(self) -> str:
        """The URL of the database: SQLite in the folder unless one is given."""
        return self.database_url or f"sqlite:///{self.folder / 'aiguille.db'}"

    @property
    def connections(self) -> int:
        """To the database, at most: one a thread, and those of what is done beside."""
        return self.threads + 4

    @property
    def under_way(self) -> int:
        """How many requests may be, those whose body is still coming included."""
        return 5 * self.threads

    @property
    def sandbox(self) -> str:
        """The URL of the database that test keys see."""
        return self.sandbox_url or f"sqlite:///{self.folder / 'sandbox.db'}"

    @property
    def database_file(self) -> Path | None:
        """The file of an SQLite database; None for a server."""
        return _file_of(self.database)

    @property
    def sandbox_file(self) -> Path | None:
        """The file of the database that test keys see, if it is one."""
        return _file_of(self.sandbox)

    @property
    def https(self) -> bool:
        """Do people reach the site over TLS, whatever stands in front of it?"""
        return self.public_url.startswith("https://")

    @property
    def mail_folder(self) -> Path:
        return self.folder / "mails"

    @property
    def dumps_folder(self) -> Path:
        return self.folder / "dumps"

    @property
    def erased_file(self) -> Path:
        """Which needs were erased: kept apart from the database, for the day it is restored."""
        return self.folder / "erased.txt"

    @property
    def index_folder(self) -> Path:
        return self.folder / "aiguille.index"

    @property
    def vectors_folder(self) -> Path:
        return self.folder / "aiguille.vectors"


def _file_of(url: str) -> Path | None:
    prefix = "sqlite:///"
    return Path(url[len(prefix) :]) if url.startswith(prefix) else None
