"""The ETag of a need is its version: who edits says which one was read (RFC 9110, If-Match)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

from data.store_needs import StoredNeed
from matching.errors import AiguilleError

IfMatch = Annotated[
    str | None, Header(alias="If-Match", description='ETag lu avec le besoin : « "3" »')
]


class NoVersion(AiguilleError):
    """An edit that does not say what it edits."""

    def __init__(self) -> None:
        super().__init__(
            "Dites quelle version vous modifiez : en-tête If-Match, avec l’ETag lu.",
            field="If-Match",
        )


class OtherVersion(AiguilleError):
    """The need is not what was read any more."""

    def __init__(self) -> None:
        super().__init__(
            "Ce besoin a changé depuis que vous l’avez lu : relisez-le, puis recommencez.",
            field="If-Match",
        )


def etag_of(stored: StoredNeed) -> str:
    return f'"{stored.version}"'


def check_version(stored: StoredNeed, if_match: str | None) -> None:
    """Refuse an edit of another version, or of one that is not said. `*` is any version."""
    if if_match is None:
        raise NoVersion
    given = {tag.strip() for tag in if_match.split(",")}
    if not given & {"*", etag_of(stored)}:
        raise OtherVersion
