"""What one value says on its own, be it a JSON value or the text of a cell.

Readers raise ValueError with a French message that says what was expected; what they quote of the
value can always be printed, and is short.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

SEPARATOR = "|"
MOST_ITEMS = 500
GREATEST = 10_000_000
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters (Unicode Cc, but line ends and tabs), and lone surrogates (Cs)."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_ID = re.compile(r"[A-Za-z0-9][\w.:-]{0,199}")
_WHOLE = re.compile(r"([0-9]{1,8})(?:\.0*)?")
_FRENCH_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_TRUTHS = {"oui": True, "vrai": True, "true": True, "1": True}
_TRUTHS |= {"non": False, "faux": False, "false": False, "0": False}


def shown(value: object) -> str:
    """A value as a message may quote it: nothing that a terminal obeys, at most 80 characters."""
    text = _FORBIDDEN.sub("\ufffd", str(value))
    return text if len(text) <= 80 else f"{text[:80]}…"


def plain_text(value: object, most: int) -> str:
    """A text without control characters nor lone surrogates, at most `most` characters."""
    if not isinstance(value, str):
        raise ValueError(f"un texte était attendu, pas « {shown(value)} »")
    if _FORBIDDEN.search(value):
        raise ValueError("le texte contient un caractère interdit (contrôle) : retirez-le")
    if len(value) > most:
        raise ValueError(f"{len(value)} caractères, au plus {most} : raccourcissez")
    return value.strip()


def required_text(value: object, most: int = 300) -> str:
    text = plain_text(value, most)
    if not text:
        raise ValueError("ce champ est obligatoire")
    return text


def identifier(value: object) -> str:
    text = plain_text(value, 200)
    if not _ID.fullmatch(text):
        raise ValueError("attendu : lettres, chiffres, tirets, points (par exemple « fdva2 »)")
    return text


def many(value: object) -> list[Any]:
    """The items of a list, or of a text cut at each separator; empty texts are left out."""
    items = value.split(SEPARATOR) if isinstance(value, str) else value
    if not isinstance(items, list):
        raise ValueError(f"une liste était attendue (séparez par « {SEPARATOR} »)")
    if len(items) > MOST_ITEMS:
        raise ValueError(f"{len(items)} valeurs, au plus {MOST_ITEMS}")
    return [s for i in items if (s := i.strip() if isinstance(i, str) else i) != ""]


def count(value: object) -> int:
    """A whole number, 0 to ten million. A spreadsheet writes 3 as 3.0."""
    number = isinstance(value, str | int | float) and not isinstance(value, bool)
    found = _WHOLE.fullmatch(str(value).strip()) if number else None
    if found is None or int(found[1]) > GREATEST:
        raise ValueError(f"un nombre entier positif était attendu, pas « {shown(value)} »")
    return int(found[1])


def truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if (found := _TRUTHS.get(str(value).strip().lower())) is None:
        raise ValueError(f"« oui » ou « non » était attendu, pas « {shown(value)} »")
    return found


def day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    if french := _FRENCH_DAY.fullmatch(text):
        text = f"{french[3]}-{int(french[2]):02}-{int(french[1]):02}"
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"une date était attendue (2026-03-31 ou 31/03/2026), pas « {shown(value)} »"
        ) from None


def url(value: object) -> str:
    text = plain_text(value, 2000)
    if not _is_web_address(text):
        raise ValueError(f"une adresse http(s) était attendue, pas « {shown(text)} »")
    return text


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a bracket left open, a port past 65535
        return False
    return known and text.split() == [text]


def slug(name: str) -> str:
    """A name as an identifier: "Ville de Lille" -> "ville-de-lille"."""
    folded = unicodedata.normalize("NFKD", name.lower())
    words = re.findall(r"[a-z0-9]+", "".join(c for c in folded if not unicodedata.combining(c)))
    return "-".join(words)[:200]


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe leads what would begin a formula."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def typed(cell: str) -> str:
    """The cell before `harmless`; spreadsheets read a leading apostrophe so too."""
    return cell[1:] if cell.startswith("'") and harmless(cell) != cell else cell
