"""What an operator may set, by environment (AIGUILLE_...) only here."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`folder` holds the database and all that is derived from it.

    `encoder`: "embedded", "lsa", or a sentence-transformers model to load, by name or folder.
    `public_url`: where people reach the site; beginning with https, cookies are kept to it.
    `oidc_issuer`: an OpenID Connect provider, at the address it publishes, that may sign in users.
    """

    model_config = SettingsConfigDict(env_prefix="AIGUILLE_", frozen=True)

    folder: Path = Path()
    database_url: str = ""
    public_url: str = "http://127.0.0.1:8000"
    encoder: str = "embedded"
    max_body_bytes: int = 1_000_000
    undo_seconds: int = 10
    log_level: str = "INFO"
    oidc_issuer: str = ""
    oidc_name: str = "votre fournisseur d’identité"
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")

    @property
    def database(self) -> str:
        """The URL of the database: SQLite in the folder unless one is given."""
        return self.database_url or f"sqlite:///{self.folder / 'aiguille.db'}"

    @property
    def database_file(self) -> Path | None:
        """The file of an SQLite database; None for a server."""
        prefix = "sqlite:///"
        return Path(self.database[len(prefix) :]) if self.database.startswith(prefix) else None

    @property
    def https(self) -> bool:
        """Do people reach the site over TLS, whatever stands in front of it?"""
        return self.public_url.startswith("https://")

    @property
    def index_folder(self) -> Path:
        return self.folder / "aiguille.index"

    @property
    def vectors_folder(self) -> Path:
        return self.folder / "aiguille.vectors"
