"""Writes src/setup/downloads.ts: what set-up downloads on which system, and what each model takes.

python client-vscode/generate_downloads.py PYLOCK     PYLOCK is requirements.lock in the form that tells sizes:
                                                      uv pip compile ... --format pylock.toml
python client-vscode/generate_downloads.py --check    exits 1 where the copy is of another lock or other recipes
"""

from __future__ import annotations

import hashlib
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import parse_wheel_filename

from models.plan import Device, needs_of
from models.recipe import load_recipe, recipe_names

CLIENT = Path(__file__).parent
LOCK = CLIENT / "requirements.lock"
COPY = CLIENT / "src" / "setup" / "downloads.ts"

PYTHONS = ((3, 11), (3, 12), (3, 13), (3, 14))
ONLY_THE_MODEL = ("llguidance",)
"""Packages that only serving a model takes, though their markers name every system."""
DEVICES: tuple[Device, ...] = ("cpu", "metal")


@attrs.frozen
class System:
    """Machines of one kind, from the oldest to the newest that we ask about."""

    name: str
    """Node's `process.platform` and `process.arch`."""
    environment: Mapping[str, str]
    """What markers of the lock ask for."""
    versions: tuple[int, ...]
    """Minor versions of glibc, versions of macOS; one 0 for Windows."""

    def platforms(self, version: int) -> list[str]:
        """Return the platform tags of such a machine, the best first."""
        machine = self.environment["platform_machine"]
        match self.environment["sys_platform"]:
            case "darwin":
                return list(mac_platforms((version, 0), machine))
            case "win32":
                return [f"win_{machine.lower()}"]
            case _:
                recent = [f"manylinux_2_{minor}_{machine}" for minor in range(version, 4, -1)]
                old = ["manylinux2014", "manylinux2010", "manylinux1"]
                return [*recent, *(f"{name}_{machine}" for name in old), f"linux_{machine}"]


def _system(name: str, sys_platform: str, machine: str, versions: tuple[int, ...]) -> System:
    return System(name, {"sys_platform": sys_platform, "platform_machine": machine}, versions)


GLIBC = tuple(range(17, 42))
MACOS = (12, 13, 14, 15, 26)
SYSTEMS = (
    _system("linux-x64", "linux", "x86_64", GLIBC),
    _system("linux-arm64", "linux", "aarch64", GLIBC),
    _system("darwin-arm64", "darwin", "arm64", MACOS),
    _system("darwin-x64", "darwin", "x86_64", MACOS),
)


@attrs.frozen
class Download:
    """What a kind of system downloads."""

    bytes: int
    """The most, over versions of Python and of the system."""
    oldest: int
    """The oldest version of the system that every package has a wheel for."""


def download(packages: Sequence[Mapping[str, Any]], system: System, left_out: Sequence[str]) -> Download | None:
    """Return what `system` downloads; None where packages lack a wheel on its newest version."""
    wanted = [package for package in packages if package["name"] not in left_out]
    sizes = {version: _size(wanted, system, version) for version in system.versions}
    known = {version: size for version, size in sizes.items() if size is not None}
    return Download(max(known.values()), min(known)) if sizes[system.versions[-1]] is not None else None


def _size(packages: Sequence[Mapping[str, Any]], system: System, version: int) -> int | None:
    sizes = [_size_on(packages, system, version, python) for python in PYTHONS]
    return None if None in sizes else max(size for size in sizes if size is not None)


def _size_on(
    packages: Sequence[Mapping[str, Any]], system: System, version: int, python: tuple[int, int]
) -> int | None:
    platforms = system.platforms(version)
    interpreter = f"cp{python[0]}{python[1]}"
    tags = [*cpython_tags(python, platforms=platforms), *compatible_tags(python, interpreter, platforms)]
    ranks = {tag: rank for rank, tag in enumerate(tags)}
    text = f"{python[0]}.{python[1]}"
    environment = {**system.environment, "python_version": text, "python_full_version": f"{text}.0"}
    wheels = [_wheel(package, ranks) for package in packages if _applies(package, environment)]
    return None if None in wheels else sum(size for size in wheels if size is not None)


def _applies(package: Mapping[str, Any], environment: Mapping[str, str]) -> bool:
    return "marker" not in package or Marker(package["marker"]).evaluate(dict(environment))


def _wheel(package: Mapping[str, Any], ranks: Mapping[Tag, int]) -> int | None:
    """Return the size of the wheel that an installer would choose."""
    fitting = [
        (min(ranks[tag] for tag in found), size) for tags, size in _wheels(package) if (found := tags & ranks.keys())
    ]
    return min(fitting)[1] if fitting else None


def _wheels(package: Mapping[str, Any]) -> Iterator[tuple[frozenset[Tag], int]]:
    for wheel in package.get("wheels", ()):
        tags = parse_wheel_filename(wheel["url"].rsplit("/", 1)[-1])[3]
        yield frozenset(tag for tag in tags), wheel["size"]


def model_packages(packages: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what only serving a model takes: what Windows, where none can be, does without."""
    everywhere = [_on_the_oldest_python(system) for system in SYSTEMS]
    without = [environment for environment in everywhere if environment["sys_platform"] == "win32"]
    served = [environment for environment in everywhere if environment not in without]
    return sorted(
        package["name"]
        for package in packages
        if package["name"] in ONLY_THE_MODEL
        or (
            any(_applies(package, environment) for environment in served)
            and not any(_applies(package, environment) for environment in without)
        )
    )


def downloads_part(pylock: Mapping[str, Any]) -> str:
    """Return the part of the copy that the lock decides."""
    packages: list[Mapping[str, Any]] = pylock["packages"]
    left_out = model_packages(packages)
    lines = [
        "/** SHA-256 of the requirements.lock that the sizes are of. */",
        f"export const LOCK_SHA256 = '{lock_hash()}';",
        "",
        "/** The versions of CPython that every package has a wheel for. */",
        f"export const PYTHONS = {{ oldest: {list(PYTHONS[0])}, newest: {list(PYTHONS[-1])} }} as const;",
        "",
        "/** What only serving a model takes; left out where none can be served. */",
        "export const MODEL_PACKAGES: readonly string[] = [",
        *(f"  '{name}'," for name in left_out),
        "];",
        "",
        "/** The server's packages with all that a model takes, by platform and processor. */",
        *_table("WITH_MODEL", packages, [], only=lambda system: _serves(system, packages)),
        "",
        "/** The same where no model can be served. */",
        *_table("WITHOUT_MODEL", packages, left_out, only=lambda _system: True),
    ]
    return "\n".join(lines)


def _serves(system: System, packages: Sequence[Mapping[str, Any]]) -> bool:
    environment = _on_the_oldest_python(system)
    return any(package["name"] == "mlx" and _applies(package, environment) for package in packages)


def _on_the_oldest_python(system: System) -> Mapping[str, str]:
    text = f"{PYTHONS[0][0]}.{PYTHONS[0][1]}"
    return {**system.environment, "python_version": text, "python_full_version": f"{text}.0"}


def _table(
    name: str, packages: Sequence[Mapping[str, Any]], left_out: Sequence[str], only: Callable[[System], bool]
) -> Iterator[str]:
    yield f"export const {name}: Readonly<Partial<Record<string, Download>>> = {{"
    for system in SYSTEMS:
        found = download(packages, system, left_out) if only(system) else None
        if found is not None:
            yield f"  '{system.name}': {{ bytes: {_number(found.bytes)}, oldest: {found.oldest} }},"
    yield "};"


HEAD = """\
// GENERATED by generate_downloads.py from requirements.lock and models/recipes. Do not edit.

/** What a kind of system downloads. */
export interface Download {
  readonly bytes: number;
  /** The oldest version that every package has a wheel for: the minor of glibc 2, or the version of macOS. */
  readonly oldest: number;
}

/** What a model takes, in bytes. */
export interface ModelNeeds {
  readonly title: string;
  readonly download: number;
  /** While it is made, the download included. */
  readonly peakDisk: number;
  readonly finalDisk: number;
  /** While it answers. */
  readonly memory: Readonly<Record<'cpu' | 'metal', number>>;
}
"""


def models_part() -> str:
    """Return the part of the copy that the recipes decide."""
    lines = [
        "/** The models that can be made, by the names of their recipes. */",
        "export const MODELS: Readonly<Partial<Record<string, ModelNeeds>>> = {",
    ]
    for name in recipe_names():
        recipe = load_recipe(name)
        needs = {device: needs_of(recipe, device) for device in DEVICES}
        memory = ", ".join(f"{device}: {_number(of.serve_memory)}" for device, of in needs.items())
        lines += [
            f"  '{name}': {{",
            f"    title: '{recipe.title}',",
            f"    download: {_number(needs['cpu'].download)},",
            f"    peakDisk: {_number(needs['cpu'].peak_disk)},",
            f"    finalDisk: {_number(needs['cpu'].final_disk)},",
            f"    memory: {{ {memory} }},",
            "  },",
        ]
    return "\n".join([*lines, "};", ""])


def _number(value: int) -> str:
    return f"{value:_}"


def lock_hash() -> str:
    """Return the hash that says which lock a copy is of."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def is_fresh(text: str) -> bool:
    """Whether `text` is of the present lock and recipes; the sizes themselves only the registry knows."""
    found = re.search(r"LOCK_SHA256 = '(\w+)'", text)
    return found is not None and found[1] == lock_hash() and text.startswith(HEAD) and text.endswith(models_part())


def main(arguments: Sequence[str]) -> int:
    """Write or check."""
    if list(arguments) == ["--check"]:
        return 0 if COPY.is_file() and is_fresh(COPY.read_text("utf-8")) else 1
    pylock = tomllib.loads(Path(arguments[0]).read_text("utf-8"))
    COPY.write_text("\n".join([HEAD, downloads_part(pylock), "", models_part()]), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
