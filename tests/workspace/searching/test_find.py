from __future__ import annotations

import re
import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsp_server.kinds import SEARCH_KINDS, SearchKind
from lsp_server.settings import Settings
from lsp_server.workspace.files import normal
from lsp_server.workspace.hits import Hit
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.searching import find as find_room
from lsp_server.workspace.workspace import Workspace
from support.finding import in_range, shown
from support.shop import write


def test_definitions_come_before_files_before_uses(workspace: Workspace):
    """The name itself, code before vendored; then files of that name; then text, code before prose and tests."""
    found = workspace.find("Registry")
    assert found.kind == "symbol"
    assert shown(found)[:5] == [
        "class src/shop/core.py:33 Registry",
        "class vendor/registry.py:1 Registry",
        "file vendor/registry.py:1 registry",
        "text src/shop/core.py:64 Registry",
        "text src/shop/core.py:65 Registry",
    ]
    assert [line.split(":")[0] for line in shown(found)[6:]] == [
        "text README.md",
        "text keep.log",
        "text tests/test_core.py",
        "text tests/test_core.py",
    ]
    assert found.total == len(found.hits)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("register_factory", "method src/shop/core.py:38 register_factory"),
        ("regfac", "method src/shop/core.py:38 reg+fac"),
        ("RF", "method src/shop/core.py:38 r+f"),
        ("REGISTERFACTORY", "method src/shop/core.py:38 register+factory"),
        ("Registry.register_factory", "method src/shop/core.py:38 register_factory"),
        ("core::Registry", "class src/shop/core.py:33 Registry"),
        ("reg.aclo", "method src/shop/core.py:60 aclo"),
        ("core.py", "file src/shop/core.py:1 core.py"),
        ("shop/use.py:7", "file src/shop/use.py:7 shop/use.py"),
        ("shop.core", "file src/shop/core.py:1 shop/core"),
        ('"def close"', "text src/shop/core.py:19 def close"),
        ("/def \\w+_factory/", "text src/shop/core.py:38 def register_factory"),
        ("raise .*Missing$", "text src/shop/use.py:10 raise core.ServiceMissing"),
        ("make_registry(2)", "text src/shop/use.py:7 make_registry(2)"),
        ("Where are services registered?", "passage src/shop/core.py:34 services+registered"),
        ("What does Registry.check do?", "method src/shop/core.py:48 check"),
        ("register factory", "method src/shop/core.py:38 register_factory"),
        ("class Registry", "class src/shop/core.py:33 Registry"),
        ("kind:method clo", "method src/shop/core.py:19 clo"),
        ("name:Registry.size", "method src/shop/core.py:54 size"),
    ],
)
def test_the_best_hit_comes_first(workspace: Workspace, query: str, first: str):
    """Whatever is typed, what was most probably meant is on top."""
    assert shown(workspace.find(query))[0] == first


def test_same_named_files_are_told_apart(workspace: Workspace, sample: Path):
    """Each hit names its file; an owner or a folder in the query chooses among them."""
    write(sample, "src/other/core.py", "class Registry:\n    def close(self): ...\n")
    hits = [line for line in shown(workspace.find("Registry")) if line.startswith("class")]
    assert hits == [
        "class src/other/core.py:1 Registry",
        "class src/shop/core.py:33 Registry",
        "class vendor/registry.py:1 Registry",
    ]
    assert shown(workspace.find("other.Registry", "symbol")) == ["class src/other/core.py:1 Registry"]
    assert shown(workspace.find("other/core.py"))[0] == "file src/other/core.py:1 other/core.py"


def test_exact_text_is_found_line_by_line(workspace: Workspace):
    """One hit a line, all its matches marked; lower case ignores case, upper case does not, unless nothing is found."""
    found = workspace.find("registry()", "exact")
    assert (found.kind, found.total) == ("exact", 3)
    assert "text src/shop/core.py:65 Registry()" in shown(found)
    assert shown(workspace.find("Registry()", "exact")) == ["text src/shop/core.py:65 Registry()"]
    shouted = workspace.find("REGISTRY()", "exact")
    assert shouted.total == 3
    assert "case was ignored" in shouted.note
    assert shown(workspace.find("cl", "exact"))[0] == "text src/shop/core.py:18 cl+Cl"


def test_definitions_stand_before_uses_in_text_too(workspace: Workspace, sample: Path):
    """The line that defines an identifier comes first, wherever its file stands in the order."""
    write(sample, "src/a.py", "late_name()\n" * 3)
    write(sample, "src/z.py", "def late_name(): ...\n")
    assert shown(workspace.find("late_name", "exact"))[0] == "text src/z.py:1 late_name"


def test_a_guess_gives_way(workspace: Workspace, sample: Path):
    """What finds nothing as it was taken is taken otherwise, and the note says so; a kind that was given stays."""
    write(sample, "signs.txt", "see '^anchor' here\n")
    plain = workspace.find("^anchor")
    assert (plain.kind, shown(plain)) == ("exact", ["text signs.txt:1 ^anchor"])
    assert "plain text" in plain.note
    words = workspace.find("registering (the) services")
    assert words.kind == "words"
    assert "match its words" in words.note
    assert workspace.find("^anchor", "regex").hits == ()


def test_nothing_is_found_quietly(workspace: Workspace):
    """No hits, no error, and the kind that the query was taken as."""
    found = workspace.find("zzzzz")
    assert (found.hits, found.total, found.kind) == ((), 0, "symbol")
    assert found.freshness.stale == 0


def test_first_hits_come_early_and_the_last_list_is_the_answer(workspace: Workspace):
    """Lists only get better: the last one told is what is returned."""
    told: list[tuple[Hit, ...]] = []
    found = workspace.find("Registry", first=told.append)
    assert len(told) > 1
    assert [hit.kind for hit in told[0]] == ["class"]
    assert told[-1] == found.hits


def test_a_cancelled_search_returns_at_once(workspace: Workspace, sample: Path):
    """It tells nothing more, and gives what it has."""
    told: list[tuple[Hit, ...]] = []
    write(sample, "big.txt", "needle\n" * 200_000)
    for query in ("needle", "where is the needle", "/needle$/", "calls:needle", "kind:class"):
        began = time.perf_counter()
        assert workspace.find(query, cancelled=lambda: True, first=told.append).hits == ()
        assert time.perf_counter() - began < 2
    assert told == []


def test_time_is_bounded_and_told(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    """Out of time, a search says so."""
    monkeypatch.setattr(find_room, "SECONDS", -1.0)
    assert "Stopped" in workspace.find("Registry").note


def test_the_limit_is_kept_and_the_rest_counted(workspace: Workspace, sample: Path):
    """No more hits than asked for; `total` counts further lines."""
    write(sample, "many.txt", "needle\n" * 100)
    found = workspace.find("needle", limit=7)
    assert (len(found.hits), found.total) == (7, 100)
    with pytest.raises(ToolProblem):
        workspace.find("needle", limit=0)


def test_a_few_lines_of_each_file_come_before_many_of_one(workspace: Workspace, sample: Path):
    """One file full of matches does not hide the others."""
    write(sample, "a.txt", "needle\n" * 100)
    write(sample, "b.txt", "needle\n")
    assert "text b.txt:1 needle" in shown(workspace.find("needle", "exact", limit=10))


def test_a_buffer_is_searched_as_it_stands(workspace: Workspace, sample: Path):
    """Unsaved text is found by name and by text, and what it replaced is not."""
    uri = (sample / "src/shop/use.py").as_uri()
    workspace.files.open_buffer(uri, "class Unsaved:\r\n    def fresh_method(self): ...\r\n")
    assert shown(workspace.find("fresh_method"))[0] == "method src/shop/use.py:2 fresh_method"
    assert shown(workspace.find("Shop", "symbol")) == ["heading README.md:1 Shop"]


def test_no_place_is_shown_twice(workspace: Workspace):
    """Every hit has a place of its own."""
    for query in ("Registry", "class Registry", "What is Registry and make_registry?", "registry", "core"):
        hits = workspace.find(query).hits
        assert len({(hit.located, hit.start, hit.kind == "file") for hit in hits}) == len(hits)
        assert all(left.score >= right.score for left, right in pairwise(hits))


UNICODE = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(text=UNICODE, needle=st.text("aé😀 \u0301ß", min_size=1, max_size=3))
def test_ranges_and_marks_say_the_same(tmp_path: Path, text: str, needle: str):
    """A hit's bytes decode to what was looked for, and the marked characters are the same."""
    (tmp_path / "a.txt").write_bytes(f"{text}{needle}{text}".encode())
    workspace = Workspace([tmp_path], Settings())
    if not needle.strip():
        return
    found = workspace.find(needle, "exact")
    assert found.hits
    for hit in found.hits:
        assert in_range(workspace, hit).lower() == needle.lower()
        assert all(hit.text[start:end].lower() == needle.lower() for start, end in hit.marks)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    text=st.text("ab.\n é\r", max_size=60),
    pattern=st.sampled_from(["a.", "^b", "a$", "b+", "[ab]{2}", "\\S\\s", "é|a"]),
)
def test_an_expression_finds_the_lines_that_a_scan_finds(tmp_path: Path, text: str, pattern: str):
    """Line by line, as Python's own expressions do."""
    (tmp_path / "a.txt").write_bytes(text.encode())
    lines = normal(text.encode()).decode().removesuffix("\n").split("\n")
    expected = {number: match.span() for number, line in enumerate(lines, 1) if (match := re.search(pattern, line))}
    hits = Workspace([tmp_path], Settings()).find(pattern, "regex").hits
    assert {hit.line: hit.marks[0] for hit in hits} == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    query=st.text(max_size=30) | st.text("/\\\"'`()[].*:cals kindameRg", max_size=12),
    kind=st.sampled_from(SEARCH_KINDS),
)
def test_any_query_gets_an_answer_or_a_reason(workspace: Workspace, query: str, kind: SearchKind):
    """No characters break a search; every hit is whole."""
    try:
        found = workspace.find(query, kind, limit=5)
    except ToolProblem:
        return
    assert found.kind != "auto"
    for hit in found.hits:
        data = workspace.files.data(hit.located)
        assert data.count(b"\n", 0, hit.start) == hit.line - 1
        assert hit.kind == "file" or hit.text[slice(*hit.marks[0])] in in_range(workspace, hit)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+$", "(.*a){20}b", "(a?){50}a{50}$"])
def test_no_expression_explodes(workspace: Workspace, sample: Path, pattern: str):
    """The classic catastrophic patterns take linear time."""
    write(sample, "bomb.txt", "a" * 100_000 + "!")
    began = time.perf_counter()
    workspace.find(pattern, "regex")
    assert time.perf_counter() - began < 10


@pytest.fixture
def odd(tmp_path: Path) -> Workspace:
    files = {
        "CHANGELOG.md": "# Changes\n\n- fix a memory leak in the till\n- another memory leak\n",
        "src/till.py": "class Till:\n    pass  # TODO: count\n# a memory leak is avoided here\n",
        "src/drawer.java": "class Drawer { Till till; Till other; }\n",
        "src/flow.py": "def start_of_dough(): ...\n",
        "tests/test_till.py": "class TillTest: ...\nclass Drawers: ...\n",
        "src/main/shop/nodes/Node.java": "package shop.nodes;\nclass Node {}\n",
    }
    for path, text in files.items():
        write(tmp_path, path, text)
    return Workspace([tmp_path], Settings())


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("till", "class src/till.py:1 Till"),  # rather than a field of that very name
        ("TODO", "text src/till.py:2 TODO"),
        ("Drawers", "class tests/test_till.py:2 Drawers"),
        ("memory leak", "text src/till.py:3 memory leak"),
        ("src.flow", "file src/flow.py:1"),
        ("shop.nodes", "file src/main/shop/nodes/Node.java:1"),
        ("shop::Till", "class src/till.py:1 Till"),
        ("crate::src::flow", "file src/flow.py:1"),
    ],
)
def test_what_a_person_means_comes_first(odd: Workspace, query: str, first: str):
    """Types before fields, what was typed before scattered letters, code before changelogs, dotted paths as files."""
    assert shown(odd.find(query))[0].startswith(first)


def test_an_empty_answer_says_why_where_that_is_known(tmp_path: Path):
    """Go's types do not name their interfaces."""
    write(
        tmp_path, "till.go", "package a\ntype Ringer interface { Ring() }\ntype Till struct{}\nfunc (Till) Ring() {}\n"
    )
    found = Workspace([tmp_path], Settings()).find("inherits:Ringer")
    assert found.hits == ()
    assert "same methods" in found.note


def test_a_line_with_a_word_a_thousand_times_is_one_hit(tmp_path: Path):
    """A bundle is one long line; of its matches only the first are marked."""
    write(tmp_path, "bundle.txt", "return value; " * 5000)
    [hit] = Workspace([tmp_path], Settings()).find("value return", "words").hits
    assert 0 < len(hit.marks) <= 20


def test_of_code_and_a_document_on_it_code_comes_first(tmp_path: Path):
    """A document says the same in more words; who asks for documents gets them first."""
    write(tmp_path, "pool.py", 'def reap(worker):\n    """Kill a worker whose heartbeat is too old."""\n')
    write(tmp_path, "guide.md", "# Workers\n\nA worker whose heartbeat is old is killed: kill, heartbeat, old.\n")
    workspace = Workspace([tmp_path], Settings())
    first = workspace.find("old heartbeat worker kill", "words").hits[0].located.relative
    asked_for = workspace.find("documentation of old heartbeat worker kill", "words").hits[0].located.relative
    assert (first, asked_for) == ("pool.py", "guide.md")
