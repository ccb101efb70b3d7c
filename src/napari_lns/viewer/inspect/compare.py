"""Compare runs side by side in the grid, with linked cursors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from napari.components import ViewerModel
from napari.layers import Image, Layer, Points

from napari_lns.viewer.inspect.inspection import (
    find_derived_layer,
    find_result,
    find_run_name,
    pixel_at,
    read_placement,
)
from napari_lns.viewer.layers.notes import Note, set_note

__all__ = ["Comparison"]

AFFINITY, CURSOR = "affinity beside", "cursor"
AFFINITY_OPTIONS: dict[str, Any] = {"colormap": "cividis", "contrast_limits": (0.0, 1.0)}


class Comparison:
    """Show several runs side by side until closed; then restore the previous view.

    Parameters
    ----------
    viewer
        The viewer.
    runs
        The labels layers of two or more runs.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_lns import Segmentation
    >>> from napari_lns.viewer.layers.placing import put
    >>> from napari_lns.viewer.layers.planning import plan_layers
    >>> viewer = ViewerModel()
    >>> segmentation = Segmentation(np.zeros((2, 2, 3)), np.ones((2, 2)), features=np.eye(4))
    >>> runs = [put(viewer, plan_layers({0: segmentation}), name)[-1] for name in "ab"]
    >>> comparison = Comparison(viewer, runs)
    >>> comparison.follow(1, 1)
    >>> viewer.layers["a affinity beside"].data[1, 1]
    np.float32(1.0)
    >>> comparison.close()
    >>> len(viewer.layers)
    2
    """

    def __init__(self, viewer: ViewerModel, runs: Sequence[Layer]) -> None:
        self._viewer, self._runs = viewer, list(runs)
        grid = viewer.canvas.grid
        self._saved_view = (
            grid.enabled,
            grid.stride,
            {each: each.visible for each in viewer.layers},
        )
        self._layers: list[Layer] = []
        for layer in viewer.layers:
            layer.visible = False
        self._place = read_placement(self._runs[0])  # also for a control, which lies beside it
        for layer in reversed(self._runs):
            self._add(layer)
        grid.stride, grid.enabled = 2, True
        viewer.reset_view(layers=self._layers)
        viewer.mouse_move_callbacks.append(self._on_mouse_move)
        height, width = self._runs[0].data.shape[-2:]
        self.follow(height // 2, width // 2)  # until the mouse moves

    def follow(self, row: int, column: int) -> None:
        """Show the affinity of one pixel to all others in each run."""
        for layer in self._runs:
            affinity_layer = find_derived_layer(self._viewer, layer, AFFINITY)
            cursor = find_derived_layer(self._viewer, layer, CURSOR)
            segmentation = find_result(self._viewer, layer)
            if affinity_layer is None or cursor is None or segmentation is None:
                continue
            height, width = segmentation.labels.shape
            if segmentation.features is not None and row < height and column < width:
                affinity_layer.data = segmentation.affinity(row, column)
            cursor.data = [[row, column]]

    def close(self) -> None:
        """Remove the added layers, and restore the previous view."""
        if self._on_mouse_move in self._viewer.mouse_move_callbacks:
            self._viewer.mouse_move_callbacks.remove(self._on_mouse_move)
        enabled, stride, visible = self._saved_view
        for layer in self._layers:
            if layer in self._viewer.layers:
                self._viewer.layers.remove(layer)
        for layer, was in visible.items():
            layer.visible = was
        grid = self._viewer.canvas.grid
        grid.enabled, grid.stride = enabled, stride
        self._viewer.reset_view()

    def _on_mouse_move(self, _: object, event: Any) -> None:
        maps = (each for each in self._layers if isinstance(each, Image))
        affinity_layer = next((each for each in maps if each in self._viewer.layers), None)
        if affinity_layer is not None and (pixel := pixel_at(affinity_layer, event.position)):
            self.follow(*pixel)

    def _add(self, run: Layer) -> None:
        """Insert the map and the cursor of a run as the first layers: a grid cell shows two."""
        segmentation = find_result(self._viewer, run)
        data = run.data if segmentation is None else segmentation.labels
        name, place = find_run_name(run), self._place
        affinity_layer = Image(
            data.astype("float32"), name=f"{name} {AFFINITY}", **AFFINITY_OPTIONS, **place
        )
        cursor = Points([[0, 0]], name=f"{name} {CURSOR}", size=3, symbol="cross", **place)
        cursor.face_color = "#d55e00"
        for layer, content in ((cursor, CURSOR), (affinity_layer, AFFINITY)):
            self._viewer.layers.insert(0, layer)
            set_note(layer, Note(content=content, labels_name=run.name, name=layer.name))
            self._layers.append(layer)
