"""Show layers side by side in the grid, each with its name."""

from __future__ import annotations

import weakref
from collections.abc import Iterable

from napari.components import ViewerModel
from napari.layers import Layer

__all__ = ["SideBySide"]

SHARE = 0.72  # of a grid cell that a layer fills


class SideBySide:
    """Show layers side by side, and restore the previous view.

    Parameters
    ----------
    viewer
        The viewer.

    Examples
    --------
    >>> import numpy as np
    >>> viewer = ViewerModel()
    >>> one, other = (viewer.add_image(np.eye(2), name=name, opacity=0.5) for name in "ab")
    >>> beside = SideBySide(viewer)
    >>> beside.show([one])
    >>> one.opacity, other.visible, viewer.canvas.grid.enabled
    (1.0, False, True)
    >>> beside.restore()
    >>> one.opacity, other.visible, viewer.canvas.grid.enabled
    (0.5, True, False)
    """

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._shown_layers: weakref.WeakSet[Layer] = weakref.WeakSet()
        self._saved_layers: weakref.WeakKeyDictionary[Layer, tuple[bool, float]] = (
            weakref.WeakKeyDictionary()
        )
        self._saved_grid: tuple[bool, int] | None = None

    def show(self, layers: Iterable[Layer]) -> None:
        """Show only these layers; calling it again with the same layers changes nothing."""
        shown = set(layers)
        grid = self._viewer.canvas.grid
        if shown == set(self._shown_layers) and self._saved_grid is not None:
            return
        if self._saved_grid is None:
            self._saved_grid = (grid.enabled, grid.stride)
        for layer in self._viewer.layers:
            self._saved_layers.setdefault(layer, (layer.visible, layer.opacity))
            layer.visible = layer in shown
            if layer in shown:
                layer.opacity = 1.0  # it does not cover the image
            _show_name(layer, visible=layer in shown)
        self._shown_layers = weakref.WeakSet(shown)
        grid.stride, grid.enabled = 1, True
        self._viewer.reset_view()
        self._leave_room(max((layer.extent.world[1, -1] for layer in shown), default=0.0))

    def _leave_room(self, width: float) -> None:
        """Leave space for the colour bar at the right of each layer."""
        camera = self._viewer.scene.camera
        camera.zoom *= SHARE
        depth, row, column = camera.center
        camera.center = depth, row, column + width * (1 - SHARE) / (2 * SHARE)

    def restore(self) -> None:
        """Restore the view from before `show`."""
        if self._saved_grid is None:
            return
        for layer in self._viewer.layers:
            if layer in self._shown_layers:
                _show_name(layer, visible=False)
            if layer in self._saved_layers:
                layer.visible, layer.opacity = self._saved_layers[layer]
        grid = self._viewer.canvas.grid
        grid.enabled, grid.stride = self._saved_grid
        self._saved_grid, self._shown_layers = None, weakref.WeakSet()
        self._saved_layers = weakref.WeakKeyDictionary()
        self._viewer.reset_view()


def _show_name(layer: Layer, *, visible: bool) -> None:
    overlay = layer.name_overlay
    overlay.font_size, overlay.visible = 8, visible
