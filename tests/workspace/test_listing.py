from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from lsp_server.settings import Settings
from lsp_server.workspace.scope import Scope
from support.shop import write


def names(scope: Scope) -> list[str]:
    return sorted(located.relative for located in scope.files())


def test_only_what_may_be_shown_is_listed(sample: Path):
    """Ignored, secret, vendored-cache, linked and oddly named files are left out."""
    write(sample, "odd\nname.py", "")
    write(sample, "back\\slash.py", "")
    (sample / "link.py").symlink_to("src/shop/core.py")
    (sample / "circle").symlink_to(".")
    assert names(Scope([sample], Settings())) == [
        ".gitignore", "README.md", "keep.log", "logo.bin", "src/shop/__init__.py", "src/shop/core.py",
        "src/shop/use.py", "tests/test_core.py", "vendor/registry.py",
    ]  # fmt: skip


def test_nested_rules_and_exclude_files_count(tmp_path: Path):
    """A deeper .gitignore decides over a higher one; .ignore and info/exclude are read too."""
    for path in ("a/x.gen", "a/b/x.gen", "c.txt", "d.txt", "e/f.py"):
        write(tmp_path, path, "")
    write(tmp_path, ".gitignore", "*.gen\n[broken\ne/\n")
    write(tmp_path, "a/b/.gitignore", "!x.gen\n")
    write(tmp_path, ".ignore", "c.txt\n!e/\n")
    write(tmp_path, ".git/info/exclude", "d.txt\n")
    found = names(Scope([tmp_path], Settings()))
    assert [name for name in found if "ignore" not in name] == ["a/b/x.gen", "e/f.py"]


def test_rules_above_the_folder_count_unless_they_hide_all_of_it(tmp_path: Path):
    """A sub-folder of a repository obeys the repository; an ignored folder that is opened is shown."""
    write(tmp_path, ".git/HEAD", "ref: refs/heads/main\n")
    write(tmp_path, ".gitignore", "*.tmp\nout/\n")
    write(tmp_path, "sub/a.tmp", "")
    write(tmp_path, "sub/a.py", "")
    write(tmp_path, "out/pkg/b.py", "")
    assert names(Scope([tmp_path / "sub"], Settings())) == ["a.py"]
    assert names(Scope([tmp_path / "out/pkg"], Settings())) == ["b.py"]


def test_a_setting_opens_ignored_files_for_listing(sample: Path):
    """Globs with folders are walked to; floating globs apply where the walk goes."""
    listed = names(Scope([sample], Settings(allow_ignored=("build/*.py", "noise.log", "node_modules/x/"))))
    assert {"build/out.py", "noise.log", "node_modules/x/index.js"} <= set(listed)


def test_what_only_lies_on_the_way_stays_hidden(tmp_path: Path):
    """A folder that is walked through to what a setting opens shows nothing else, whatever rules lie in it."""
    for path in ("foo/a.js", "foo/b.ts", "bar/c.js", "d.js", "foo/deep/e.js"):
        write(tmp_path, f"node_modules/{path}", "")
    write(tmp_path, ".gitignore", "gen/\n!*.py\n")
    for path in ("keep/a.md", "keep/b.py", "c.py"):
        write(tmp_path, f"gen/{path}", "")
    write(tmp_path, "gen/.gitignore", "!c.py\n")
    scope = Scope([tmp_path], Settings(allow_ignored=("node_modules/foo/*.js", "gen/keep/*.md")))
    listed = [name for name in names(scope) if "/" in name]
    assert listed == ["gen/keep/a.md", "node_modules/foo/a.js"]
    assert [name for name in listed if not scope.permits(tmp_path, name)] == []
    below = scope.locate("node_modules", even_ignored=True)
    assert [found.relative for found in scope.files(below=below)] == ["node_modules/foo/a.js"]


def test_changes_are_seen_at_once(sample: Path):
    """A listing is remembered and yet shows no deleted file, misses no new one, and follows edited rules."""
    scope = Scope([sample], Settings())
    old = time.time_ns() - 10_000_000_000
    for folder, _, _ in os.walk(sample):
        os.utime(folder, ns=(old, old))
    before = names(scope)
    assert names(scope) == before
    (sample / "src/shop/use.py").unlink()
    write(sample, "src/shop/new.py", "")
    assert "src/shop/use.py" not in names(scope)
    assert "src/shop/new.py" in names(scope)
    write(sample, ".gitignore", "*.md\n")
    assert "README.md" not in names(scope)
    assert "noise.log" in names(scope)


def test_inner_rules_are_followed_from_the_moment_they_are_written(tmp_path: Path):
    """A remembered folder without ignore files is not asked for them, until it has one; edits of that one count."""
    write(tmp_path, "a/b/one.py", "")
    write(tmp_path, "a/b/c/two.py", "")
    scope = Scope([tmp_path], Settings())

    def listed() -> list[str]:
        old = time.time_ns() - 10_000_000_000
        for folder in ("a/b/c", "a/b", "a", ""):
            if time.time_ns() - (tmp_path / folder).stat().st_mtime_ns < 5_000_000_000:
                old -= 1_000_000_000
                os.utime(tmp_path / folder, ns=(old, old + len(list((tmp_path / folder).iterdir()))))
        assert names(scope) == names(scope)
        return names(scope)

    assert listed() == ["a/b/c/two.py", "a/b/one.py"]
    write(tmp_path, "a/b/.gitignore", "two.py\n")
    assert listed() == ["a/b/.gitignore", "a/b/one.py"]
    write(tmp_path, "a/b/.gitignore", "one.py\n")
    assert listed() == ["a/b/.gitignore", "a/b/c/two.py"]
    write(tmp_path, "a/b/c/.ignore", "two.py\n")
    assert listed() == ["a/b/.gitignore", "a/b/c/.ignore"]
    (tmp_path / "a/b/.gitignore").unlink()
    assert listed() == ["a/b/c/.ignore", "a/b/one.py"]


def test_five_thousand_files_are_walked_quickly(tmp_path: Path):
    """A walk of 5,000 files takes a second or two, not a minute, and stops when it is cancelled."""
    write(tmp_path, ".gitignore", "".join(f"*.g{number}\n" for number in range(50)))
    for folder in range(50):
        (tmp_path / f"f{folder}").mkdir()
        for number in range(100):
            (tmp_path / f"f{folder}/m{number}.py").touch()
    scope = Scope([tmp_path], Settings())
    began = time.perf_counter()
    assert len(names(scope)) == 5001
    assert time.perf_counter() - began < 5
    assert list(scope.files(lambda: True)) == []


def test_an_unreadable_folder_counts_as_empty(sample: Path, monkeypatch: pytest.MonkeyPatch):
    """The walk goes on past a folder that the system refuses."""
    real = os.scandir

    def refuse_one(path: Path):
        if str(path).endswith("shop"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    scope = Scope([sample], Settings())
    monkeypatch.setattr(os, "scandir", refuse_one)
    listed = names(scope)
    assert "README.md" in listed
    assert "src/shop/core.py" not in listed


def test_a_malformed_rule_costs_only_itself(tmp_path: Path):
    """Patterns that no matcher understands are left out; the lines around them hold."""
    write(tmp_path, ".gitignore", "*.log\n[z-a]\n[+[[.[:alpha:]\nbuild/\n")
    for name in ("a.log", "build/b.py", "c.py"):
        write(tmp_path, name, "")
    assert names(Scope([tmp_path], Settings())) == [".gitignore", "c.py"]


def test_thousands_of_rules_hold(tmp_path: Path):
    """Rules are compiled in blocks, and a later block decides over an earlier one."""
    rules = ["*.log", *(f"no*thing{number}" for number in range(3000)), "!keep.log", *(f"x*y{n}" for n in range(600))]
    write(tmp_path, ".gitignore", "\n".join(rules))
    for name in ("a.log", "keep.log", "no-thing2999", "c.py"):
        write(tmp_path, name, "")
    assert names(Scope([tmp_path], Settings())) == [".gitignore", "c.py", "keep.log"]


def test_the_git_file_of_a_submodule_is_not_listed(tmp_path: Path):
    """It names a folder that may lie outside."""
    write(tmp_path, "sub/.git", "gitdir: /elsewhere\n")
    assert names(Scope([tmp_path], Settings())) == []
