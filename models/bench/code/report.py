"""The tables of a run, with the machine and the method above them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from models.bench.code.rivals import Ctags, Ripgrep
from models.bench.figures import Figure, table
from models.bench.machine import machine

_RESULTS = Path(__file__).parents[2] / "results"

_METHOD = """\
The tree is the source distribution of Django, pinned by its hash like everything else that is measured here, and
every file of it is in the workspace: code, tests, documents, translations. Each part begins in a home of its own, so
that the index is cold, and drives the product as shipped: a window's `Workspace` with its indexer process, or the
language server over its pipes.

- **Index.** From opening the folder to the index saying that it is ready, process start included. universal-ctags
  (`ctags -R`, all its languages) runs in the same minute, who begins alternates, and the ratio is the median of the
  pairs. A warm start begins when the last indexer has left. An edit counts from the write, or the keystroke, until
  a symbol search finds it. Memory is the share of each process in its pages (PSS; resident pages where that cannot be
  told), sampled every 50 ms, without the model's process.
- **Search.** One call of the engine for 50 hits, each query in three rounds. ripgrep runs the same query with smart
  case right before or after, from its start until its output is read; how many lines both find is compared, as far as
  ours counts (20,000).
- **Hover.** Requests over the pipes on a thousand files of the tree in a git repository. While generating: the same
  server answers one question after another with the resident model, on the same cores; only requests during which the
  model was at work count.
- **Where is X handled?** Questions written from the packages' own documents, before any search was run, with the
  files that a reader of the code names (`questions.jsonl`). The workspace is the whole source distribution, documents
  and tests included; hits of one file count once.
- **Correctness.** Python's own parser walks the same files. Definitions are compared as a whole; subclasses and raises
  for every name, callers for 150 names of each package. Rows are path and line.
"""


@attrs.frozen
class Section:
    """The figures of one part."""

    title: str
    figures: tuple[Figure, ...]


def write(
    sections: Sequence[Section], ripgrep: Ripgrep | None, ctags: Ctags | None, loads: Sequence[float], *, keep: bool
) -> str:
    """Return the report, and with `keep` write it beside its JSON.

    Args:
        sections: what was measured.
        ripgrep: the program beside, if there was one.
        ctags: likewise.
        loads: the machine's load average before the run and after each part.
        keep: whether this is the run to keep.
    """
    facts = {
        **machine("tantivy", "tree-sitter"),
        "ripgrep": ripgrep.version if ripgrep else "not installed",
        "universal-ctags": ctags.version if ctags else "not installed",
        "load": " ".join(f"{load:.1f}" for load in loads),
    }
    heading = " · ".join(f"{key} {value}" for key, value in facts.items())
    tables = "".join(f"\n## {section.title}\n\n{table(section.figures)}" for section in sections)
    made = "Made by `make bench-code`; every figure of one run."
    text = f"# Index, search and hover\n\n{made}\n\n{heading}\n\n{_METHOD}{tables}"
    if keep:
        figures = {section.title: [_as_json(figure) for figure in section.figures] for section in sections}
        data = {"machine": facts, "figures": figures}
        _RESULTS.mkdir(exist_ok=True)
        (_RESULTS / "code.md").write_text(text, "utf-8")
        (_RESULTS / "code.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return text


def _as_json(figure: Figure) -> Mapping[str, object]:
    return attrs.asdict(figure) | {"met": figure.met}
