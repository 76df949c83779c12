"""Is this model fit to serve? Asked of every folder before it is admitted.

Three questions: does the end-of-turn token end a turn; were the dialect's markers ever trained (a marker whose
embedding row is that of unused tokens can neither be said nor be told apart); does a forced call parse back.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import attrs
import cattrs

from lsp_server import __version__, modelstore
from lsp_server.dialects import dialect_named, schema
from lsp_server.engine.base import CallChunk, Chunk, DoneChunk, Job, Message, Sampling, ToolSpec
from lsp_server.errors import InglenookError, ModelRefused
from lsp_server.resident.backend import Backend
from lsp_server.resident.chat import Chat
from lsp_server.resident.generate import Model, generate

UNTRAINED_SIMILARITY = 0.999
"""Rows at least this alike are both untrained.

In Qwen2.5-Coder 0.5B the trained markers stay below 0.93 and the untrained ones reach 0.99999.
"""

_UNUSED_ROWS = 8
_LONGEST_GREETING = 96

NEUTRAL_TOOL = ToolSpec(
    name="search",
    signature="search(pattern)",
    summary="find text in the files",
    parameters=schema({"pattern": {"type": "string", "maxLength": 40}}, ["pattern"]),
)
"""For probing a folder when no server has named its own tool."""


@attrs.frozen
class Verdict:
    """What the probe found."""

    admitted: bool
    checks: tuple[str, ...]
    """One line for each question that was answered well."""
    reason: str = ""
    """Why the model was refused."""
    hint: str | None = None
    """What to do about it; None for what is always to be done."""


def check_prompts(manifest: modelstore.Manifest, prompt_version: str) -> str:
    """Hold the prompts that the model was tuned for against those that it would be served with.

    Raises:
        ModelRefused: they differ; it would call tools as they were, and answer worse than untuned.
    """
    if not manifest.prompt_version:
        return "prompts: any, for the model was not tuned"
    if manifest.prompt_version != prompt_version:
        raise ModelRefused(
            f"The model {manifest.recipe} was tuned for other prompts ({manifest.prompt_version}) than this version's "
            f"({prompt_version}).",
            f"Run `inglenook model build --recipe {manifest.recipe}` to make the one for this version.",
        )
    return "prompts: those that it was tuned for"


def check_markers(backend: Backend, chat: Chat) -> str:
    """Compare the embedding rows of the dialect's markers with those of ids that stand for nothing.

    Raises:
        ModelRefused: a marker was never trained.
    """
    unused = chat.unused_ids(_UNUSED_ROWS)
    if not unused:
        return "markers: the vocabulary has no unused ids to compare with"
    closest = 0.0
    for marker in chat.dialect.markers:
        similarity = backend.row_similarity(chat.marker_id(marker), unused)
        closest = max(closest, similarity)
        if similarity >= UNTRAINED_SIMILARITY:
            raise ModelRefused(
                f"The model was never trained on {marker}, which the dialect {chat.dialect.name} writes "
                f"(its embedding row is that of an unused token: cosine {similarity:.5f}).",
                "Choose another dialect in the model's recipe, such as json-fence.",
            )
    return f"markers: trained (nearest unused row at cosine {closest:.3f})"


def check_turn_end(model: Model) -> str:
    """Let the model greet and see that it ends its turn by itself.

    Raises:
        ModelRefused: it goes on and on.
    """
    messages = (Message("system", "Answer in one short sentence."), Message("user", "Say hello."))
    done = _done(_run(model, Job(messages, sampling=Sampling(max_tokens=_LONGEST_GREETING))))
    if done.reason != "stop":
        raise ModelRefused(f"The model did not end its turn within {_LONGEST_GREETING} tokens of a greeting.")
    return f"end of turn: after {len(done.token_ids)} tokens"


def check_forced_call(model: Model, tool: ToolSpec) -> str:
    """Demand a call of `tool` and see that it parses back.

    Raises:
        ModelRefused: it does not.
    """
    messages = (
        Message("system", f"Tools: {tool.signature}: {tool.summary}."),
        Message("user", "Find the word main in the files."),
    )
    chunks = _run(model, Job(messages, tools=(tool,), calls="demanded", sampling=Sampling(max_tokens=200)))
    call = next((chunk.call for chunk in chunks if isinstance(chunk, CallChunk)), None)
    if call is None or call.name != tool.name:
        raise ModelRefused(f"A call of {tool.name} that the model was made to write could not be read back.")
    return f"forced call: {json.dumps(dict(call.arguments), ensure_ascii=False)}"


def probe(model: Model, tool: ToolSpec) -> Verdict:
    """Ask all three questions; a refusal is a verdict, not an error."""
    try:
        checks = (
            check_markers(model.backend, model.chat),
            check_turn_end(model),
            check_forced_call(model, tool),
        )
    except ModelRefused as refused:
        return Verdict(admitted=False, checks=(), reason=refused.sentence, hint=refused.hint)
    return Verdict(admitted=True, checks=checks)


def admit(model: Model, folder: modelstore.ModelFolder, tool: ToolSpec) -> Verdict:
    """Return the verdict on a loaded folder: remembered where these files were probed by this version here.

    Raises:
        ModelRefused: the verdict is no.
    """
    key = "\n".join((__version__, folder.manifest.dialect, repr(tool), model.backend.device))
    verdict = _known(folder, key)
    if verdict is None:
        verdict = probe(model, tool)
        modelstore.save_verdict(folder, key, attrs.asdict(verdict))
    if not verdict.admitted:
        raise ModelRefused(verdict.reason, verdict.hint)
    return verdict


def _known(folder: modelstore.ModelFolder, key: str) -> Verdict | None:
    try:
        return cattrs.structure(modelstore.load_verdict(folder, key), Verdict)
    except Exception:  # noqa: BLE001 - none, or of another form: cattrs raises groups of anything
        return None


def _run(model: Model, job: Job) -> list[Chunk]:
    return [chunk for chunk in generate(model, job) if chunk is not None]


def _done(chunks: list[Chunk]) -> DoneChunk:
    last = chunks[-1]
    if not isinstance(last, DoneChunk):
        raise ModelRefused("The model ended without finishing its turn.")
    return last


def main(argv: list[str] | None = None) -> int:
    """`python -m lsp_server.resident.probe FOLDER`: print the verdict as JSON; exit 1 on a refusal."""
    from lsp_server.resident.loading import load_folder  # noqa: PLC0415 - importing it loads mlx

    parser = argparse.ArgumentParser(description="Probe a model folder.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--prompt-version", required=True, help="the prompts that the model would be served with")
    arguments = parser.parse_args(argv)
    try:
        manifest = modelstore.open_folder(arguments.folder).manifest
        prompts = check_prompts(manifest, arguments.prompt_version)
        model = load_folder(arguments.folder, dialect_named(manifest.dialect))
        verdict = probe(model, NEUTRAL_TOOL)
        verdict = attrs.evolve(verdict, checks=(prompts, *verdict.checks))
        model.backend.close()
    except InglenookError as error:
        verdict = Verdict(admitted=False, checks=(), reason=error.sentence, hint=error.hint)
    sys.stdout.write(json.dumps(attrs.asdict(verdict), ensure_ascii=False) + "\n")
    return 0 if verdict.admitted else 1


if __name__ == "__main__":
    sys.exit(main())
