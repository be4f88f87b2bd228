"""gunicorn's own lines like all others (portal/logs.py). By itself it would name the address of a request that failed."""

import logging
from typing import Any

from gunicorn.glogging import Logger

from .logs import configure


class GunicornLogger(Logger):  # type: ignore[misc]
    """Hands every line to the root, and keeps no log of addresses."""

    def setup(self, cfg: Any) -> None:
        configure()
        self.error_log.setLevel(self.LOG_LEVELS.get(cfg.loglevel.lower(), logging.INFO))
        self.error_log.propagate = True

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """No access log: it would hold paths."""

    def reopen_files(self) -> None:
        """No files."""
