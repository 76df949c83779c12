from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsp_server.errors import OutOfScope, WorkspaceUnusable
from lsp_server.settings import Settings
from lsp_server.workspace.places import Located
from lsp_server.workspace.scope import Scope
from support.shop import write


@pytest.fixture
def scope(sample: Path) -> Scope:
    return Scope([sample], Settings())


def test_a_path_is_relative_to_the_folder(scope: Scope, sample: Path):
    """A relative path, an absolute one, a URI and Windows separators all name the same file."""
    wanted = Located(sample.resolve(), "src/shop/core.py")
    file = sample / "src/shop/core.py"
    for text in ("src/shop/core.py", "./src//shop/../shop/core.py", str(file), file.as_uri(), r"src\shop\core.py"):
        assert scope.locate(text) == wanted


@pytest.mark.parametrize(
    "text",
    ["../x", "src/../../x", "/etc/passwd", "C:\\Windows\\x", "file:///etc/passwd", "https://host/x", "//host/share/x"],
)
def test_what_lies_outside_is_refused(scope: Scope, text: str):
    """Climbing, absolute, drive and foreign paths are outside."""
    with pytest.raises(OutOfScope, match="outside"):
        scope.locate(text)


def test_a_folder_whose_name_begins_alike_is_outside(scope: Scope, sample: Path):
    """Containment goes by path parts: `/ws-other` does not pass for `/ws`."""
    other = write(sample.parent / (sample.name + "-other"), "x.py", "")
    with pytest.raises(OutOfScope, match="outside"):
        scope.locate(str(other))


@pytest.mark.parametrize(
    ("text", "said"), [("", "empty"), ("a\0b", "NUL"), ("a\nb", "line break"), ("a" * 5000, "long")]
)
def test_a_malformed_path_gets_its_sentence(scope: Scope, text: str, said: str):
    """Empty, NUL, line break and overlong paths are told apart."""
    with pytest.raises(OutOfScope, match=said):
        scope.locate(text)


def test_links_to_outside_and_in_circles_are_refused(scope: Scope, sample: Path, tmp_path: Path):
    """A link is judged by what it points to, as a file and as a folder on the way."""
    write(tmp_path, "outside/secret.txt", "hunter2")
    (sample / "file").symlink_to(tmp_path / "outside/secret.txt")
    (sample / "folder").symlink_to(tmp_path / "outside")
    (sample / "loop").symlink_to("loop")
    (sample / "inside").symlink_to("src/shop/core.py")
    for text in ("file", "folder", "folder/secret.txt", "folder/not-there.txt"):
        with pytest.raises(OutOfScope, match="outside"):
            scope.locate(text)
    with pytest.raises(OutOfScope, match="circle"):
        scope.locate("loop")
    assert scope.locate("inside").relative == "src/shop/core.py"


def test_a_link_to_a_secret_is_a_secret(scope: Scope, sample: Path):
    """Neither a harmless name for a secret nor a secret name for a harmless file opens."""
    (sample / "harmless.txt").symlink_to(".env")
    (sample / "other.pem").symlink_to("README.md")
    for text in ("harmless.txt", "other.pem"):
        with pytest.raises(OutOfScope, match="secrets"):
            scope.locate(text)


def test_a_link_that_appears_after_the_check_is_not_followed(scope: Scope, sample: Path):
    """The file is opened part by part without following links."""
    located = scope.locate("src/shop/use.py")
    (sample / "src").rename(sample / "moved")
    (sample / "src").symlink_to("moved")
    with pytest.raises(OutOfScope):
        scope.read(located)


def test_ignored_files_open_by_setting_or_by_the_persons_question_only(sample: Path):
    """The model's word does not open an ignored file; the setting and the person's own question do."""
    with pytest.raises(OutOfScope, match="ignored"):
        Scope([sample], Settings()).locate("build/out.py")
    by_setting = Scope([sample], Settings(allow_ignored=("build/*.py",)))
    assert by_setting.read(by_setting.locate("build/out.py"))
    scope = Scope([sample], Settings())
    view = scope.naming([scope.locate("build/out.py", even_ignored=True)])
    assert view.read(view.locate("build/out.py"))
    with pytest.raises(OutOfScope, match="ignored"):
        scope.locate("build/out.py")


@pytest.mark.parametrize("name", [".env", "deploy/id_rsa", ".git/config", ".ENV", "x/.Env.local"])
def test_secrets_open_by_nothing(sample: Path, name: str):
    """No setting and no question opens a secret."""
    scope = Scope([sample], Settings(allow_ignored=("*", ".env", "deploy/**")))
    with pytest.raises(OutOfScope, match="secrets"):
        scope.locate(name, even_ignored=True)
    with pytest.raises(OutOfScope):
        scope.read(Located(scope.roots[0], name))


def test_a_private_key_under_another_name_is_not_read(scope: Scope, sample: Path):
    """The content is looked at as well as the name."""
    write(sample, "notes.txt", "-----BEGIN RSA PRIVATE KEY-----\nabc\n")
    with pytest.raises(OutOfScope, match="secrets"):
        scope.read(scope.locate("notes.txt"))


def test_binary_and_large_files_get_their_sentence(sample: Path):
    """A NUL in the head makes a file binary; the setting bounds the size."""
    scope = Scope([sample], Settings(max_file_bytes=1000))
    write(sample, "large.txt", "x" * 1001)
    with pytest.raises(OutOfScope, match="binary"):
        scope.read(scope.locate("logo.bin"))
    with pytest.raises(OutOfScope, match="larger than 1,000 bytes"):
        scope.read(scope.locate("large.txt"))


def test_what_is_no_file_is_told_apart(scope: Scope, sample: Path):
    """A folder, a missing file, a pipe and a path below a file each get a sentence, and none blocks."""
    os.mkfifo(sample / "pipe")
    for text, said in (
        ("src", "folder"),
        ("nope.py", "no nope.py"),
        ("pipe", "regular"),
        ("README.md/x", "below a file"),
    ):
        with pytest.raises(OutOfScope, match=said):
            scope.read(scope.locate(text))


def test_utf16_is_read_as_text(scope: Scope, sample: Path):
    """A byte-order mark of UTF-16 makes a file text although it holds NULs."""
    (sample / "wide.txt").write_bytes("héllo".encode("utf-16"))
    assert scope.read(scope.locate("wide.txt")).decode() == "héllo"


def test_the_other_unicode_form_finds_the_file(scope: Scope, sample: Path):
    """A composed name finds a decomposed file and the other way round."""
    write(sample, "cafe\u0301 x.py", "")
    assert scope.locate("caf\u00e9 x.py").relative == "cafe\u0301 x.py"
    assert scope.locate((sample / "caf\u00e9 x.py").as_uri()).relative == "cafe\u0301 x.py"


def test_several_folders_have_labels(sample: Path, tmp_path: Path):
    """With two folders, rows carry the folder's label; bare paths still resolve where they exist."""
    other = write(tmp_path, "second/src/only.py", "").parent.parent
    twin = write(tmp_path, "deep/second/a.py", "").parent
    scope = Scope([sample, other, twin], Settings())
    assert scope.show(scope.locate("src/only.py")) == "second/src/only.py"
    assert scope.locate("second/src/only.py").root == other.resolve()
    assert scope.show(scope.locate("second-2/a.py")) == "second-2/a.py"
    assert scope.locate("shop-repo").relative == ""


def test_a_folder_inside_another_is_not_listed_twice(sample: Path):
    """Nested workspace folders count as one."""
    assert Scope([sample, sample / "src", sample], Settings()).roots == (sample.resolve(),)


def test_an_unusable_workspace_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Missing, not a folder, unreadable, and none at all."""
    file = write(tmp_path, "file", "")
    for roots, said in (([tmp_path / "none"], "does not exist"), ([file], "not a folder"), ([], "No workspace")):
        with pytest.raises(WorkspaceUnusable, match=said):
            Scope(roots, Settings())

    def refuse(_path: object) -> Iterator[None]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(WorkspaceUnusable, match="cannot be read: Permission denied"):
        Scope([tmp_path], Settings())


def test_an_empty_workspace_is_fine(tmp_path: Path):
    """An empty folder lists nothing."""
    assert list(Scope([tmp_path], Settings()).files()) == []


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_private_key_in_another_encoding_is_not_read(scope: Scope, sample: Path, codec: str):
    """A byte-order mark does not hide the head of a key."""
    (sample / "notes.txt").write_bytes("-----BEGIN RSA PRIVATE KEY-----\nabc\n".encode(codec))
    with pytest.raises(OutOfScope, match="secrets"):
        scope.read(scope.locate("notes.txt"))


@pytest.mark.parametrize("text", ["file://[", "file://[::1/x.py"])
def test_a_malformed_uri_is_refused(scope: Scope, text: str):
    """What no URI parser takes is told as such."""
    with pytest.raises(OutOfScope, match="malformed"):
        scope.locate(text)


@pytest.mark.parametrize("text", [".GIT/HEAD", ".Git/logs/HEAD", ".hG/x", "sub/.git"])
def test_version_control_is_known_in_any_letter_case(scope: Scope, text: str):
    """On some file systems `.GIT` is `.git`."""
    with pytest.raises(OutOfScope, match="version control"):
        scope.locate(text)


def test_a_folder_that_may_not_be_entered_gets_its_sentence(
    scope: Scope, sample: Path, monkeypatch: pytest.MonkeyPatch
):
    """Where the system refuses even to look, a path is refused with a sentence and nothing breaks."""
    folder = sample / "src" / "shop"
    stat, open_file = os.stat, os.open

    def refusing_stat(path: str | Path | int, **given: bool) -> os.stat_result:
        if not isinstance(path, int) and folder in Path(path).parents:
            raise PermissionError(13, "Permission denied")
        return stat(path, **given)

    def refusing_open(path: str | Path, flags: int, **given: int) -> int:
        if path == "core.py":
            raise PermissionError(13, "Permission denied")
        return open_file(path, flags, **given)

    monkeypatch.setattr(os, "stat", refusing_stat)
    monkeypatch.setattr(os, "open", refusing_open)
    located = scope.locate("src/shop/core.py")
    assert not located.is_folder
    with pytest.raises(OutOfScope, match="the system refuses it"):
        scope.read(located)
