"""One JSON line an event, on standard error. Never a text, an address or a name of a person."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Iterator
from typing import Any

import structlog
from structlog.processors import ExceptionRenderer
from structlog.typing import ExcInfo, Processor


def configure_logs(level: str) -> None:
    """Route structlog and the standard library through the same JSON lines."""
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        ExceptionRenderer(_kinds_and_places),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processor=structlog.processors.JSONRenderer(ensure_ascii=False),
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level)),
    )


def _kinds_and_places(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """What kind of error, where in the code, and what it came from: never its words.

    Those of a database, a parser or a mail server quote the value at fault.
    """
    return [
        {
            "kind": f"{type(error).__module__}.{type(error).__qualname__}",
            "at": [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(error.__traceback__)
            ],
        }
        for error in _chain(exc_info[1])
    ]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error, then what it was raised from or while handling: a chain may have no end."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
