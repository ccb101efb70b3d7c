"""Shapes that enclose nothing or cross themselves: a sentence where they are of no use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from napari.layers import Image, Shapes
from napari.utils.triangulation_backend import TriangulationBackend, set_backend
from numpy.typing import NDArray

from napari_lns.viewer.inspect.regions import shape_masks
from napari_lns.viewer.stimuli.scene_section import SceneSection

STAR = [[32 + 30 * np.cos(turn), 32 + 30 * np.sin(turn)] for turn in np.arange(5) * 4 * np.pi / 5]
ODD = {
    "a point": [[5, 5]] * 4,
    "a line": [[0, 0], [1, 1], [2, 2], [3, 3]],
    "a corner twice": [[0, 0], [0, 0], [5, 5]],
    "a bow tie": [[0, 0], [40, 40], [0, 40], [40, 0]],
    "a star": STAR,
    "a spike": [[0, 0], [10, 0], [5, 0], [5, 10], [5, 0]],
    "outside": [[-50, -50], [-10, -50], [-20, -10]],
}


@pytest.fixture(autouse=True)
def _bermuda() -> Iterator[None]:
    """Triangulate as in napari's window, where bermuda is installed with this package."""
    before = set_backend(TriangulationBackend.bermuda)
    yield
    set_backend(before)


@pytest.mark.parametrize("shape", ODD)
@pytest.mark.parametrize("kind", ["polygon", "path"])
def test_an_odd_shape_is_drawn_and_measured(shape: str, kind: str) -> None:
    drawn = Shapes([np.array(ODD[shape], float)], shape_type=kind)
    masks = shape_masks(drawn, Image(np.zeros((64, 64))))
    assert len(masks) == (kind == "polygon")
    assert all(mask.shape == (64, 64) for mask in masks.values())


def test_random_scribbles_are_triangulated() -> None:
    random = np.random.default_rng(0)
    for count in random.integers(3, 12, 200):
        corners: NDArray[np.float64] = random.integers(0, 6, (count, 2)).astype(float)
        assert Shapes([corners], shape_type="polygon").nshapes == 1


@pytest.mark.parametrize("shape", ODD)
def test_a_scene_of_an_odd_shape_is_refused_with_a_message(shape: str, qtbot: Any) -> None:
    viewer = ViewerModel()
    section = SceneSection(viewer)
    qtbot.addWidget(section)
    viewer.add_image(np.zeros((64, 64)))  # the canvas, outside of which one shape lies
    viewer.add_shapes([np.array(ODD[shape], float)], shape_type="polygon")
    section.set_from_shapes()
    section.wait()
    assert section.message.text().startswith("surface 'polygon'")
    assert section.scene is None
