"""The root of every error of ours."""


class AiguilleError(Exception):
    """An error a person can act on.

    `message` is French and says what was found, what was expected and what to do;
    `field` names the input at fault (a JSON field, a column, an option), if any.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
