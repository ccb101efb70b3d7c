"""The demo opens a real window, finds the illusory square, and leaves a picture of itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

DEMO = """
from napari_lns.viewer.demo import opened, wait
viewer, widget = opened()
wait(widget)
print(widget.results[0].score(viewer.layers["kanizsa truth"].data), viewer.layers[-1].data.max())
viewer.close()
"""


def test_the_demo_leaves_a_screenshot_of_its_window(
    tmp_path: Path, run_python: Callable[..., str]
) -> None:
    screenshot = tmp_path / "demo.png"
    run_python("-m", "napari_lns.viewer.demo", "--screenshot", str(screenshot))
    assert np.ptp(np.asarray(Image.open(screenshot).convert("L"))) > 100


def test_the_demo_finds_the_illusory_square(run_python: Callable[..., str]) -> None:
    score, groups = run_python("-c", DEMO).split()[-2:]
    assert float(score) > 0.7
    assert groups == "3"
