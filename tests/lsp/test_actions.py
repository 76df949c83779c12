"""Code actions: asking about and explaining what is selected or stands at the cursor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support.in_process import FakeExplainer, Stage, serving
from support.shop import CORE, make_shop

LITERALS: dict[str, Any] = {
    "textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": []}}}}
}
INVOKED, AUTOMATIC = 1, 2
LINE = CORE[: CORE.index("class Registry(")].count("\n")
NAME = {"line": LINE, "character": 7}
SPACE = {"line": LINE + 1, "character": 0}


async def actions(stage: Stage, root: Path, start: Any, end: Any, **context: Any) -> list[Any]:
    uri = (root / "src/shop/core.py").as_uri()
    params = {"textDocument": {"uri": uri}, "range": {"start": start, "end": end}}
    return await stage.client.request("textDocument/codeAction", params | {"context": {"diagnostics": []} | context})


async def test_a_name_can_be_asked_about_and_explained(tmp_path: Path):
    """On a name there are both actions, of kinds of our own; their commands say what they are about."""
    async with serving() as stage:
        capabilities = (await stage.client.initialize(make_shop(tmp_path), capabilities=LITERALS))["capabilities"]
        assert capabilities["codeActionProvider"]["codeActionKinds"] == ["inglenook.ask", "inglenook.explain"]
        ask, explain = await actions(stage, tmp_path, NAME, NAME)
        document = {"uri": (tmp_path / "src/shop/core.py").as_uri()}
        assert (ask["title"], ask["kind"]) == ("Ask about this", "inglenook.ask")
        assert ask["command"]["command"] == "inglenook.ask"
        assert ask["command"]["arguments"] == [
            {"question": "What does `Registry` do, and who uses it?", "context": {"textDocument": document}}
        ]
        assert (explain["title"], explain["kind"]) == ("Explain this", "inglenook.explain")
        assert explain["command"]["arguments"] == [{"textDocument": document, "position": NAME}]


async def test_a_selection_can_be_asked_about_and_explained(tmp_path: Path):
    """The selection travels with both commands, and the server takes them back as they are."""
    explainer = FakeExplainer("Words.")
    async with serving(explainer=explainer) as stage:
        await stage.client.initialize(make_shop(tmp_path), capabilities=LITERALS)
        end = {"line": LINE + 4, "character": 0}
        found = await actions(stage, tmp_path, SPACE, end, triggerKind=AUTOMATIC)
        for action in found:
            command = {name: action["command"][name] for name in ("command", "arguments")}
            assert await stage.client.request("workspace/executeCommand", command)
        [(question, selection, _)] = stage.askers[0].asked
        assert question == "What does this code do?"
        assert selection is not None
        assert (selection.start, selection.end) == (LINE + 2, LINE + 4)
        assert len(explainer.explained) == 1


async def test_an_older_client_gets_bare_commands(tmp_path: Path):
    """A client that knows no action literals gets commands, which all know."""
    async with serving() as stage:
        await stage.client.initialize(make_shop(tmp_path))
        found = await actions(stage, tmp_path, NAME, NAME)
        assert [(item["title"], item["command"]) for item in found] == [
            ("Ask about this", "inglenook.ask"),
            ("Explain this", "inglenook.explain"),
        ]


@pytest.mark.parametrize(
    ("start", "context", "titles"),
    [
        (SPACE, {}, []),
        (NAME, {"triggerKind": INVOKED}, ["Ask about this", "Explain this"]),
        (NAME, {"triggerKind": AUTOMATIC}, []),
        (NAME, {"only": ["inglenook"]}, ["Ask about this", "Explain this"]),
        (NAME, {"only": ["inglenook.explain"]}, ["Explain this"]),
        (NAME, {"only": ["", "quickfix"]}, ["Ask about this", "Explain this"]),
        (NAME, {"only": ["quickfix", "source.fixAll", "inglenook.exp"]}, []),
        ({"line": 10_000, "character": 0}, {}, []),
    ],
)
async def test_what_is_offered_when(tmp_path: Path, start: Any, context: Any, titles: list[str]):
    """Nothing on blank space, nothing that was not asked for, and no light bulb that follows the cursor."""
    async with serving() as stage:
        await stage.client.initialize(make_shop(tmp_path), capabilities=LITERALS)
        assert [action["title"] for action in await actions(stage, tmp_path, start, start, **context)] == titles


async def test_other_documents_have_no_actions(tmp_path: Path):
    """A name in a file outside the workspace is none of ours."""
    async with serving() as stage:
        await stage.client.initialize(make_shop(tmp_path))
        params = {"textDocument": {"uri": "untitled:a"}, "range": {"start": NAME, "end": NAME}}
        found = await stage.client.request("textDocument/codeAction", params | {"context": {"diagnostics": []}})
        assert found == []
