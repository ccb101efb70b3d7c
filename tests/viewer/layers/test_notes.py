"""A layer's note is read and written in one place, and leaves the metadata of others alone."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from napari.layers import Image

from napari_lns import viewer
from napari_lns.viewer.layers.notes import Note, make_metadata, read_note, set_note

PACKAGE = Path(viewer.__file__).parent
OTHERS = sorted({*PACKAGE.glob("**/*.py")} - {PACKAGE / "layers" / "notes.py"})


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_other_module_reads_or_writes_metadata(path: Path):
    assert not re.findall(r"\.metadata\b|metadata\[", path.read_text("utf8"))


def test_a_layer_without_a_note_has_an_empty_one():
    assert read_note(Image(np.zeros((2, 2)))).run == ""
    assert read_note({}).record is None
    assert not read_note(
        Image(np.zeros((2, 2)), metadata={"napari_lns": "of another kind"})
    ).is_derived


def test_other_metadata_stays():
    layer = Image(np.zeros((2, 2)), metadata={"mine": 1})
    set_note(layer, Note(run="first"))
    set_note(layer, replace(read_note(layer), run="second"))
    assert (layer.metadata["mine"], read_note(layer).run) == (1, "second")


def test_a_layer_is_untouched_until_its_name_or_its_pixels_change():
    layer = Image(np.zeros((2, 2)), name="a")
    note = Note(name="a", data=layer.data, original_pixels=layer.data.copy())
    assert note.is_untouched(layer)
    layer.data[0, 0] = 1
    assert not note.is_untouched(layer)
    layer.data[0, 0] = 0
    layer.name = "b"
    assert not note.is_untouched(layer)


def test_a_copied_layer_keeps_its_note():
    note = read_note(Image(np.zeros((2, 2)), metadata=deepcopy(make_metadata(Note(run="mine")))))
    assert note.run == "mine"
