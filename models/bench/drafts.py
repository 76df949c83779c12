"""What prompt lookup saves: the turns of the workshop's validation rows, decoded with and without drafts.

Run as a process (`python -m models.bench.drafts FOLDER`), since the caller must not load mlx.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import attrs

from lsp_server.agent.prompts import TOOLS
from lsp_server.dialects import dialect_named
from lsp_server.engine.base import DoneChunk, Job
from lsp_server.modelstore import open_folder
from lsp_server.own_programs import module_command
from lsp_server.resident.generate import Model, generate
from lsp_server.resident.prompt_lookup import LONGEST_DRAFT
from models.bench.figures import Figure
from models.data.rows import read_rows

_ROWS = Path(__file__).parents[1] / "data" / "valid.jsonl"
_EVERY = 5
"""One row in so many is decoded."""


@attrs.frozen
class Pair:
    """One turn, decoded twice."""

    drafting: float
    """Seconds of decoding with drafts."""
    plain: float
    """Seconds without."""
    same: bool
    """Whether both times the same tokens came."""


def measure(folder: Path) -> Figure:
    """Measure in a process of its own."""
    command = module_command("models.bench.drafts", str(folder))
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603 - our own module
    pairs = [Pair(**pair) for pair in json.loads(done.stdout)]
    ratios = [pair.drafting / pair.plain for pair in pairs]
    return Figure(
        "decoding with drafts over without",
        100 * sum(pair.drafting for pair in pairs) / sum(pair.plain for pair in pairs),
        "%",
        note=f"{len(pairs)} turns together; each {100 * min(ratios):.0f} to {100 * max(ratios):.0f}, median "
        f"{100 * statistics.median(ratios):.0f}; the same tokens in {sum(pair.same for pair in pairs)}",
    )


def _jobs() -> Iterator[Job]:
    for row in read_rows(_ROWS)[::_EVERY]:
        for place, message in enumerate(row.messages):
            if message.role == "assistant":
                yield Job(row.messages[:place], tools=TOOLS)


def _decoded(model: Model, job: Job, longest: int) -> DoneChunk:
    model.longest_draft = longest
    *_, last = generate(model, job)
    assert isinstance(last, DoneChunk)  # noqa: S101 - a turn ends with one
    return last


def _pair(model: Model, job: Job, *, drafts_first: bool) -> Pair:
    order = (LONGEST_DRAFT, 0) if drafts_first else (0, LONGEST_DRAFT)
    done = {longest: _decoded(model, job, longest) for longest in order}
    drafting, plain = done[LONGEST_DRAFT], done[0]
    return Pair(drafting.timing.decode_seconds, plain.timing.decode_seconds, drafting.token_ids == plain.token_ids)


def main() -> None:
    """Print the pairs as JSON."""
    from lsp_server.resident.loading import load_folder  # noqa: PLC0415 - the caller must not load mlx

    found = open_folder(Path(sys.argv[1]))
    model = load_folder(found.path, dialect_named(found.manifest.dialect))
    pairs = [_pair(model, job, drafts_first=bool(number % 2)) for number, job in enumerate(_jobs())]
    sys.stdout.write(json.dumps([attrs.asdict(pair) for pair in pairs]))
    sys.stdout.flush()
    model.cache.clear()
    model.backend.close()


if __name__ == "__main__":
    main()
