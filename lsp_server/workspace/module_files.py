"""Which files of the workspace an import's path means, by each language's own rule; nothing is guessed by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import attrs

from lsp_server.workspace.languages import grammar_of
from lsp_server.workspace.places import Located
from lsp_server.workspace.view import View

_SOURCE_FOLDERS = ("", "src", "lib", "python")
_SCRIPT_ENDINGS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs")
_FAMILIES = {"javascript": "script", "typescript": "script", "tsx": "script", "cpp": "c"}


@attrs.frozen
class Module:
    """What an import's path leads to."""

    files: tuple[Located, ...] = ()
    """The files whose top level it is."""
    holds: Callable[[Located], bool] | None = None
    """For a package that is a folder, and for headers: whether a file belongs to it."""
    folder: str | None = None
    """The folder of its submodules, relative to the workspace folder."""


def family_of(located: Located) -> str:
    """Return the language of a file, those that import each other under one name: `script`, `c`; empty for none."""
    grammar = grammar_of(located.name)
    return "" if grammar is None else _FAMILIES.get(grammar.name, grammar.name)


def folder_of(relative: str) -> str:
    """Return the folder of a relative path; empty for the workspace folder."""
    return relative.rpartition("/")[0]


def find_module(view: View, located: Located, path: str) -> Module | None:
    """Return what an import's path means in a file; None for what lies outside the workspace.

    Args:
        view: the files.
        located: the file that imports.
        path: as `Import.module`: dotted, or with slashes where the language writes them.
    """
    find = _FINDERS.get(family_of(located))
    return None if find is None or not path else find(view, located, path)


def submodule(view: View, located: Located, module: Module, name: str) -> Module | None:
    """Return a module inside another; None where there is no such file.

    Args:
        view: the files.
        located: a file in the same workspace folder.
        module: the outer one.
        name: a plain name.
    """
    if module.folder is None:
        return None
    stem = _join(module.folder, name)
    return _rust_file(view, located, stem) if family_of(located) == "rust" else _package(view, located, stem)


def _python(view: View, located: Located, path: str) -> Module | None:
    rest = path.lstrip(".")
    parts = rest.split(".") if rest else []
    if len(rest) < len(path):
        folder = _up(folder_of(located.relative), len(path) - len(rest) - 1)
        return None if folder is None else _package(view, located, _join(folder, *parts))
    bare: Module | None = None
    for root in _python_roots(view, located):
        if any(Located(located.root, _join(root, parts[0]) + ending).exists for ending in ("", ".py", ".pyi")):
            found = _package(view, located, _join(root, *parts))
            if found is not None and found.files:
                return found
            bare = bare or found  # a folder without files of its own: only where nothing better comes
    return bare


def _python_roots(view: View, located: Located) -> Iterator[str]:
    """Yield the folders where absolute imports may begin, nearest first: no packages themselves."""
    for folder in _ancestors(located.relative):
        for name in _SOURCE_FOLDERS:
            root = _join(folder, name)
            if not _present(view, located, _join(root, "__init__.py")):
                yield root


def _package(view: View, located: Located, stem: str) -> Module | None:
    files = _first(view, located, (_join(stem, "__init__.py"), _join(stem, "__init__.pyi")))
    if files or (Located(located.root, stem).is_folder and view.files.scope.permits(located.root, stem, folder=True)):
        return Module(files, folder=stem)
    files = _first(view, located, (f"{stem}.py", f"{stem}.pyi"))
    return Module(files) if files else None


def _script(view: View, located: Located, path: str) -> Module | None:
    if path.startswith("."):
        stem = _resolved(folder_of(located.relative), path)
        stems = [] if stem is None else [stem]
    elif path.startswith("@/"):  # the usual alias of a project's src folder
        stems = [_join(folder, "src", path[2:]) for folder in _ancestors(located.relative)]
    else:
        stems = []
    for stem in stems:
        bare = stem.removesuffix(".js").removesuffix(".jsx").removesuffix(".mjs")
        names = [stem] if stem.endswith(_SCRIPT_ENDINGS) else []
        names += [bare + ending for ending in _SCRIPT_ENDINGS]
        names += [_join(stem, f"index{ending}") for ending in _SCRIPT_ENDINGS]
        files = _first(view, located, names)
        if files:
            return Module(files)
    return None


def _rust(view: View, located: Located, path: str) -> Module | None:
    head, *rest = path.split(".")
    if head == "crate":
        folder = _crate(view, located)
    elif head in {"self", "super"}:
        rest = rest if head == "self" else [head, *rest]
        levels = next((at for at, part in enumerate(rest) if part != "super"), len(rest))
        folder, rest = _up(_rust_folder(located.relative), levels), rest[levels:]
    else:
        folder = _other_crate(view, located, head)
        if folder is None:  # a module of this file
            folder, rest = _rust_folder(located.relative), [head, *rest]
    return None if folder is None else _rust_file(view, located, _join(folder, *rest))


def _rust_folder(relative: str) -> str:
    """Return the folder of a file's submodules."""
    stem = relative.rpartition(".")[0]
    return folder_of(relative) if stem.rpartition("/")[2] in {"mod", "lib", "main"} else stem


def _rust_file(view: View, located: Located, stem: str) -> Module | None:
    names = (f"{stem}.rs", _join(stem, "mod.rs"), _join(stem, "lib.rs"), _join(stem, "main.rs"))
    files = _first(view, located, names)
    return Module(files, folder=stem) if files else None


def _crate(view: View, located: Located) -> str | None:
    """Return the folder of the crate's root file."""
    for folder in _ancestors(located.relative):
        if _first(view, located, (_join(folder, "lib.rs"), _join(folder, "main.rs"))):
            return folder
    return None


def _other_crate(view: View, located: Located, name: str) -> str | None:
    """Return the source folder of a crate of the same workspace, found by its folder's name."""
    for folder in _ancestors(located.relative):
        own = (folder or located.root.name).rpartition("/")[2]
        outer = [folder] if own.replace("-", "_") == name else []
        inner = [_join(folder, *between, name) for between in ((), ("crates",))]
        inner += [path.replace("_", "-") for path in inner if "_" in name]
        for candidate in (*outer, *inner):
            if _present(view, located, _join(candidate, "src", "lib.rs")):
                return _join(candidate, "src")
    return None


def _go(view: View, located: Located, path: str) -> Module | None:
    """Find the package's folder by the nearest go.mod; without one, by the end of its path."""
    for folder in _ancestors(located.relative):
        text = view.data(Located(located.root, _join(folder, "go.mod")))
        if text is None:
            continue
        name = _go_module(text)
        if name and (path == name or path.startswith(f"{name}/")):
            return _go_package(located, _join(folder, path[len(name) :].strip("/")))
        return None
    if "." not in path.partition("/")[0]:
        return None  # the standard library
    parts = path.split("/")
    stems = ("/".join(parts[at:]) for at in range(1, len(parts)))
    return next((found for stem in stems if (found := _go_package(located, stem))), None)


def _go_module(text: bytes) -> str:
    """Return the name that a go.mod gives its module; empty when it gives none."""
    for line in text.decode("utf-8", "replace").split("\n"):
        words = line.split()
        if len(words) > 1 and words[0] == "module":
            return words[1].strip('"')
    return ""


def _go_package(located: Located, folder: str) -> Module | None:
    if not Located(located.root, folder).is_folder:
        return None
    return Module(holds=lambda file: file.root == located.root and folder_of(file.relative) == folder)


def _java(_view: View, _located: Located, path: str) -> Module | None:
    """Take a package's files to be those in folders that end with its path, whichever source folder they are below."""
    ending = "/" + path.replace(".", "/")
    return Module(holds=lambda file: f"/{folder_of(file.relative)}".endswith(ending))


def _c(_view: View, _located: Located, path: str) -> Module | None:
    """Take a header to be the files whose paths end with its name, and the sources of that name."""
    parts = [part for part in path.rpartition(".")[0].split("/") if part not in {"", ".", ".."}]
    ending = "/" + "/".join(parts)
    return Module(holds=lambda file: f"/{file.relative.rpartition('.')[0]}".endswith(ending))


_FINDERS = {"python": _python, "script": _script, "rust": _rust, "go": _go, "java": _java, "c": _c}


def _present(view: View, located: Located, relative: str) -> Located | None:
    found = Located(located.root, relative)
    return found if view.data(found) is not None and view.files.scope.permits(found.root, relative) else None


def _first(view: View, located: Located, names: Iterable[str]) -> tuple[Located, ...]:
    found = next((file for name in names if (file := _present(view, located, name))), None)
    return (found,) if found else ()


def _ancestors(relative: str) -> Iterator[str]:
    """Yield the folders around a file, nearest first; last the workspace folder, as an empty path."""
    while relative:
        relative = folder_of(relative)
        yield relative


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)


def _up(folder: str, levels: int) -> str | None:
    for _ in range(levels):
        if not folder:
            return None
        folder = folder_of(folder)
    return folder


def _resolved(folder: str, path: str) -> str | None:
    """Return a relative path from a folder in plain spelling; None when it climbs out."""
    parts = folder.split("/") if folder else []
    for part in path.split("/"):
        if part == ".." and not parts:
            return None
        if part == "..":
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)
