"""The house's floors: an import goes down or stays in its room, and nothing goes round in circles."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import attrs
import pytest

HOUSE = Path(__file__).parent.parent
VALUES = 0
ABILITIES = 1
FLOORS: Mapping[str, int] = {
    "lsp_server.errors": VALUES,
    "lsp_server.trace": VALUES,
    "lsp_server.trace_lines": VALUES,
    "lsp_server.wire": VALUES,
    "lsp_server.kinds": VALUES,
    "lsp_server.settings": VALUES,
    "lsp_server.dialects": VALUES,
    "lsp_server.modelstore": VALUES,
    "lsp_server.engine.base": VALUES,
    "lsp_server.engine.frames": VALUES,
    "lsp_server.shortage": VALUES,
    "lsp_server.peer": VALUES,  # each side of a socket checks the other
    "lsp_server.user_folders": VALUES,
    "lsp_server.own_programs": VALUES,
    "lsp_server.workspace": ABILITIES,
    "lsp_server.engine": ABILITIES,
    "lsp_server.resident": ABILITIES,
    "lsp_server.agent": 2,
    "lsp_server.lsp": 3,
    "lsp_server": 4,
}
"""The floor of each room and module; what is not named stands where the longest named prefix does."""

ONLY_IN: Mapping[str, tuple[str, ...]] = {
    "mlx": ("lsp_server.resident", "models"),
    "mlx_lm": ("lsp_server.resident", "models"),
    "transformers": ("lsp_server.resident", "models"),
    "numpy": ("lsp_server.resident", "models"),
    "llguidance": ("lsp_server.resident",),
    "tokenizers": ("lsp_server.resident", "models"),
    "pydantic_ai": ("lsp_server.agent",),
    "pygls": ("lsp_server.lsp",),
    "tree_sitter": ("lsp_server.workspace",),
    "tantivy": ("lsp_server.workspace",),
    "watchfiles": ("lsp_server.workspace",),
}
"""Foreign packages and the rooms that know them."""


@attrs.frozen
class Import:
    """One import statement."""

    source: str
    line: int
    target: str
    at_load: bool
    """Whether it runs when the module is loaded: outside functions and `if TYPE_CHECKING`."""

    def __str__(self) -> str:
        return f"{self.source}:{self.line} imports {self.target}"


def modules() -> dict[str, Path]:
    """Return the product's modules by name."""
    found: dict[str, Path] = {}
    for package in ("lsp_server", "models"):
        for path in sorted((HOUSE / package).rglob("*.py")):
            parts = path.relative_to(HOUSE).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imports_of(name: str) -> Iterator[Import]:
    """Yield every import of a module, wherever it stands."""
    yield from _imports(name, ast.parse(MODULES[name].read_text("utf-8")).body, at_load=True)


def _imports(source: str, body: list[ast.stmt], *, at_load: bool) -> Iterator[Import]:
    for statement in body:
        match statement:
            case ast.Import(names=names):
                yield from (Import(source, statement.lineno, alias.name, at_load) for alias in names)
            case ast.ImportFrom(module=module, names=names):
                assert statement.level == 0, f"{source}:{statement.lineno}: imports are absolute"
                for alias in names:
                    inner = f"{module}.{alias.name}"
                    yield Import(source, statement.lineno, inner if inner in MODULES else str(module), at_load)
            case _:
                loads = at_load and not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
                loads = loads and not (isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.unparse(statement.test))
                for block in _blocks(statement):
                    yield from _imports(source, block, at_load=loads)


def _blocks(statement: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(statement, name, [])
    for inner in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
        yield inner.body


def floor(name: str) -> int:
    """Return the floor that a module of the product stands on."""
    return FLOORS[home(name)]


def home(name: str) -> str:
    """Return the longest named prefix of a module's name."""
    while name not in FLOORS:
        name = name.rpartition(".")[0]
    return name


def room(name: str) -> str:
    """Return the room that a module lies in: its package, one below the product."""
    return ".".join(name.split(".")[:2])


ALL = [found for name in MODULES for found in imports_of(name)]
OURS = [found for found in ALL if found.target in MODULES]


def test_the_house_is_read():
    """The test sees the modules and their imports."""
    assert len(MODULES) > 20
    assert any(found.target == "lsp_server.wire" for found in OURS)


def test_no_import_climbs():
    """An import goes to a lower floor, or stays in its room; abilities ignore each other."""
    climbs = [
        str(found)
        for found in OURS
        if not found.source.startswith("models") and not found.target.startswith("models")
        if found.target != "lsp_server"  # holds the version alone
        if room(found.source) != room(found.target) and not _goes_down(found)
    ]
    assert climbs == []


def _goes_down(found: Import) -> bool:
    source, target = floor(found.source), floor(found.target)
    return target < source or source == target in {VALUES, floor("lsp_server.cli")}


def test_only_the_entry_knows_the_workshop():
    """`models` is imported by the command line alone, and only inside a function."""
    entries = [found for found in OURS if found.target.startswith("models") and not found.source.startswith("models")]
    wrong = [str(found) for found in entries if found.at_load or not found.source.startswith("lsp_server.cli")]
    assert wrong == []


def test_nothing_goes_round_in_circles():
    """The imports that run at load have an order."""
    graph = {name: {found.target for found in OURS if found.source == name and found.at_load} for name in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"import circle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("package", ONLY_IN)
def test_foreign_packages_keep_to_their_rooms(package: str):
    """What is heavy or particular is known in few rooms."""
    strangers = [
        str(found)
        for found in ALL
        if found.target.split(".")[0] == package and not found.source.startswith(ONLY_IN[package])
    ]
    assert strangers == []
