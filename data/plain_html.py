"""The words of a piece of HTML, as plain lines: no tag, no script, nothing that could run."""

from __future__ import annotations

import html as entities
import re

import nh3

BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6"
    " header hr li main nav ol p pre section table tbody td tfoot th thead tr ul".split()
)
"""Elements that begin and end a line."""
UNSAID = frozenset("script style template noscript iframe object svg math head title".split())
"""Elements whose content is no words for a reader."""
_TAG = re.compile(r"</?[a-z0-9]+>")
_SPACES = re.compile(r"[^\S\n]+")
_ABOUT_LINES = re.compile(r" ?\n ?")
_BARE_BULLET = re.compile(r"^•\n+", re.MULTILINE)
_BLANK = re.compile(r"\n{3,}")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def plain_lines(html: str) -> str:
    """What a reader would read: a line a block, a bullet an item, no blank line twice.

    Control characters and lone surrogates go: no field of ours holds them.
    """
    clean = nh3.clean(
        _CONTROLS.sub("", html), tags=set(BLOCKS), clean_content_tags=set(UNSAID), attributes={}
    )
    # What is left is well formed, without attributes: each "<" begins a tag of ours.
    text = entities.unescape(_TAG.sub("\n", clean.replace("<li>", "\n• ").replace("</li>", "")))
    text = _ABOUT_LINES.sub("\n", _SPACES.sub(" ", _CONTROLS.sub("", text)))
    return _BLANK.sub("\n\n", _BARE_BULLET.sub("• ", text)).strip()
