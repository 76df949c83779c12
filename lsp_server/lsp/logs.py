"""Log records for the person: all on stderr, ours in the client's output window too."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer

OUR_LOGGER = "lsp_server"
_LEVELS = (
    (logging.ERROR, types.MessageType.Error),
    (logging.WARNING, types.MessageType.Warning),
    (logging.INFO, types.MessageType.Info),
)


def log_to_stderr() -> None:
    """Send warnings to stderr; our own information is for the client's log."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger().handlers[0].setLevel(logging.WARNING)
    logging.getLogger(OUR_LOGGER).setLevel(logging.INFO)


class ClientLog(logging.Handler):
    """Shows our records to the client as `window/logMessage`."""

    def __init__(self, ls: InglenookServer) -> None:
        super().__init__(logging.INFO)
        self._ls = ls

    def emit(self, record: logging.LogRecord) -> None:
        """Send the record, once the client listens."""
        if self._ls.protocol.phase != "running":
            return
        try:
            level = next(kind for least, kind in _LEVELS if record.levelno >= least)
            self._ls.window_log_message(types.LogMessageParams(type=level, message=self.format(record)))
        except Exception:  # noqa: BLE001 - a log record must not break what it tells of
            self.handleError(record)
