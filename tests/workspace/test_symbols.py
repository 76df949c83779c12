from __future__ import annotations

import ast
from pathlib import Path
from typing import TypedDict, Unpack

import pytest

from lsp_server.settings import Settings
from lsp_server.workspace import symbols as symbols_room
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.workspace import Workspace
from support.shop import CORE, USE, write


class Asked(TypedDict, total=False):
    """The parameters of symbols."""

    name: str
    kind: str
    inherits: str
    decorated_by: str
    calls: str
    raises: str


def rows(workspace: Workspace, **arguments: Unpack[Asked]) -> list[str]:
    """Rows as the model reads them."""
    found = workspace.symbols(**arguments).rows
    return [f"{row.place.path}:{row.place.start}: {row.kind} {row.signature}" for row in found]


def test_direct_bases_are_found_dotted_and_subscripted(workspace: Workspace):
    """`typing.Protocol`, `Protocol[T]` and `Protocol` all count as the base Protocol, by any of these spellings."""
    expected = [
        "src/shop/core.py:18: class Closable(typing.Protocol)",
        "src/shop/core.py:22: class Store(Protocol[T], Generic[T])",
    ]
    for asked in ("Protocol", "typing.Protocol", "Protocol[T]", "`Protocol`"):
        assert rows(workspace, inherits=asked) == expected
    assert rows(workspace, inherits="Generic") == expected[1:]
    assert rows(workspace, inherits="Registry") == ["src/shop/use.py:5: class Shop(core.Registry)"]
    assert rows(workspace, inherits="core.Registry") == ["src/shop/use.py:5: class Shop(core.Registry)"]


def test_a_signature_is_whole_and_on_one_line(workspace: Workspace):
    """Defaults, annotations, markers and return type stand; comments and line breaks go."""
    parameters = 'self, svc_type: type, factory: object, *, ping: bool = False, name: str = "default, or not"'
    assert rows(workspace, name="Registry.register_factory") == [
        f"src/shop/core.py:38: method Registry.register_factory({parameters}) -> None"
    ]
    assert rows(workspace, name="make_registry") == [
        "src/shop/core.py:64: function make_registry(size: int = 3, /, *extra: str) -> Registry"
    ]


def test_names_may_be_bare_qualified_or_led_by_their_module(workspace: Workspace):
    """A shorter name matches the end of a longer one; leading parts may be the module's."""
    for asked in ("aclose", "Registry.aclose", "shop.core.Registry.aclose", "core.Registry.aclose()", "def aclose"):
        assert rows(workspace, name=asked) == ["src/shop/core.py:60: method Registry.aclose(self) -> None"]
    assert rows(workspace, name="other.Registry.aclose") == []
    assert rows(workspace, name="size.count") == ["src/shop/core.py:55: function Registry.size.count() -> int"]


def test_constants_are_listed_and_other_assignments_found_by_name(workspace: Workspace):
    """Upper-case and Final names are constants; a lower-case assignment answers to its name only."""
    assert rows(workspace, kind="constant") == [
        'src/shop/core.py:10: constant T = TypeVar("T")',
        "src/shop/core.py:11: constant MAX_SERVICES: Final = 100",
        'src/shop/core.py:12: constant _DEFAULTS = { "ping": False, }',
        "src/shop/core.py:25: constant Store.LIMIT = 3",
    ]
    assert rows(workspace, name="log") == ["src/shop/core.py:15: constant log = print"]
    assert rows(workspace, name="Registry.services") == [
        "src/shop/core.py:36: constant Registry.services: dict[str, object] = attrs.field(factory=dict)"
    ]


def test_kinds_are_told_apart(workspace: Workspace):
    """A function in a class is a method; a class is a class."""
    assert [row.split()[1] for row in rows(workspace, kind="function")] == ["function"] * 3
    assert "class Shop(core.Registry)" in rows(workspace, kind="class")[4]
    with pytest.raises(ToolProblem, match="no kind"):
        workspace.symbols(kind="module")


def test_decorators_are_found_with_and_without_arguments(workspace: Workspace):
    """`attrs.define(slots=True)` is the decorator `attrs.define` and `define`; a property is one too."""
    for asked in ("define", "attrs.define", "@attrs.define"):
        assert rows(workspace, decorated_by=asked) == ["src/shop/core.py:33: class Registry(Closable)"]
    assert rows(workspace, decorated_by="property") == ["src/shop/core.py:54: method Registry.size(self) -> int"]


def test_call_sites_name_line_and_enclosing_definition(workspace: Workspace):
    """A row is the call's line, the definition around it, and the line of code; modules enclose the rest."""
    found = workspace.symbols(calls="make_registry").rows
    assert [(row.place.path, row.place.start, row.kind, row.name, row.relation) for row in found] == [
        ("src/shop/use.py", 7, "method", "Shop.open", "self.registry = make_registry(2)"),
        ("src/shop/use.py", 14, "module", "use", "make_registry()"),
        ("tests/test_core.py", 5, "function", "test_make", "assert isinstance(make_registry(), Registry)"),
    ]


def test_a_qualified_call_matches_receivers_of_unknown_type(workspace: Workspace):
    """`Registry.register_factory` finds calls on variables, and says that it went by the method's name."""
    found = workspace.symbols(calls="Registry.register_factory")
    assert [(row.place.path, row.place.start) for row in found.rows] == [
        ("src/shop/core.py", 66),
        ("src/shop/use.py", 8),
    ]
    assert "not known" in found.note


def test_raise_sites_are_found_called_bare_and_dotted(workspace: Workspace):
    """`raise X`, `raise X(...)` and `raise pkg.X(...) from e` are raises of X."""
    found = workspace.symbols(raises="ServiceMissing").rows
    assert [(row.place.path, row.place.start, row.name) for row in found] == [
        ("src/shop/core.py", 50, "Registry.check"),
        ("src/shop/use.py", 10, "Shop.open"),
        ("src/shop/use.py", 11, "Shop.open"),
    ]
    assert [row.place.start for row in workspace.symbols(raises="NotImplementedError").rows] == [61]


def test_conditions_join(workspace: Workspace):
    """Every given condition must hold; with sites they describe the enclosing definition."""
    assert rows(workspace, kind="class", inherits="Protocol", name="Store") == [
        "src/shop/core.py:22: class Store(Protocol[T], Generic[T])"
    ]
    assert len(rows(workspace, raises="ServiceMissing", name="Shop.open")) == 2
    assert rows(workspace, calls="make_registry", kind="class") == []


def test_nothing_asked_is_a_problem(workspace: Workspace):
    """A call without conditions is told what it may ask; so is one that asks for two kinds of sites."""
    with pytest.raises(ToolProblem, match="Nothing was asked"):
        workspace.symbols(name=" ", kind="")
    with pytest.raises(ToolProblem, match="different rows"):
        workspace.symbols(calls="a", raises="b")


def test_a_near_miss_is_found_with_a_note(workspace: Workspace):
    """The wrong case, and the wrong one of function and method, still answer and say so."""
    wrong_kind = workspace.symbols(name="aclose", kind="function")
    assert [row.kind for row in wrong_kind.rows] == ["method"]
    assert "another" in wrong_kind.note
    assert "case" in workspace.symbols(name="ACLOSE").note


def test_a_dotted_function_is_not_confused_with_its_last_name(workspace: Workspace, sample: Path):
    """`os.path.join` matches neither `",".join` nor another `join`, unless it was imported so."""
    write(sample, "src/j.py", 'import os\n",".join([])\nos.path.join("a")\njoin("b")\n')
    write(sample, "src/k.py", 'from os.path import join\njoin("b")\n')
    found = workspace.symbols(calls="os.path.join").rows
    assert [(row.place.path, row.place.start) for row in found] == [("src/j.py", 3), ("src/k.py", 2)]


def test_the_deadline_is_told(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    """A query that runs out of time returns what it has."""
    monkeypatch.setattr(symbols_room, "SECONDS", -1.0)
    assert workspace.symbols(kind="class").total == 0


def test_agrees_with_the_python_parser(workspace: Workspace):
    """Every class, function, call and raise that `ast` sees in the sample is found at its line, and no other."""
    for path, source in (("src/shop/core.py", CORE), ("src/shop/use.py", USE)):
        tree = ast.parse(source)
        wanted = {
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        }
        kinds = [workspace.symbols(kind=kind) for kind in ("class", "function", "method")]
        assert {row.place.start for found in kinds for row in found.rows if row.place.path == path} == wanted
        raises = {node.lineno for node in ast.walk(tree) if isinstance(node, ast.Raise)}
        found = [workspace.symbols(raises=name) for name in ("ServiceMissing", "NotImplementedError")]
        assert {row.place.start for rows_ in found for row in rows_.rows if row.place.path == path} == raises


def test_who_asks_for_a_name_that_only_libraries_define_gets_what_inherits_from_it(tmp_path: Path):
    """A base that is imported has no definition here, and yet an answer; a name with one keeps its own."""
    write(tmp_path, "a.py", "from typing import Protocol\n\n\nclass Sized(Protocol):\n    def size(self): ...\n")
    write(tmp_path, "b.py", "class Own: ...\n\n\nclass Part(Own): ...\n")
    workspace = Workspace([tmp_path], Settings())
    for asked in (workspace.symbols(name="Protocol"), workspace.symbols(name="Protocol", kind="class")):
        assert [row.name for row in asked.rows] == ["Sized"]
        assert asked.note == "Nothing here defines Protocol; these inherit from it."
    assert [row.name for row in workspace.symbols(name="Own").rows] == ["Own"]
    for nothing in (
        workspace.symbols(name="Protocol", kind="function"),
        workspace.symbols(name="Protocol", decorated_by="final"),
        workspace.symbols(name="Unheard"),
    ):
        assert not nothing.rows
