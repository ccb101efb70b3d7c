"""The shipped models: whole, known, and as good as their cards say."""

from __future__ import annotations

import math

import numpy as np
import pytest

from napari_lns import models
from napari_lns.experiments.held_out import draw_held_out_stimuli
from napari_lns.experiments.scoring import main_scores
from napari_lns.models.zoo import SHIPPED, weights_hash

FEW = 3


@pytest.mark.parametrize("name", models.names())
def test_a_shipped_model_is_the_one_that_its_card_describes(name: str) -> None:
    model = models.validate(models.load(name))
    card = model.card
    assert (card.name, card.kind) == (name, model.kind)
    assert card.hash == weights_hash(SHIPPED / f"{name}.safetensors")
    assert card.latent_spread > 0
    assert 0 < card.training["error"] < card.error_99 < 0.1


SCORED = [name for name in models.names() if "own draws" in models.load(name).card.scores]


@pytest.mark.parametrize("name", SCORED)
def test_a_shipped_model_groups_as_well_as_its_card_says(name: str) -> None:
    model = models.load(name)
    told = model.card.scores["own draws"]
    drawn = draw_held_out_stimuli(model.card.data, FEW)
    found = float(np.mean(main_scores(drawn, model, method=model.card.method)))
    spread = told["standard_error"] * math.sqrt(told["count"])  # over images
    assert abs(found - told["mean"]) < 3 * spread / math.sqrt(FEW) + 0.02
