"""The root of every error of ours."""

from __future__ import annotations

from collections.abc import Callable


class Word(str):
    """A value of a message that is a word of ours: it is said in the language of the message."""

    __slots__ = ()


class AiguilleError(Exception):
    """An error a person can act on.

    `message` is French and says what was found, what was expected and what to do; `values` fill
    the places ({name}) of its text, if any are given. `field` names the input at fault (a JSON
    field, a column, an option), if any.
    """

    def __init__(self, text: str, /, *, field: str | None = None, **values: object) -> None:
        self._text = text
        self._values = values
        self.message = self.said(str)
        self.field = field
        super().__init__(self.message)

    def said(self, say: Callable[[str], str]) -> str:
        """The message as `say` turns French texts."""
        text = say(self._text)
        if not self._values:
            return text
        return text.format(**{name: _said(value, say) for name, value in self._values.items()})


def _said(value: object, say: Callable[[str], str]) -> object:
    if isinstance(value, tuple):
        return ", ".join(str(_said(one, say)) for one in value)
    return say(value) if isinstance(value, Word) else value
