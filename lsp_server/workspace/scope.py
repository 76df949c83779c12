"""The choke point: which files of the workspace may be seen; everyone opens them through it.

A path passes when, links resolved, it lies inside a workspace folder; no part of it is version control's own or named
like a secret; and it is not ignored, unless a setting or the person's own question opens it.
"""

from __future__ import annotations

import contextlib
import copy
import errno
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from lsp_server.errors import OutOfScope, WorkspaceUnusable
from lsp_server.settings import Settings
from lsp_server.workspace.allowing import Allowed
from lsp_server.workspace.excluding import as_ignore_lines
from lsp_server.workspace.ignoring import IgnoreRules, Levels, compile_lines, is_version_control
from lsp_server.workspace.listing import Lister, is_plain
from lsp_server.workspace.opening import OpenFolders, read_regular
from lsp_server.workspace.path_names import PathName, is_below, relative_to, spellings, split_label
from lsp_server.workspace.places import Located
from lsp_server.workspace.secret_names import is_private_key, is_secret

_HEAD = 8192
"""A file with a NUL among its first bytes, this many, is binary."""
_UTF16 = (b"\xff\xfe", b"\xfe\xff")

Cancelled = Callable[[], bool]


def never() -> bool:
    """Say that nobody has cancelled."""
    return False


class Scope:
    """Decides about paths, opens files and lists them; safe to use from several threads."""

    def __init__(self, roots: Sequence[Path], settings: Settings) -> None:
        self.roots = _usable(roots)
        self.max_bytes = settings.max_file_bytes
        self._labels = _labels(self.roots)
        self.allowed = Allowed(settings.allow_ignored)
        excluded = as_ignore_lines(settings.exclude)
        self._rules = {
            root: IgnoreRules(root, read_regular, compile_lines(excluded) if excluded else None) for root in self.roots
        }
        self._listers = {root: Lister(root, rules, self.allowed) for root, rules in self._rules.items()}
        self.named: frozenset[Located] = frozenset()  # ignored files, open because the question names them

    def naming(self, named: Iterable[Located]) -> Scope:
        """Return this scope with ignored files opened that the person's own question names; never secrets."""
        view = copy.copy(self)
        view.named = self.named | frozenset(named)
        return view

    def locate(self, text: str, *, even_ignored: bool = False) -> Located:
        """Place a path or `file:` URI, existing or not, in the workspace.

        Args:
            text: relative to a workspace folder (with its label in a workspace of several), absolute, or a URI;
                Windows separators are taken as slashes.
            even_ignored: leave the ignore rules out, for the person's own words.

        Raises:
            OutOfScope: with a sentence that never quotes what lies outside.
        """
        name = PathName.parse(text)
        found = self._resolve(name)
        written = relative_to(name.path, found.root) if name.absolute else name.path.as_posix()
        for relative in {written or found.relative, found.relative}:
            _check_private(relative, name.shown)
        if not even_ignored and self.is_ignored(found):
            raise OutOfScope(
                f"{name.shown} is ignored by this workspace and was not opened.",
                "Ignored files open when the question names them or the setting inglenook.files.allowIgnored does.",
            )
        return found

    def locate_uri(self, uri: str, *, even_ignored: bool = False) -> Located:
        """Place a URI in the workspace, as `locate` does.

        Raises:
            OutOfScope: as `locate`, and for a document that is no file.
        """
        if not uri.lower().startswith("file:"):
            raise OutOfScope("The document is no file on this machine.", "Save it in the workspace first.")
        return self.locate(uri, even_ignored=even_ignored)

    def permits(self, root: Path, relative: str, *, folder: bool = False) -> bool:
        """Say whether a path relative to `root` may be shown, by its name alone: it need not exist (any more)."""
        if not relative:
            return True
        parts = relative.split("/")
        if ".." in parts or relative.startswith("/") or not is_plain(relative):
            return False
        return not _is_private(relative) and not self.is_ignored(Located(root, relative), folder=folder)

    def is_ignored(self, located: Located, *, folder: bool | None = None) -> bool:
        """Say whether the ignore rules hide the path and nothing opens it."""
        is_folder = located.is_folder if folder is None else folder
        ignored = self._rules[located.root].ignored(located.relative, folder=is_folder)
        return ignored and not self._opened(located, folder=is_folder)

    def _opened(self, located: Located, *, folder: bool) -> bool:
        """Say whether a setting or the person's question opens an ignored path."""
        return located in self.named or self.allowed.opens(located.relative, folder=folder)

    def show(self, located: Located) -> str:
        """Return the path as rows write it: with the folder's label when there are several."""
        if len(self.roots) == 1:
            return located.relative
        return f"{self._labels[located.root]}/{located.relative}".rstrip("/")

    def files(self, cancelled: Cancelled = never, below: Located | None = None) -> Iterator[Located]:
        """Yield every file that may be shown, in no promised order, until cancelled."""
        for root in self.roots if below is None else (below.root,):
            for relative in self._listers[root].walk(cancelled, "" if below is None else below.relative):
                yield Located(root, relative)
        for named in self.named:
            if below is None or (named.root == below.root and is_below(named.relative, below.relative)):
                yield named

    def read(self, located: Located, folders: OpenFolders | None = None) -> bytes:
        """Return the bytes of a text file that `locate` or `files` gave; UTF-16 comes back as UTF-8.

        Args:
            located: the file.
            folders: those of a pass over many files, which makes it quicker.

        Raises:
            OutOfScope: it is gone, no regular file, larger than the setting, binary, or a private key.
        """
        shown = self.show(located)
        data = self._content(located, folders)
        if _is_binary(data):
            raise OutOfScope(f"{shown} is a binary file and was not read.", "Name a text file.")
        if data.startswith(_UTF16):
            data = data.decode("utf-16", "replace").encode("utf-8", "replace")
        if is_private_key(data):
            raise _secret(shown)
        return data

    def _content(self, located: Located, folders: OpenFolders | None = None) -> bytes:
        """Return the bytes of a file as they are.

        Raises:
            OutOfScope: it has a secret's name, is gone, no regular file, or larger than the setting.
        """
        shown = self.show(located)
        _check_private(located.relative, shown)
        try:
            if folders is not None:
                return folders.read(located, self.max_bytes)
            with OpenFolders() as alone:
                return alone.read(located, self.max_bytes)
        except OSError as error:
            raise _unreadable(error, shown or ".") from error

    def is_without_text(self, located: Located) -> bool:
        """Say whether a file is there that may be shown but not read: a binary one, or one that is too large."""
        if _is_private(located.relative):
            return False
        try:
            return _is_binary(self._content(located))
        except OutOfScope:
            return located.exists

    def check_text(self, located: Located, text: bytes) -> None:
        """Hold what an editor has in a file's place to what `read` refuses of a file.

        Raises:
            OutOfScope: it is larger than the setting, or a private key.
        """
        if len(text) > self.max_bytes:
            raise OutOfScope(f"{self.show(located)} is larger than {self.max_bytes:,} bytes.")
        if is_private_key(text):
            raise _secret(self.show(located))

    def folders(self, cancelled: Cancelled, below: Located, depth: int) -> Iterator[tuple[Located, tuple[str, ...]]]:
        """Yield each folder that may be shown, with its files' names, `below` first, down to `depth` levels."""
        for relative, names in self._listers[below.root].folders(cancelled, below.relative, depth):
            yield Located(below.root, relative), names

    def entries(self, located: Located) -> tuple[list[os.DirEntry[str]], int]:
        """Return a folder's entries that may be shown, by name, and how many may not.

        Raises:
            OutOfScope: it is gone, no folder or unreadable.
        """
        rules = self._rules[located.root]
        around = None if rules.ignored(located.relative, folder=True) else rules.within(located.relative)
        shown: list[os.DirEntry[str]] = []
        hidden = 0
        try:
            with os.scandir(located.absolute) as found:
                for entry in found:
                    if self._permits_entry(located, entry, around):
                        shown.append(entry)
                    else:
                        hidden += 1
        except OSError as error:
            raise _unreadable(error, self.show(located) or ".") from error
        return sorted(shown, key=lambda entry: entry.name), hidden

    def _permits_entry(self, folder: Located, entry: os.DirEntry[str], around: Levels | None) -> bool:
        """Say whether an entry may be shown; `around` are the rules in its folder, None for an ignored folder."""
        relative = f"{folder.relative}/{entry.name}" if folder.relative else entry.name
        if entry.is_symlink():
            with contextlib.suppress(OutOfScope):
                self.locate(str(folder.root / relative))
                return True
            return False
        is_folder = entry.is_dir(follow_symlinks=False)
        if not is_plain(relative) or _is_private(relative):
            return False
        rules = self._rules[folder.root]
        ignored = around is None or rules.matches(around, relative, entry.name, folder=is_folder)
        return not ignored or self._opened(Located(folder.root, relative), folder=is_folder)

    def _resolve(self, name: PathName) -> Located:
        """Find the path in a workspace folder, links resolved; the first spelling and folder that exist win."""
        located: list[Located] = []
        for path in self._candidates(name):
            real = _real(path, name.shown)
            relative = next(((root, r) for root in self.roots if (r := relative_to(real, root)) is not None), None)
            if relative is not None:
                found = Located(*relative)
                if found.exists:
                    return found
                located.append(found)
        if located:
            return located[0]
        raise OutOfScope(f"{name.shown} is outside the workspace.")

    def _candidates(self, name: PathName) -> Iterator[Path]:
        if name.absolute:
            yield from (Path(text) for text in spellings(str(name.path)))
            return
        by_label = split_label(str(name.path), {label: root for root, label in self._labels.items()})
        if by_label is not None and len(self.roots) > 1:
            yield from (by_label[0] / text for text in spellings(by_label[1]))
        for root in self.roots:
            yield from (root / text for text in spellings(str(name.path)))


def _is_private(relative: str) -> bool:
    return is_secret(relative) or any(is_version_control(part) for part in relative.split("/"))


def _check_private(relative: str, shown: str) -> None:
    if is_secret(relative):
        raise _secret(shown)
    if _is_private(relative):
        raise OutOfScope(f"{shown} belongs to version control and is not opened.", "Use git log, show or blame.")


def _real(path: Path, shown: str) -> Path:
    try:
        return Path(os.path.realpath(path, strict=True))
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OutOfScope(f"{shown} is a link that leads in a circle.") from error
        if error.errno == errno.ENAMETOOLONG:
            raise OutOfScope("That path is too long to exist.") from error
        return Path(os.path.realpath(path))


def _unreadable(error: OSError, shown: str) -> OutOfScope:
    said = {
        errno.ENOENT: (f"There is no {shown} in the workspace.", "Search for the name, or list the folder with ls."),
        errno.EISDIR: (f"{shown} is a folder.", f"List it with run_command: ls {shown}"),
        errno.ENOTDIR: (f"{shown} is not a folder, or lies below a file.", None),
        errno.EACCES: (f"{shown} may not be read: the system refuses it.", "Check the file's permissions."),
        errno.EPERM: (f"{shown} may not be read: the system refuses it.", "Check the file's permissions."),
        errno.EFBIG: (
            f"{shown} {error.strerror}; it was not read.",
            "The limit is the setting inglenook.files.maxBytes.",
        ),
        errno.ELOOP: (f"{shown} became a link while it was read and was not followed.", None),
    }
    default = (f"{shown} is not a regular file and was not read.", None)
    return OutOfScope(*said.get(error.errno or 0, default))


def _is_binary(data: bytes) -> bool:
    return b"\0" in data[:_HEAD] and not data.startswith(_UTF16)


def _secret(shown: str) -> OutOfScope:
    return OutOfScope(f"{shown} may hold secrets and is never read.", "No setting opens such files.")


def _usable(roots: Sequence[Path]) -> tuple[Path, ...]:
    """Return the folders, links resolved, without those inside another.

    Raises:
        WorkspaceUnusable: one is missing, no folder or unreadable, or there is none.
    """
    if not roots:
        raise WorkspaceUnusable("No workspace folder is open.")
    resolved: list[Path] = []
    for root in roots:
        try:
            if not root.exists():
                raise WorkspaceUnusable(f"The workspace {root} does not exist.")
            if not root.is_dir():
                raise WorkspaceUnusable(f"The workspace {root} is not a folder.")
            with os.scandir(root):
                resolved.append(root.resolve(strict=True))
        except OSError as error:
            raise WorkspaceUnusable(f"The workspace {root} cannot be read: {error.strerror}.") from error
    distinct = list(dict.fromkeys(resolved))
    return tuple(root for root in distinct if not any(other in root.parents for other in distinct))


def _labels(roots: tuple[Path, ...]) -> dict[Path, str]:
    """Name each folder by its last component, numbered where two share one."""
    labels: dict[Path, str] = {}
    for root in roots:
        name = root.name or "root"
        number = sum(label == name or label.startswith(f"{name}-") for label in labels.values())
        labels[root] = f"{name}-{number + 1}" if number else name
    return labels
