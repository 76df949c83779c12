"""`make bench`: measure on this machine, print the table, and keep it with its JSON in models/results/."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import attrs

from lsp_server.modelstore import ModelFolder, chosen
from lsp_server.settings import Settings
from models.bench import ask, device, drafts, engine
from models.bench.figures import Figure, table
from models.bench.machine import machine

RESULTS = Path(__file__).parents[1] / "results"
_PREFILL_RATIO = 30


def _say(what: str) -> None:
    sys.stderr.write(f"measuring: {what}\n")


def _device_figures(folder: ModelFolder) -> list[Figure]:
    with_blas = device.measure(folder.path, blas=True)
    plain = device.measure(folder.path, blas=False)
    return [
        Figure("prefill", with_blas.prefill, "tok/s", better="higher"),
        Figure("decode", with_blas.decode, "tok/s", better="higher"),
        Figure("prefill, plain wheel", plain.prefill, "tok/s", better="higher"),
        Figure("decode, plain wheel", plain.decode, "tok/s", better="higher"),
        Figure("prefill over the plain wheel's", with_blas.prefill / plain.prefill, "times", _PREFILL_RATIO, "higher"),
    ]


def main() -> int:
    """Measure everything, one after the other."""
    folder = chosen(Settings())
    _say("the device, with and without the BLAS")
    figures = _device_figures(folder)
    _say("decoding with drafts and without")
    figures.append(drafts.measure(folder.path))
    figures += asyncio.run(engine.measure(folder, _say))
    _say("an ask through the language server")
    figures += asyncio.run(ask.measure())
    facts = {"model": folder.manifest.title, **machine("mlx", "mlx-lm")}
    heading = " · ".join(f"{key} {value}" for key, value in facts.items())
    text = f"# Serving\n\nMade by `make bench`; every figure of one run.\n\n{heading}\n\n{table(figures)}"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "serving.md").write_text(text, encoding="utf-8")
    data = {"machine": facts, "figures": [attrs.asdict(figure) | {"met": figure.met} for figure in figures]}
    (RESULTS / "serving.json").write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
