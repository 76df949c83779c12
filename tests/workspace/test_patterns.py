from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.workspace.linear_regex import compile_regex
from lsp_server.workspace.patterns import compile_pattern, has_upper
from lsp_server.workspace.problems import ToolProblem

ATOMS = st.sampled_from([
    "a", "b", "^", "$", r"\s", "[^x]", r"\b", r"\B", "x*", "(?:)", ".", r"\W", "é", r"\A", r"\z", "(?-m)", "(?i)", "|",
    "+", "?", r"\n", r"\C", "(?s)", "(?m)",
])  # fmt: skip
TEXTS = st.text("abx\n é\u2028", max_size=14).map(str.encode) | st.binary(max_size=10)


@settings(max_examples=400)
@given(pattern=st.lists(ATOMS, min_size=1, max_size=6).map("".join), data=TEXTS)
def test_whole_texts_are_searched_as_if_line_by_line(pattern: str, data: bytes):
    """Anchors, classes and odd flags mean each line; numbers and offsets are those of a scan of single lines."""
    try:
        finder = compile_pattern(pattern, regex=True)
    except ToolProblem:
        return
    line = compile_regex(pattern, case_sensitive=has_upper(pattern, regex=True))
    lines = enumerate(data.removesuffix(b"\n").split(b"\n"), start=1)
    expected = [(number, match.start(), match.end()) for number, text in lines if (match := line.search(text))]
    found = list(finder.spots(data))
    assert [(spot.number, spot.start - spot.line_start, spot.end - spot.line_start) for spot in found] == expected
    assert (finder.count(data), len(finder.rows(data))) == (len(expected), len(expected))
    assert all(next(finder.spans(data, spot)) == (spot.start, spot.end) for spot in found)
