from __future__ import annotations

from types import SimpleNamespace

import psutil
import pytest

from lsp_server.agent.device import FAST_SECONDS, on_battery, typical_seconds
from lsp_server.trace import Timing


def timing(prefill: float, decode: float) -> Timing:
    return Timing(prefill_tokens_per_second=prefill, decode_tokens_per_second=decode)


def test_rates_decide():
    """A laptop's CPU is not fast enough to explain unasked, a GPU is; nothing measured says nothing."""
    slow, quick = typical_seconds(timing(60, 7)), typical_seconds(timing(4000, 120))
    assert slow is not None
    assert slow > FAST_SECONDS
    assert quick is not None
    assert quick < FAST_SECONDS / 2
    assert typical_seconds(timing(0, 0)) is None
    assert typical_seconds(timing(100, 0), 2.0) == 2.0


def test_a_busy_moment_counts_half():
    """One slow explanation does not turn a fast device into a slow one."""
    quick = typical_seconds(timing(4000, 120)) or 0
    busy = typical_seconds(timing(1000, 20)) or 0
    assert typical_seconds(timing(1000, 20), quick) == (quick + busy) / 2 < FAST_SECONDS


@pytest.mark.parametrize(("plugged", "expected"), [(True, False), (None, False), (False, True)])
def test_battery(monkeypatch: pytest.MonkeyPatch, plugged: bool | None, expected: bool):
    """Only a machine that says so runs on its battery."""
    monkeypatch.setattr(psutil, "sensors_battery", lambda: SimpleNamespace(power_plugged=plugged), raising=False)
    assert on_battery() is expected


def test_no_battery(monkeypatch: pytest.MonkeyPatch):
    """A machine without a battery, or a system that cannot tell, does not run on one."""
    monkeypatch.setattr(psutil, "sensors_battery", lambda: None, raising=False)
    assert on_battery() is False
    monkeypatch.delattr(psutil, "sensors_battery")
    assert on_battery() is False
