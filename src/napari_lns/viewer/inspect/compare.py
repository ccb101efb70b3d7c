"""Runs side by side in the grid, with a cursor in each that follows the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from napari.components import ViewerModel
from napari.layers import Image, Layer, Points

from napari_lns.viewer.inspect.inspected import own_layer, place_of, result_of, run_of
from napari_lns.viewer.layers.notes import Note, set_note

__all__ = ["Comparison"]

MAP, CURSOR = "affinity beside", "cursor"
LIKENESS: dict[str, Any] = {"colormap": "cividis", "contrast_limits": (0.0, 1.0)}


class Comparison:
    """Shows several runs side by side until it is closed; then all is as before.

    Parameters
    ----------
    viewer
        The viewer.
    runs
        The labels layers of the runs, at least two.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_lns import Segmentation
    >>> from napari_lns.viewer.layers.placing import put
    >>> from napari_lns.viewer.layers.planning import layers_of
    >>> viewer = ViewerModel()
    >>> found = Segmentation(np.zeros((2, 2, 3)), np.ones((2, 2)), features=np.eye(4))
    >>> runs = [put(viewer, layers_of({0: found}), name)[-1] for name in "ab"]
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
        self._before = (grid.enabled, grid.stride, {each: each.visible for each in viewer.layers})
        self._made: list[Layer] = []
        for layer in viewer.layers:
            layer.visible = False
        for layer in reversed(self._runs):
            self._add(layer)
        grid.stride, grid.enabled = 2, True
        viewer.reset_view()

    def follow(self, row: int, column: int) -> None:
        """Show each run's affinity of one pixel to all others."""
        for layer in self._runs:
            shown = own_layer(self._viewer, layer, MAP)
            cursor = own_layer(self._viewer, layer, CURSOR)
            found = result_of(self._viewer, layer)
            if shown is None or cursor is None or found is None:
                continue
            height, width = found.labels.shape
            if found.features is not None and row < height and column < width:
                shown.data = found.affinity(row, column)
            cursor.data = [[row, column]]

    def close(self) -> None:
        """Take the layers away again, and show what was shown before."""
        enabled, stride, visible = self._before
        for layer in self._made:
            if layer in self._viewer.layers:
                self._viewer.layers.remove(layer)
        for layer, was in visible.items():
            layer.visible = was
        grid = self._viewer.canvas.grid
        grid.enabled, grid.stride = enabled, stride

    def _add(self, run: Layer) -> None:
        """Put a run's map and its cursor first in the list: two and two share a place."""
        found = result_of(self._viewer, run)
        data = run.data if found is None else found.labels
        name, place = run_of(run), place_of(run)
        shown = Image(data.astype("float32"), name=f"{name} {MAP}", **LIKENESS, **place)
        cursor = Points([[0, 0]], name=f"{name} {CURSOR}", size=3, symbol="cross", **place)
        cursor.face_color = "#d55e00"
        for layer, shows in ((cursor, CURSOR), (shown, MAP)):
            self._viewer.layers.insert(0, layer)
            set_note(layer, Note(shows=shows, of=run.name, name=layer.name))
            self._made.append(layer)
