"""The panels of Inspect: discovered, in their places, those of other packages after ours."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from napari_lns import Segmentation
from napari_lns.viewer import InspectWidget, show
from napari_lns.viewer.inspect.panel import panels

EXAMPLE = Path(__file__).parents[2] / "example_package"
OURS = ["pixel", "line", "tree", "scatter", "regions", "noise", "runs"]


@pytest.fixture
def other_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example package, as if it were installed for its panel."""
    info = tmp_path / "brightness-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: brightness\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[napari_lns.panels]\nlargest = napari_lns_brightness.panels:LargestPanel\n"
    )
    for path in (EXAMPLE / "src", tmp_path):
        monkeypatch.syspath_prepend(str(path))
    for name in [name for name in sys.modules if name.startswith("napari_lns_brightness")]:
        monkeypatch.delitem(sys.modules, name)


def test_our_panels_are_discovered_in_the_order_of_their_places() -> None:
    assert list(panels()) == OURS


@pytest.mark.usefixtures("other_package")
def test_a_panel_of_another_package_is_the_last_page_and_sees_the_result(
    make_napari_viewer: Any, qtbot: Any
) -> None:
    assert list(panels()) == [*OURS, "largest"]
    viewer = make_napari_viewer()
    labels = np.array([[1, 1, 1], [2, 2, 2]])
    show(Segmentation(np.zeros((2, 3, 3)), labels), viewer)
    inspect = InspectWidget(viewer)
    viewer.window.add_dock_widget(inspect, name="Inspect")
    last = inspect.pages.count() - 1
    assert inspect.pages.tabText(last) == "Si&ze"
    assert inspect.pages.tabToolTip(last) == "Pixels of the largest segment"
    inspect.show_page(inspect.panels["largest"])
    assert inspect.pages.currentIndex() == last
    qtbot.waitUntil(lambda: inspect.panels["largest"].text.text() == "3 pixels", timeout=30_000)
