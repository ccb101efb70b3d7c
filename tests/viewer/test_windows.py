"""The commands that open napari tell machines what they opened and found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from napari_lns import segment, stimuli

# No window stays open in a test: all else is as a user would run it.
COMMAND = """
import napari
napari.run = lambda: None
from napari_lns.cli import main
main()
"""


@pytest.mark.slow
def test_view_tells_what_it_opened(tmp_path: Path, run_python: Callable[..., str]) -> None:
    drawn = stimuli.draw("closure", split="test")
    stimuli.write(drawn, tmp_path / "drawn.png")
    segment(drawn, segmenter="baseline", clusters=2).save(tmp_path / "found.npz")
    told = json.loads(run_python("-c", COMMAND, "view", "found.npz", "drawn.png", "--json"))
    found, shown = told
    assert found["file"] == "found.npz"
    assert found["layers"][0] == "closure"
    assert found["found"][0]["clusters"] == 2
    assert found["found"][0]["record"]["segmenter"] == "baseline"
    assert shown["file"] == "drawn.png"
    assert shown["layers"]
    assert shown["found"] == []


@pytest.mark.slow
def test_the_demo_tells_what_it_found(run_python: Callable[..., str]) -> None:
    told = json.loads(run_python("-c", COMMAND, "demo", "--json"))
    assert told["layers"][:2] == ["kanizsa_figure", "kanizsa_figure ground truth"]
    assert [each["clusters"] for each in told["found"]] == [3, 3]  # its control's, too
    assert {each["record"]["stimulus"]["name"] for each in told["found"]} == {"kanizsa_figure"}
