"""Put the layers of a run into a viewer, and replace those of an earlier run.

Layers that the user renamed or edited are never replaced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from napari.utils.events import Event

from napari_lns.viewer.layers.notes import Note, read_note, set_note
from napari_lns.viewer.layers.planning import LayerPlan

__all__ = [
    "hide_other_runs",
    "labels_of_run",
    "put",
    "put_below",
    "put_layer",
    "remove_stale",
    "show_colour_bar",
    "split_urgent",
]


def put(
    viewer: ViewerModel,
    plans: Iterable[LayerPlan],
    prefix: str,
    *,
    over: Layer | None = None,
) -> list[Layer]:
    """Put the layers of a run into a viewer; replace those of an earlier run of the same name.

    Parameters
    ----------
    viewer
        The viewer.
    plans
        The planned layers.
    prefix
        The name of the run, with which the names of its layers begin.
    over
        The segmented image layer, whose scale and position the layers get.

    Returns
    -------
    list of Layer
        The layers, new or updated.
    """
    plans = list(plans)
    remove_stale(viewer, prefix, plans)
    return [put_layer(viewer, plan, prefix, over=over) for plan in plans]


def put_layer(
    viewer: ViewerModel,
    plan: LayerPlan,
    prefix: str,
    *,
    over: Layer | None = None,
    index: int | None = None,
) -> Layer:
    """Put one layer of a run into a viewer, or replace that of an earlier run of the same name.

    Parameters
    ----------
    viewer, plan, prefix, over
        As for `put`.
    index
        The index of a new layer in the layer list. By default, it comes on top.
    """
    layer = _find_replaceable(viewer, prefix, plan)
    if layer is None:
        place = {} if over is None else _placement(over, plan)
        layer = plan.kind(plan.data, name=f"{prefix} {plan.content}", **plan.options, **place)
        set_note(layer, _make_note(prefix, plan, layer, over))  # read by listeners
        viewer.layers.insert(len(viewer.layers) if index is None else index, layer)
        show_colour_bar(layer)
    else:
        _update_layer(layer, plan)
    set_note(layer, _make_note(prefix, plan, layer, over))
    return layer


def put_below(viewer: ViewerModel, plan: LayerPlan, labels: Layer, over: Layer) -> None:
    """Put a layer of a run below its labels; the selection stays.

    Parameters
    ----------
    viewer, plan, over
        As for `put`.
    labels
        The labels layer of the run, whose name the new layer gets.
    """
    with _unchanged_selection(viewer):
        index = viewer.layers.index(labels)
        put_layer(viewer, plan, read_note(labels).run, over=over, index=index)


def split_urgent(
    viewer: ViewerModel, plans: Iterable[LayerPlan], prefix: str, over: Layer
) -> tuple[list[LayerPlan], list[LayerPlan]]:
    """Split plans into those that show something at once, and those of new hidden layers.

    A map that another run of the image shows is shown for this run, too.
    """
    shown = {
        note.content
        for note in (read_note(layer) for layer in viewer.layers if layer.visible)
        if note.run and note.image == over.name
    }
    urgent, hidden = list[LayerPlan](), list[LayerPlan]()
    for plan in plans:
        is_visible = plan.options.get("visible", True) or plan.content in shown
        is_urgent = is_visible or _find_replaceable(viewer, prefix, plan) is not None
        (urgent if is_urgent else hidden).append(plan)
    return urgent, hidden


def hide_other_runs(viewer: ViewerModel, layers: Iterable[Layer]) -> None:
    """Hide the labels of all other runs, and all layers of other runs of the same image.

    If another run's map of the image was visible, the same map of this run is shown instead.
    """
    run_layers = {_image_and_content(read_note(layer)): layer for layer in layers}
    images = {image for image, _ in run_layers}
    hidden = set()
    for layer in viewer.layers:
        note = read_note(layer)
        other = bool(note.run) and layer.visible and layer not in run_layers.values()
        if other and (note.image in images or note.is_labels):
            layer.visible = False
            hidden.add(layer.name)
            if _image_and_content(note) in run_layers:
                run_layers[_image_and_content(note)].visible = True
    for layer in viewer.layers:
        if read_note(layer).labels_name in hidden:  # layers that Inspect made for it
            layer.visible = False


def _image_and_content(note: Note) -> tuple[str, str]:
    return note.image, note.content


def show_colour_bar(layer: Layer) -> None:
    """Show the colour bar of a map while the map is visible.

    The bar of a hidden map is made when the map is first shown: it costs as much as the map.
    """
    if isinstance(layer, Image) and not layer.rgb:
        if layer.visible:
            _make_colour_bar(layer)
        else:
            layer.events.visible.connect(_make_colour_bar_later)


def _make_colour_bar_later(event: Event) -> None:
    """Make the colour bar of a map that has become visible."""
    if event.source.visible:
        event.source.events.visible.disconnect(_make_colour_bar_later)
        _make_colour_bar(event.source)


def _make_colour_bar(layer: Image) -> None:
    bar = layer.colorbar
    bar.size, bar.font_size = (12, 90), 8  # it covers part of the image
    bar.position, bar.visible = "bottom_right", True


def labels_of_run(viewer: ViewerModel, prefix: str) -> Layer | None:
    """Return the labels layer of a run if the user has not changed it, or None."""
    for layer in viewer.layers:
        note = read_note(layer)
        is_own = note.is_labels and note.run == prefix
        if is_own and isinstance(layer, Labels) and note.is_untouched(layer):
            return layer
    return None


def remove_stale(viewer: ViewerModel, prefix: str, plans: Iterable[LayerPlan]) -> None:
    """Remove layers of an earlier run that the new run lacks, such as a tree's boundaries."""
    contents = {plan.content for plan in plans}
    for layer in list(viewer.layers):
        note = read_note(layer)
        stale = note.run == prefix and note.content not in contents
        if stale and note.is_untouched(layer):
            viewer.layers.remove(layer)


def _find_replaceable(viewer: ViewerModel, prefix: str, plan: LayerPlan) -> Layer | None:
    for layer in viewer.layers:
        note = read_note(layer)
        if note.run == prefix and note.content == plan.content:
            same_form = isinstance(layer, plan.kind) and layer.data.ndim == plan.data.ndim
            if same_form and note.is_untouched(layer):
                return layer
    return None


def _make_note(prefix: str, plan: LayerPlan, layer: Layer, over: Layer | None) -> Note:
    """Return the note of a layer; its name and pixels reveal later changes by the user."""
    return Note(
        run=prefix,
        image=prefix if over is None else over.name,
        content=plan.content,
        score=plan.score,
        results=plan.results,
        name=layer.name,
        data=layer.data,
        original_pixels=plan.data.copy() if plan.kind is Labels else plan.data,
    )


def _update_layer(layer: Layer, plan: LayerPlan) -> None:
    layer.data = plan.data
    if "contrast_limits" in plan.options:
        layer.contrast_limits_range = plan.options["contrast_limits"]
        layer.contrast_limits = plan.options["contrast_limits"]
    if isinstance(layer, Labels) and layer.colormap != plan.options["colormap"]:
        layer.colormap = plan.options["colormap"]
    if "features" in plan.options:
        layer.features = plan.options["features"]


def _placement(layer: Layer, plan: LayerPlan) -> dict[str, Any]:
    axes = plan.data.ndim - (plan.content == "reconstruction")
    place = {"scale": layer.scale[-axes:], "translate": layer.translate[-axes:]}
    return place | ({"axis_labels": layer.axis_labels} if axes == layer.ndim else {})


@contextmanager
def _unchanged_selection(viewer: ViewerModel) -> Iterator[None]:
    """Keep the selection while layers are inserted: napari selects each of them."""
    selection = viewer.layers.selection
    before = list(selection)
    with selection.events.blocker_all():
        yield
        selection.clear()
        selection.update(before)
