"""The Good Gestalt sets beside the given images, pixel by pixel, where their folder is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import gg_recovered
import gg_statistics
import numpy as np
import pytest
from numpy.typing import NDArray

from napari_lns.stimuli.good_gestalt import NAMES
from napari_lns.stimuli.good_gestalt._painting import stimulus
from napari_lns.stimuli.good_gestalt._scene import Scene


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def given(name: str, repository: Path) -> gg_statistics.Images:
    beside = repository.parent / "shared" / "good_gestalt"
    folder = Path(os.environ.get("NAPARI_LNS_GOOD_GESTALT", beside))
    if not folder.is_dir():
        pytest.skip(f"there are no given images in {folder}: see NAPARI_LNS_GOOD_GESTALT")
    return gg_statistics.given(folder / f"{name}.npz")


def test_every_given_image_is_repainted_pixel_by_pixel(
    name: str, given: gg_statistics.Images
) -> None:
    missed = [
        number
        for number, (image, mask, detail) in enumerate(zip(*given, strict=True))
        if not any(
            _is_repainted(scene, image, mask, detail)
            for scene in gg_recovered.candidates(name, image, detail)
        )
    ]
    assert missed == []


def test_the_kept_statistics_are_those_of_the_given_images(
    name: str, given: gg_statistics.Images
) -> None:
    kept = json.loads(gg_statistics.GIVEN_STATISTICS.read_text(encoding="utf-8"))
    assert gg_statistics.summed_up(given) == kept[name]


def _is_repainted(
    scene: Scene,
    image: NDArray[np.float32],
    mask: NDArray[np.uint8],
    detail: NDArray[np.uint8],
) -> bool:
    ours = gg_statistics.drawn([stimulus(scene, 64)])
    if not np.array_equal(ours.masks[0], mask) or not np.array_equal(ours.details[0], detail):
        return False
    unlike = (ours.images[0] != image).any(0)
    return _only_distractors(image, unlike, scene) if hasattr(scene, "ring") else not unlike.any()


def _only_distractors(image: NDArray[np.float32], unlike: NDArray[np.bool_], scene: Scene) -> bool:
    """Tell whether the pixels unlike the ring's picture have at most two colours, of neither."""
    colours = {tuple(colour) for colour in image[:, unlike].T.tolist()}
    known = {tuple(np.float32(colour).tolist()) for colour in scene.palette}
    return len(colours) <= 2 and not colours & known
