"""Which models are fit to serve."""

import json
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import attrs
import pytest

from lsp_server.dialects import Dialect, dialect_named
from lsp_server.engine.base import ToolCall
from lsp_server.errors import ModelRefused
from lsp_server.modelstore import ModelFolder
from lsp_server.resident import probe as probe_module
from lsp_server.resident.chat import Chat
from lsp_server.resident.generate import Model
from lsp_server.resident.probe import NEUTRAL_TOOL, admit, check_markers, probe
from support.homes import private_home
from support.scripted_backend import ScriptedBackend, byte_tokenizer, device_of, scripted_model
from support.scripted_model import scripted_folder

GREETING = "Hello."


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    with private_home(monkeypatch) as made:
        yield made


def trained(model: Model, monkeypatch: pytest.MonkeyPatch) -> Model:
    """Give the model's markers rows of their own."""

    def similarity(token: int, others: Sequence[int]) -> float:
        return 0.2

    monkeypatch.setattr(device_of(model), "row_similarity", similarity)
    return model


def test_a_model_that_answers_all_three_is_admitted() -> None:
    """The verdict names what was found for each question."""
    verdict = probe(scripted_model(lambda _: GREETING), NEUTRAL_TOOL)
    assert verdict.admitted
    assert [check.partition(":")[0] for check in verdict.checks] == ["markers", "end of turn", "forced call"]
    assert verdict.reason == ""


def test_a_model_that_never_ends_its_turn_is_refused() -> None:
    """A greeting that goes on and on means that the end-of-turn token is not the model's."""
    verdict = probe(scripted_model(lambda _: "hello " * 1000), NEUTRAL_TOOL)
    assert not verdict.admitted
    assert "did not end its turn" in verdict.reason
    assert verdict.checks == ()


def test_markers_that_were_never_trained_are_refused_with_the_cosine() -> None:
    """In the hermes dialect a row like that of an unused token is named, with how alike they are and what to do."""
    verdict = probe(scripted_model(lambda _: GREETING, dialect="hermes"), NEUTRAL_TOOL)
    assert not verdict.admitted
    assert "<tool_call>" in verdict.reason
    assert "cosine 1.00000" in verdict.reason
    assert "json-fence" in (verdict.hint or "")


def test_trained_markers_are_admitted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same dialect is fine for a model whose markers have rows of their own."""
    verdict = probe(trained(scripted_model(lambda _: GREETING, dialect="hermes"), monkeypatch), NEUTRAL_TOOL)
    assert verdict.admitted
    assert "0.200" in verdict.checks[0]


def test_without_unused_ids_the_markers_are_not_compared() -> None:
    """A vocabulary without spare rows says so instead of guessing."""
    chat = Chat(byte_tokenizer(), dialect_named("hermes"))
    assert "no unused ids" in check_markers(ScriptedBackend(chat, lambda _: ""), chat)


def test_a_forced_call_that_cannot_be_read_back_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialect whose calls do not parse as they were written serves nobody."""
    model = scripted_model(lambda _: GREETING)

    def unreadable(_: Dialect, text: str) -> ToolCall | None:
        return None

    monkeypatch.setattr(Dialect, "parse_call", unreadable)
    verdict = probe(model, NEUTRAL_TOOL)
    assert not verdict.admitted
    assert "could not be read back" in verdict.reason


def test_a_call_that_has_no_end_is_refused() -> None:
    """A model that fills a call's argument for ever has not made a call."""
    endless = attrs.evolve(
        NEUTRAL_TOOL,
        parameters={
            "type": "object",
            "properties": {"pattern": {"type": "string"}},
            "required": ["pattern"],
            "additionalProperties": False,
        },
    )
    reply = '```json\n{"name": "search", "arguments": {"pattern": "' + "x" * 5000

    verdict = probe(scripted_model(lambda prompt: reply if "word main" in prompt else GREETING), endless)
    assert not verdict.admitted
    assert "could not be read back" in verdict.reason


@pytest.fixture
def probes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each time that a model is probed."""
    seen: list[str] = []
    real = probe_module.probe

    def noting(model: Model, tool: object) -> probe_module.Verdict:
        seen.append(model.name)
        return real(model, NEUTRAL_TOOL)

    monkeypatch.setattr(probe_module, "probe", noting)
    return seen


def admitted(reply: str, folder: ModelFolder, dialect: str = "json-fence") -> Callable[[], probe_module.Verdict]:
    return lambda: admit(scripted_model(lambda _: reply, dialect=dialect), folder, NEUTRAL_TOOL)


def test_a_verdict_is_remembered(home: Path, probes: list[str]) -> None:
    """The same files are probed once; the second load takes the same verdict from disk."""
    folder = scripted_folder(home)
    first = admitted(GREETING, folder)()
    assert admitted(GREETING, folder)() == first
    assert len(probes) == 1


def test_a_refusal_is_remembered_with_its_hint(home: Path, probes: list[str]) -> None:
    """A refused model is refused again in the same words, unprobed."""
    folder = scripted_folder(home)
    told: list[tuple[str, str]] = []
    for _ in range(2):
        with pytest.raises(ModelRefused, match="never trained") as raised:
            admitted(GREETING, folder, "hermes")()
        told.append((raised.value.sentence, raised.value.hint))
    assert told[0] == told[1]
    assert "json-fence" in told[0][1]
    assert len(probes) == 1


def test_other_files_are_probed_anew(home: Path, probes: list[str]) -> None:
    """A verdict is of these very files: another hash asks again."""
    folder = scripted_folder(home)
    admitted(GREETING, folder)()
    changed = ModelFolder(folder.path, attrs.evolve(folder.manifest, hashes={"weights": "other"}))
    admitted(GREETING, changed)()
    assert len(probes) == 2


def test_a_verdict_that_cannot_be_read_is_asked_for_again(home: Path, probes: list[str]) -> None:
    """A remembered verdict of another form does not stop a model from loading."""
    folder = scripted_folder(home)
    admitted(GREETING, folder)()
    (remembered,) = (home / "data" / "probes").iterdir()
    remembered.write_text(json.dumps({"admitted": True}))
    assert admitted(GREETING, folder)().admitted
    assert len(probes) == 2
