"""What this machine can bear: how long an explanation takes on it, and whether it runs on its battery."""

from __future__ import annotations

import psutil

from lsp_server.trace import Timing

FAST_SECONDS = 3.0
"""A device is fast enough to explain unasked where a typical explanation takes no longer."""
_PROMPT_TOKENS = 250
"""What is read for a typical explanation, the system message apart."""
_OUTPUT_TOKENS = 65


def typical_seconds(timing: Timing, before: float | None = None) -> float | None:
    """Return the seconds that a typical explanation takes at the measured rates, without queue and loading.

    Args:
        timing: Of one explanation.
        before: The last estimate, which counts half: a machine may be busy with other things for a moment.
    """
    if timing.prefill_tokens_per_second <= 0 or timing.decode_tokens_per_second <= 0:
        return before
    seconds = _PROMPT_TOKENS / timing.prefill_tokens_per_second + _OUTPUT_TOKENS / timing.decode_tokens_per_second
    return seconds if before is None else (seconds + before) / 2


def on_battery() -> bool:
    """Say whether the machine runs on its battery; a machine that cannot tell does not."""
    battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    return battery is not None and battery.power_plugged is False
