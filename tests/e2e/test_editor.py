"""An editor asks; the script answers through the real agent, socket, queue and grammar."""

from __future__ import annotations

from typing import Any

import pytest
from lsprotocol import types

from support.scripted_server import LISTING, SETTINGS, Editor, Scripted

ASK = "inglenook/ask"
QUESTION = "List the protocols."


async def ask(editor: Editor, question: str = QUESTION, **params: Any) -> Any:
    return await editor.protocol.send_request_async(ASK, {"question": question} | params)


async def test_a_listing_is_asked_searched_and_cited(editor: Editor, scripted: Scripted):
    """The answer comes with checked citations, complete evidence, and every step in order."""
    result = await ask(editor, workDoneToken="w", partialResultToken="p")
    assert result.outcome == "answered"
    assert "core.py:4" in result.answer
    assert [(place.path, place.range.start.line, place.verified) for place in result.citations] == [
        ("core.py", 3, True)
    ]
    assert [(place.uri, place.path) for place in result.evidence] == [
        ((scripted.workspace / "core.py").as_uri(), "core.py")
    ]
    tools = [span for span in result.trace.spans if span.name == "symbols"]
    assert [(span.arguments.inherits, span.hits) for span in tools] == [("Protocol", 1)]


async def test_partial_results_make_up_the_answer(editor: Editor):
    """The text that was streamed and not withdrawn begins the answer; each span is told as it ends."""
    result = await ask(editor, partialResultToken="p")
    text = ""
    for value in editor.values["p"]:
        text = "" if value["kind"] == "reset" else text + value.get("delta", "")
    assert result.answer.startswith(text.strip())
    assert text
    spans = [value["span"]["name"] for value in editor.values["p"] if value["kind"] == "span"]
    assert spans == [span.name for span in result.trace.spans]
    cited = [value["citation"]["path"] for value in editor.values["p"] if value["kind"] == "citation"]
    assert cited == ["core.py"]


async def test_progress_tells_the_steps(editor: Editor):
    """Progress begins once, names the tool with its arguments, hits and time, and ends with the timing line."""
    await ask(editor, workDoneToken="w")
    values = editor.values["w"]
    assert values[0] == {"kind": "begin", "title": "Ask", "cancellable": True}
    messages = [value["message"] for value in values if value["kind"] == "report"]
    assert any(line.startswith("symbols `kind=class inherits=Protocol` · 1 symbol") for line in messages)
    assert [value["kind"] for value in values].count("end") == 1
    seconds, tools, cached, speed = values[-1]["message"].split(" · ")
    assert seconds.endswith(" s")
    assert tools == "1 tool"
    assert cached.endswith(" % cached")
    assert speed.endswith(" tok/s")


async def test_the_command_works_without_custom_code(editor: Editor):
    """`workspace/executeCommand` with a bare string answers, and shows a progress that the server created."""
    params = types.ExecuteCommandParams(command="inglenook.ask", arguments=[QUESTION])
    result: Any = await editor.workspace_execute_command_async(params)
    assert result["outcome"] == "answered"
    # a slow machine's index has a progress of its own
    [(token, values)] = [found for found in editor.values.items() if found[1][0].get("title") == "Ask"]
    assert token in editor.progress_reports
    assert (values[0]["kind"], values[-1]["kind"]) == ("begin", "end")


async def test_the_same_tokens_serve_again(editor: Editor):
    """A token may be used for one question after the other."""
    for _ in range(2):
        assert (await ask(editor, workDoneToken="w", partialResultToken="p")).outcome == "answered"
    assert [value["kind"] for value in editor.values["w"]].count("end") == 2


async def test_a_second_turn_reuses_the_first(editor: Editor, scripted: Scripted):
    """In a conversation, the second question finds nearly all of its prompt computed."""
    first = await ask(editor)
    second = await ask(editor, conversationId=first.conversationId)
    assert second.conversationId == first.conversationId
    assert second.trace.timing.cachedTokens > first.trace.timing.cachedTokens


async def test_an_unsaved_buffer_shadows_its_file(editor: Editor, scripted: Scripted):
    """The agent's tools see what the editor shows, not what was saved."""
    scripted.write({"when": "2 symbols", "say": "Two."}, FOUND_ONE, LISTING)
    uri = (scripted.workspace / "core.py").as_uri()
    text = "class One(Protocol): ...\nclass Two(Protocol): ...\n"
    editor.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, types.LanguageKind.Python, 1, text))
    )
    result = await ask(editor)
    assert [place.text for place in result.evidence] == text.splitlines()
    editor.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    assert [place.range.start.line for place in (await ask(editor)).evidence] == [3]


FOUND_ONE = {"when": "1 symbol", "say": "One."}


async def test_several_folders_with_odd_names(editor: Editor, scripted: Scripted, tmp_path: Any):
    """A folder that is added is searched too, whatever its name."""
    scripted.write({"when": "2 symbols", "say": "Two."}, LISTING)
    other = tmp_path / "ünï #1 100%"
    other.mkdir()
    (other / "ß é.py").write_text("class Listener(Protocol): ...\n", encoding="utf-8")
    added = [types.WorkspaceFolder(other.as_uri(), "odd")]
    editor.workspace_did_change_workspace_folders(
        types.DidChangeWorkspaceFoldersParams(types.WorkspaceFoldersChangeEvent(added=added, removed=[]))
    )
    result = await ask(editor)
    assert {place.uri for place in result.evidence} == {
        (other / "ß é.py").as_uri(),
        (scripted.workspace / "core.py").as_uri(),
    }


@pytest.mark.parametrize(("mode", "severities"), [("off", []), ("citations", [3]), ("all", [3])])
async def test_diagnostics_follow_the_setting(editor: Editor, scripted: Scripted, mode: str, severities: list[int]):
    """After an answer its places are marked as the setting says; clearing removes the marks."""
    editor.set_configuration({"inglenook": {**SETTINGS, "trace": {"diagnostics": mode}}})
    editor.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings=None))
    await ask(editor)
    uri = (scripted.workspace / "core.py").as_uri()
    assert [diagnostic.severity for diagnostic in editor.diagnostics.get(uri, [])] == severities
    await editor.protocol.send_request_async("inglenook/clearTrace", {})
    assert list(editor.diagnostics.get(uri, [])) == []
