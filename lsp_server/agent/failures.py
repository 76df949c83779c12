"""Which explanations are not worth beginning: a hover comes often, and would start a failing engine each time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from lsp_server.errors import InglenookError, NoExplanation, QuestionTooLong

QUIET_SECONDS = 60.0
"""After a failure of the engine nothing is begun unasked for so long."""
_REMEMBERED = 500


class Failures:
    """What failed lately. A person who asks is not held back by it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._quiet_until = float("-inf")
        self._vain: OrderedDict[str, None] = OrderedDict()

    def holds(self, key: str) -> bool:
        """Say whether an explanation of that target is not to be begun now."""
        return key in self._vain or self._clock() < self._quiet_until

    def note(self, key: str, error: InglenookError) -> None:
        """Take note of a failure: of that target alone where its content is the reason, else of everything."""
        if not isinstance(error, NoExplanation | QuestionTooLong):
            self._quiet_until = self._clock() + QUIET_SECONDS
            return
        self._vain[key] = None
        if len(self._vain) > _REMEMBERED:
            self._vain.popitem(last=False)

    def forget(self) -> None:
        """The engine works again."""
        self._quiet_until = float("-inf")
