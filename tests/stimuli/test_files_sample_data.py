"""The samples in the repository are small, complete, readable, and what the code draws today."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from napari_lns import stimuli

SAMPLES = Path(__file__).parents[2] / "sample_data"
DRAWN = sorted(
    path
    for path in SAMPLES.glob("*/*")
    if path.suffix in (".tif", ".npz") and path.parent.name != "formats"
)


def test_every_stimulus_has_a_sample_and_a_line_in_the_table() -> None:
    assert {path.stem for path in DRAWN} == set(stimuli.names())
    table = (SAMPLES / "README.md").read_text("utf8")
    assert all(f"({path.relative_to(SAMPLES).as_posix()})" in table for path in DRAWN)


@pytest.mark.parametrize("path", DRAWN, ids=lambda path: path.stem)
def test_a_sample_is_what_is_drawn_today(path: Path) -> None:
    for found in stimuli.read(path):
        again = found.redraw()
        remake = "run `python sample_data/make.py`"
        np.testing.assert_allclose(found.image, again.image, atol=1e-6, err_msg=remake)
        np.testing.assert_array_equal(found.labels, again.labels, remake)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("photo.png", 1),
        ("grey16.png", 1),
        ("alpha.png", 1),
        ("smooth.jpg", 1),
        ("pages.tif", 3),
        ("stimupy.json", 1),
        ("ratios", 4),
        ("mindset", 4),
    ],
)
def test_what_other_programs_give_is_read(name: str, count: int) -> None:
    assert len(stimuli.read(SAMPLES / "formats" / name)) == count


def test_the_samples_take_less_than_a_megabyte_and_a_half() -> None:
    files = (path for path in SAMPLES.rglob("*") if path.is_file())
    assert sum(path.stat().st_size for path in files) < 1.5e6
