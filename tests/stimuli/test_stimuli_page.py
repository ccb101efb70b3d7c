"""The page of the stimuli says what the registry says, and shows every stimulus."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from napari_lns import stimuli


@pytest.fixture(scope="module")
def script(repository: Path) -> dict:
    return runpy.run_path(str(repository / "docs" / "make_stimuli_pictures.py"))


def test_the_page_is_what_the_script_makes_of_the_registry(script) -> None:
    by_hand, _, made = script["PAGE"].read_text("utf8").partition(script["MARK"])
    assert by_hand.startswith("# Stimuli")
    assert made.strip() == script["listed"]().strip(), "run docs/make_stimuli_pictures.py"
    written = {page.stem: page.read_text("utf8") for page in script["PAGES"].glob("*.md")}
    assert written == script["pages"](), "run docs/make_stimuli_pictures.py"


def test_every_stimulus_has_its_image_and_no_other_is_there(script) -> None:
    found = {path.stem for path in script["PICTURES"].glob("*.png")}
    assert found == set(stimuli.names())


@pytest.mark.parametrize("name", stimuli.names())
def test_an_image_shows_what_is_drawn_today(script, name: str) -> None:
    with Image.open(script["PICTURES"] / f"{name}.png") as picture:
        shown = np.asarray(picture, float) / 255
    assert np.abs(shown - script["panels"](name)).max() < 0.01, "run docs/make_stimuli_pictures.py"
