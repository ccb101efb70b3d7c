"""A box to choose a model: shipped ones, files, modules, and axes as they were trained."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from napari_lns import models, stimuli
from napari_lns.models import zoo
from napari_lns.viewer import own_models
from napari_lns.viewer.segment.form import SegmentForm
from napari_lns.viewer.segment.model_choice import ModelChoice


@pytest.fixture
def choice(qtbot: Any) -> ModelChoice:
    choice = ModelChoice()
    qtbot.addWidget(choice)
    choice.choose("kanizsa-ae")
    return choice


def test_axes_as_trained_choose_the_same_model_unstretched_and_back(choice: ModelChoice) -> None:
    choice.without_rescaling.trigger()
    assert choice.model() == "kanizsa-ae:as-trained"
    assert choice.user_choice() == "kanizsa-ae:as-trained"
    choice._update_menu()
    assert choice.without_rescaling.isChecked()
    choice.without_rescaling.trigger()
    assert choice.model() == "kanizsa-ae"


def test_the_noise_in_use_is_that_of_the_networks_card(qtbot: Any) -> None:
    form = SegmentForm()
    qtbot.addWidget(form)
    line = form._forms[0].control("relative_noise")
    form.model.choose("kanizsa-ae")
    card = models.load("kanizsa-ae").card
    assert card is not None
    assert line.placeholderText() == f"auto: {card.relative_noise:g}"
    form.model.choose("napari_lns.models:AutoEncoder")
    assert line.placeholderText() == "automatic"


def test_a_modules_model_has_no_other_axes(choice: ModelChoice) -> None:
    choice.choose("napari_lns.models:AutoEncoder")
    choice._update_menu()
    assert not choice.without_rescaling.isEnabled()


def test_what_is_chosen_is_loaded_so() -> None:
    assert own_models.AS_TRAINED == zoo.AS_TRAINED
    card = own_models.load_model("kanizsa-ae:as-trained").card
    assert card.axes_power == 0
    assert card.name == "kanizsa-ae:as-trained"


def test_a_name_that_no_model_has_is_not_added(choice: ModelChoice) -> None:
    choice.choose("no-such-model")
    assert choice.model() == "kanizsa-ae"
    assert "no-such-model" not in models.names()


def test_an_image_without_a_name_has_a_suggestion_that_is_made_off_the_main_thread(
    choice: ModelChoice, qtbot: Any
) -> None:
    choice._box.setCurrentIndex(0)
    image = stimuli.draw("kanizsa_figure", jitter=1, seed=5).image
    begun = time.thread_time()
    choice.suggest_for(None, lambda: image)
    assert time.thread_time() - begun < 0.05
    assert choice.model() == "auto"  # a run that starts now asks the networks itself
    wanted = models.suggest(image)
    qtbot.waitUntil(lambda: choice.model() == wanted.model, timeout=60_000)
    assert choice.user_choice() is None


def test_it_is_said_if_no_network_fits_and_taken_back_for_another_image(
    choice: ModelChoice, qtbot: Any
) -> None:
    said: list[str] = []
    choice.fit_warned.connect(said.append)
    noise = np.random.default_rng(0).random((64, 64, 3), np.float32)
    choice.suggest_for(None, lambda: noise)
    qtbot.waitUntil(lambda: len(said) > 1, timeout=60_000)
    assert said[-1].startswith("No shipped network reconstructs this image (best: ")
    choice.suggest_for("kanizsa")
    assert said[-1] == ""


def test_a_late_answer_for_the_image_before_is_not_shown(choice: ModelChoice, qtbot: Any) -> None:
    choice._box.setCurrentIndex(0)
    noise = np.random.default_rng(0).random((64, 64, 3), np.float32)
    choice.suggest_for(None, lambda: noise)
    choice.suggest_for("closure")
    choice._suggester.wait()
    qtbot.wait(10)
    assert choice.model() == models.for_stimulus("closure")


def test_a_stimulus_is_suggested_the_network_that_the_package_names() -> None:
    for name in ("closure", "kanizsa"):
        assert own_models.suggest_model(name) == models.for_stimulus(name)
    assert own_models.suggest_model("no_such_stimulus") is None
