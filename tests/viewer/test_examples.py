"""Each example runs, shows what it promises, and the tour leads to it."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import napari
import numpy as np
import pytest
from qtpy.QtCore import QThreadPool

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
PATIENCE = 60_000  # milliseconds

Played = Callable[[str], dict[str, Any]]


@pytest.fixture
def play(make_napari_viewer: Any, monkeypatch: pytest.MonkeyPatch) -> Played:
    """Run an example in a window that is closed after the test, and give its names."""
    monkeypatch.setattr(napari, "Viewer", partial(make_napari_viewer, show=True))
    return lambda name: runpy.run_path(str(EXAMPLES / f"{name}.py"))


def settle(qtbot: Any, holds: Callable[[], bool]) -> None:
    qtbot.waitUntil(holds, timeout=PATIENCE)
    QThreadPool.globalInstance().waitForDone()


def test_an_edge_is_found_where_none_is_drawn(play: Played, qtbot: Any) -> None:
    names = play("illusory_contour")
    assert names["drawn"] == 0
    panel = names["inspect"].line
    settle(qtbot, lambda: "Sharpest edge" in panel.text.text())
    assert np.array_equal(panel._to_next.get_ydata(), names["along"].to_next)
    panel.shapes.data = [names["line"] + [3, 0]]
    settle(qtbot, lambda: not np.array_equal(panel._to_next.get_ydata(), names["along"].to_next))


def test_the_arms_of_an_occluded_bar_are_compared(play: Played, qtbot: Any) -> None:
    names = play("occlusion")
    assert list(names["masks"]) == ["arm 1", "arm 2", "upright bar"]
    assert all(mask.any() for mask in names["masks"].values())
    settle(qtbot, lambda: names["inspect"].regions.table.rowCount() == 3)


@pytest.mark.slow
def test_methods_stand_side_by_side(play: Played) -> None:
    names = play("compare_methods")
    layers = names["viewer"].layers
    for name in names["METHODS"]:
        assert layers[f"{name} cursor"].data.tolist() == [[names["row"], names["column"]]]
    assert layers["exact affinity beside"].data[names["row"], names["column"]] == pytest.approx(1)


def test_a_pixel_is_pinned_by_a_script(play: Played, qtbot: Any) -> None:
    names = play("ask_a_pixel")
    settle(qtbot, lambda: names["inspect"].pixel.pinned_reading is not None)
    shown = names["viewer"].layers["kanizsa affinity"].data
    assert np.array_equal(shown, names["reading"].affinity)


def test_a_sweep_is_a_stack(play: Played) -> None:
    names = play("sweep")
    labels = names["viewer"].layers["support ratio labels"].data
    assert labels.shape == (4, 64, 64)
    assert all(each.max() == 3 for each in labels)


def test_the_tour_leads_to_every_example() -> None:
    tour = (EXAMPLES.parent / "tour.md").read_text("utf8")
    for example in EXAMPLES.glob("*.py"):
        assert f"examples/{example.name}" in tour
