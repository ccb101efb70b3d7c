"""Store data about a layer's run or stimulus in the layer's metadata, as a `Note`.

Only this module may read or write that metadata.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from napari.layers import Layer
from numpy.typing import NDArray

from napari_lns.segmentation import Segmentation

__all__ = ["Note", "find_segmentation", "make_metadata", "read_note", "set_note"]

_KEY = "napari_lns"
_LABELS = "labels"


@dataclass(frozen=True, eq=False)
class Note:
    """Data about a layer: its run or stimulus, what it shows, and how it was made.

    Attributes
    ----------
    stimuli
        The records of the stimuli in an image or its ground truth, in the order of the stack.
    control
        The layer name under which a control was added beside its stimulus.
    world
        Name and seed of the training images on a contact sheet.
    training
        The name of the training run whose reconstructions the layer shows.
    run
        The name of the run that made the layer.
    image
        The name of the image layer that the run segmented.
    labels_name
        The name of the labels layer for which Inspect made the layer.
    content
        What the layer shows: `labels`, `variance`, `affinity` and others.
    results
        The results by their index in the stack; the index is 0 for one image.
    score
        Agreement of the labels with the ground truth, if known.
    is_user_named
        Whether the user named the run, so that later runs do not replace it.
    name, data
        The layer's name and data as this plugin set them.
    original_pixels
        A copy of the pixels as this plugin set them; None in a run that was opened from a file.
    """

    stimuli: tuple[Mapping[str, Any], ...] = ()
    control: str = ""
    world: Mapping[str, Any] = field(default_factory=dict)
    training: str = ""
    run: str = ""
    image: str = ""
    labels_name: str = ""
    content: str = ""
    results: Mapping[int, Segmentation] = field(default_factory=dict)
    score: float | None = None
    is_user_named: bool = False
    name: str = ""
    data: object = None
    original_pixels: NDArray[Any] | None = None

    @property
    def is_labels(self) -> bool:
        """Whether the layer shows the segments of a run."""
        return bool(self.run) and self.content == _LABELS

    @property
    def is_derived(self) -> bool:
        """Whether the layer was made by a run or by Inspect."""
        return bool(self.run or self.labels_name)

    @property
    def record(self) -> dict[str, Any] | list[dict[str, Any]] | None:
        """The record of the run; a list for a stack; None without a run."""
        records = [dict(each.record) for each in self.results.values()]
        return records[0] if len(records) == 1 else records or None

    def is_untouched(self, layer: Layer) -> bool:
        """Return whether a layer still has the name and the pixels that this plugin set."""
        if self.original_pixels is None or self.name != layer.name or layer.data is not self.data:
            return False
        return np.array_equal(self.original_pixels, np.asarray(layer.data))


def read_note(layer: Layer | Mapping[str, Any]) -> Note:
    """Return the note of a layer, or of a layer's attributes as a napari writer receives them.

    Parameters
    ----------
    layer
        A layer, or the attributes of one.

    Returns
    -------
    Note
        The note, or an empty one if this plugin stored none.

    Examples
    --------
    >>> from napari.layers import Image
    >>> metadata = make_metadata(Note(run="mine", content="variance"))
    >>> image = Image(np.zeros((2, 2)), metadata=metadata)
    >>> read_note(image).content
    'variance'
    """
    metadata = layer.get("metadata", {}) if isinstance(layer, Mapping) else layer.metadata
    note = metadata.get(_KEY)
    return note if isinstance(note, Note) else Note()


def set_note(layer: Layer, note: Note) -> None:
    """Replace the note of a layer."""
    layer.metadata.update(make_metadata(note))


def make_metadata(note: Note) -> dict[str, Any]:
    """Return the metadata for a new layer."""
    return {_KEY: note}


def find_segmentation(layer: Layer, index: int = 0) -> Segmentation | None:
    """Return the result that a layer shows, for one image or for an index in a stack."""
    return read_note(layer).results.get(index)
