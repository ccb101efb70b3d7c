"""Explain how an image is fitted to the networks' size, show the fitted image, and crop."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Layer, Shapes
from numpy.typing import NDArray
from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from napari_lns.viewer.layers.images import first_image_reader
from napari_lns.viewer.layers.planning import IMAGE_OPTIONS
from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.qt.controls import Choice, button
from napari_lns.viewer.qt.message_area import plain_label

__all__ = ["SizeNote"]

NETWORK_SIZE = 64  # height and width of the shipped networks' images, in pixels
NOTE = (
    "{height} × {width} pixels: for networks of 64 × 64 pixels, the image is {how}. Details "
    "finer than one of these pixels are lost."
)
FIT_TEXTS = {
    "resize": "resized, and distorted if it is not square",
    "pad": "scaled and padded",
}
NO_SELECTION = "Draw a rectangle in a Shapes layer over the image and select it."


class SizeNote(QWidget):
    """A note on how an image is fitted to the network, with buttons to preview and to crop.

    Parameters
    ----------
    viewer
        The viewer.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = viewer
        self._layer: Layer | None = None
        self._preview = LatestCall(self)
        self._preview.finished.connect(self._add_preview)
        self._preview.failed.connect(self._show_error)
        self.destroyed.connect(self._preview.close)
        self.note = plain_label()
        self.note.setWordWrap(True)
        self.fit = Choice([("resize", "resize"), ("pad", "pad")])
        self.fit.setToolTip("How to fit the preview; Fit, under More, applies to the run")
        self.fit.currentIndexChanged.connect(self._update_note)
        row = QHBoxLayout()
        row.addWidget(self.fit)
        row.addWidget(
            button("Show 64 × 64", "Add the image as fitted to the network", self.show_fitted)
        )
        row.addWidget(
            button("Crop", ("Add the part of the image inside the selected rectangle"), self.crop)
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.note)
        layout.addLayout(row)
        self.setVisible(False)

    def set_layer(self, layer: Layer | None) -> None:
        """Set the layer to segment; show the note if its size differs from the networks'."""
        self._layer = layer
        size = _image_size(layer)
        self.setVisible(size is not None and size != (NETWORK_SIZE, NETWORK_SIZE))
        self._update_note()

    def show_fitted(self) -> None:
        """Add the image as fitted to 64 × 64 pixels."""
        layer, fit, read = self._layer, self.fit.currentData(), first_image_reader(self._layer)
        if layer is not None and read is not None:
            self._preview.call(lambda: (f"{layer.name} ({fit})", _fit_image(read(), fit)))

    def crop(self) -> None:
        """Add the part of the image inside the selected rectangle."""
        layer, box = self._layer, self._selected_box()
        if layer is None:
            return
        size = _image_size(layer)
        if box is None or size is None:
            self.note.setText(NO_SELECTION)
            return
        top, left, bottom, right = box
        rows = slice(max(0, top), min(size[0], bottom))
        columns = slice(max(0, left), min(size[1], right))
        if rows.stop - rows.start < 2 or columns.stop - columns.start < 2:
            self.note.setText(NO_SELECTION)
            return
        before = layer.data.ndim - (3 if layer.rgb else 2)
        data = layer.data[(slice(None),) * before + (rows, columns)]
        options: dict[str, Any] = dict(IMAGE_OPTIONS) if layer.rgb else {}
        if not layer.rgb or np.dtype(data.dtype).kind == "u":
            options.pop("contrast_limits", None)
        self._viewer.add_layer(Image(np.asarray(data), name=f"{layer.name} cropped", **options))

    def _selected_box(self) -> tuple[int, int, int, int] | None:
        """Return top, left, bottom and right of the selected rectangle, in pixels of the image."""
        for each in reversed(list(self._viewer.layers)):
            if isinstance(each, Shapes) and each.nshapes and self._layer is not None:
                index = min(each.selected_data, default=each.nshapes - 1)
                corners = np.array([each.data_to_world(point) for point in each.data[index]])
                grid_indices = np.array([self._layer.world_to_data(point) for point in corners])
                low, high = grid_indices[:, -2:].min(axis=0), grid_indices[:, -2:].max(axis=0)
                top, left = np.ceil(low).astype(int).tolist()  # pixels whose centre is inside
                bottom, right = (np.floor(high).astype(int) + 1).tolist()
                return top, left, bottom, right
        return None

    def _update_note(self, *_: object) -> None:
        size = _image_size(self._layer)
        if size is not None:
            how = FIT_TEXTS[self.fit.currentData()]
            self.note.setText(NOTE.format(height=size[0], width=size[1], how=how))

    def _add_preview(self, result: tuple[str, NDArray[np.float32]]) -> None:
        name, image = result
        self._viewer.add_layer(Image(image, name=name, **IMAGE_OPTIONS))

    def _show_error(self, error: Exception) -> None:
        self.note.setText(str(error))


def _image_size(layer: Layer | None) -> tuple[int, int] | None:
    """Return height and width of an image layer; None if it cannot be segmented."""
    if not isinstance(layer, Image) or first_image_reader(layer) is None:
        return None
    plane = layer.data.shape[:-1] if layer.rgb else layer.data.shape
    return int(plane[-2]), int(plane[-1])


def _fit_image(image: Any, fit: str) -> NDArray[np.float32]:
    from napari_lns.segmentation.inputs import check_image
    from napari_lns.segmentation.lns.fitting import fit_image

    images = fit_image(check_image(image).image, (NETWORK_SIZE, NETWORK_SIZE), fit).images
    fitted_image: NDArray[np.float32] = images[0].permute(1, 2, 0).numpy()
    return fitted_image
