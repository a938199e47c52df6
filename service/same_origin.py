"""Forms of our pages are sent from our pages alone: what another site sends is refused."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from matching.errors import AiguilleError
from service.typography import marked


class FromElsewhere(AiguilleError):
    """A form of ours was sent by another site."""

    def __init__(self) -> None:
        super().__init__(
            marked(
                "Ce formulaire a été envoyé depuis un autre site : rien n’a été fait. "
                "Ouvrez la page sur ce site et recommencez."
            )
        )


def from_elsewhere(headers: Mapping[str, str], public_url: str) -> bool:
    """Does a browser say that another site sends this?

    By Sec-Fetch-Site, which no page can forge; by Origin where a browser does not send it (an old
    one, or a site without TLS). A program sends neither, and has no session to abuse.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    if origin is None:
        return False
    ours = {urlsplit(public_url).netloc, headers.get("host", "")}
    return urlsplit(origin).netloc not in ours - {""}
