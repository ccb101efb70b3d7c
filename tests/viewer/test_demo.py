"""The demo opens a real window."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


def test_the_demo_leaves_a_screenshot_of_its_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screenshot = tmp_path / "demo.png"
    monkeypatch.setattr(sys, "argv", ["demo", "--screenshot", str(screenshot)])
    runpy.run_module("napari_lns.viewer.demo", run_name="__main__")
    assert np.ptp(np.asarray(Image.open(screenshot).convert("L"))) > 100
