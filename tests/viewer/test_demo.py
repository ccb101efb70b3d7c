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
opened, kept = demo.opened, []
demo.opened = lambda: kept.append(opened()) or kept[-1]
demo.main()
CAPTIONS = ["stimulus", "reconstruction", "segments", "control", "reconstruction", "segments"]
widget = kept[0][1]
found, control = widget.results
stimulus, turned = widget.score.measures.values()
captions = widget._viewer.layers["captions"]
images = [layer for layer in widget._viewer.layers if layer.visible and layer is not captions]
corners = {(tuple(layer.translate[-2:] - 0.5)) for layer in images}
assert {tuple(corner) for corner in captions.data} == corners, (captions.data, corners)
assert list(captions.features["caption"]) == CAPTIONS, captions.features
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
