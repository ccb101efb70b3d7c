"""Add the control of a stimulus as layers beside it, for runs on both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from napari.components import ViewerModel
from napari.layers import Layer

from napari_lns.stimuli import Stimulus
from napari_lns.viewer.layers.images import ImageSource, image_sources
from napari_lns.viewer.layers.notes import read_note, set_note
from napari_lns.viewer.layers.stimulus import add_stimulus, update_stimulus

__all__ = ["CONTROL_TIP", "add_control", "read_stimulus", "show_with_control"]

CONTROL_TIP = (
    "Segment the stimulus and its control, which lacks the cue of its law, side by side, and "
    "show the law's measure for each"
)
GAP = 1.1  # distance between the left edges, in widths of the stimulus


def show_with_control(viewer: ViewerModel, layer: Layer | None) -> dict[ImageSource, Stimulus]:
    """Add the control of a layer's stimulus beside it, and return the two images to segment.

    Parameters
    ----------
    viewer
        The viewer.
    layer
        The layer of the stimulus.

    Returns
    -------
    dict
        The stimulus of each image: first the stimulus itself, then its control.

    Raises
    ------
    ValueError
        If the layer does not show a stimulus, or the stimulus has no control.
    """
    from napari_lns.experiments.control import require_control  # slow to import

    stimulus = read_stimulus(layer)
    control = require_control(stimulus)
    assert layer is not None
    both = {layer: stimulus, add_control(viewer, layer, control): control}
    return {source: each for place, each in both.items() for source in image_sources(place)}


def read_stimulus(layer: Layer | None) -> Stimulus:
    """Draw the stimulus of a layer again from its record.

    Parameters
    ----------
    layer
        An image layer that the Stimuli widget or `add_stimulus` made.

    Returns
    -------
    Stimulus

    Raises
    ------
    ValueError
        If the layer does not show a single stimulus, or its pixels were changed.
    """
    stimuli = () if layer is None else read_note(layer).stimuli
    if layer is None or len(stimuli) != 1:
        name = "There is no image" if layer is None else f"“{layer.name}” is not a stimulus"
        raise ValueError(
            f"{name}: only a stimulus has a control. Draw a single one in the Stimuli widget"
        )
    stimulus = Stimulus.from_record(stimuli[0])
    if not np.array_equal(stimulus.image, layer.data):
        raise ValueError(
            f"the pixels of “{layer.name}” are not those of its stimulus, so its control would "
            "not match: draw the stimulus again"
        )
    return stimulus


def add_control(viewer: ViewerModel, layer: Layer, control: Stimulus) -> Layer:
    """Add a control at the right of its stimulus, or replace an earlier control.

    Parameters
    ----------
    viewer
        The viewer.
    layer
        The layer of the stimulus.
    control
        The control.

    Returns
    -------
    napari.layers.Layer
        The layer of the control's image.
    """
    name = f"{layer.name} control"
    earlier = [each for each in viewer.layers if read_note(each).control == name]
    is_new = not update_stimulus(viewer, earlier, control)
    layers = earlier
    if is_new:
        layers = add_stimulus(viewer, control)
        layers[0].name, layers[1].name = name, f"{name} ground truth"
    for each in layers:
        set_note(each, replace(read_note(each), control=name))
        each.scale = layer.scale
        each.translate = layer.translate + np.array([0, GAP * layer.scale[1] * control.shape[1]])
    if is_new:
        viewer.reset_view()  # otherwise the control would be outside the view
    return layers[0]
