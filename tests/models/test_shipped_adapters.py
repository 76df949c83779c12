from __future__ import annotations

import pytest

from lsp_server.agent.prompts import PROMPT_VERSION
from models.adapter import check_fits, pinned_tuning
from models.recipe import load_recipe, recipe_names
from models.training.base import base_key


@pytest.mark.parametrize("name", recipe_names())
def test_prompts_and_adapter_agree(name: str):
    """A recipe's adapter was tuned for the prompts in force, on this base: who changes the prompts trains it anew."""
    recipe = load_recipe(name)
    tuning = pinned_tuning(recipe)
    if tuning is None:
        assert recipe.adapter is None
        return
    assert tuning.prompt_version == PROMPT_VERSION, f"run `python -m models train --recipe {name}` and pin the result"
    assert tuning.base == base_key(recipe)
    check_fits(tuning.folder, recipe.shape)
