"""Facts of open buffers: parsed by the indexer as soon as they change, by the asking thread where nobody else does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import partial

import attrs

from lsp_server.workspace.facts import Facts
from lsp_server.workspace.index import fact_json
from lsp_server.workspace.languages import grammar_of
from lsp_server.workspace.parse_cache import ParseCache
from lsp_server.workspace.places import Located
from lsp_server.workspace.problems import Outdated

_PATIENCE_SECONDS = 3.0
"""How long a query waits for facts that the indexer has been asked for; then its own thread parses."""
_PATIENCE_A_BYTE = 1e-5
"""And so much longer for each byte: a large text that is parsed here holds everything else up."""

Ask = Callable[[Located, bytes, "Future[bytes]"], None]
"""Has a text parsed elsewhere; the future gets facts as `fact_json` writes them, or is cancelled."""


@attrs.define(eq=False)
class _Asked:
    data: bytes
    facts: Future[bytes] = attrs.field(factory=Future[bytes])
    sent: bool = False
    outdated: bool = False
    """Whether the buffer has a newer text."""
    reading: threading.Lock = attrs.field(factory=threading.Lock)
    """Held by the one query that takes the facts in, while others wait for it."""


class Overlay:
    """Parses ahead of the questions: of each buffer one text is under way, and the newest waits for its turn."""

    def __init__(self, parsed: ParseCache, ask: Ask) -> None:
        self._parsed = parsed
        self._ask = ask
        self._newest: dict[Located, _Asked] = {}
        self._under_way: dict[Located, _Asked] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="buffers", daemon=True)
        self._thread.start()

    def changed(self, located: Located, data: bytes | None) -> None:
        """Take a buffer's new text; None when it was closed. Returns at once."""
        if grammar_of(located.name) is None:
            return
        with self._changed:
            old = self._newest.pop(located, None)
            if data is not None:
                self._newest[located] = _Asked(data)
                self._changed.notify()
        if old is not None:
            old.outdated = data is not None
            if not old.sent:
                old.facts.cancel()

    def facts(self, located: Located, data: bytes) -> Facts:
        """Return the facts of a text; waits for those that are under way."""
        try:
            return self.newest(located, data)
        except Outdated:
            return self._parsed.facts(located.name, data)

    def newest(self, located: Located, data: bytes) -> Facts:
        """Return the facts of a text as `facts` does, if it is a buffer's newest or the one that is being parsed.

        Raises:
            Outdated: the buffer has a newer text.
        """
        known = self._parsed.known(located.name, data)
        if known is not None:
            return known
        with self._changed:
            newest, under_way = self._newest.get(located), self._under_way.get(located)
        if newest is None:
            return self._parsed.facts(located.name, data)
        asked = next((each for each in (newest, under_way) if each is not None and each.data == data), None)
        if asked is None:
            raise Outdated
        with asked.reading:
            return self._parsed.known(located.name, data) or self._read(located, asked)

    def close(self) -> None:
        """End the thread; who waits parses."""
        with self._changed:
            self._closing = True
            waiting = (*self._newest.values(), *self._under_way.values())
            self._newest.clear()
            self._changed.notify()
        for asked in waiting:
            asked.facts.cancel()
        self._thread.join()

    def _read(self, located: Located, asked: _Asked) -> Facts:
        try:
            blob = asked.facts.result(_PATIENCE_SECONDS + _PATIENCE_A_BYTE * len(asked.data))
            if blob:
                facts = fact_json.decode(blob)
                self._parsed.keep(located.name, asked.data, facts)
                return facts
        except (CancelledError, TimeoutError, ValueError) as error:  # the indexer died, or is stopped or busy
            if isinstance(error, TimeoutError):
                self._give_up()
            if asked.outdated:
                raise Outdated from None
        return self._parsed.facts(located.name, asked.data)

    def _give_up(self) -> None:
        """Let nobody wait a second time for an indexer that is late."""
        with self._changed:
            waiting = (*self._newest.values(), *self._under_way.values())
        for asked in waiting:
            asked.facts.cancel()

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
                asked.sent = True
                self._under_way[located] = asked
            self._ask(located, asked.data, asked.facts)
            asked.facts.add_done_callback(partial(self._answered, located))

    def _waiting(self) -> tuple[Located, _Asked] | None:
        ready = (pair for pair in self._newest.items() if pair[0] not in self._under_way)
        return next((pair for pair in ready if not pair[1].sent), None)

    def _answered(self, located: Located, _facts: Future[bytes]) -> None:
        with self._changed:
            self._under_way.pop(located, None)
            self._changed.notify()
