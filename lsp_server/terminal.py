"""An answer on a terminal: the text on stdout as it is spoken, the steps on stderr."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from rich.console import Console
from rich.status import Status
from rich.text import Text

from lsp_server.trace_lines import step_line

TEXT_TOKEN = "text"  # noqa: S105 - a progress token
"""Under which a request streams its answer."""
STEPS_TOKEN = "steps"  # noqa: S105
"""Under which it tells what it does."""
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n"}
_TURNS = {code: f"\\u{code:04x}" for code in (0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))}
_SPELT_OUT = _CONTROLS | _TURNS
"""What a file's text may say to a terminal: it could move the cursor, set the clipboard, or turn what follows round."""


def visible(text: str) -> str:
    """Return text that does nothing to a terminal but stand there."""
    return text.translate(_SPELT_OUT)


class Plain(Console):
    """A console that leaves it to the caller what a closed pipe means, and shows words as they are."""

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=False, soft_wrap=True)

    def on_broken_pipe(self) -> None:
        """Raise the error that is being handled; by default the process would end here."""
        raise  # noqa: PLE0704 - called while it is handled


class Terminal:
    """Writes what a listener of one question hears.

    Text that may yet be withdrawn is shown while it is spoken only where a person watches; into a pipe goes the
    finished answer alone.
    """

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._steps = Plain(stderr=True)
        self._status: Status | None = None
        self._streams = sys.stdout.isatty() and not quiet
        self._shown = ""
        self._mid_line = False
        self._later: list[str] = []
        """Steps that ended while the answer was being spoken; they stand below it."""
        self._ending = ""

    def __enter__(self) -> Self:
        """Show that something is going on."""
        if not self._quiet and self._steps.is_terminal:
            self._status = self._steps.status("Starting")
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as a shell expects it."""
        self.calm()
        self._write("\n" if self._mid_line else "")

    def notified(self, method: str, params: Mapping[str, Any]) -> None:
        """Take a notification of the server's; what it does beside the request is not shown."""
        if method == "$/progress" and params["token"] in {TEXT_TOKEN, STEPS_TOKEN}:
            self.progress(params["token"] == TEXT_TOKEN, params["value"])

    def progress(self, is_part: bool, value: Mapping[str, Any]) -> None:
        """Take a partial result of the answer, or a step of its progress."""
        if self._quiet:
            return
        match value:
            case {"kind": "text", "delta": str(delta)} if is_part:
                self._speak(delta)
            case {"kind": "reset"} if is_part:
                self._withdraw()
            case {"kind": "span", "span": {"name": name, "summary": summary, "ms": ms}} if is_part:
                self._step("  " + step_line(name, value["span"].get("arguments"), summary, ms))
            case {"kind": "report", "message": message}:
                percentage = value.get("percentage")
                self._doing(message if percentage is None else f"{message} {percentage} %")
            case {"kind": "end", "message": message}:
                self._ending = message
            case _:
                pass

    def finish(self, answer: str) -> None:
        """Write what of the answer is not shown yet, then the timing."""
        self.calm()
        if not answer.startswith(self._shown):
            self._withdraw()
        self._write(answer[len(self._shown) :])
        self._catch_up()
        self._line(self._ending)

    def _speak(self, delta: str) -> None:
        if self._streams:
            self.calm()
            self._write(delta)
            self._shown += delta

    def _withdraw(self) -> None:
        """Begin anew on a fresh line: a terminal does not forget what it has shown."""
        if self._shown:
            self._line("(the text above is withdrawn)")
        self._shown = ""
        self._catch_up()

    def _step(self, line: str) -> None:
        if self._shown:
            self._later.append(line)
        else:
            self._line(line)

    def _catch_up(self) -> None:
        lines, self._later = self._later, []
        for line in lines:
            self._line(line)

    def _write(self, text: str) -> None:
        if text:
            sys.stdout.write(visible(text))
            sys.stdout.flush()
            self._mid_line = not text.endswith("\n")

    def _line(self, text: str) -> None:
        self._write("\n" if self._mid_line else "")
        self._steps.print(Text(visible(text), style="dim"))

    def _doing(self, message: str) -> None:
        if self._status is not None:
            self._status.update(Text(visible(message)))

    def calm(self) -> None:
        """Take away what only says that something is going on."""
        if self._status is not None:
            self._status.stop()
            self._status = None
