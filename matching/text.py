"""The one French normaliser, and the one text a need or an offer is read as.

Accents go before stemming: people in a hurry leave them out, and "salarie" must meet "salarié".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import Stemmer

from matching.domain import Offer

_WORD = re.compile(r"[^\W_]+(?:\.[^\W_]+)*['’ʼ]?")
"""A word, with the apostrophe that may end it."""
_APOSTROPHES = "'’ʼ"
_ELIDED = frozenset("c d j l m n s t qu jusqu lorsqu puisqu quoiqu".split())
_CLAUSE = re.compile(r"(?<=[.!?;…\n])\s+|\s+(?:et aussi|par ailleurs|en plus|d[’']autre part)\s+")

STOP_WORDS = frozenset(
    """
    a ai aie ait alors apres as assez au aucun aucune aujourd auquel aura aurait aussi autre
    autres aux avaient avait avant avec avez avoir avons ayant beaucoup bien bon car ce ceci
    cela celle celles celui ces cet cette ceux chacun chaque chez ci comme comment contre ca
    dans de debout dedans dehors deja depuis des desormais deux devant doit doivent donc dont
    du durant elle elles en encore entre es est et etaient etait etant etc ete etes etre eu eux
    faire fait faites faut faudrait font furent fut hors hui ici il ils je jusque la laquelle
    le lequel les lesquels leur leurs lors lorsque lui ma mais me meme memes mes mi mieux moi
    moins mon ne ni non nos notre nous on ont or ou oui par parce parfois pas pendant peu peut
    peuvent plein plus plusieurs plutot pour pourquoi pouvoir presque pres puis quand que quel
    quelle quelles quels quelque quelques qui quoi rien sa sans se sera serait ses seulement si
    sien soi soient sois soit sommes son sont sous souvent suis sur ta tandis tant tel telle
    telles tels tes toi ton toujours tous tout toute toutes tres trop tu un une va vais vers
    veut voici voila vont vos votre vous vraiment vu y bonjour merci cordialement svp
    """.split()
)


class Word(NamedTuple):
    """A token (what is compared) and the surface it was read from (what is shown)."""

    token: str
    surface: str


def fold(text: str) -> str:
    """Lower case without accents nor ligatures, character widths unified."""
    text = text.lower().replace("œ", "oe").replace("æ", "ae")
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("french", 0)


def _token(word: str) -> str | None:
    """The token of a word, with the apostrophe that may end it; None if it is not compared."""
    surface = word.rstrip(_APOSTROPHES)
    if surface != word and surface.lower() in _ELIDED:
        return None
    folded = fold(surface)
    if folded in STOP_WORDS or (len(folded) == 1 and not folded.isdigit()):
        return None
    return str(_stemmer().stemWord(folded))


def _read(chunk: str) -> tuple[Word, ...]:
    found = _WORD.findall(chunk)
    return tuple(Word(t, w.rstrip(_APOSTROPHES)) for w in found if (t := _token(w)) is not None)


# A catalogue says the same chunks over and over: what was read once is looked up.
_remembered = lru_cache(maxsize=200_000)(_read)
_LONGEST_REMEMBERED = 40
"""Characters: longer chunks are nobody's words, and would fill the memory."""


def words(text: str) -> list[Word]:
    """The meaningful words of a text, in order, with their surface."""
    return [
        word
        for chunk in text.split()
        for word in (_remembered if len(chunk) <= _LONGEST_REMEMBERED else _read)(chunk)
    ]


def tokens(text: str) -> list[str]:
    """The tokens of a text, in order: folded, elisions and stop words dropped, stemmed."""
    return [token for token, _ in words(text)]


def clauses(text: str) -> list[str]:
    """The sentences of a text; one of a single meaningful word joins the one before."""
    kept: list[str] = []
    for clause in filter(None, map(str.strip, _CLAUSE.split(text))):
        if kept and len(words(clause)) < 2:
            kept[-1] = f"{kept[-1]} {clause}"
        else:
            kept.append(clause)
    return kept


def offer_text(offer: Offer) -> str:
    """The one text an offer is read as: title first, then summary, description, provider."""
    return join_sentences((offer.title, offer.summary, offer.description, offer.provider.name))


def join_sentences(parts: Sequence[str]) -> str:
    return ". ".join(p.strip().rstrip(".") for p in parts if p.strip())
