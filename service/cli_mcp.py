"""`aiguille mcp`: Aiguille for an assistant, over its standard input and output."""

from __future__ import annotations

import logging

from matching.errors import AiguilleError


def mcp() -> None:
    """Servir le catalogue à un assistant (MCP), en lecture seule, par l’entrée et la sortie."""
    try:
        from service.mcp_server import make_server
    except ImportError as missing:
        raise AiguilleError(
            "Le serveur MCP demande une bibliothèque qui n’est pas installée : installez l’extra "
            "avec pip install 'aiguille[mcp]'.",
            field="mcp",
        ) from missing
    from service.app import create_app
    from service.logs import configure_logs
    from service.settings import Settings

    settings = Settings()
    configure_logs(settings.log_level)
    # The library has a log of its own, that writes errors out with what was asked.
    library = logging.getLogger("fastmcp")
    library.handlers.clear()
    library.propagate = True
    # Its client logs addresses, and what is asked is in them.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    make_server(create_app(settings)).run("stdio", show_banner=False)
