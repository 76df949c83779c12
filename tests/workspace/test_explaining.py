from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.workspace.explaining import MAX_CODE, MAX_LINES, ExplainTarget, explain_target, symbol_target
from support.looking import MARK, Looking
from support.shop import write

CORE = '''class Base: ...


class Registry(Base):
    """Keeps things."""

    def get(self, key):
        """Get one."""
        found = key + 1
        return self.get(found)


def long():
''' + "".join(f"    line_{index} = {index}\n" for index in range(100))

USE = """from core import Registry, long
from elsewhere import get


def caller(registry):
    local = 3
    registry.get(local)
    Registry.get(local)
    get(local)
    long(); long()
"""


@pytest.fixture
def looking(tmp_path: Path) -> Looking:
    return Looking(tmp_path / "w", {"core.py": CORE, "use.py": USE})


def found(target: ExplainTarget | None) -> ExplainTarget:
    assert target is not None
    return target


def test_a_symbol_is_explained_by_its_definition(looking: Looking):
    """Whichever file it is asked in: code, documentation, bases, signature, and lines that call it."""
    target = found(looking.target("use.py", f"Registry.{MARK}get"))
    assert (target.name, target.kind, target.language) == ("Registry.get", "method", "python")
    assert target.signature == "Registry.get(self, key)"
    assert (target.place.path, target.place.start, target.place.end) == ("core.py", 7, 10)
    assert target.code.split("\n")[0] == "def get(self, key):"
    assert target.code.split("\n")[-1] == "    return self.get(found)"
    assert target.doc == "Get one."
    assert target.callers == ("use.py:7: registry.get(local)", "use.py:8: Registry.get(local)")
    assert found(looking.target("core.py", f"class {MARK}Registry")).bases == ("Base",)


def test_callers_may_be_left_out(looking: Looking):
    """The key is the same without them, so that words can be looked for at once."""
    whole = found(looking.target("core.py", f"def {MARK}get"))
    card = looking.card("core.py", f"def {MARK}get")
    assert card is not None
    assert card.definition is not None
    light = found(symbol_target(looking.view, card.located, card.definition, callers=False))
    assert whole.callers
    assert (light.key, light.callers) == (whole.key, ())


def test_long_code_is_cut_with_a_note(looking: Looking):
    """Whole lines are kept, and how many were left out is told."""
    code = found(looking.target("core.py", f"def {MARK}long")).code.split("\n")
    assert len(code) == MAX_LINES + 1
    assert code[-1] == "… 61 more lines"
    wide = "def wide():\n" + "    a = 1  " + "# words " * 9 + "\n"
    write(looking.workspace.roots[0], "wide.py", wide + wide.split("\n", 1)[1] * 39)
    code = found(looking.target("wide.py", f"def {MARK}wide")).code
    assert MAX_CODE - 100 < len(code) <= MAX_CODE + 20
    assert code.endswith("more lines")


def test_the_key_moves_with_the_code_and_changes_with_it(looking: Looking):
    """Lines above, trailing space and another file leave it; another body, name or kind makes a new one."""
    root = looking.workspace.roots[0]
    before = found(looking.target("core.py", f"def {MARK}get")).key
    write(root, "core.py", "# above\n\n" + CORE.replace("key + 1", "key + 1   "))
    assert found(looking.target("core.py", f"def {MARK}get")).key == before
    write(root, "moved.py", CORE)
    assert found(looking.target("moved.py", f"def {MARK}get")).key == before
    write(root, "core.py", CORE.replace("key + 1", "key + 2"))
    changed = found(looking.target("core.py", f"def {MARK}get")).key
    write(root, "core.py", CORE.replace("class Registry", "class Other"))
    assert len({before, changed, found(looking.target("core.py", f"def {MARK}get")).key}) == 3


def test_a_line_means_what_begins_on_it_or_is_around_it(looking: Looking):
    """Keywords and space on a definition's line mean it; a local variable and a comment mean what is around them."""
    assert found(looking.target("core.py", f"{MARK}class Registry")).name == "Registry"
    assert found(looking.target("core.py", f"\n{MARK}    def get")).name == "Registry.get"
    assert found(looking.target("core.py", f'"""Get {MARK}one')).name == "Registry.get"
    assert found(looking.target("use.py", f"{MARK}local = 3")).name == "caller"
    assert found(looking.target("use.py", f"    {MARK}get(local)\n    long")).name == "caller"
    assert looking.target("use.py", f"from {MARK}elsewhere") is None


def test_a_selection_is_explained_as_it_is(looking: Looking):
    """Its text, lines and surrounding definition; its key is its own."""
    text = "local = 3\n    registry.get(local)\n"
    target = found(looking.target("use.py", f"{MARK}{text}", len(text)))
    assert (target.kind, target.name, target.signature) == ("selection", "caller", "caller(registry)")
    assert (target.place.start, target.place.end) == (6, 7)
    assert target.code == "local = 3\nregistry.get(local)"
    shorter = found(looking.target("use.py", f"{MARK}{text}", 9))
    assert shorter.key != target.key
    assert looking.target("use.py", f"{MARK}\n\n\ndef caller", 2) is None


def test_a_selected_name_is_its_symbol(looking: Looking):
    """A double click on a name asks about the name."""
    assert found(looking.target("use.py", f"Registry.{MARK}get", 3)).name == "Registry.get"


def test_a_file_of_no_language_can_be_selected(tmp_path: Path):
    """Text is explained by selection alone."""
    looking = Looking(tmp_path / "w", {"notes.txt": "some words\n"})
    target = found(looking.target("notes.txt", f"{MARK}some", 4))
    assert (target.name, target.language, target.code) == ("notes.txt", "", "some")
    assert looking.target("notes.txt", f"{MARK}some") is None


def test_odd_places_have_nothing_to_explain(looking: Looking):
    """Offsets outside the text and vanished files are silent."""
    assert found(looking.target("use.py", f"{MARK}def caller", -1)).name == "caller"  # no selection but a place
    looking.located("use.py").absolute.unlink()
    located = looking.located("core.py")
    assert explain_target(looking.view, located, 10**9) is None
    assert explain_target(looking.view, located, -1) is None
    assert explain_target(looking.view, looking.located("use.py"), 0) is None


def test_only_a_few_callers_are_named(tmp_path: Path):
    """Five lines at most, the definition's own file first."""
    files = {f"m{index}.py": "from core import f\nf()\nf()\n" for index in range(9)}
    looking = Looking(tmp_path / "w", {"core.py": "def f(): ...\n\n\nf()\n", **files})
    callers = found(looking.target("core.py", f"def {MARK}f")).callers
    assert len(callers) == 5
    assert callers[0] == "core.py:4: f()"
