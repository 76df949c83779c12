"""Speed of the bare device: prefill and decode, with and without the BLAS.

Run as a process (`python -m models.bench.device FOLDER`), since a BLAS can only be chosen before mlx is imported.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import attrs

from lsp_server.dialects import dialect_named
from lsp_server.modelstore import open_folder
from lsp_server.own_programs import module_command
from lsp_server.resident.blas import OFF_VARIABLE

_PREFILL_TOKENS = 256
_PREFILL_TOKENS_PLAIN = 24
"""The plain wheel needs seconds for these few."""
_DECODE_TOKENS = 16


@attrs.frozen
class DeviceSpeed:
    """Tokens a second."""

    prefill: float
    decode: float


def measure(folder: Path, *, blas: bool) -> DeviceSpeed:
    """Measure in a process of its own."""
    environment = {key: value for key, value in os.environ.items() if key != OFF_VARIABLE}
    if not blas:
        environment[OFF_VARIABLE] = "1"
    done = subprocess.run(  # noqa: S603 - our own module
        module_command("models.bench.device", str(folder)),
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
    )
    return DeviceSpeed(**json.loads(done.stdout))


def main() -> None:
    """Print the speeds as JSON."""
    from lsp_server.resident.chat import Chat  # noqa: PLC0415 - the caller imports this module and must not load mlx
    from lsp_server.resident.mlx_backend import load_backend  # noqa: PLC0415

    folder = Path(sys.argv[1])
    backend = load_backend(folder)
    chat = Chat.of_folder(folder, dialect_named(open_folder(folder).manifest.dialect))
    tokens = chat.encode_text("def add(left: int, right: int) -> int:\n    return left + right\n\n" * 40)
    count = _PREFILL_TOKENS_PLAIN if os.environ.get(OFF_VARIABLE) else _PREFILL_TOKENS
    backend.prefill(backend.new_state(), tokens[:8])
    state = backend.new_state()
    began = time.perf_counter()
    backend.prefill(state, tokens[:count])
    prefilled = time.perf_counter()
    for token in tokens[:_DECODE_TOKENS]:
        backend.step(state, [token])
    decoded = time.perf_counter()
    speeds = DeviceSpeed(count / (prefilled - began), _DECODE_TOKENS / (decoded - prefilled))
    sys.stdout.write(json.dumps(attrs.asdict(speeds)))
    sys.stdout.flush()
    backend.close()


if __name__ == "__main__":
    main()
