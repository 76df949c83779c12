"""The model's words on their way to the person, and what code adds below them."""

from __future__ import annotations

import time
from collections.abc import Sequence

from pydantic_ai import AgentRunResultEvent
from pydantic_ai.messages import AgentStreamEvent, PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta, ToolCallPart

from lsp_server.agent import answer, prompts
from lsp_server.agent.checked_stream import CheckedStream
from lsp_server.agent.citations import CitationChecker
from lsp_server.agent.places import Claim
from lsp_server.agent.tools import ToolOutcome
from lsp_server.agent.turns import Turns
from lsp_server.trace import Citation, Span
from lsp_server.wire import Outcome, ResetPart
from lsp_server.wire import TextPart as ShownText

_LEFT_OUT = "(The earliest questions of this conversation no longer fit the model's window and were left out.)"


class Speech:
    """Lets the words of the last turn through, and withdraws those of a turn that became a call."""

    def __init__(self, checker: CitationChecker, turns: Turns) -> None:
        self._checker = checker
        self._turns = turns
        self._stream = CheckedStream(self._check)
        self._verify_ms = 0.0
        self._below = ""
        self.outcome: Outcome = "answered"
        self.evidence: tuple[Citation, ...] = ()

    @property
    def answer(self) -> str:
        """The whole answer: what the listener was given, less what was withdrawn."""
        return self._stream.text + self._below

    @property
    def citations(self) -> list[Citation]:
        """The places that the words name."""
        return self._stream.citations

    def hear(self, event: AgentStreamEvent | AgentRunResultEvent[str | None]) -> None:
        """Take the next event of the loop."""
        match event:
            case PartStartEvent(part=TextPart(content=text)) | PartDeltaEvent(delta=TextPartDelta(content_delta=text)):
                for part in self._stream.feed(text):
                    self._turns.part(part)
            case PartStartEvent(part=ToolCallPart()):
                self._withdraw()
            case _:
                pass

    def conclude(self, outcomes: Sequence[ToolOutcome], left_out: int) -> None:
        """The loop has ended: show the rest of the words, then what stands below them.

        Args:
            outcomes: Of all calls, in order.
            left_out: How many exchanges left the window before this question.
        """
        for part in self._stream.finish():
            self._turns.part(part)
        self._record_verification()
        reached = self._turns.ledger.reached
        self.outcome = answer.outcome_of(outcomes, reached)
        self.evidence = answer.evidence(outcomes)
        blocks = self._blocks(outcomes, reached)
        if left_out:
            blocks.append(_LEFT_OUT)
        spoken = bool(self._stream.text.strip())
        self._below = "\n\n".join(([""] if spoken and blocks else []) + blocks)
        if self._below:
            self._turns.part(ShownText(self._below))

    def _blocks(self, outcomes: Sequence[ToolOutcome], reached: str | None) -> list[str]:
        spoken = bool(self._stream.text.strip())
        blocks = answer.blocks(outcomes, self.citations, spoken=spoken)
        if outcomes and answer.answering(outcomes) is None:
            blocks.append(answer.searched(self._turns.recorder.spans))
        if not spoken and not blocks:
            blocks.append(prompts.NO_WORDS)
        if reached:
            blocks.append(f"(Stopped: {reached}.)")
        return blocks

    def _withdraw(self) -> None:
        if self._stream.text:
            self._turns.part(ResetPart())
        self._stream = CheckedStream(self._check)

    def _check(self, claim: Claim, before: str, after: str) -> Citation:
        began = time.perf_counter()
        citation = self._checker.check(claim, before, after)
        self._verify_ms += (time.perf_counter() - began) * 1000
        return citation

    def _record_verification(self) -> None:
        places = self.citations
        if not places:
            return
        good = sum(place.verified for place in places)
        self._turns.recorder.add(
            Span(
                name="verify",
                summary=f"{good} of {len(places)} places verified",
                start_ms=round(max(0.0, self._turns.recorder.now_ms() - self._verify_ms), 1),
                ms=round(self._verify_ms, 1),
                hits=good,
                locations=tuple(places),
            )
        )
