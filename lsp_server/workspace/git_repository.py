"""A repository seen through a throw-away git folder: its objects and refs are real, its configuration is ours.

Whatever a repository's configuration could run (external diffs, textconv, filters, pagers, aliases, hooks, fsmonitor,
gpg, credential helpers, remote helpers, includes) is thereby not switched off one by one but never read.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import attrs

from lsp_server.workspace.opening import read_regular
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.processes import Finished, run

_LINKED = ("objects", "refs", "packed-refs", "logs", "shallow", "reftable")
_MAX_INDEX = 500_000_000
_MAX_POINTER = 64_000

_CONFIGURATION = """[core]
	repositoryformatversion = {version}
	bare = false
	hooksPath = /dev/null
	attributesFile = /dev/null
	excludesFile = /dev/null
	fsmonitor = false
	untrackedCache = false
	pager = cat
	quotePath = false
	packedGitLimit = 512m
{core}[extensions]
{extensions}[diff]
	ignoreSubmodules = all
	submodule = short
	renames = false
	autoRefreshIndex = true
[submodule]
	recurse = false
[protocol]
	allow = never
[gc]
	auto = 0
[maintenance]
	auto = false
[color]
	ui = false
"""

_COPIED_CORE = re.compile(r"core\.(filemode|ignorecase|precomposeunicode|autocrlf|eol|symlinks)\n([A-Za-z0-9]{1,8})")
_COPIED_EXTENSION = re.compile(r"extensions\.(objectformat|refstorage|compatobjectformat|noop)\n([a-z0-9]{1,16})")

Cancelled = Callable[[], bool]


@attrs.frozen
class Repository:
    """Where a repository's parts lie."""

    top: Path
    """The work tree."""
    own: Path
    """The git folder of this work tree."""
    common: Path
    """The git folder that its linked work trees share; mostly `own`."""

    @classmethod
    def find(cls, folder: Path) -> Repository:
        """Return the repository that a workspace folder belongs to.

        Raises:
            ToolProblem: there is none, or its git folder claims to lie where it does not.
        """
        for top in (folder, *folder.parents):
            mark = top / ".git"
            if mark.is_symlink():
                break
            if mark.is_dir():
                return cls(top, mark, mark)
            if mark.is_file():
                return _linked(top, mark)
        raise ToolProblem("This workspace is not a git repository.", "Use search, symbols and read_file.")

    def head_stamp(self) -> str:
        """Return a text that changes whenever another commit is checked out or made; git is not run for it.

        Raises:
            OSError: the repository is gone or cannot be read.
        """
        head = read_regular(self.own / "HEAD", _MAX_POINTER).decode("utf-8", "replace").strip()
        stamps = [head]
        for name in (head.removeprefix("ref: "), "packed-refs", "reftable/tables.list"):
            with suppress(OSError):
                found = (self.common / name).lstat()
                stamps.append(f"{name} {found.st_mtime_ns} {found.st_size} {found.st_ino}")
        return "\n".join(stamps)


@attrs.frozen
class Git:
    """Runs git in a repository; made by `opened`."""

    program: str
    repository: Repository
    folder: Path
    """The workspace folder, in which git runs."""
    private: Path
    """The throw-away git folder."""
    cancelled: Cancelled

    @property
    def prefix(self) -> str:
        """The workspace folder relative to the work tree: empty, or ending in a slash."""
        relative = self.folder.relative_to(self.repository.top).as_posix()
        return "" if relative == "." else f"{relative}/"

    def run(self, words: Sequence[str]) -> Finished:
        """Run one git command.

        Raises:
            ToolProblem: git could not be started.
        """
        argv = (self.program, "--no-pager", *words)
        try:
            return run(argv, folder=self.folder, environment=self._environment(), cancelled=self.cancelled)
        except OSError as error:
            raise ToolProblem(f"git could not be started: {error.strerror}.", "Use search and read_file.") from error

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.private),
            "XDG_CONFIG_HOME": str(self.private),
            "LC_ALL": "C.UTF-8",
            **{name: os.environ[name] for name in ("TZ",) if name in os.environ},
            "GIT_DIR": str(self.private),
            "GIT_WORK_TREE": str(self.repository.top),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_ALLOW_PROTOCOL": "none",
            "GIT_PAGER": "cat",
            "PAGER": "cat",
        }


@contextmanager
def opened(folder: Path, cancelled: Cancelled) -> Generator[Git]:
    """Give git for a workspace folder; the throw-away folder goes with the block.

    Raises:
        ToolProblem: no git, no repository, or one that points outside itself.
    """
    program = shutil.which("git")
    program = program and os.path.abspath(program)  # noqa: PTH100 - git goes by the name of its link
    if program is None or folder in Path(program).resolve().parents:
        raise ToolProblem("git is not installed.", "Use search, symbols and read_file.")
    repository = Repository.find(folder)
    with ExitStack() as stack:
        try:
            name = stack.enter_context(tempfile.TemporaryDirectory(prefix="inglenook-git-"))
            git = Git(program, repository, folder, Path(name).resolve(), cancelled)
            _furnish(git)
        except OSError as error:
            raise ToolProblem(f"The repository cannot be read: {error.strerror}.", "Use search.") from error
        yield git


def _furnish(git: Git) -> None:
    """Fill the throw-away folder: links to objects and refs, copies of HEAD and index, our configuration."""
    private, repository = git.private, git.repository
    (private / "HEAD").write_bytes(read_regular(repository.own / "HEAD", _MAX_POINTER))
    for name in _LINKED:
        source = repository.common / name
        if name == "logs" and repository.own != repository.common:
            source = repository.own / name
        if source.is_symlink():
            raise ToolProblem(f"The repository's {name} is a link and was not followed.", "Use search and read_file.")
        if name == "objects" and _borrows(source):
            raise ToolProblem("The repository borrows objects from elsewhere.", "Use search and read_file.")
        if source.is_file() or source.is_dir():
            (private / name).symlink_to(source)
    for source in (repository.own / "index", *repository.own.glob("sharedindex.*")):
        if source.is_file() and not source.is_symlink():
            _copy_index(source, private / source.name)
    (private / "config").write_bytes(_configuration(git).encode())


def _borrows(objects: Path) -> bool:
    """Say whether some objects lie outside their folder, in another repository perhaps that nobody opened."""
    folders = (objects, objects / "pack", objects / "info")
    linked = any(path.is_symlink() for folder in folders if folder.is_dir() for path in folder.iterdir())
    return linked or (objects / "info" / "alternates").exists()


def _copy_index(source: Path, copy: Path) -> None:
    """Copy with the time stamp: git tells by it which entries it must look at again."""
    found = source.stat()
    copy.write_bytes(read_regular(source, _MAX_INDEX))
    os.utime(copy, ns=(found.st_atime_ns, found.st_mtime_ns))


def _configuration(git: Git) -> str:
    """Return our configuration with the few harmless values that decide how objects and files are read."""
    file = git.repository.common / "config"
    words = ("config", "--no-includes", "-z", "--list", "--file", str(file))
    listed = git.run(words).output if file.is_file() else b""
    entries = listed.decode("utf-8", "replace").split("\0")
    core = [found.groups() for entry in entries if (found := _COPIED_CORE.fullmatch(entry))]
    extensions = [found.groups() for entry in entries if (found := _COPIED_EXTENSION.fullmatch(entry))]
    return _CONFIGURATION.format(
        version=1 if extensions else 0,
        core="".join(f"\t{key} = {value}\n" for key, value in core),
        extensions="".join(f"\t{key} = {value}\n" for key, value in extensions),
    )


def _linked(top: Path, mark: Path) -> Repository:
    """Follow the `.git` file of a linked work tree or submodule, if what it names points back.

    Raises:
        ToolProblem: it does not: a file could otherwise name anyone's repository.
    """
    refusal = ToolProblem(
        "The .git file names a repository that does not name this folder.", "Use search and read_file."
    )
    try:
        own = _pointed(mark, top, b"gitdir:")
        common = _pointed(own / "commondir", own, b"") if (own / "commondir").exists() else own
        if common != own:  # a linked work tree
            back = _pointed(own / "gitdir", own, b"")
            if back == mark.resolve() and own.parent == common / "worktrees":
                return Repository(top, own, common)
        elif any(parent / ".git" / "modules" in own.parents for parent in top.parents):
            return Repository(top, own, own)
    except OSError:
        raise refusal from None
    raise refusal


def _pointed(file: Path, base: Path, lead: bytes) -> Path:
    text = read_regular(file, _MAX_POINTER).removeprefix(lead).strip().decode("utf-8", "surrogateescape")
    return (base / text).resolve()
