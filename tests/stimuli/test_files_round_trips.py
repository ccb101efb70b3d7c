"""What is written is read back identical, whatever the stimulus; what is cut off is never taken."""

from __future__ import annotations

import functools
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from napari_lns import stimuli
from napari_lns.stimuli import Stimulus

SIDES = st.integers(1, 9)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def images(shape: tuple[int, int]) -> st.SearchStrategy[np.ndarray]:
    """Images that eight bits hold exactly, and images that they do not."""
    exact = arrays.arrays(np.uint8, (*shape, 3)).map(lambda pixels: pixels / np.float32(255))
    values = st.floats(0, 1, width=32)
    return exact | arrays.arrays(np.float32, (*shape, 3), elements=values)


@st.composite
def any_stimulus(draw: st.DrawFn, *, highest: int = 65535, side: int | None = None) -> Stimulus:
    shape = (side, side) if side else (draw(SIDES), draw(SIDES))
    largest = draw(st.sampled_from([3, 255, highest]))
    labels = draw(arrays.arrays(np.int32, shape, elements=st.integers(0, largest)))
    return Stimulus(
        image=draw(images(shape)),
        labels=labels,
        label_names={label: draw(st.text(max_size=8)) for label in np.unique(labels).tolist()},
        parts=draw(st.dictionaries(st.text(max_size=8), arrays.arrays(bool, shape), max_size=3)),
        name=draw(st.text(max_size=100)),
        parameters=draw(st.dictionaries(st.text(max_size=8), JSON, max_size=4)),
        seed=draw(st.integers(0, 2**63)),
    )


def read_again(written: list[Stimulus], name: str) -> list[Stimulus]:
    with TemporaryDirectory() as folder:
        stimuli.write(written, Path(folder) / name)
        return stimuli.read(Path(folder) / name)


a_few = settings(max_examples=25, deadline=None, derandomize=True)


@a_few
@given(any_stimulus())
def test_a_png_is_read_back_identical(stimulus: Stimulus) -> None:
    assert read_again([stimulus], "one.png") == [stimulus]


@a_few
@given(st.lists(any_stimulus(highest=2**31 - 1), min_size=1, max_size=4))
def test_a_tiff_is_read_back_identical(several: list[Stimulus]) -> None:
    assert read_again(several, "several.tif") == several


@a_few
@given(st.lists(any_stimulus(highest=2**31 - 1, side=5), min_size=1, max_size=4))
def test_an_npz_is_read_back_identical(several: list[Stimulus]) -> None:
    assert read_again(several, "several.npz") == several


@a_few
@given(st.lists(any_stimulus(), min_size=1, max_size=3))
def test_a_table_and_its_folder_are_read_back_identical(several: list[Stimulus]) -> None:
    assert read_again(several, "folder") == several
    assert read_again(several, "trials.csv") == several


@pytest.mark.parametrize("name", stimuli.names())
def test_every_stimulus_is_read_back_identical_and_redraws(name: str, tmp_path: Path) -> None:
    drawn = stimuli.draw(name, seed=3)
    for file in ("one.png", "one.tif", "one.npz"):
        stimuli.write(drawn, tmp_path / file)
        (found,) = stimuli.read(tmp_path / file)
        assert found == drawn == found.redraw()


@functools.cache
def whole_file(suffix: str) -> tuple[bytes, Stimulus]:
    rng = np.random.default_rng(0)
    labels = np.arange(35).reshape(5, 7) % 3
    names = {0: "background", 1: "one", 2: "two"}
    stimulus = Stimulus(rng.random((5, 7, 3)), labels, names, {"one": labels == 1}, name="noise")
    with TemporaryDirectory() as folder:
        stimuli.write(stimulus, Path(folder) / f"file{suffix}")
        return (Path(folder) / f"file{suffix}").read_bytes(), stimulus


def read_bytes(data: bytes, suffix: str) -> list[Stimulus] | str:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"file{suffix}"
        path.write_bytes(data)
        try:
            return stimuli.read(path)
        except (ValueError, OSError) as error:
            found = str(error)
        assert found.startswith(str(path))
        return found


@pytest.mark.parametrize("suffix", [".tif", ".npz"])
@settings(max_examples=100, deadline=None, derandomize=True)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_anywhere_is_refused_or_whole(suffix: str, share: float) -> None:
    data, stimulus = whole_file(suffix)
    found = read_bytes(data[: int(share * len(data))], suffix)
    assert isinstance(found, str) or found == [stimulus]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_png_cut_anywhere_is_refused_or_shows_the_same(share: float) -> None:
    data, stimulus = whole_file(".png")
    found = read_bytes(data[: int(share * len(data))], ".png")
    assert isinstance(found, str) or np.allclose(found[0].image, stimulus.image, atol=0.51 / 255)


@pytest.mark.parametrize("suffix", [".png", ".tif", ".npz"])
@example(place=0.998046875, value=1)  # an npz that sends its reader before the file's start
@settings(max_examples=100, deadline=None, derandomize=True)
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(0, 255))
def test_a_changed_byte_gives_a_stimulus_or_one_sentence(
    suffix: str, place: float, value: int
) -> None:
    data = bytearray(whole_file(suffix)[0])
    data[int(place * len(data))] = value
    read_bytes(bytes(data), suffix)
