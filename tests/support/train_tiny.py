"""`python -m models train` on a tiny recipe without an end: `python train_tiny.py BASE DATA ADAPTER [--steps N]`."""

from __future__ import annotations

import sys

from models import commands
from models.recipe import Recipe
from models.training import inputs
from support.tiny_training import NAME, recipe_with, short_prompt


def endless(_name: str) -> Recipe:
    return recipe_with(epochs=0, steps=100_000, save_every=1_000, validate_every=100_000)


if __name__ == "__main__":
    base, data, adapter, *more = sys.argv[1:]
    commands.load_recipe = endless
    inputs.system_prompt = short_prompt
    named = ["--recipe", NAME, "--base", base, "--data", data, "--adapter", adapter]
    sys.exit(commands.main(["train", *named, *more]))
