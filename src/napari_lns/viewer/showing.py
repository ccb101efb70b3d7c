"""Show a result in a viewer, from a notebook or a script."""

from __future__ import annotations

from typing import Any

import napari
import numpy as np

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.layers.placing import put
from napari_lns.viewer.layers.planning import plan_layers
from napari_lns.viewer.layers.stimulus import add_image_layer

__all__ = ["show"]


def show(segmentation: Segmentation, viewer: napari.Viewer | None = None) -> napari.Viewer:
    """Show the image, the maps and the segments of a segmentation as layers.

    Parameters
    ----------
    segmentation
        The result.
    viewer
        The viewer to use. By default, a new one is opened.

    Returns
    -------
    napari.Viewer
        The viewer. Call `napari.run()` to keep it open in a script.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_lns import Segmentation
    >>> viewer = show(Segmentation(np.zeros((4, 4, 3)), np.ones((4, 4))))
    >>> [layer.name for layer in viewer.layers]
    ['image', 'image labels']
    >>> viewer.close()
    """
    viewer = napari.Viewer(title="napari-lns") if viewer is None else viewer
    name = segmentation.record.get("stimulus", {}).get("name") or "image"
    image_layer = _find_image_layer(viewer, name, segmentation) or add_image_layer(
        viewer, segmentation, name
    )
    put(viewer, plan_layers({0: segmentation}), image_layer.name, over=image_layer)
    return viewer


def _find_image_layer(viewer: napari.Viewer, name: str, segmentation: Segmentation) -> Any:
    for layer in viewer.layers:
        if layer.name == name and np.array_equal(layer.data, segmentation.image):
            return layer
    return None
