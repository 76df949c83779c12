"""The tables and plots of a run, with the machine and the method above them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import attrs

from models.adapter import Provenance
from models.bench.figures import Figure, table
from models.bench.machine import machine
from models.bench.model.summary import Figures, Places, SetFigures
from models.bench.model.targets import targets
from models.plot import Labels, Series, bar_plot, line_plot, scatter_plot

_GB, _MB = 10**9, 10**6
_Measured = tuple[str, SetFigures]
"""A configuration's name with its figures of one set."""
_METHOD = """\
Every question goes through the product's own door: a language server over its pipes, with the workspace open and
indexed, in a conversation of its own. Every turn is free to call a tool or to speak. Seconds are those of a whole
answer, from the request to the result, tools executed, with the model warm; nothing else is cut than by the product's
own limits. Load time and memory are those of a model process of the run's own, of a model that was loaded and probed
once before.

- **Memory.** *On disk* is what a configuration's files take; *resident* what its process holds once the model is
  loaded, *peak* the most that it ever held, loading included (where the system does not tell: as sampled after each
  answer, or as told by the device, whichever is more). On a CPU all configurations are computed in float32, whatever
  they are stored in: kernels for fewer bits are scalar there. There resident bytes, peak and seconds say nothing of
  the bits that are stored; on Metal and CUDA they do, but for the resident bytes on CUDA, which are the host's alone.
- **p95** is the time of an answer that was given: the shortest that no more than one in twenty exceeds.
- **Decision.** A tool took a call where the question is about the workspace; where it is not, none was tried.
- **Right.** A tool question: a tool ran without an error, and one of the places in the words, or among the first ten
  rows below them (the list that answers, or the place that was read and what else was near by words), lies in the
  lines that a reader of the code accepts (where a whole file is accepted, the words may name it without a line; or the
  command is one that answers, or nothing was found where nothing is). Whether the words are true is not judged. A
  direct question: no call was tried, and there are words. Neither was cut or ran into a limit.
- **Structural.** Python's parser gives the right lines. *Evidence* compares the rows of the last call that returned any
  with them, *citations* what the person is shown (places in the words and the list below them), *words* the words
  alone. A row of a list is its first line. Precision, recall and F1 are means over the questions. *Values* are the
  questions whose words state every default, constant, count or parameter that was asked for. Without a tool that ran,
  citations, words and values count nothing. *Listing or definition* are the seconds of what is answered with a place
  or a list of them: definitions, subclasses, callers, what is decorated with or raises something.
- **Loops** are answers that repeated a call or reached a limit, **malformed** calls those that no tool could take or
  that ended in the words, **cut** answers those with a turn that did not end by itself.
"""
_SEED = """\
The seed is the experiment that this project began with. It measured five questions, each to a cap of 300 tokens that
none stopped before, and marked them by substring: average seconds 38.60 (base, 4-bit), 121.25 (adapter), 44.62
(fused, float16) and 14.27 (fused, 8-bit) on a 7B, with 6 to 8 seconds as its goal. The seconds above are of whole
answers, and of another model on another machine.
"""
_ONE_STATE = "Seconds compare within one of them alone: from one state to the next the program became faster or slower."


def write(  # noqa: PLR0913 - each is a different thing
    figures: Sequence[Figures],
    training: Provenance | None,
    out: Path | None,
    facts: Mapping[str, str] | None = None,
    *,
    alike: Sequence[Figures] = (),
    pair: Sequence[Figures] = (),
) -> str:
    """Return the report, and write it with its JSON and plots where a folder is given.

    Args:
        figures: the configurations, in the order of the tables.
        training: where the adapter came from and what it cost.
        out: the folder; None writes nothing.
        facts: of the machine; read from it by default.
        alike: the configurations over the questions that all of them answered; empty where that is no difference.
        pair: likewise those of `targets.COMPARED`.
    """
    facts = facts if facts is not None else machine("mlx", "mlx-lm")
    aims = targets(figures, pair)
    text = _text(figures, alike, aims, training, facts)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        data = {
            "machine": dict(facts),
            "configurations": [attrs.asdict(one) for one in figures],
            "alike": [attrs.asdict(one) for one in alike],
            "training": attrs.asdict(training) if training else None,
            "targets": [attrs.asdict(figure) | {"met": figure.met} for figure in aims],
        }
        (out / "model.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", "utf-8")
        (out / "model.md").write_text(text, "utf-8")
        for name, drawing in _plots(figures).items():
            (out / f"model-{name}.svg").write_text(drawing, "utf-8")
    return text


def _text(
    figures: Sequence[Figures],
    alike: Sequence[Figures],
    aims: Sequence[Figure],
    training: Provenance | None,
    facts: Mapping[str, str],
) -> str:
    heading = " · ".join(f"{key} {value}" for key, value in facts.items())
    subjects = dict.fromkeys(f"{one.model} on {one.device}" if one.device else one.model for one in figures)
    parts = [f"# The model\n\nMade by `make bench-model`: {'; '.join(subjects)}.\n\n{heading}\n\n{_METHOD}"]
    parts.append(f"## Configurations\n\n{headline(figures)}\n{_programs(figures)}{_SEED}")
    if alike:
        parts.append(f"## On the questions that all of them answered\n\n{headline(alike)}")
    if aims:
        parts.append(f"## Targets of fused-8bit\n\n{table(aims)}")
    for name in dict.fromkeys(one.name for each in figures for one in each.sets):
        rows = [(each.name, one) for each in figures for one in each.sets if one.name == name]
        parts.append(f"## The set: {name}\n\n{_set_table(rows)}")
    parts.append(f"## Memory under load\n\n{_memory_table(figures)}")
    if training is not None:
        parts.append(f"## What the training cost\n\n{_training_table(training)}")
    return "\n".join(parts)


def _programs(figures: Sequence[Figures]) -> str:
    """Say which answers are of which state of the program, where they are not all of one."""
    states = {state for one in figures for state in one.programs}
    if len(states) <= 1:
        return ""
    of = Counter(", ".join(one.name for one in figures if state in one.programs) for state in sorted(states))
    whose = "; ".join(f"{count} of {names}" for names, count in of.items())
    return f"The answers are those of {len(states)} states of the program: {whose}.\n{_ONE_STATE}\n\n"


def headline(figures: Sequence[Figures]) -> str:
    """Return the table of all configurations."""
    columns: dict[str, Callable[[Figures], str]] = {
        "configuration": lambda one: one.name,
        "answered": _answered,
        "on disk, GB": lambda one: _bytes(one.disk_bytes, _GB),
        "resident, GB": lambda one: _bytes(one.resident_bytes, _GB),
        "peak, GB": lambda one: _bytes(one.peak_bytes, _GB),
        "load, s": lambda one: _number(one.load_seconds),
        "seed's five": lambda one: _of(one, "seed", _count),
        "standard three": lambda one: _of(one, "standard", _count),
        "decision, %": lambda one: _of(one, "discrimination", lambda it: _number(it.all.decided)),
        "right, %": lambda one: _of(one, "discrimination", lambda it: _number(it.all.right)),
        "evidence F1": lambda one: _of(one, "structural", lambda it: _f1(it.evidence)),
        "citations F1": lambda one: _of(one, "structural", lambda it: _f1(it.citations)),
        "values, %": lambda one: _of(one, "structural", lambda it: _number(it.values)),
        "calls": lambda one: _mean(one, lambda it: it.calls),
        "tokens": lambda one: _mean(one, lambda it: it.tokens),
        "average, s": lambda one: _mean(one, lambda it: it.seconds),
        "p95, s": lambda one: _number(one.seconds_p95),
        "loops": lambda one: _total(one, lambda it: it.loops),
        "malformed": lambda one: _total(one, lambda it: it.malformed),
        "cut": lambda one: _total(one, lambda it: it.cut),
    }
    return _rows(list(columns), [[show(one) for show in columns.values()] for one in figures])


def _set_table(rows: Sequence[_Measured]) -> str:
    tables = [_cost_table(rows), _structural_table(rows) if any(one.evidence for _, one in rows) else ""]
    return "\n".join(filter(None, (*tables, _kind_table(rows))))


def _cost_table(rows: Sequence[_Measured]) -> str:
    heads = ["configuration", "answered", "decision, %", "right, %", "tool right, %", "direct right, %"]
    heads += ["calls", "tokens", "prompt tokens", "average, s", "p95, s", "loops", "malformed", "cut"]
    lines = [
        [
            *(name, f"{one.all.answers}/{one.questions}", _number(one.all.decided), _number(one.all.right)),
            _number(one.tool.right if one.tool.answers else None),
            _number(one.direct.right if one.direct.answers else None),
            *map(_number, (one.calls, one.tokens, one.prompt_tokens, one.seconds, one.seconds_p95)),
            *map(str, (one.loops, one.malformed, one.cut)),
        ]
        for name, one in rows
    ]
    return _rows(heads, lines)


def _structural_table(rows: Sequence[_Measured]) -> str:
    heads = ["configuration", *(f"{what} {part}" for what in ("evidence", "citations", "words") for part in "PRF")]
    heads += ["values, %", "listing or definition, s"]
    lines = [
        [
            name,
            *(cell for places in (one.evidence, one.citations, one.words) for cell in _prf(places)),
            _number(one.values),
            _number(one.warm_seconds),
        ]
        for name, one in rows
    ]
    return _rows(heads, lines)


def _kind_table(rows: Sequence[_Measured]) -> str:
    kinds = dict.fromkeys(kind for _, one in rows for kind in one.by_kind)
    lines = [[kind, *(one.by_kind.get(kind, "") for _, one in rows)] for kind in kinds]
    return _rows(["right", *(name for name, _ in rows)], lines)


def _memory_table(figures: Sequence[Figures]) -> str:
    heads = ["configuration", "after the first question, GB", "after the last, GB", "questions", "growth, MB"]
    heads += ["keys and values of a turn (worked out), MB"]
    lines: list[list[str]] = []
    for one in figures:
        growth = one.growth
        cells = ["", "", "", ""]
        if growth is not None:
            cells = [_bytes(growth.held[0], _GB), _bytes(growth.held[-1], _GB), str(len(growth.held))]
            cells.append(_bytes(growth.added, _MB))
        lines.append([one.name, *cells, _bytes(one.kv_bytes, _MB)])
    return _rows(heads, lines)


def _training_table(training: Provenance) -> str:
    return table(
        [
            Figure("rows", training.rows, ""),
            Figure("steps", training.steps, ""),
            Figure("tokens computed", training.tokens, ""),
            Figure("time", training.seconds / 60, "min", note=training.device),
            Figure("peak memory", training.peak_memory_bytes / _GB, "GB"),
            Figure("training loss", training.training_loss, "", note="mean of the last steps"),
            Figure("validation loss", training.validation_loss, ""),
            Figure("validation perplexity", training.validation_perplexity, ""),
        ]
    )


def _plots(figures: Sequence[Figures]) -> Mapping[str, str]:
    measured = [
        (one.name, one.disk_bytes / _GB, one.resident_bytes / _GB, it.all.right)
        for one in figures
        for it in one.sets
        if it.name == "discrimination" and one.disk_bytes is not None and one.resident_bytes is not None
    ]
    names = tuple(name for name, *_ in measured)
    on_disk = Series("on disk", tuple((disk, right) for _, disk, _, right in measured), names)
    resident = Series("resident", tuple((held, right) for _, _, held, right in measured), names)
    seconds = [(one.name, _average(one, lambda it: it.seconds)) for one in figures if one.sets]
    held = [
        Series(one.name, tuple((number, size / _GB) for number, size in enumerate(one.growth.held, start=1)))
        for one in figures
        if one.growth is not None
    ]
    return {
        "accuracy": scatter_plot(Labels("Right answers against memory", "GB", "right, %"), [on_disk, resident]),
        "memory": line_plot(Labels("Memory of the model's process", "questions answered", "GB"), held),
        "seconds": bar_plot(Labels("Seconds for a whole answer", "", "s"), seconds),
    }


def _of(one: Figures, name: str, show: Callable[[SetFigures], str]) -> str:
    return next((show(it) for it in one.sets if it.name == name), "")


def _mean(one: Figures, value: Callable[[SetFigures], float]) -> str:
    return _number(_average(one, value)) if one.sets else ""


def _average(one: Figures, value: Callable[[SetFigures], float]) -> float:
    """Return the mean over all answers of all sets."""
    return sum(value(it) * it.all.answers for it in one.sets) / sum(it.all.answers for it in one.sets)


def _answered(one: Figures) -> str:
    return f"{sum(it.all.answers for it in one.sets)}/{sum(it.questions for it in one.sets)}" if one.sets else ""


def _total(one: Figures, value: Callable[[SetFigures], int]) -> str:
    return str(sum(map(value, one.sets))) if one.sets else ""


def _count(one: SetFigures) -> str:
    """Return how many answers are right, of all questions: one that failed is not."""
    return f"{round(one.all.right * one.all.answers / 100)}/{one.questions}"


def _f1(places: Places | None) -> str:
    return f"{places.f1 / 100:.2f}" if places else ""


def _prf(places: Places | None) -> list[str]:
    return [f"{part / 100:.2f}" for part in (places.precision, places.recall, places.f1)] if places else ["", "", ""]


def _bytes(size: int | None, unit: int) -> str:
    return "" if size is None else f"{size / unit:.2f}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def _rows(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    table_lines = [heads, ["---"] * len(heads), *lines]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in table_lines)
