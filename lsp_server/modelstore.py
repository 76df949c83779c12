"""Where models lie, what each folder says of itself, and which one is chosen.

Light, so that every process may ask: no mlx, no numpy, no network.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, cast

import attrs
import cattrs

from lsp_server.dialects import DIALECTS
from lsp_server.errors import BadRequest, ModelMissing, ModelRefused
from lsp_server.settings import Settings
from lsp_server.user_folders import data_root
from lsp_server.wire import ModelInfo

MANIFEST = "inglenook.json"
ADAPTER_CONFIG = "adapter_config.json"
"""mlx-lm's: a folder that holds it holds an adapter, too."""
FORMAT = 2
"""Version of the manifest; a folder of another version is built again."""

_CHOICE = "chosen.json"
_SERVED = frozenset({"qwen2"})
"""Architectures that the resident process was tried with."""


@attrs.frozen
class Manifest:
    """What a model folder says of itself; written last, so that its presence means the folder is whole."""

    recipe: str
    title: str
    licence: str
    dialect: str
    first_call: Literal["free", "demand", "forbid"]
    """Whether a question's first turn may, must, or must not call a tool."""
    after_rows: Literal["free", "forbid"]
    """Whether a turn may call again once a call has found something; an untuned model would repeat its call."""
    context_tokens: int
    bits: int
    base: str
    """Where the base weights came from, for a person."""
    hashes: Mapping[str, str]
    """SHA-256 of every other file, by name."""
    sizes: Mapping[str, int]
    """Bytes of every other file, by name: what a quick check compares."""
    weights_key: str
    """Hash of all that decided the weights; equal keys need no new download."""
    versions: Mapping[str, str]
    prompt_version: str
    """The prompts that it was tuned for; empty for an untuned model, which any prompts suit."""
    created_at: str
    """ISO 8601, UTC."""
    format: int = FORMAT

    @property
    def model_hash(self) -> str:
        """One hash over all files: equal hashes are the same model."""
        lines = (f"{name}:{self.hashes[name]}\n" for name in sorted(self.hashes))
        return hashlib.sha256("".join(lines).encode()).hexdigest()

    def to_json(self) -> str:
        """Return the manifest as it stands in the folder."""
        return json.dumps(attrs.asdict(self), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


@attrs.frozen
class ModelFolder:
    """A model that is on disk and looks whole."""

    path: Path
    manifest: Manifest

    @property
    def bytes_on_disk(self) -> int:
        """Size of all files."""
        return sum(self.manifest.sizes.values())


def models_root() -> Path:
    """Return the folder that holds one folder for each model, named for its recipe."""
    return data_root() / "models"


def open_folder(path: Path) -> ModelFolder:
    """Read the manifest at `path` and compare it with the files beside it, by name and size.

    Raises:
        ModelMissing: there is no folder, or no manifest in it.
        ModelRefused: the manifest cannot be read, is of another version, or does not match the files.
    """
    try:
        manifest = _read_manifest(path / MANIFEST)
    except (FileNotFoundError, NotADirectoryError):
        raise ModelMissing(f"There is no finished model in {path}.") from None
    except (OSError, ValueError, cattrs.BaseValidationError) as error:
        raise ModelRefused(f"The manifest of the model in {path} cannot be read: {_first_line(error)}.") from error
    for name, size in manifest.sizes.items():
        file = path / name
        if not file.is_file() or file.stat().st_size != size:
            raise ModelRefused(f"The model in {path} is damaged: {name} is missing or not {size:,} bytes long.")
    _check_architecture(path)
    return ModelFolder(path, manifest)


def chosen(settings: Settings) -> ModelFolder:
    """Return the model to serve: the folder that the settings name, else the user's choice, else the recipe's.

    Raises:
        ModelMissing: it has not been built.
        ModelRefused: it is damaged or was not made by `inglenook model build`.
    """
    if settings.model_path:
        return _open_named(Path(settings.model_path).expanduser())
    recipe = chosen_recipe(settings)
    try:
        return open_folder(_folder(recipe))
    except ModelMissing:
        raise ModelMissing(
            f"The model {recipe} has not been built yet.", f"Run `inglenook model build --recipe {recipe}`."
        ) from None


def chosen_recipe(settings: Settings) -> str:
    """Return the recipe in force: a setting that differs from the default wins over `inglenook model use`."""
    if settings.recipe != Settings().recipe:
        return settings.recipe
    return remembered() or settings.recipe


def remembered() -> str | None:
    """Return what `inglenook model use` chose, if anything."""
    try:
        recipe = json.loads((data_root() / _CHOICE).read_text("utf-8"))["recipe"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return recipe if isinstance(recipe, str) and is_recipe_name(recipe) else None


def use(recipe: str) -> ModelFolder:
    """Remember `recipe` as the user's choice and return its folder.

    Raises:
        ModelMissing: it has not been built.
        ModelRefused: it is damaged.
    """
    folder = chosen(Settings(recipe=recipe)) if recipe != Settings().recipe else open_folder(_folder(recipe))
    _write(data_root() / _CHOICE, json.dumps({"recipe": recipe}) + "\n")
    return folder


def list_models() -> tuple[ModelInfo, ...]:
    """Return the models on disk, by name; a damaged one is listed as not built."""
    root = models_root()
    names = sorted(path.name for path in root.iterdir() if is_recipe_name(path.name)) if root.is_dir() else []
    return tuple(_info(name, root / name) for name in names if (root / name).is_dir())


def remove(recipe: str) -> bool:
    """Delete the model of `recipe`; return whether there was one."""
    path = _folder(recipe)
    if not path.is_dir():
        return False
    (path / MANIFEST).unlink(missing_ok=True)  # first: what is left of an interrupted removal looks unfinished
    shutil.rmtree(path)
    if remembered() == recipe:
        (data_root() / _CHOICE).unlink(missing_ok=True)
    return True


def load_verdict(folder: ModelFolder, key: str) -> Mapping[str, Any] | None:
    """Return what a probe of these very files found under `key` (device, versions), or None."""
    try:
        found: object = json.loads(_verdict_path(folder, key).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return cast("Mapping[str, Any]", found) if isinstance(found, dict) else None


def save_verdict(folder: ModelFolder, key: str, verdict: Mapping[str, Any]) -> None:
    """Remember a probe's verdict, so that the next load need not probe again."""
    _write(_verdict_path(folder, key), json.dumps(verdict, ensure_ascii=False) + "\n")


def is_recipe_name(name: str) -> bool:
    """Whether `name` can be a recipe: a plain file name that is not hidden."""
    return bool(name) and not name.startswith(".") and all(part.isalnum() for part in name.replace("-", ".").split("."))


def _folder(recipe: str) -> Path:
    if not is_recipe_name(recipe):
        raise BadRequest(f"{recipe!r} is not a recipe's name.", "`inglenook model list` names the recipes.")
    return models_root() / recipe


def _open_named(path: Path) -> ModelFolder:
    try:
        return open_folder(path)
    except ModelMissing:
        if not path.is_dir():
            raise ModelMissing(
                f"The setting inglenook.model.path names {path}, which is not a folder.",
                "Correct the setting, or clear it to serve the recipe's model.",
            ) from None
        raise ModelRefused(
            f"The folder {path} has no {MANIFEST}: it was not made by Inglenook, or its build was interrupted.",
            "Run `inglenook model build`, or clear the setting inglenook.model.path.",
        ) from None


def _read_manifest(path: Path) -> Manifest:
    data = json.loads(path.read_text("utf-8"))
    if not isinstance(data, dict):
        raise ValueError("it is not a JSON object")
    found = cast("dict[str, Any]", data)
    if found.get("format") != FORMAT:
        raise ValueError(f"it is of version {found.get('format')}, this program reads version {FORMAT}")
    manifest = cattrs.structure(found, Manifest)
    if manifest.dialect not in DIALECTS:
        raise ValueError(f"it names the unknown dialect {manifest.dialect!r}")
    if any(Path(name).name != name for name in (*manifest.sizes, *manifest.hashes)):
        raise ValueError("it names files outside its folder")
    return manifest


def _check_architecture(path: Path) -> None:
    try:
        config = json.loads((path / "config.json").read_text("utf-8"))
        architecture = config.get("model_type")
    except (OSError, ValueError, AttributeError) as error:
        raise ModelRefused(f"The model in {path} has no readable config.json.") from error
    if architecture not in _SERVED:
        raise ModelRefused(
            f"The model in {path} is of architecture {architecture!r}; served are: {', '.join(sorted(_SERVED))}."
        )


def _info(recipe: str, path: Path) -> ModelInfo:
    try:
        folder = open_folder(path)
    except (ModelMissing, ModelRefused):
        return ModelInfo(recipe=recipe, title=recipe, built=False, path=str(path))
    return ModelInfo(
        recipe=recipe,
        title=folder.manifest.title,
        built=True,
        path=str(path),
        bytes_on_disk=folder.bytes_on_disk,
    )


def _verdict_path(folder: ModelFolder, key: str) -> Path:
    name = hashlib.sha256(f"{folder.manifest.model_hash}\n{key}".encode()).hexdigest()[:32]
    return data_root() / "probes" / f"{name}.json"


def _write(path: Path, text: str) -> None:
    """Write a small file such that a reader sees the old text or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text, "utf-8")
    fresh.replace(path)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
