"""Health, and what went wrong (RFC 9457)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from service.schemas.strict import Strict


class Health(Strict):
    status: Literal["ok"]


class MailBacklog(Strict):
    """`pending`: not sent yet; `late`: of those, due now; `given_up`: tried for days, in vain."""

    pending: int
    late: int
    given_up: int


class Readiness(Strict):
    status: Literal["ready", "unready"]
    parts: dict[str, str]
    mail: MailBacklog | None = None


class FieldProblem(Strict):
    field: str
    pointer: str
    message: str


class Problem(Strict):
    """RFC 9457. `type` is stable; `errors` name each field at fault and the remedy."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = Field(default_factory=list)
