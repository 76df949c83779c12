"""The forms in which a recipe's model is measured: its base, the adapter beside it, and both made one.

Each is a model folder with a manifest, made once from what it is made of, and made again where that has changed.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from lsp_server.modelstore import ModelFolder, open_folder
from lsp_server.user_folders import cache_root
from models import folder as folders
from models.adapter import CONFIG, WEIGHTS, Tuning, check_applies, no_adapter
from models.fetch import local_base
from models.folder import Content
from models.fuse import fuse
from models.guard import alone, disk_told, unfinished
from models.plan import FLOAT_BITS, check_free, check_room, make_plan, stored_bytes
from models.progress import Note, Step, Watch
from models.quantize import quantize
from models.recipe import Adapter, Recipe
from models.training.base import base_room, training_base

BASE, BESIDE, FUSED, FOUR, EIGHT = "base", "adapter", "fused-f16", "fused-4bit", "fused-8bit"
FORMS = (BASE, BESIDE, FUSED, EIGHT, FOUR)
"""In an order in which each finds what it is made of."""
MAKES: Mapping[str, tuple[str, ...]] = {"fuse": (FUSED,), "quantize": (EIGHT, FOUR), "all": FORMS}
"""What each of the workshop's commands makes."""
_BITS: Mapping[str, int] = {BASE: FLOAT_BITS, BESIDE: FLOAT_BITS, FUSED: FLOAT_BITS, FOUR: 4, EIGHT: 8}


def forms_root(recipe: str) -> Path:
    """Return the folder where the forms of a recipe, given by its name, lie unless another is named."""
    return cache_root() / "configurations" / recipe


def form_bytes(recipe: Recipe, form: str) -> int:
    """Return what a form takes of the disk; the adapter's shares its weights with the base."""
    return 0 if form == BESIDE else stored_bytes(recipe, _BITS[form])


@attrs.frozen
class Making:
    """What forms are made of, and where."""

    recipe: Recipe
    tuning: Tuning | None
    """The adapter; None serves for the base alone."""
    root: Path
    """Each form is a folder in it."""
    base: Path | None = None
    """A local copy of the base weights."""
    watch: Watch = attrs.field(factory=Watch)

    def recipe_of(self, form: str) -> Recipe:
        """Return the recipe as this form follows it: with this adapter and these bits."""
        quantisation = attrs.evolve(self.recipe.quantisation, bits=_BITS[form])
        tuning = self.tuning if form != BASE else None
        adapter = Adapter(str(tuning.folder), tuning.digest) if tuning else None
        return attrs.evolve(self.recipe, quantisation=quantisation, adapter=adapter)

    @property
    def adapter(self) -> Tuning:
        """The adapter.

        Raises:
            ModelBuildFailed: there is none.
        """
        if self.tuning is None:
            raise no_adapter(self.recipe)
        return self.tuning

    def prompts_of(self, form: str) -> str:
        """Return the prompts that the form is tuned for; empty where it is not tuned."""
        return self.tuning.prompt_version if self.tuning and form != BASE else ""


def standing(making: Making, form: str) -> ModelFolder | None:
    """Return the folder of a form if it is there and is what would be made now."""
    recipe = making.recipe_of(form)
    found = folders.existing(making.root / form, recipe, form)
    return found if found and folders.is_current(found, recipe, making.prompts_of(form)) else None


def missing_forms(making: Making, forms: Sequence[str]) -> tuple[str, ...]:
    """Return which of these forms, and of those that they are made of, would have to be made."""
    made_of = {BESIDE: BASE, FOUR: FUSED, EIGHT: FUSED}
    wanted = {form for form in forms if standing(making, form) is None}
    wanted |= {made_of[form] for form in wanted if form in made_of and standing(making, made_of[form]) is None}
    return tuple(form for form in FORMS if form in wanted)


def make_forms(making: Making, forms: Sequence[str]) -> tuple[Path, ...]:
    """Make what is not there of these forms, and what they are made of; return their folders.

    Raises:
        ModelBuildFailed: the base cannot be had, the adapter is missing or does not fit, memory or the disk ran out.
        MachineTooSmall: memory or disk would not do; nothing was fetched.
        BuildCancelled: the caller withdrew.
    """
    if set(forms) - {BASE}:
        check_applies(making.adapter, making.recipe)
    missing = missing_forms(making, forms)
    if missing:
        plan = make_plan(making.recipe, making.root, local=True)
        check_free(plan)
        room = base_room(making.recipe, making.base or local_base())
        check_room(plan, room + sum(form_bytes(making.recipe, form) for form in missing))
    return tuple(_made(making, form) for form in FORMS if form in forms)


def _made(making: Making, form: str) -> Path:
    final = making.root / form
    with disk_told(final), alone(final, making.watch):
        folders.recover(final)
        if standing(making, form) is not None:
            making.watch.tell(Note(f"{form} stands in {final}."))
            return final
        with unfinished(final) as partial:
            origin = _fill(making, form, partial)
            making.watch.tell(Step("write", f"{form}: hashes and manifest", 0, 1, "steps"))
            content = Content(origin, _BITS[form], making.prompts_of(form), form)
            folders.dress(partial, making.recipe_of(form), content)
            making.watch.tell(Step("write", f"{form}: hashes and manifest", 1, 1, "steps"))
            folders.publish(partial, final)
    return final


def _fill(making: Making, form: str, partial: Path) -> str:
    """Write the weights of a form, and return where they came from, for a person."""
    if form == BESIDE:
        return _share_base(making, partial)
    if form in {FOUR, EIGHT}:
        fused = open_folder(_made(making, FUSED))
        quantize(fused.path, partial, making.recipe_of(form).quantisation, making.recipe.shape, making.watch)
        return fused.manifest.base
    source = training_base(making.recipe, making.watch, making.base)
    fuse(source, making.adapter.folder if form == FUSED else None, partial, making.recipe.shape, making.watch)
    return str(source)


def _share_base(making: Making, partial: Path) -> str:
    """Share the base's weights and put the adapter beside them, for the resident process to apply."""
    base = open_folder(_made(making, BASE))
    folders.link_weights(base, partial)
    for name in (WEIGHTS, CONFIG):
        shutil.copyfile(making.adapter.folder / name, partial / name)
    return base.manifest.base
