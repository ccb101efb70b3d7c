"""The demo opens a real window, finds the illusory square, and leaves a picture of itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

DEMO = """
from napari_lns import stimuli
from napari_lns.viewer import demo
opened, kept = demo.opened, []
demo.opened = lambda: kept.append(opened()) or kept[-1]
demo.main()
(found,) = kept[0][1].results
print(found.score(stimuli.draw("kanizsa", split="test")), found.clusters)
"""


@pytest.mark.slow
def test_the_demo_finds_the_illusory_square_and_leaves_a_screenshot_of_its_window(
    tmp_path: Path, run_python: Callable[..., str]
) -> None:
    screenshot = tmp_path / "demo.png"
    score, groups = run_python("-c", DEMO, "--screenshot", str(screenshot)).split()[-2:]
    assert float(score) > 0.7
    assert groups == "3"
    assert np.ptp(np.asarray(Image.open(screenshot).convert("L"))) > 100
