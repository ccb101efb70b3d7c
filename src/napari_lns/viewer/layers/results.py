"""Results and stimuli as napari layers: names, colours, contrast, records; and their replacement.

A layer that a run made carries its record in ``layer.metadata["napari_lns"]``. A later run
replaces it only while it is still as it was made: one that the user renamed, or whose pixels the
user changed, is the user's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Labels, Layer
from numpy.typing import NDArray

from napari_lns.analysis.scores import best_overlap
from napari_lns.segmentation import Segmentation
from napari_lns.stimuli import Stimulus
from napari_lns.viewer.layers.label_colours import label_colours

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "KEY",
    "PICTURE",
    "STACK_AXES",
    "LayerPlan",
    "add_picture",
    "add_stimulus",
    "hide_other_runs",
    "labels_of_run",
    "layers_of",
    "place_in_stack",
    "put",
    "regions",
    "segmentation_of",
    "show_colour_bar",
    "stimulus_name",
    "truth_of",
    "update_stimulus",
]

KEY = "napari_lns"

# As it is: napari would stretch an image's contrast.
PICTURE = {"rgb": True, "contrast_limits": (0.0, 1.0), "interpolation2d": "nearest"}
STACK_AXES = ("image", "row", "column")  # of a stack: napari names its slider by the first
# What a run may show, back to front.
SHOWN = ("reconstruction", "error", "variance", "boundaries", "uncertainty", "labels")
_MAPS = {
    "error": "magma",
    "variance": "viridis",
    "boundaries": "gray",
    "uncertainty": "cividis",
}


@dataclass(frozen=True, eq=False)
class LayerPlan:
    """One layer to be: what it shows, its pixels, how they look, what they rest on, its score."""

    shows: str
    kind: type[Layer]
    data: NDArray[Any]
    options: dict[str, Any]
    found: Mapping[int, Segmentation] = field(default_factory=dict)
    score: float | None = None


def layers_of(
    found: Mapping[int, Segmentation],
    count: int | None = None,
    truth: NDArray[Any] | None = None,
    score: float | None = None,
) -> list[LayerPlan]:
    """Plan the layers of an image's segmentation, or of a stack's, back to front.

    Parameters
    ----------
    found
        The results by their place in the stack; that of one image is 0.
    count
        How many images the stack holds; None for one image.
    truth
        Ground truth of one image, for the regions' agreement with them.
    score
        Agreement of all labels with the ground truth, if it is known: the labels layer keeps it.

    Returns
    -------
    list of LayerPlan
        Reconstruction, error, variance, boundaries, uncertainty, as far as there are any, and
        labels.
    """
    maps = {place: _maps(segmentation) for place, segmentation in found.items()}
    planned = []
    for name in SHOWN:
        there = {place: each[name] for place, each in maps.items() if name in each}
        if there:
            highest = _highest(there.values()) if name in _MAPS else 1.0
            planned.append(_plan(name, _stacked(there, count), found, highest))
    if count is None:
        planned[-1].options["features"] = regions(found[0], truth)
    return [*planned[:-1], replace(planned[-1], score=score)]


def regions(segmentation: Segmentation, truth: NDArray[Any] | None = None) -> pd.DataFrame:
    """Table the regions: label, area in pixels, mean variance, best overlap with the ground truth.

    The agreement is the largest intersection over union with any true label.
    """
    import pandas as pd  # slow to import: widgets open without it

    labels = segmentation.labels
    numbers, place, area = _counted(labels)
    table = pd.DataFrame({"index": numbers, "area": area})
    if segmentation.variance is not None:
        sums = np.bincount(place, weights=segmentation.variance.ravel(), minlength=len(numbers))
        table["mean variance"] = sums / np.maximum(area, 1)
    if truth is not None and truth.shape == labels.shape:
        table["agreement"] = [best_overlap(labels == number, truth) for number in numbers]
    return table


def put(
    viewer: ViewerModel,
    planned: Iterable[LayerPlan],
    prefix: str,
    *,
    over: Layer | None = None,
) -> list[Layer]:
    """Put a run's layers into a viewer, replacing those that an earlier run of this prefix left.

    Parameters
    ----------
    viewer
        The viewer.
    planned
        The layers to be.
    prefix
        The run's name, with which the layers' names begin.
    over
        The image layer that was segmented: scale and position are taken from it.

    Returns
    -------
    list of Layer
        The layers, new or brought up to date.
    """
    planned, kept = list(planned), []
    _remove_stale(viewer, prefix, {plan.shows for plan in planned})
    for plan in planned:
        layer = _own(viewer, prefix, plan)
        if layer is None:
            place = {} if over is None else _place_of(over, plan)
            layer = plan.kind(plan.data, name=f"{prefix} {plan.shows}", **plan.options, **place)
            layer.metadata[KEY] = _note(prefix, plan, layer, over)  # who hears of it asks for it
            viewer.add_layer(layer)
            show_colour_bar(layer)
        else:
            _refresh(layer, plan)
        layer.metadata[KEY] = _note(prefix, plan, layer, over)
        kept.append(layer)
    return kept


def hide_other_runs(viewer: ViewerModel, shown: Iterable[Layer]) -> None:
    """Hide the labels of all runs but the one shown, and all else of its image's other runs.

    What was seen of another run of the image is seen of this one instead.
    """
    own = {(note["picture"], note["shows"]): layer for layer, note in _noted(shown)}
    pictures = {picture for picture, _ in own}
    hidden = set()
    for layer, note in _noted(viewer.layers):
        place = note.get("picture"), note.get("shows")
        other = "run" in note and layer.visible and layer not in own.values()
        if other and (place[0] in pictures or place[1] == "labels"):
            layer.visible = False
            hidden.add(layer.name)
            if place in own:
                own[place].visible = True
    for layer, note in _noted(viewer.layers):
        if note.get("of") in hidden:  # what Inspect showed of it
            layer.visible = False


def _noted(layers: Iterable[Layer]) -> Iterator[tuple[Layer, Mapping[str, Any]]]:
    for layer in layers:
        if KEY in layer.metadata:
            yield layer, layer.metadata[KEY]


def show_colour_bar(layer: Layer) -> None:
    """Show what a map's colours mean; the bar comes and goes with the map."""
    if isinstance(layer, Image) and not layer.rgb:
        bar = layer.colorbar
        bar.size, bar.font_size = (12, 90), 8  # it lies over the image
        bar.position, bar.visible = "bottom_right", True


def labels_of_run(viewer: ViewerModel, prefix: str) -> Layer | None:
    """Find the labels of a run that are still as the run left them."""
    for layer in viewer.layers:
        note = layer.metadata.get(KEY, {})
        own = (note.get("run"), note.get("shows")) == (prefix, "labels")
        if own and isinstance(layer, Labels) and _untouched(layer, note):
            return layer
    return None


def segmentation_of(layer: Layer, index: int = 0) -> Segmentation | None:
    """Return the result that a layer shows, of one image or at a place in a stack."""
    found: Mapping[int, Segmentation] = layer.metadata.get(KEY, {}).get("found", {})
    return found.get(index)


def add_picture(viewer: ViewerModel, segmentation: Segmentation, name: str) -> Layer:
    """Add the image that was segmented as a layer."""
    note = {KEY: {"stimulus": segmentation.record.get("stimulus")}}
    return viewer.add_layer(Image(segmentation.image, name=name, metadata=note, **PICTURE))


def add_stimulus(viewer: ViewerModel, stimulus: Stimulus) -> list[Layer]:
    """Add a stimulus's image and ground truth as layers; both carry its record."""
    name = stimulus.name or "stimulus"
    metadata = {KEY: {"stimulus": stimulus.record}}
    image = Image(stimulus.image, name=name, metadata=dict(metadata), **PICTURE)
    truth = Labels(
        stimulus.labels,
        name=f"{name} ground truth",
        metadata=dict(metadata),
        features=_label_names(stimulus),
        visible=False,
        opacity=0.5,
    )
    return [viewer.add_layer(image), viewer.add_layer(truth)]


def update_stimulus(viewer: ViewerModel, layers: list[Layer], stimulus: Stimulus) -> bool:
    """Show another stimulus in the layers of `add_stimulus`; False if they are gone."""
    if len(layers) != 2 or any(layer not in viewer.layers for layer in layers):
        return False
    image, truth = layers
    image.data, truth.data = stimulus.image, stimulus.labels
    truth.features = _label_names(stimulus)
    for layer in layers:
        layer.metadata[KEY] = {"stimulus": stimulus.record}
    return True


def stimulus_name(image: Layer) -> str | None:
    """Return the kind of stimulus that a layer shows; None if it is not known."""
    note = image.metadata.get(KEY, {})
    record = note.get("stimulus") or next(iter(note.get("stimuli", ())), None) or {}
    name = record.get("name")
    return None if name is None else str(name)


def place_in_stack(viewer: ViewerModel, layer: Layer) -> int:
    """Return which image of a stack the viewer shows, whatever other axes it has."""
    place = round(float(layer.world_to_data(viewer.dims.point)[0]))
    return int(np.clip(place, 0, len(layer.data) - 1))


def truth_of(viewer: ViewerModel, image: Layer) -> Layer | None:
    """Find the Labels layer that came with a stimulus's image, or with a stack of them."""
    note = image.metadata.get(KEY, {})
    wanted = {name: note[name] for name in ("stimulus", "stimuli") if name in note}
    for layer in viewer.layers if wanted else ():
        own = layer.metadata.get(KEY, {})
        if isinstance(layer, Labels) and "run" not in own and wanted.items() <= own.items():
            return layer
    return None


def _maps(segmentation: Segmentation) -> dict[str, NDArray[Any]]:
    """Return what there is to see."""
    alternatives = segmentation.alternatives
    maps = {
        "reconstruction": segmentation.reconstruction,
        "error": segmentation.error,
        "variance": segmentation.variance,
        "boundaries": None if segmentation.tree is None else segmentation.boundaries,
        "uncertainty": None if alternatives is None else segmentation.uncertainty,
        "labels": segmentation.labels,
    }
    return {name: data for name, data in maps.items() if data is not None}


def _stacked(data: Mapping[int, NDArray[Any]], count: int | None) -> NDArray[Any]:
    if count is None:
        return data[0].copy()  # what a layer shows can be painted on
    one = next(iter(data.values()))
    stack = np.zeros((count, *one.shape), one.dtype)
    for place, each in data.items():
        stack[place] = each
    return stack


def _highest(maps: Iterable[NDArray[Any]]) -> float:
    """Return where a map's colours end: almost its maximum, over the images that have a result."""
    values = np.concatenate([each.ravel() for each in maps])
    return float(np.quantile(values, 0.995)) or float(values.max()) or 1.0


def _plan(
    shows: str, data: NDArray[Any], found: Mapping[int, Segmentation], highest: float
) -> LayerPlan:
    if shows == "labels":
        colours = label_colours(int(data.max()))
        options: dict[str, Any] = {"opacity": 0.5, "colormap": colours}
        return LayerPlan(shows, Labels, data, options, found)
    options = {"visible": False, "interpolation2d": "nearest"}
    if shows == "reconstruction":
        options |= PICTURE
    else:
        options |= {"colormap": _MAPS[shows], "contrast_limits": (0.0, highest)}
    return LayerPlan(shows, Image, data, options, found)


def _remove_stale(viewer: ViewerModel, prefix: str, shown: set[str]) -> None:
    """Remove what an earlier run left that the new one has not, such as a tree's boundaries."""
    for layer in list(viewer.layers):
        note = layer.metadata.get(KEY, {})
        stale = note.get("run") == prefix and note.get("shows") not in shown
        if stale and _untouched(layer, note):
            viewer.layers.remove(layer)


def _own(viewer: ViewerModel, prefix: str, plan: LayerPlan) -> Layer | None:
    for layer in viewer.layers:
        note = layer.metadata.get(KEY, {})
        if note.get("run") == prefix and note.get("shows") == plan.shows:
            same_form = isinstance(layer, plan.kind) and layer.data.ndim == plan.data.ndim
            if same_form and _untouched(layer, note):
                return layer
    return None


def _untouched(layer: Layer, note: Mapping[str, Any]) -> bool:
    made = note.get("made")  # none in a run that was opened from a file: it is the user's
    if made is None or note["name"] != layer.name or layer.data is not note["data"]:
        return False
    return np.array_equal(layer.data, made)


def _note(prefix: str, plan: LayerPlan, layer: Layer, over: Layer | None) -> dict[str, Any]:
    """Return what is kept with a layer; by name and pixels a user's changes are told from ours."""
    records = [dict(each.record) for each in plan.found.values()]
    return {
        "run": prefix,
        "picture": prefix if over is None else over.name,
        "shows": plan.shows,
        "score": plan.score,
        "record": records[0] if len(records) == 1 else records,
        "found": plan.found,
        "name": layer.name,
        "data": layer.data,
        "made": plan.data.copy() if plan.kind is Labels else plan.data,
    }


def _refresh(layer: Layer, plan: LayerPlan) -> None:
    layer.data = plan.data
    if "contrast_limits" in plan.options:
        layer.contrast_limits_range = plan.options["contrast_limits"]
        layer.contrast_limits = plan.options["contrast_limits"]
    if isinstance(layer, Labels) and layer.colormap != plan.options["colormap"]:
        layer.colormap = plan.options["colormap"]
    if "features" in plan.options:
        layer.features = plan.options["features"]


def _place_of(layer: Layer, plan: LayerPlan) -> dict[str, Any]:
    axes = plan.data.ndim - (plan.shows == "reconstruction")
    place = {"scale": layer.scale[-axes:], "translate": layer.translate[-axes:]}
    return place | ({"axis_labels": layer.axis_labels} if axes == layer.ndim else {})


def _label_names(stimulus: Stimulus) -> pd.DataFrame:
    import pandas as pd

    names = {0: "", **stimulus.label_names}
    return pd.DataFrame({"index": list(names), "name": list(names.values())})


def _counted(labels: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return 0 and the labels that occur, each pixel's place among them, and their areas."""
    numbers, place = np.unique(np.append(labels.ravel(), 0), return_inverse=True)
    place = place[:-1]
    return numbers, place, np.bincount(place, minlength=len(numbers))
