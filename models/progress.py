"""What a build tells while it works: values, for whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import attrs

Stage = Literal["download", "join", "import", "train", "fuse", "quantise", "write", "verify"]
Unit = Literal["bytes", "tensors", "steps"]


@attrs.frozen
class Step:
    """One stage has come this far.

    A stage's first step has `done` 0 (or what an earlier run left), its last `total`.
    """

    stage: Stage
    label: str
    """What is being worked on, for a person."""
    done: int
    total: int
    unit: Unit

    @property
    def percent(self) -> int:
        """How far the stage is, 0 to 100."""
        return 100 * self.done // self.total if self.total else 100


@attrs.frozen
class Note:
    """One sentence for a person."""

    text: str


Event = Step | Note
Listener = Callable[[Event], None]
Cancelled = Callable[[], bool]


class BuildCancelled(Exception):
    """The caller withdrew the build; what was downloaded so far is kept."""


def silent(_event: Event) -> None:
    """Listen to nothing."""


def never() -> bool:
    """Answer that nobody has cancelled."""
    return False


@attrs.frozen
class Watch:
    """Who is told of the work, and who may stop it."""

    tell: Listener = silent
    cancelled: Cancelled = never

    def check(self) -> None:
        """Stop here if the caller has withdrawn.

        Raises:
            BuildCancelled: the caller has.
        """
        if self.cancelled():
            raise BuildCancelled
