"""The demo opens a real window."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from napari_lns.viewer.demo import opened, wait


def test_the_demo_leaves_a_screenshot_of_its_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screenshot = tmp_path / "demo.png"
    monkeypatch.setattr(sys, "argv", ["demo", "--screenshot", str(screenshot)])
    runpy.run_module("napari_lns.viewer.demo", run_name="__main__")
    assert np.ptp(np.asarray(Image.open(screenshot).convert("L"))) > 100


def test_the_demo_finds_the_illusory_square(qtbot: Any) -> None:
    viewer, widget = opened()
    wait(widget)
    assert viewer.layers["kanizsa labels"].data.max() == 3
    assert widget.results[0].score(viewer.layers["kanizsa truth"].data) > 0.7
    viewer.close()
