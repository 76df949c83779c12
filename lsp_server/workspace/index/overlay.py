"""Facts of open buffers: parsed by the indexer as soon as they change, by the asking thread where nobody else does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future

import attrs

from lsp_server.workspace.facts import Facts
from lsp_server.workspace.index import fact_json
from lsp_server.workspace.languages import grammar_of
from lsp_server.workspace.parse_cache import ParseCache
from lsp_server.workspace.places import Located

_PATIENCE_SECONDS = 3.0
"""How long a query waits for facts that the indexer has been asked for; then its own thread parses."""

Ask = Callable[[Located, bytes, "Future[bytes]"], None]
"""Has a text parsed elsewhere; the future gets facts as `fact_json` writes them, or is cancelled."""


@attrs.frozen(eq=False)
class _Asked:
    data: bytes
    facts: Future[bytes]
    sent: threading.Event = attrs.field(factory=threading.Event)


class Overlay:
    """Parses ahead of the questions: while a key is held down only the newest text of a buffer is sent."""

    def __init__(self, parsed: ParseCache, ask: Ask) -> None:
        self._parsed = parsed
        self._ask = ask
        self._asked: dict[Located, _Asked] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="buffers", daemon=True)
        self._thread.start()

    def changed(self, located: Located, data: bytes | None) -> None:
        """Take a buffer's new text; None when it was closed. Returns at once."""
        if grammar_of(located.name) is None:
            return
        with self._changed:
            old = self._asked.pop(located, None)
            if old is not None:
                old.facts.cancel()
            if data is not None:
                self._asked[located] = _Asked(data, Future())
                self._changed.notify()

    def facts(self, located: Located, data: bytes) -> Facts:
        """Return the facts of a text; waits for those that are under way."""
        known = self._parsed.known(located.name, data)
        if known is not None:
            return known
        with self._changed:
            asked = self._asked.get(located)
        if asked is not None and asked.data == data:
            try:
                blob = asked.facts.result(_PATIENCE_SECONDS)
                if blob:
                    facts = fact_json.decode(blob)
                    self._parsed.keep(located.name, data, facts)
                    return facts
            except (CancelledError, TimeoutError, ValueError):
                pass  # the indexer died, or is busy
        return self._parsed.facts(located.name, data)

    def close(self) -> None:
        """End the thread; who waits parses."""
        with self._changed:
            self._closing = True
            for asked in self._asked.values():
                asked.facts.cancel()
            self._asked.clear()
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                waiting = self._waiting()
                while waiting is None and not self._closing:
                    self._changed.wait()
                    waiting = self._waiting()
                if waiting is None:
                    return
            located, asked = waiting
            asked.sent.set()
            self._ask(located, asked.data, asked.facts)

    def _waiting(self) -> tuple[Located, _Asked] | None:
        return next((pair for pair in self._asked.items() if not pair[1].sent.is_set()), None)
