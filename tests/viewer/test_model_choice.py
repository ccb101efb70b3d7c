"""A box to choose a model: shipped ones, files, modules, and axes as they were trained."""

from __future__ import annotations

from typing import Any

import pytest

from napari_lns import models
from napari_lns.models import zoo
from napari_lns.viewer import own_models
from napari_lns.viewer.model_choice import ModelChoice


@pytest.fixture
def choice(qtbot: Any) -> ModelChoice:
    choice = ModelChoice()
    qtbot.addWidget(choice)
    choice.choose("kanizsa-ae")
    return choice


def test_axes_as_trained_choose_the_same_model_unstretched_and_back(choice: ModelChoice) -> None:
    choice.as_trained.trigger()
    assert choice.model() == "kanizsa-ae:as-trained"
    assert choice.users() == "kanizsa-ae:as-trained"
    choice._look()
    assert choice.as_trained.isChecked()
    choice.as_trained.trigger()
    assert choice.model() == "kanizsa-ae"


def test_a_modules_model_has_no_other_axes(choice: ModelChoice) -> None:
    choice.choose("napari_lns.models:AutoEncoder")
    choice._look()
    assert not choice.as_trained.isEnabled()


def test_what_is_chosen_is_loaded_so() -> None:
    assert own_models.AS_TRAINED == zoo.AS_TRAINED
    card = own_models.loaded("kanizsa-ae:as-trained").card
    assert card.axes_power == 0
    assert card.name == "kanizsa-ae:as-trained"


def test_a_name_that_no_model_has_is_not_added(choice: ModelChoice) -> None:
    choice.choose("no-such-model")
    assert choice.model() == "kanizsa-ae"
    assert "no-such-model" not in models.names()
