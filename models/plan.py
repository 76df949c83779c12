"""What a recipe needs of a machine, reckoned from its numbers before anything is fetched."""

from __future__ import annotations

import contextlib
import platform
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Literal

import attrs
import psutil

from lsp_server.errors import MachineTooSmall
from models.recipe import Recipe

Device = Literal["metal", "cuda", "cpu"]

FLOAT_BITS = 16
"""Of a weight that is stored as a float."""
_FLOAT32_BYTES, _FLOAT16_BYTES = 4, 2
_SERVING_BYTES = 1 << 30
"""The process around the weights: libraries, tokenizer, one conversation's keys and values."""
_CONVERTING_BYTES = 1 << 30
_LARGEST_SHARD_BYTES = 2 << 30
_TOKENIZER_BYTES = 12 << 20
_SYSTEM_BYTES = 1 << 30
"""Left to everything else that runs."""
_SHOWN_IN_GB = 10**8
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
_CUDA_WHEELS = ("mlx-cuda-12", "mlx-cuda-13", "mlx-cuda")


@attrs.frozen
class Machine:
    """What there is."""

    device: Device
    memory_bytes: int
    """All that a process may ever have; on CUDA that of the host."""
    available_bytes: int
    """What is free of it now."""
    disk_bytes: int
    """Free where models lie."""
    gpu_bytes: int | None = None
    """Memory of the GPU, where it is apart from the host's and known."""
    swap_bytes: int = 0
    """Free of the disk that stands in for memory."""


@attrs.frozen
class Needs:
    """What a recipe takes, in bytes."""

    download: int
    peak_disk: int
    """While building, download included."""
    final_disk: int
    build_memory: int
    serve_memory: int
    """Of the GPU on CUDA, of the host otherwise."""
    convert_memory: int
    """Fusing and quantising alone, without the probe that follows."""


@attrs.frozen
class Plan:
    """A recipe's needs held against a machine."""

    recipe: Recipe
    machine: Machine
    needs: Needs

    @property
    def refusals(self) -> tuple[str, ...]:
        """One sentence for each need that this machine can never meet."""
        return tuple(self._refusals())

    def _refusals(self) -> list[str]:
        machine, needs, name = self.machine, self.needs, self.recipe.name
        usable = machine.memory_bytes - _SYSTEM_BYTES
        apart = machine.device == "cuda" and machine.gpu_bytes is not None
        found: list[str] = []
        if apart and needs.serve_memory > (machine.gpu_bytes or 0):
            found.append(
                f"Serving {name} takes {size_text(needs.serve_memory)} of GPU memory of "
                f"{size_text(machine.gpu_bytes or 0)}."
            )
        memory = needs.build_memory if apart else max(needs.build_memory, needs.serve_memory)
        if memory > usable:
            found.append(
                f"Building and serving {name} takes {size_text(memory)} of memory; this machine has "
                f"{size_text(machine.memory_bytes)}, {size_text(_SYSTEM_BYTES)} of it for everything else."
            )
        if needs.peak_disk > machine.disk_bytes:
            found.append(
                f"Building {name} takes {size_text(needs.peak_disk)} of disk; {size_text(machine.disk_bytes)} are free."
            )
        return found

    def text(self) -> str:
        """Return the plan for a person."""
        needs, machine = self.needs, self.machine
        free = size_text(machine.available_bytes)
        lines = [
            f"{self.recipe.title} ({self.recipe.name}, {self.recipe.licence})",
            f"  download      {size_text(needs.download) if needs.download else 'nothing'}",
            f"  disk          {size_text(needs.peak_disk)} while building, {size_text(needs.final_disk)} afterwards",
            f"                {size_text(machine.disk_bytes)} are free",
            f"  memory        {size_text(needs.build_memory)} to build, {size_text(needs.serve_memory)} to serve",
            f"                {size_text(machine.memory_bytes)} are there, {free} free now",
            f"  device        {_DEVICE_TEXT[machine.device]}",
        ]
        if not self.refusals and needs.serve_memory > machine.available_bytes:
            lines.append("  It fits once some programs are closed.")
        return "\n".join([*lines, *(f"  No: {refusal}" for refusal in self.refusals)])


_DEVICE_TEXT = {
    "metal": "Apple GPU (Metal): the 8-bit weights as they are",
    "cuda": "NVIDIA GPU (CUDA): the 8-bit weights as they are",
    "cpu": "CPU: weights are expanded to float32 when loaded",
}


def make_plan(
    recipe: Recipe, folder: Path, machine: Machine | None = None, *, local: bool = False, made: bool = False
) -> Plan:
    """Return the plan for `recipe` with its files below `folder`, on this machine unless another is given.

    With `local` the base weights are here already, elsewhere; with `made` an earlier model's weights serve again.
    """
    machine = machine or this_machine(folder)
    return Plan(recipe, machine, needs_of(recipe, machine.device, local=local, made=made))


def check(plan: Plan) -> None:
    """Say no where the machine cannot hold the model.

    Raises:
        MachineTooSmall: it cannot.
    """
    if not plan.refusals:
        return
    hint = None
    if plan.needs.peak_disk > plan.machine.disk_bytes:
        hint = "Free some disk space, or set INGLENOOK_HOME to a folder on a larger disk."
    raise MachineTooSmall(" ".join(plan.refusals), hint)


def check_free(plan: Plan) -> None:
    """Say no where other programs hold so much memory that the system would end the conversion, without a word.

    Raises:
        MachineTooSmall: they do.
    """
    free, needed = plan.machine.available_bytes + plan.machine.swap_bytes, plan.needs.convert_memory
    if free < needed:
        raise MachineTooSmall(
            f"Making the weights of {plan.recipe.name} takes {size_text(needed)} of memory; "
            f"{size_text(free)} are free now.",
            "Close some programs and run the same command again, or choose a smaller recipe: `inglenook model list`.",
        )


def check_room(plan: Plan, needed: int) -> None:
    """Say no where the disk has not `needed` bytes.

    Raises:
        MachineTooSmall: it has not.
    """
    if plan.machine.disk_bytes < needed:
        raise MachineTooSmall(
            f"The folders of {plan.recipe.name} take {size_text(needed)} of disk; "
            f"{size_text(plan.machine.disk_bytes)} are free.",
            "Free some disk space, or name a folder on a larger disk: `--out FOLDER`.",
        )


def stored_bytes(recipe: Recipe, bits: int) -> int:
    """Return the size of the model's folder with weights of so many bits: 16 are floats, fewer come in groups."""
    per_weight = bits if bits == _FLOAT16_BYTES * 8 else attrs.evolve(recipe.quantisation, bits=bits).bits_per_weight
    return int(recipe.shape.parameters * per_weight / 8) + _TOKENIZER_BYTES


def needs_of(recipe: Recipe, device: Device, *, local: bool = False, made: bool = False) -> Needs:
    """Return what `recipe` takes on a device of that kind; `local` and `made` as in `make_plan`."""
    parameters, base = recipe.shape.parameters, recipe.base
    final = stored_bytes(recipe, recipe.quantisation.bits)
    here = local or made
    fetched = 0 if here else base.bytes
    wheels = 0 if here else sum(part.bytes for part in base.parts)
    floats = stored_bytes(recipe, FLOAT_BITS)
    peak = max(wheels + fetched, fetched + floats + final) if base.format == "gguf" else fetched + final
    peak = _TOKENIZER_BYTES if made else peak
    weights = parameters * _FLOAT32_BYTES if device == "cpu" else final
    serve = weights + _SERVING_BYTES
    convert = _CONVERTING_BYTES + min(floats, _LARGEST_SHARD_BYTES)  # fusing writes floats
    build = max(convert, serve if device != "cuda" else 0)
    return Needs(max(fetched, wheels), peak, final, build, serve, convert)


def this_machine(folder: Path) -> Machine:
    """Measure this machine; `folder` need not exist yet."""
    memory = psutil.virtual_memory()
    total = min([memory.total, *_cgroup_limits()])
    while not folder.exists():
        folder = folder.parent
    device = this_device()
    gpu = _gpu_bytes() if device == "cuda" else None
    disk, swap = shutil.disk_usage(folder).free, psutil.swap_memory().free
    return Machine(device, total, min(memory.available, total), disk, gpu, swap)


def this_device() -> Device:
    """Return what mlx will compute on here, without importing it."""
    if sys.platform == "darwin" and platform.machine() == "arm64":
        return "metal"
    return "cuda" if any(_installed(wheel) for wheel in _CUDA_WHEELS) else "cpu"


def _installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _cgroup_limits() -> list[int]:
    """Return the memory limits of the container that we run in, if any."""
    limits: list[int] = []
    for path in _CGROUP_LIMITS:
        with contextlib.suppress(OSError, ValueError):
            limits.append(int(path.read_text()))
    return limits


def _gpu_bytes() -> int | None:
    """Return the memory of the first GPU as its driver states it, or None."""
    query = ["nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, check=True, timeout=5)  # noqa: S603 - constant
        return int(done.stdout.splitlines()[0]) << 20
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def duration_text(seconds: float) -> str:
    """Return a time for a person."""
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def size_text(count: int) -> str:
    """Return a number of bytes for a person."""
    return f"{count / 1e9:.1f} GB" if count >= _SHOWN_IN_GB else f"{count / 1e6:.1f} MB"
