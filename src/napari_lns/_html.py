"""HTML overviews for notebooks: a title above a row of thumbnails."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._colours import COLOURS

__all__ = ["colour_labels", "overview"]

THUMBNAIL_SIDE = 128  # pixels of a thumbnail's longer side


def overview(title: str, images: Mapping[str, NDArray[Any]]) -> str:
    """Return HTML that shows a title and images with their names.

    Parameters
    ----------
    title
        Text above the images; it is escaped.
    images
        Images by name: (H, W, 3) in [0, 1], or (H, W), scaled from minimum to maximum.

    Returns
    -------
    str

    Examples
    --------
    >>> overview("a < b", {}).startswith("<div><code>a &lt; b</code>")
    True
    """
    figures = "".join(
        f'<figure style="display:inline-block;margin:4px;text-align:center">{_image_tag(pixels)}'
        f"<figcaption>{html.escape(name)}</figcaption></figure>"
        for name, pixels in images.items()
    )
    return f"<div><code>{html.escape(title)}</code><br>{figures}</div>"


def colour_labels(labels: NDArray[Any]) -> NDArray[np.float64]:
    """Return labels in the viewer's colours, (H, W, 3) in [0, 1].

    Examples
    --------
    >>> colour_labels(np.array([[1]])).round(2).tolist()
    [[[0.34, 0.71, 0.91]]]
    """
    table = np.array([[int(each[k : k + 2], 16) / 255 for k in (1, 3, 5)] for each in COLOURS])
    colours: NDArray[np.float64] = table[(np.asarray(labels) - 1) % len(table)]
    return colours


def _image_tag(pixels: NDArray[Any]) -> str:
    from PIL import Image

    values = np.asarray(pixels, np.float64)
    if values.ndim == 2:
        low, high = float(values.min()), float(values.max())
        values = (values - low) / (high - low or 1)
    height, width = values.shape[:2]
    scale = THUMBNAIL_SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8))
    file = io.BytesIO()
    image.resize(size, Image.Resampling.NEAREST).save(file, format="PNG")
    data = base64.b64encode(file.getvalue()).decode()
    return f'<img src="data:image/png;base64,{data}">'
