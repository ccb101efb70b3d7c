"""Name, describe, compare, rename and remove the runs in a viewer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import napari
from napari.components import ViewerModel
from napari.layers import Layer
from napari.utils.notifications import show_info

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.layers.notes import Note, read_note, set_note
from napari_lns.viewer.own_models import AUTO, chosen_model

__all__ = [
    "RunSummary",
    "differences",
    "remove_run",
    "remove_selected_run",
    "rename_run",
    "run_name",
    "run_results",
    "summarize_run",
]

LABELS = " labels"
IGNORED_PARAMETERS = (
    "clusters",
    "device",
    "batch",
    "keep_outputs",
)  # the number of segments has its own column


class RunSummary(NamedTuple):
    """A summary of a run for a list: name, method, number of segments and score."""

    name: str
    method: str
    segments: str
    score: str


def run_results(labels: Layer) -> list[Segmentation]:
    """Return the results that a labels layer shows, one per image of a stack."""
    return list(read_note(labels).results.values())


def summarize_run(labels: Layer) -> RunSummary:
    """Return a summary of the run of a labels layer.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_lns.viewer.layers.placing import put
    >>> from napari_lns.viewer.layers.planning import plan_layers
    >>> result = Segmentation(np.zeros((2, 2, 3)), np.ones((2, 2)), {"segmenter": "dwc"})
    >>> summarize_run(put(ViewerModel(), plan_layers({0: result}), "mine")[-1])
    RunSummary(name='mine', method='dwc', segments='1', score='')
    """
    results = run_results(labels)
    score = read_note(labels).score
    return RunSummary(
        labels.name.removesuffix(LABELS),
        _method_text(results[0]),
        ", ".join(str(number) for number in sorted({each.clusters for each in results})),
        "" if score is None else f"{score:.2f}",
    )


def differences(runs: Sequence[Layer]) -> list[str]:
    """Return how each run differs from the others, as text; empty where it does not.

    Parameters
    ----------
    runs
        The labels layers of the runs.

    Returns
    -------
    list of str
        One text per run.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_lns.viewer.layers.placing import put
    >>> from napari_lns.viewer.layers.planning import plan_layers
    >>> viewer = ViewerModel()
    >>> records = [{"segmenter": "lns", "parameters": {"seed": seed}} for seed in (1, 2)]
    >>> results = [Segmentation(np.zeros((2, 2, 3)), np.ones((2, 2)), record) for record in records]
    >>> runs = [put(viewer, plan_layers({0: each}), name)[-1] for each, name in zip(results, "ab")]
    >>> differences(runs)
    ['seed 1', 'seed 2']
    """
    facts = [_run_facts(run_results(labels)[0]) for labels in runs]
    names = dict.fromkeys(name for each in facts for name in each)
    differing = [name for name in names if len({str(each.get(name)) for each in facts}) > 1]
    return [
        ", ".join(
            _format_fact(name, each[name]) for name in differing if each.get(name) is not None
        )
        for each in facts
    ]


def run_name(viewer: ViewerModel, image: Layer, call: Mapping[str, Any]) -> str:
    """Return the name for a run on an image, including how it differs from earlier runs.

    A run with the same network, method and seed as an earlier run gets its name, and replaces it.

    Parameters
    ----------
    viewer
        The viewer.
    image
        The image layer to segment.
    call
        The arguments of `napari_lns.segment` except the image, with the model as a specification.

    Returns
    -------
    str

    Examples
    --------
    >>> import numpy as np
    >>> from napari_lns.viewer.layers.placing import put
    >>> from napari_lns.viewer.layers.planning import plan_layers
    >>> viewer = ViewerModel()
    >>> image = viewer.add_image(np.zeros((2, 2, 3)), name="mine")
    >>> call = {"segmenter": "baseline", "seed": 0, "model": None}
    >>> record = {"segmenter": "baseline", "parameters": {"seed": 0}}
    >>> result = Segmentation(np.zeros((2, 2, 3)), np.ones((2, 2)), record)
    >>> _ = put(viewer, plan_layers({0: result}), run_name(viewer, image, call), over=image)
    >>> run_name(viewer, image, call), run_name(viewer, image, {**call, "seed": 1})
    ('mine', 'mine (seed 1)')
    """
    requested = _run_identity(call.get("segmenter"), call.get("model"), call)
    runs: dict[str, dict[str, Any]] = {}
    for layer in viewer.layers:
        note = read_note(layer)
        is_run = note.is_labels and note.image == image.name
        if is_run and note.original_pixels is not None and not note.is_user_named:
            record = run_results(layer)[0].record
            own_values = record.get("parameters", {})
            runs[note.run] = _run_identity(
                record.get("segmenter"), chosen_model(record), own_values
            )
    same = [name for name, identity in runs.items() if _is_same_run(identity, requested)]
    if same or image.name not in runs:
        return same[0] if same else str(image.name)
    first = runs[image.name]
    differing = [name for name in requested if requested[name] not in (first[name], None, AUTO)]
    values = [_format_fact(name, requested[name]) for name in differing]
    return f"{image.name} ({', '.join(values)})"


def rename_run(viewer: ViewerModel, labels: Layer, name: str) -> None:
    """Rename a run; later runs then do not replace it.

    Parameters
    ----------
    viewer
        The viewer.
    labels
        The run's labels layer.
    name
        The new name. All layers of the run that the user has not changed get it.
    """
    before = labels.name
    members = [layer for layer in _run_layers(viewer, labels) if layer is not labels]
    labels.name = f"{name}{LABELS}"
    set_note(labels, replace(read_note(labels), run=name, name=labels.name, is_user_named=True))
    for layer in members:
        note = read_note(layer)
        layer.name = f"{name} {note.content}"
        change = {"labels_name": labels.name} if note.labels_name == before else {"run": name}
        set_note(layer, replace(note, name=layer.name, **change))


def remove_run(viewer: ViewerModel, labels: Layer) -> None:
    """Remove the layers of a run and those that Inspect made for it, except renamed ones."""
    for layer in list(_run_layers(viewer, labels)):
        viewer.layers.remove(layer)


def remove_selected_run(viewer: napari.Viewer) -> None:
    """Remove the run of the selected layer, with all its layers."""
    active = viewer.layers.selection.active
    note = Note() if active is None else read_note(active)
    for layer in viewer.layers:
        other = read_note(layer)
        is_run = other.is_labels and bool(other.results)
        if is_run and (note.results is other.results or note.labels_name == layer.name):
            remove_run(viewer, layer)
            return
    show_info("Select a layer of the run to remove.")


def _run_layers(viewer: ViewerModel, labels: Layer) -> Iterator[Layer]:
    """Yield the labels layer of a run and its other layers that the user has not renamed."""
    results = read_note(labels).results
    for layer in viewer.layers:
        note = read_note(layer)
        belongs = note.results is results or note.labels_name == labels.name
        if layer is labels or (belongs and layer.name == note.name):
            yield layer


def _run_identity(
    segmenter: object, model: object, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what distinguishes runs in their names."""
    method = parameters.get("method")
    seed = parameters.get("seed", 0)
    return {"model": model, "segmenter": segmenter, "method": method, "seed": seed}


def _is_same_run(identity: Mapping[str, Any], requested: Mapping[str, Any]) -> bool:
    """Return whether a run matches a requested one; AUTO matches any model."""
    names = [name for name in requested if name != "model" or requested[name] != AUTO]
    return all(identity[name] == requested[name] for name in names)


def _run_facts(result: Segmentation) -> dict[str, Any]:
    """Return the model, the segmenter and the parameters of a run."""
    record = result.record
    model = (record.get("model") or {}).get("name")
    parameters: Any = record.get("parameters", {})
    own = {name: value for name, value in parameters.items() if name not in IGNORED_PARAMETERS}
    first = {name: own[name] for name in ("method", "seed") if name in own}  # lists are narrow
    return {"model": model, "segmenter": record.get("segmenter"), **first, **own}


def _format_fact(name: str, value: object) -> str:
    plain = name in ("model", "segmenter", "method", "clusterer")
    return str(value) if plain else f"{name.replace('_', ' ')} {value}"


def _method_text(result: Segmentation) -> str:
    record = result.record
    parameters: Any = record.get("parameters", {})
    model = (record.get("model") or {}).get("name", "")
    method = " ".join(filter(None, [record.get("segmenter", ""), parameters.get("method", "")]))
    return ", ".join(filter(None, [method, model]))
