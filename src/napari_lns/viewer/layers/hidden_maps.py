"""Hide the plugin's maps while one of them is shown, and show them again later."""

from __future__ import annotations

import weakref

from napari.components import ViewerModel
from napari.layers import Image, Layer

from napari_lns.viewer.layers.notes import read_note

__all__ = ["HiddenMaps"]


class HiddenMaps:
    """Hide all maps of the plugin except one, and restore them.

    Maps and colour bars that overlap cannot be read. Labels, images, lines and points stay as they
    are.

    Parameters
    ----------
    viewer
        The viewer.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_lns.viewer.layers.notes import Note, make_metadata
    >>> viewer = ViewerModel()
    >>> options = {"metadata": make_metadata(Note(run="mine", content="variance"))}
    >>> below, above = (viewer.add_image(np.eye(2), **options) for _ in range(2))
    >>> maps = HiddenMaps(viewer)
    >>> maps.hide_all_but(above)
    >>> below.visible
    False
    >>> maps.restore()
    >>> below.visible
    True
    """

    def __init__(self, viewer: ViewerModel) -> None:
        self._viewer = viewer
        self._hidden_layers: list[weakref.ref[Layer]] = []

    def hide_all_but(self, map_layer: Layer) -> None:
        """Hide every visible map except one."""
        for layer in self._viewer.layers:
            if layer is not map_layer and layer.visible and _is_map(layer):
                layer.visible = False
                self._hidden_layers.append(weakref.ref(layer))

    def restore(self) -> None:
        """Show the hidden maps that are still in the viewer."""
        hidden, self._hidden_layers = self._hidden_layers, []
        for layer in (each() for each in hidden):
            if layer is not None and layer in self._viewer.layers:
                layer.visible = True


def _is_map(layer: Layer) -> bool:
    return bool(read_note(layer).is_derived and isinstance(layer, Image) and not layer.rgb)
