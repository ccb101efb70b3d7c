"""`Canvas`: the image on which parametric stimuli are drawn, with their common parameters.

Lengths are fractions of the image's side, so that a stimulus scales with its size. Shapes are
signed distances (see `_shapes`). Painting is anti-aliased: a pixel is painted by the share of it
that the shape covers, and it belongs to the shape if its centre lies inside.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns._parameters import Colour, Range, merge_signatures
from napari_lns.stimuli._shapes import Field, rotate_frame
from napari_lns.stimuli.stimulus import Stimulus

__all__ = ["JITTER", "Canvas", "Jitter", "on_canvas"]

Mask = NDArray[np.bool_]

_JITTER_STREAM = 0x6A17  # separates jitter from other random choices of a seed


@dataclass(frozen=True)
class Jitter:
    """The largest changes at a `jitter` of 1; at smaller values they shrink in proportion.

    Parameters
    ----------
    place
        Horizontal and vertical shift in either direction, as a share of the image's side.
    rotation
        Rotation in either direction, in degrees.
    zoom
        Change of the figure's size in either direction, as a share of it.
    contrast
        Loss of contrast, as a share of it.
    """

    place: float = 0.04
    rotation: float = 5.0
    zoom: float = 0.08
    contrast: float = 0.3


JITTER = Jitter()


@dataclass(frozen=True)
class _View:
    """Place, rotation, zoom and contrast of the figure, jitter included."""

    x: float
    y: float
    rotation: float
    zoom: float
    contrast: float


@dataclass
class Canvas:
    """A square image to draw a stimulus on.

    Parameters
    ----------
    size
        Side of the image.
    x, y
        Position of the figure's centre relative to the image's centre, to the right and upwards.
    rotation
        Counter-clockwise rotation of the figure.
    contrast
        Factor on every difference from the background's colour.
    foreground
        Colour of the figure.
    background
        Colour of the background.
    noise
        Standard deviation of the white Gaussian noise over the whole image.
    jitter
        Random changes of place (at most 0.04 of the size), rotation (5°), figure size (8 %) and
        contrast (down to 70 %), drawn from the seed; 0.5 makes them half as large.
    seed
        Random seed.
    """

    size: Annotated[int, Range(16, 1024, "px")] = 64
    x: Annotated[float, Range(-0.25, 0.25, "of size")] = 0.0
    y: Annotated[float, Range(-0.25, 0.25, "of size")] = 0.0
    rotation: Annotated[float, Range(-180, 180, "deg")] = 0.0
    contrast: Annotated[float, Range(0, 1)] = 1.0
    foreground: Colour = (0.0, 0.0, 0.0)
    background: Colour = (0.5, 0.5, 0.5)
    noise: Annotated[float, Range(0, 0.25)] = 0.0
    jitter: Annotated[float, Range(0, 1)] = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        self._view = self._draw_view()
        middle = (np.arange(self.size) + 0.5) / self.size - 0.5
        self.u, self.v = self._to_figure(middle, -middle[:, None])
        self.rng = np.random.default_rng(self.seed)
        self._background = np.array(self.background, float)
        self._image = np.tile(self._background, (self.size, self.size, 1))
        self._labels = np.zeros((self.size, self.size), np.int32)
        self._names = ["background"]
        self._parts: dict[str, Mask] = {}

    @property
    def opposite(self) -> tuple[float, float, float]:
        """The colour of opposite contrast polarity: the foreground mirrored at the background."""
        red, green, blue = np.clip(2 * self._background - self.foreground, 0, 1).tolist()
        return red, green, blue

    def paint(
        self,
        distance: Field,
        colour: ArrayLike | None = None,
        label: str = "",
        part: str = "",
        opacity: float = 1.0,
    ) -> Mask:
        """Paint a shape in one colour, or in one colour for each pixel, and return its pixels.

        The pixels inside receive the label and are added to the part, if these are named.
        """
        self._image += (
            opacity * self.coverage(distance) * (self._apply_contrast(colour) - self._image)
        )
        inside: Mask = distance < 0
        if label:
            self.label(inside, label)
        if part:
            self.mark(part, inside)
        return inside

    def paint_surface(self, distance: Field, contrast: float) -> None:
        """Paint a surface: in the foreground's colour at a contrast of 1, its opposite at -1."""
        end = np.asarray(self.foreground if contrast > 0 else self.opposite)
        self.paint(distance, self._background + abs(contrast) * (end - self._background))

    def coverage(self, distance: Field) -> Field:
        """Return the share (H, W, 1) of each pixel that a shape covers."""
        share: Field = np.clip(0.5 - distance * self._pixels, 0, 1)[..., None]
        return share

    def near(self, edge: Field) -> Mask:
        """Return the pixels whose centres lie within one pixel of an edge."""
        return np.abs(edge) * self._pixels < 1

    def add(self, waves: Field) -> None:
        """Add signed contrast; 1 changes the background's colour into the foreground's."""
        self._image += waves[..., None] * (self._apply_contrast(None) - self._background)

    def label(self, inside: Mask, name: str) -> None:
        """Label pixels by name; equal names share one label."""
        self._labels[inside] = self._label_number(name)

    def label_elements(self, inside: Mask, owner: NDArray[np.intp], names: Sequence[str]) -> None:
        """Label the pixels inside elements by the name of each pixel's element."""
        numbers = np.array([self._label_number(name) for name in names], np.int32)
        self._labels[inside] = numbers[owner[inside]]

    def mark(self, part: str, inside: Mask) -> None:
        """Add pixels to a part."""
        self._parts[part] = self._parts.get(part, False) | inside

    def elements(
        self, centres: Field, reach: float, shape: Callable[[Field, Field], Field]
    ) -> tuple[Field, NDArray[np.intp]]:
        """Return each pixel's distance to the nearest element, and the index of that element.

        `shape` maps coordinates (n, w, w) around the n `centres` to signed distances. Each element
        is evaluated only in a window of radius `reach` around its centre.
        """
        pixels, element, values = self._windows(centres, reach, shape)
        distance = np.ones(self.size**2)
        owner = np.zeros(self.size**2, np.intp)
        np.minimum.at(distance, pixels, values)
        nearest = values <= distance[pixels]
        owner[pixels[nearest]] = element[nearest]
        return distance.reshape(self.u.shape), owner.reshape(self.u.shape)

    def waves(self, centres: Field, reach: float, shape: Callable[[Field, Field], Field]) -> Field:
        """Return the sum of the values of many elements, each within `reach` of its centre."""
        pixels, _, values = self._windows(centres, reach, shape)
        total: Field = np.bincount(pixels, values, self.size**2).astype(float)
        return total.reshape(self.u.shape)

    def to_figure(self, places: Field) -> Field:
        """Convert positions (n, 2) relative to the image's centre to the figure's frame."""
        return np.column_stack(self._to_figure(*places.T))

    def stimulus(self) -> Stimulus:
        """Return the finished stimulus, with noise added."""
        image = self._image
        if self.noise:
            image = image + self.rng.normal(0, self.noise, image.shape[:2])[..., None]
        names = dict(enumerate(self._names))
        return Stimulus(np.clip(image, 0, 1), self._labels, names, self._parts, seed=self.seed)

    def _draw_view(self) -> _View:
        """Draw the jitter from its own random stream, so that it changes no other random choice."""
        if not self.jitter:
            return _View(self.x, self.y, self.rotation, 1.0, self.contrast)
        rng = np.random.default_rng([self.seed, _JITTER_STREAM])
        right, up, turn, zoom = self.jitter * rng.uniform(-1, 1, 4)
        loss = self.jitter * rng.uniform()
        return _View(
            self.x + JITTER.place * right,
            self.y + JITTER.place * up,
            self.rotation + JITTER.rotation * turn,
            1 + JITTER.zoom * zoom,
            self.contrast * (1 - JITTER.contrast * loss),
        )

    @property
    def _pixels(self) -> float:
        """Length in pixels of 1 in the figure's frame."""
        return self.size * self._view.zoom

    def _to_figure(self, right: Field, up: Field) -> tuple[Field, Field]:
        view = self._view
        u, v = rotate_frame(right - view.x, up - view.y, view.rotation)
        return u / view.zoom, v / view.zoom

    def _label_number(self, name: str) -> int:
        if name not in self._names:
            self._names.append(name)
        return self._names.index(name)

    def _apply_contrast(self, colour: ArrayLike | None) -> Field:
        full_contrast = np.asarray(self.foreground if colour is None else colour, float)
        result: Field = self._background + self._view.contrast * (full_contrast - self._background)
        return result

    def _windows(
        self, centres: Field, reach: float, shape: Callable[[Field, Field], Field]
    ) -> tuple[NDArray[np.intp], NDArray[np.intp], Field]:
        """Evaluate `shape` in a square window around each centre.

        Return, for each pixel of the windows that lies in the image, its index in the flattened
        image, the index of its element, and the value.
        """
        view, pixels = self._view, self._pixels
        along, across = view.zoom * centres.T
        right, up = rotate_frame(along, across, -view.rotation)
        column, row = (right + view.x + 0.5) * self.size, (0.5 - up - view.y) * self.size
        margin = int(np.ceil(reach * pixels)) + 1
        span = np.arange(-margin, margin + 1)
        columns = np.floor(column).astype(np.intp)[:, None, None] + span
        rows = np.floor(row).astype(np.intp)[:, None, None] + span[:, None]
        u = (columns + 0.5 - column[:, None, None]) / pixels
        v = (row[:, None, None] - rows - 0.5) / pixels
        values = shape(*rotate_frame(u, v, view.rotation))
        inside = (rows >= 0) & (rows < self.size) & (columns >= 0) & (columns < self.size)
        element = np.broadcast_to(np.arange(len(centres))[:, None, None], inside.shape)
        return (rows * self.size + columns)[inside], element[inside], values[inside]


def on_canvas(function: Callable[..., None]) -> Callable[..., Stimulus]:
    """Turn a function that draws on a canvas into one that returns a stimulus.

    The new function also takes the parameters of `Canvas`.
    """
    shared = inspect.signature(Canvas).parameters

    @functools.wraps(function)
    def draw_on_canvas(**values: Any) -> Stimulus:
        canvas = Canvas(**{name: values.pop(name) for name in shared if name in values})
        function(canvas, **values)
        return canvas.stimulus()

    stimulus_function: Callable[..., Stimulus] = merge_signatures(
        draw_on_canvas, function, Canvas, "canvas"
    )
    stimulus_function.__annotations__["return"] = Stimulus
    stimulus_function.__signature__ = inspect.signature(stimulus_function).replace(  # type: ignore[attr-defined]
        return_annotation=Stimulus
    )
    return stimulus_function
