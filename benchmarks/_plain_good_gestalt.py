"""The plain way to draw the Good Gestalt sets: every shape on a whole canvas, with Pillow.

What `napari_lns.stimuli.good_gestalt` is compared with: in speed by `stimuli.py` beside this file,
pixel by pixel in the tests. It takes the same random choices, and shares no code that paints.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw


class Shape(NamedTuple):
    """One thing to draw; None leaves the image, or the masks, as they are."""

    kind: str
    arguments: tuple[Any, ...]
    colour: Any
    mask: int | None
    detail: int | None
    options: dict[str, int] = {}  # noqa: RUF012  # never changed


def image(name: str, scene: Any, size: int = 64) -> NDArray[np.float32]:
    """Draw the image (3, size, size)."""
    side = 64 if name in ("closure", "proximity") else 256
    channels = []
    for channel in range(3):
        canvas = Image.new("F", (side, side), float(scene.palette[0][channel]))
        for shape in _SHAPES[name](scene):
            if shape.colour is not None:
                _draw(canvas, shape, np.asarray(shape.colour)[..., channel])
        channels.append(np.asarray(canvas))
    drawn = np.stack(channels)
    if name == "closure" and scene.patches:
        drawn = drawn[:, ::2, ::2].repeat(2, 1).repeat(2, 2)
    return _sized(drawn, size)


def masks(name: str, scene: Any, size: int = 64) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw the mask and the detailed mask (size, size)."""
    side = 64 if name in ("closure", "proximity") else 256
    mask, detail = (Image.new("L", (side, side)) for _ in range(2))
    both = np.zeros((side, side), np.uint8)
    for shape in _SHAPES[name](scene):
        if shape.mask is not None:
            _draw(mask, shape, shape.mask)
            _draw(detail, shape, shape.detail)
            alone = Image.new("L", (side, side))
            _draw(alone, shape, 1)
            both += np.asarray(alone)
    details = np.array(detail)
    if name == "gradient_occlusion":
        details[both == 2] = 3
    return _sized(np.asarray(mask), size), _sized(details, size)


def _draw(canvas: Image.Image, shape: Shape, fill: Any) -> None:
    if shape.kind == "run":  # one value for each column
        row, column, height, width = shape.arguments
        run = np.broadcast_to(fill, (height, width)).astype(np.asarray(canvas).dtype)
        canvas.paste(Image.fromarray(run), (column, row))
    else:
        draw = getattr(ImageDraw.Draw(canvas), shape.kind)
        draw(*shape.arguments, fill=np.asarray(fill).item(), **shape.options)


def _sized(drawn: NDArray[Any], size: int) -> NDArray[Any]:
    side = drawn.shape[-1]
    if side >= size:
        return drawn[..., :: side // size, :: side // size]
    return drawn.repeat(size // side, -1).repeat(size // side, -2)


def _box(row: int, column: int, height: int, width: int) -> tuple[int, int, int, int]:
    return column, row, column + width - 1, row + height - 1


def _kanizsa(scene: Any) -> Iterator[Shape]:
    _, disc, square = scene.palette
    for corner in scene.discs:
        yield Shape("ellipse", (_box(*corner, 48, 48),), disc, 1, 1)
    yield Shape("rectangle", (_box(*scene.square, 100, 100),), square, 2, 2)


def _closure(scene: Any) -> Iterator[Shape]:
    background, rim, inside = scene.palette
    row, column = scene.square
    yield Shape("rectangle", (_box(row, column, 40, 40),), rim, 1, 1)
    yield Shape("rectangle", (_box(row + 2, column + 2, 36, 36),), inside, 1, 2)
    for row, column, side in scene.patches:
        yield Shape("rectangle", (_box(row, column, side, side),), background, None, None)


def _continuity(scene: Any) -> Iterator[Shape]:
    ring, width = _box(*scene.ring, 160, 160), {"width": 10}
    if scene.whole:
        yield Shape("arc", (ring, 0, 360), scene.palette[2], 1, 2, width)
    else:
        yield Shape("arc", (ring, 0, 360), None, 1, 1, width)
        for start in range(0, 360, 60):
            yield Shape("arc", (ring, start, start + 30), scene.palette[2], 1, 2, width)
    for row, column, start, ink in scene.distractors:
        arc = (_box(row, column, 160, 160), start, start + 30)
        yield Shape("arc", arc, scene.palette[ink], None, None, width)


def _proximity(scene: Any) -> Iterator[Shape]:
    for corner, ink in zip(scene.squares, scene.inks, strict=True):
        yield Shape("rectangle", (_box(*corner, 7, 7),), scene.palette[ink], ink, ink)


def _gradient_occlusion(scene: Any) -> Iterator[Shape]:
    yield Shape("run", (*scene.lying, 60, 120), scene.palette[3:], 2, 2)
    yield Shape("rectangle", (_box(*scene.upright, 120, 60),), scene.palette[1], 1, 1)


def _illusory_occlusion(scene: Any) -> Iterator[Shape]:
    _, stripe, square, cross = scene.palette
    for end in range(2, 512, 40):
        yield Shape("line", (((-10, end), (end, -10)),), stripe, 0, 1, {"width": 10})
    row, column = scene.square
    yield Shape("rectangle", (_box(row, column, 80, 80),), square, 1, 2)
    yield Shape("rectangle", (_box(row + 24, column, 32, 80),), cross, 1, 3)
    yield Shape("rectangle", (_box(row, column + 24, 80, 32),), cross, 1, 3)


_SHAPES = {
    "kanizsa": _kanizsa,
    "closure": _closure,
    "continuity": _continuity,
    "proximity": _proximity,
    "gradient_occlusion": _gradient_occlusion,
    "illusory_occlusion": _illusory_occlusion,
}
