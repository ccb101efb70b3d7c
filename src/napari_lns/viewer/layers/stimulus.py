"""Show stimuli as layers, an image and its ground truth, and find them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer

from napari_lns.segmentation import Segmentation
from napari_lns.stimuli import Stimulus
from napari_lns.viewer.layers.notes import Note, make_metadata, read_note, set_note
from napari_lns.viewer.layers.planning import IMAGE_OPTIONS

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "add_image_layer",
    "add_stimulus",
    "find_ground_truth",
    "stack_index",
    "stimulus_name",
    "update_stimulus",
]


def add_image_layer(viewer: ViewerModel, segmentation: Segmentation, name: str) -> Layer:
    """Add the segmented image as a layer."""
    stimulus = segmentation.record.get("stimulus")
    metadata = make_metadata(Note(stimuli=(stimulus,) if stimulus else ()))
    return viewer.add_layer(
        Image(segmentation.image, name=name, metadata=metadata, **IMAGE_OPTIONS)
    )


def add_stimulus(viewer: ViewerModel, stimulus: Stimulus) -> list[Layer]:
    """Add the image and the ground truth of a stimulus as layers, with its record."""
    name = stimulus.name or "stimulus"
    metadata = make_metadata(Note(stimuli=(stimulus.record,)))
    image = Image(stimulus.image, name=name, metadata=metadata, **IMAGE_OPTIONS)
    ground_truth = Labels(
        stimulus.labels,
        name=f"{name} ground truth",
        metadata=metadata,
        features=_label_names(stimulus),
        visible=False,
        opacity=0.5,
    )
    return [viewer.add_layer(image), viewer.add_layer(ground_truth)]


def update_stimulus(viewer: ViewerModel, layers: list[Layer], stimulus: Stimulus) -> bool:
    """Show another stimulus in the layers from `add_stimulus`; return False if these are gone."""
    if len(layers) != 2 or any(layer not in viewer.layers for layer in layers):
        return False
    image, ground_truth = layers
    image.data, ground_truth.data = stimulus.image, stimulus.labels
    ground_truth.features = _label_names(stimulus)
    for layer in layers:
        set_note(layer, Note(stimuli=(stimulus.record,)))
    return True


def stimulus_name(image: Layer) -> str | None:
    """Return the name of the stimulus that a layer shows; None if unknown."""
    stimuli = read_note(image).stimuli
    name = stimuli[0].get("name") if stimuli else None
    return None if name is None else str(name)


def stack_index(viewer: ViewerModel, layer: Layer) -> int:
    """Return the index of the image in a stack that the viewer shows."""
    place = round(float(layer.world_to_data(viewer.dims.point)[0]))
    return int(np.clip(place, 0, len(layer.data) - 1))


def find_ground_truth(viewer: ViewerModel, image: Layer) -> Layer | None:
    """Return the Labels layer with the ground truth of an image or stack, or None."""
    stimuli = read_note(image).stimuli
    for layer in viewer.layers if stimuli else ():
        note = read_note(layer)
        if isinstance(layer, Labels) and not note.run and note.stimuli == stimuli:
            return layer
    return None


def _label_names(stimulus: Stimulus) -> pd.DataFrame:
    import pandas as pd

    names = {0: "", **stimulus.label_names}
    return pd.DataFrame({"index": list(names), "name": list(names.values())})
