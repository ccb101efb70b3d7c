"""The demo opens a real window, segments the square and its control, and leaves a screenshot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

DEMO = """
from napari_lns import stimuli
from napari_lns.viewer import demo
CAPTIONS = ["stimulus", "reconstruction", "segments", "control", "reconstruction", "segments"]
wait, kept = demo.wait, []

def wait_and_look(widget):
    wait(widget)
    kept.append(widget)
    layers = widget._viewer.layers
    captions = layers["captions"]
    panels = [layer for layer in layers if layer.visible and layer is not captions]
    corners = {tuple(layer.translate[-2:] - 0.5) for layer in panels}
    assert {tuple(corner) for corner in captions.data} == corners, (captions.data, corners)
    assert list(captions.features["caption"]) == CAPTIONS, captions.features

demo.wait = wait_and_look
demo.main()
found, control = kept[0].results
stimulus, turned = kept[0].score.measures.values()
told = found.score(stimuli.draw("kanizsa_figure")), found.clusters, stimulus > turned
print(*told, len(found.record["warnings"]), found.record["fit"]["level"])
"""


@pytest.mark.slow
def test_the_demo_captions_the_square_and_its_control_and_leaves_a_screenshot(
    tmp_path: Path, run_python: Callable[..., str]
) -> None:
    screenshot = tmp_path / "demo.png"
    words = run_python("-c", DEMO, "--screenshot", str(screenshot)).split()[-5:]
    score, segments, above_control, warnings, fit = words
    assert float(score) > 0.7
    assert (segments, above_control, warnings, fit) == ("3", "True", "0", "fits")
    assert np.ptp(np.asarray(Image.open(screenshot).convert("L"))) > 100
