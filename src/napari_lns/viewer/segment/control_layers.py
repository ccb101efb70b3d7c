"""A stimulus's control as layers beside it, for runs on both."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from napari.components import ViewerModel
from napari.layers import Layer

from napari_lns.stimuli import Stimulus
from napari_lns.viewer.layers.images import Given, given_by
from napari_lns.viewer.layers.notes import note_of, set_note
from napari_lns.viewer.layers.stimulus import add_stimulus, update_stimulus

__all__ = ["TIP", "add_control", "beside_control", "shown_stimulus"]

TIP = (
    "Segment the stimulus and its control, the same but for what its law rests on, side by side, "
    "with the law's measure for each"
)
GAP = 1.1  # widths of the stimulus between the left edges of the two


def beside_control(viewer: ViewerModel, layer: Layer | None) -> dict[Given, Stimulus]:
    """Show the control of a layer's stimulus beside it, and return the two images to segment.

    Parameters
    ----------
    viewer
        The viewer.
    layer
        The layer of the stimulus.

    Returns
    -------
    dict
        What each image shows: first the stimulus, then its control.

    Raises
    ------
    ValueError
        If the layer shows no stimulus that has a control.
    """
    from napari_lns.experiments.control import control_of  # the experiments are slow to import

    stimulus = shown_stimulus(layer)
    control = control_of(stimulus)
    assert layer is not None
    both = {layer: stimulus, add_control(viewer, layer, control): control}
    return {given: each for place, each in both.items() for given in given_by(place)}


def shown_stimulus(layer: Layer | None) -> Stimulus:
    """Return the stimulus that a layer shows, drawn again from its record.

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
        If the layer shows no stimulus, a stack of them, or its pixels were changed.
    """
    stimuli = () if layer is None else note_of(layer).stimuli
    if layer is None or len(stimuli) != 1:
        name = "There is no image" if layer is None else f"“{layer.name}” is no stimulus"
        raise ValueError(
            f"{name}: only a stimulus has a control. Draw one in the Stimuli widget, one at a time"
        )
    stimulus = Stimulus.from_record(stimuli[0])
    if not np.array_equal(stimulus.image, layer.data):
        raise ValueError(
            f"the pixels of “{layer.name}” are not those of its stimulus, so its control would "
            "not match: draw the stimulus again"
        )
    return stimulus


def add_control(viewer: ViewerModel, layer: Layer, control: Stimulus) -> Layer:
    """Show a control at the right of its stimulus; an earlier one is replaced.

    Parameters
    ----------
    viewer
        The viewer.
    layer
        The layer of the stimulus.
    control
        Its control.

    Returns
    -------
    napari.layers.Layer
        The layer of the control's image.
    """
    name = f"{layer.name} control"
    earlier = [each for each in viewer.layers if note_of(each).control == name]
    added = not update_stimulus(viewer, earlier, control)
    made = earlier
    if added:
        made = add_stimulus(viewer, control)
        made[0].name, made[1].name = name, f"{name} ground truth"
    for each in made:
        set_note(each, replace(note_of(each), control=name))
        each.scale = layer.scale
        each.translate = layer.translate + np.array([0, GAP * layer.scale[1] * control.shape[1]])
    if added:
        viewer.reset_view()  # or the control would lie outside the view
    return made[0]
