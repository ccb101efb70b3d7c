"""Make a scene from a napari Shapes layer: each shape is a surface, the first is the farthest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Shapes
from numpy.typing import NDArray

from napari_lns.stimuli import Scene
from napari_lns.stimuli.scene import Ellipse, Line, Polygon, Rectangle, Surface
from napari_lns.stimuli.scene.imports import tie_colours, unique_name, vary_for
from napari_lns.stimuli.scene.surface import Colour

__all__ = ["canvas_size", "example_scene", "rename_surface", "rgb_images", "scene_from_shapes"]

MARGIN = 1.25  # size of a canvas without an image, relative to the shapes
GREY: Colour = (0.5, 0.5, 0.5)
LINES = ("line", "path")

Points = NDArray[np.float64]


def scene_from_shapes(
    layer: Shapes, canvas: tuple[int, int] | None = None, background: Colour = GREY
) -> Scene:
    """Make a scene from a Shapes layer.

    Closed shapes become surfaces with the colour and opacity of their face. Lines and paths become
    lines with the width and colour of their edge. The column ``label`` of the layer's features, if
    present, contains the labels.

    Parameters
    ----------
    layer
        Polygons, ellipses, rectangles, lines and paths.
    canvas
        Height and width of the image on which the shapes were drawn. By default, the extent of
        the shapes with a margin.
    background
        Red, green and blue in [0, 1]. Surfaces of this colour get the colour of the background.

    Returns
    -------
    Scene
    """
    if not layer.nshapes:
        raise ValueError(f"the layer {layer.name!r} has no shapes: draw some, or choose another")
    vertices = [np.asarray(each, float)[:, -2:] for each in layer.data]
    middle, side = _frame(vertices, canvas)
    labels = layer.features["label"].tolist() if "label" in layer.features else []
    surfaces: list[Surface] = []
    for index, (points, kind) in enumerate(zip(vertices, layer.shape_type, strict=True)):
        placed = np.column_stack([points[:, 1] - middle[1], middle[0] - points[:, 0]]) / side
        is_line = kind in LINES
        rgba = layer.edge_color[index] if is_line else layer.face_color[index]
        red, green, blue, opacity = (round(float(value), 4) for value in rgba)
        if opacity == 0:
            raise ValueError(
                f"shape {index + 1} ({kind}) is transparent: give it a face colour, or a line an "
                "edge colour"
            )
        label = str(labels[index]) if index < len(labels) and labels[index] else ""
        name = unique_name(label or str(kind), [surface.name for surface in surfaces])
        shape = _shape(str(kind), placed, float(layer.edge_width[index]) / side)
        colour = (red, green, blue)
        surfaces.append(Surface(name, shape, colour, opacity, label, vary=vary_for(colour)))
    return Scene(tie_colours(surfaces, background), layer.name or "shapes", background)


def _frame(vertices: Sequence[Points], canvas: tuple[int, int] | None) -> tuple[Points, float]:
    """Return the centre (row, column) of the canvas and the length of its longer side."""
    if canvas is not None:
        return (np.array(canvas) - 1) / 2, float(max(canvas))
    points = np.vstack(vertices)
    low, high = points.min(axis=0), points.max(axis=0)
    return (low + high) / 2, max(float((high - low).max()) * MARGIN, 1e-6)


def _shape(kind: str, points: Points, width: float) -> Any:
    if kind in LINES:
        return Line(_to_tuples(points), max(width, 1e-4))
    if kind != "ellipse":
        return Polygon(_to_tuples(points))
    centre = points.mean(axis=0)  # an ellipse has the vertices of its bounding rectangle
    along, across = points[1] - points[0], points[3] - points[0]
    angle = float(np.rad2deg(np.arctan2(along[1], along[0])))
    width, height = float(np.hypot(*along)), float(np.hypot(*across))
    x, y = centre.round(6).tolist()
    return Ellipse(round(width, 6), round(height, 6), x, y, round(angle, 6))


def _to_tuples(points: Points) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in points.round(6))


def example_scene() -> Scene:
    """Return an example scene: a bar behind a disc."""
    bar = Surface("bar", Rectangle(0.8, 0.11, angle=30), (0.1, 0.1, 0.1))
    disc = Surface("disc", Ellipse(0.34, 0.34), (0.8, 0.8, 0.8))
    return Scene((bar, disc), name="bar_behind_disc")


def rename_surface(surfaces: Sequence[Surface], index: int, name: str) -> tuple[Surface, ...]:
    """Rename a surface of a scene, including references from other surfaces."""
    old = surfaces[index].name
    return tuple(
        replace(
            each,
            name=name if number == index else each.name,
            label=name if number == index and each.label == old else each.label,
            object=name if number == index and each.object == old else each.object,
            colour_of=name if each.colour_of == old else each.colour_of,
        )
        for number, each in enumerate(surfaces)
    )


def rgb_images(viewer: ViewerModel) -> list[NDArray[Any]]:
    """Return the RGB images of the viewer, in [0, 1]."""
    layers = [each for each in viewer.layers if isinstance(each, Image) and each.rgb]
    images = [np.asarray(each.data)[..., :3] for each in layers]
    return [each / 255 if each.dtype == np.uint8 else each for each in images]


def canvas_size(viewer: ViewerModel) -> tuple[int, int] | None:
    """Return height and width of the viewer's first image; None if there is none."""
    images = [each for each in viewer.layers if isinstance(each, Image)]
    if not images:
        return None
    height, width = images[0].data.shape[:2] if images[0].rgb else images[0].data.shape[-2:]
    return int(height), int(width)
