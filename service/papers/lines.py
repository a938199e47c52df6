"""Texts cut into lines that fit a width: pure, knowing no file format."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
"""What stands, in sight, for a letter that the fonts do not draw."""

Wide = Callable[[str, bool], float]
"""(text, bold) -> its width."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text said in one way. `language`, when it is not that of the document."""

    text: str
    bold: bool = False
    link: str | None = None
    language: str | None = None
    ink: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What a line holds of one span: `x` from the start of the line, and how wide it is."""

    text: str
    span: Span
    x: float
    width: float


class Readable(dict[int, str]):
    """A table for `str.translate`: what is drawn of each character, by the letters of a font.

    What no eye sees (marks of direction, joiners, variations) goes; any space, even a tabulation,
    is one; a letter that the font has not is replaced in sight.
    """

    def __init__(self, drawn: Container[int]) -> None:
        super().__init__()
        self._drawn = drawn

    def __missing__(self, code: int) -> str:
        self[code] = self._read(code)
        return self[code]

    def _read(self, code: int) -> str:
        letter = chr(code)
        kind = unicodedata.category(letter)
        if kind == "Cf" or 0xFE00 <= code <= 0xFE0F:
            return ""
        if kind == "Cc":
            return " " if letter.isspace() else ""
        if code in self._drawn:
            return letter
        return " " if letter.isspace() else REPLACEMENT

    def of(self, text: str) -> str:
        """The text, composed, with nothing that cannot be drawn."""
        return unicodedata.normalize("NFC", text).translate(self)


def wrapped(spans: Sequence[Span], width: float, wide: Wide) -> list[tuple[Run, ...]]:
    """The lines of these spans, cut at ordinary spaces; a word wider than a line is cut anywhere.

    Spans that touch without a space stay together.
    """
    lines: list[tuple[Run, ...]] = []
    line: list[tuple[str, Span]] = []
    used = 0.0
    for word in _fitting(spans, width, wide):
        needed = sum(wide(text, span.bold) for text, span in word)
        space = wide(" ", line[-1][1].bold) if line else 0.0
        if line and used + space + needed > width:
            lines.append(_runs(line, wide))
            line, used, space = [], 0.0, 0.0
        if line:
            line.append((" ", line[-1][1]))
        line += word
        used += space + needed
    return [*lines, _runs(line, wide)] if line else lines


_Word = list[tuple[str, Span]]


def _fitting(spans: Sequence[Span], width: float, wide: Wide) -> Iterator[_Word]:
    """Words in pieces of one span each; those that no line holds come in several."""
    for word in _words(spans):
        if sum(wide(text, span.bold) for text, span in word) <= width:
            yield word
        else:
            yield from _cut(word, width, wide)


def _words(spans: Sequence[Span]) -> Iterator[_Word]:
    word: _Word = []
    for span in spans:
        first, *others = span.text.split(" ")
        if first:
            word.append((first, span))
        for other in others:
            if word:
                yield word
            word = [(other, span)] if other else []
    if word:
        yield word


def _cut(word: _Word, width: float, wide: Wide) -> Iterator[_Word]:
    part: _Word = []
    used = 0.0
    for text, span in word:
        start = 0
        for end, letter in enumerate(text):
            step = wide(letter, span.bold)
            if used and used + step > width:
                yield [*part, (text[start:end], span)] if end > start else part
                part, start, used = [], end, 0.0
            used += step
        part.append((text[start:], span))
    yield part


def _runs(line: Sequence[tuple[str, Span]], wide: Wide) -> tuple[Run, ...]:
    """The pieces of a line, those of one span joined."""
    joined: list[tuple[str, Span]] = []
    for text, span in line:
        if joined and joined[-1][1] is span:
            joined[-1] = (joined[-1][0] + text, span)
        else:
            joined.append((text, span))
    runs, x = [], 0.0
    for text, span in joined:
        width = wide(text, span.bold)
        runs.append(Run(text, span, x, width))
        x += width
    return tuple(runs)
