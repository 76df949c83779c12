from __future__ import annotations

import io
import json

import pytest

from models.display import json_lines, shown
from models.progress import Event, Note, Step

BUILD: list[Event] = [
    Note("Asking."),
    *(Step("download", "base weights", done, 1_000_000, "bytes") for done in range(0, 1_000_001, 10_000)),
    *(Step("import", f"tensor {done}", done, 4, "tensors") for done in range(5)),
    Step("verify", "the probe", 0, 1, "steps"),
    Step("verify", "the probe", 1, 1, "steps"),
]


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_plain_lines():
    """Away from a terminal a stage takes a dozen lines at most, and notes stand as they are."""
    stream = io.StringIO()
    with shown(stream) as listener:
        for event in BUILD:
            listener(event)
    lines = stream.getvalue().splitlines()
    assert lines[:3] == ["Asking.", "Downloading 0 % (0 of 1 MB)", "Downloading 10 % (0 of 1 MB)"]
    assert len([line for line in lines if line.startswith("Downloading")]) == 11
    assert lines[-1] == "Probing 100 % (the probe)"


def test_bars():
    """On a terminal each stage has its bar."""
    stream = Terminal()
    with shown(stream) as listener:
        for event in BUILD:
            listener(event)
    assert all(word in stream.getvalue() for word in ("Asking.", "Downloading", "Importing", "Probing", "100%"))


def test_json_lines():
    """Each event is one JSON object, and the share of the whole never falls."""
    stream = io.StringIO()
    listener = json_lines(stream)
    for event in BUILD:
        listener(event)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert lines[0] == {"text": "Asking."}
    shares = [line["done"] / line["total"] for line in lines[1:]]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert lines[1]["stage_total"] == 1_000_000


@pytest.mark.parametrize(("done", "total", "percent"), [(0, 3, 0), (1, 3, 33), (3, 3, 100), (0, 0, 100)])
def test_percent(done: int, total: int, percent: int):
    """A stage's percentage is whole, and a stage of nothing is done."""
    assert Step("write", "", done, total, "steps").percent == percent
