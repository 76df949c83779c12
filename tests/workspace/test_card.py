from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.workspace.card import card
from lsp_server.workspace.direct_view import DirectView
from lsp_server.workspace.last_change import LastChanges
from lsp_server.workspace.parse_cache import ParseCache
from support.looking import MARK, Looking, RecordingView
from support.shop import git, write

CORE = '''"""The module."""


class Registry(Base, Generic[T]):
    """Where services are kept.

    Indented words.
    """

    LIMIT = 3

    def _hidden(self): ...

    def get(self, key: str, *, default: int = 0) -> int:
        """Get one."""
        return self.get(key)


def make() -> Registry:
    return Registry()
'''


@pytest.fixture
def looking(tmp_path: Path) -> Looking:
    use = "from core import Registry\n\n\nclass Child(Registry): ...\n\n\nRegistry()\n"
    return Looking(tmp_path / "w", {"core.py": CORE, "use.py": use})


def test_a_class_tells_all_that_is_known(looking: Looking):
    """Signature, documentation, place, uses, bases and members, public ones first."""
    found = looking.card("use.py", f"\n{MARK}Registry()")
    assert found is not None
    assert (found.name, found.kind, found.language) == ("Registry", "class", "python")
    assert found.signature == "Registry(Base, Generic[T])"
    assert found.doc == "Where services are kept.\n\nIndented words."
    assert (found.place.path, found.place.start, found.place.end) == ("core.py", 4, 16)
    assert found.located == looking.located("core.py")
    assert found.definition is not None
    assert found.bases == ("Base", "Generic")
    assert found.members == ("LIMIT", "get", "_hidden")
    assert found.uses == 3
    assert (found.by_name, found.others, found.change, found.named) == (False, (), None, 1)
    data = looking.workspace.files.data(looking.located("use.py"))
    assert data[slice(*found.token)] == b"Registry"


def test_a_method_tells_its_own(looking: Looking):
    """A member has no members; its documentation is its own."""
    found = looking.card("core.py", f"self.{MARK}get")
    assert found is not None
    assert found.signature == "Registry.get(self, key: str, *, default: int = 0) -> int"
    assert (found.kind, found.doc, found.members, found.bases) == ("method", "Get one.", (), ())


@pytest.mark.parametrize(
    ("path", "code", "doc"),
    [
        ("a.py", "#: Not this.\ndef named():\n    '''The words.'''\n", "The words."),
        ("a.js", "/** The words. */\nfunction named(a) {}\n", "The words."),
        ("a.ts", "/**\n * The words.\n */\nexport function named(a: number): void {}\n", "The words."),
        ("a.tsx", "// The words.\nfunction named() { return <b/>; }\n", "The words."),
        ("a.rs", "/// The words.\npub fn named() {}\n", "The words."),
        ("a.go", "package a\n\n// The words.\nfunc named() {}\n", "The words."),
        ("A.java", "class A {\n  /** The words. */\n  void named() {}\n}\n", "The words."),
        ("a.c", "/* The words. */\nint named(void) { return 1; }\n", "The words."),
        ("a.cpp", "/// The words.\nint named() { return 1; }\n", "The words."),
    ],
)
def test_every_language_has_cards(tmp_path: Path, path: str, code: str, doc: str):
    """Name, signature and documentation of a function in each language."""
    found = Looking(tmp_path / "w", {path: code}).card(path, f"{MARK}named(")
    assert found is not None
    assert found.name.rpartition(".")[2] == "named"
    assert "named(" in found.signature
    assert found.doc == doc


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("a.js", "// named {0}here\nfunction named() {{}}\n"),
        ("a.ts", "const s = 'named {0}here';\nfunction here() {{}}\n"),
        ("a.rs", '{0}fn named() {{ let s = "named"; }}\n'),
        ("a.go", "package a\n\n{0}func named() {{}}\n"),
        ("A.java", '{0}class A {{ String s = "A"; }}\n'),
        ("a.c", "{0}return named;\n"),
        ("a.cpp", "/* named {0}here */ int here() {{ return 1; }}\n"),
        ("notes.md", "# {0}Heading\n"),
        ("notes.txt", "{0}words\n"),
    ],
)
def test_silence_in_every_language(tmp_path: Path, path: str, code: str):
    """Comments, strings, keywords and files of no language have no card."""
    marked = code.format(MARK)
    looking = Looking(tmp_path / "w", {path: marked.replace(MARK, "")})
    assert looking.card(path, marked) is None


def test_odd_places_have_no_card(looking: Looking):
    """Offsets outside the text, and files that are gone or were never there, are silent."""
    located = looking.located("core.py")
    for offset in (-1, len(CORE.encode()), 10**12):
        assert card(looking.view, located, offset, None) is None
    located.absolute.unlink()
    assert card(looking.view, located, 0, None) is None
    assert card(looking.view, looking.located("absent.py"), 0, None) is None


def test_code_with_errors_still_has_cards(tmp_path: Path):
    """Broken code in the middle of a file does not silence the rest."""
    broken = "def first():\n    '''One.'''\n\ndef broken(:\n    ((\n\nclass \n\nfirst()\n"
    found = Looking(tmp_path / "w", {"a.py": broken}).card("a.py", f"{MARK}first():")
    assert found is not None
    assert found.doc == "One."


def test_a_buffer_speaks_before_its_file(looking: Looking):
    """What is typed and not saved is what a card tells."""
    located = looking.located("core.py")
    looking.workspace.files.open_buffer(located.uri, CORE.replace("def get(", "def fetch("))
    assert looking.meaning("core.py", f"def {MARK}fetch") == "core.py:Registry.fetch"


def test_the_last_change_comes_once_it_is_known(looking: Looking):
    """The first card starts the blame, and later ones tell the definition's newest change."""
    root = looking.workspace.roots[0]
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-qm", "begin")
    write(root, "core.py", CORE.replace("LIMIT = 3", "LIMIT = 4"))
    git(root, "commit", "-qam", "raise the limit", "--date=2031-01-01T00:00:00Z")
    changes = LastChanges(looking.workspace)
    first = looking.card("use.py", f"class Child({MARK}Registry", changes)
    assert first is not None
    assert first.change is None
    assert changes.wait(30)
    later = looking.card("use.py", f"class Child({MARK}Registry", changes)
    assert later is not None
    assert later.change is not None
    assert (later.change.subject, later.change.date) == ("raise the limit", "2031-01-01")
    other = looking.card("core.py", f"def {MARK}make", changes)
    assert other is not None
    assert other.change is not None
    assert other.change.subject == "begin"


def test_a_card_looks_into_few_files(tmp_path: Path):
    """Among a thousand files, a card lists nothing and reads only the files of the name and its definition."""
    files = {f"pkg/m{index}.py": f"def f{index}():\n    return f{index}()\n" for index in range(1000)}
    use = "from pkg.m7 import f7\nfrom os import path\nf7()\npath.f7()\nx = []\nx.append(1)\n"
    looking = Looking(tmp_path / "w", {**files, "pkg/__init__.py": "", "use.py": use})
    located = looking.located("use.py")
    for snippet, most in ((f"\n{MARK}f7()", {"use.py", "pkg/m7.py"}), (f"path.{MARK}f7", {"use.py"})):
        view = RecordingView(DirectView(looking.workspace.files, ParseCache()))
        card(view, located, looking.offset("use.py", snippet), None)
        assert view.touched <= most
        assert view.asked["listed"] == view.asked["holding"] == view.asked["ranked"] == view.asked["symbol_names"] == 0
        assert view.asked["naming"] <= 1
        assert view.asked["facts"] <= 6


def test_a_guess_looks_into_few_files(tmp_path: Path):
    """A common name on something unknown is given up after some files."""
    files = {f"m{index}.py": f"class C{index}:\n    def fetch(self): ...\n" for index in range(200)}
    looking = Looking(tmp_path / "w", {**files, "use.py": "def f(x):\n    x.fetch()\n"})
    view = RecordingView(looking.view)
    found = card(view, looking.located("use.py"), looking.offset("use.py", f"x.{MARK}fetch"), None)
    assert found is not None
    assert found.kind == "name"
    assert len(view.touched) <= 30
