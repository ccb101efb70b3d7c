"""`Scene`: surfaces in depth order over a background, drawn by compiled code."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns.stimuli.worlds import _paint
from napari_lns.stimuli.worlds._paint import DTYPE

__all__ = ["Pose", "Scene"]

Points = NDArray[np.float64]


@dataclass(frozen=True)
class Pose:
    """Pose of a figure's frame in the image.

    Parameters
    ----------
    x, y
        Position of the frame's origin relative to the image's centre, to the right and upwards.
    rotation
        Counter-clockwise rotation in degrees.
    zoom
        Factor on lengths.
    """

    x: float = 0.0
    y: float = 0.0
    rotation: float = 0.0
    zoom: float = 1.0

    def place(self, points: ArrayLike) -> Points:
        """Convert points (n, 2) from the figure's frame to the image's."""
        image_points: Points = np.asarray(points, float).reshape(-1, 2) @ self._axes
        image_points += (self.x, self.y)
        return image_points

    @functools.cached_property
    def _axes(self) -> Points:
        turn = math.radians(self.rotation)
        cosine, sine = self.zoom * math.cos(turn), self.zoom * math.sin(turn)
        return np.array([[cosine, sine], [-sine, cosine]])


@dataclass
class Scene:
    """Surfaces in depth order, from the farthest to the nearest.

    Positions and lengths are in the figure's frame, as shares of the image's side. A lightness is
    one number for all surfaces, one for each (n,), or red, green and blue for each (n, 3) or for
    all (1, 3).

    Parameters
    ----------
    background
        Lightness of the background.
    pose
        Pose of the figure's frame.
    """

    background: ArrayLike = 0.5
    pose: Pose = field(default_factory=Pose)
    names: list[str] = field(default_factory=lambda: ["background"])

    def __post_init__(self) -> None:
        self._rows: list[NDArray[np.void]] = []
        self._edges: list[Points] = []
        self._edge_count = 0

    def discs(
        self,
        centres: ArrayLike,
        diameter: ArrayLike,
        lightness: ArrayLike,
        label: str | Sequence[str] = "",
        *,
        opening: ArrayLike = 0.0,
        direction: ArrayLike = 0.0,
        opacity: float = 1.0,
    ) -> None:
        """Add discs without a sector of `opening` degrees towards `direction` (degrees)."""
        rows = self._add_surfaces(_paint.DISC, centres, lightness, label, opacity)
        rows["width"] = np.asarray(diameter) * self.pose.zoom
        _cut_out(rows, opening, direction)

    def rings(
        self,
        centres: ArrayLike,
        diameter: ArrayLike,
        width: ArrayLike,
        lightness: ArrayLike,
        label: str | Sequence[str] = "",
        *,
        opening: ArrayLike = 0.0,
        direction: ArrayLike = 0.0,
    ) -> None:
        """Add rings; `diameter` is that of their centre lines."""
        rows = self._add_surfaces(_paint.RING, centres, lightness, label)
        rows["width"] = np.asarray(diameter) * self.pose.zoom
        rows["height"] = np.asarray(width) * self.pose.zoom
        _cut_out(rows, opening, direction)

    def boxes(
        self,
        centres: ArrayLike,
        width: ArrayLike,
        height: ArrayLike,
        lightness: ArrayLike,
        label: str | Sequence[str] = "",
        *,
        angle: ArrayLike = 0.0,
        opacity: float = 1.0,
    ) -> None:
        """Add rectangles, each rotated about its centre by `angle` (degrees)."""
        rows = self._add_surfaces(_paint.BOX, centres, lightness, label, opacity)
        rows["width"] = np.asarray(width) * self.pose.zoom
        rows["height"] = np.asarray(height) * self.pose.zoom
        rows["angle"] += np.deg2rad(angle)

    def polygon(
        self,
        corners: ArrayLike,
        lightness: ArrayLike,
        label: str = "",
        *,
        holes: Sequence[ArrayLike] = (),
        opacity: float = 1.0,
    ) -> None:
        """Add a simple polygon without its `holes`."""
        edges = np.concatenate([_find_edges(self.pose.place(ring)) for ring in (corners, *holes)])
        rows = self._add_surfaces(_paint.POLYGON, [[0.0, 0.0]], lightness, label, opacity)
        rows["first"], rows["edges"] = self._edge_count, len(edges)
        self._edges.append(edges)
        self._edge_count += len(edges)

    def gabors(
        self,
        centres: ArrayLike,
        diameter: float,
        contrast: ArrayLike,
        angle: ArrayLike,
        label: str | Sequence[str] = "",
    ) -> None:
        """Add Gabor patches; `contrast` is the lightness that their peaks add."""
        rows = self._add_surfaces(_paint.GABOR, centres, contrast, label)
        rows["width"] = diameter * self.pose.zoom
        rows["angle"] += np.deg2rad(angle)

    def wave(
        self,
        x: float,
        width: float,
        length: float,
        amplitude: float,
        phase: float,
        strength: float,
        lightness: ArrayLike,
        label: str = "",
    ) -> None:
        """Add an upright wavy line; see `napari_lns.stimuli.symmetry`."""
        rows = self._add_surfaces(_paint.WAVE, [[x, 0.0]], lightness, label)
        rows["width"], rows["height"] = width * self.pose.zoom, length * self.pose.zoom
        rows["opening"] = amplitude * self.pose.zoom
        rows["phase"], rows["share"] = phase, strength

    def stripe_last(self, period: float, phase: float, share: float) -> None:
        """Reduce the last surface to stripes that are horizontal in its frame."""
        rows = self._rows[-1]
        # phases are relative to the frame's origin, not to the surface's centre
        turn = math.radians(self.pose.rotation)
        up = (rows["y"] - self.pose.y) * math.cos(turn) - (rows["x"] - self.pose.x) * math.sin(turn)
        rows["period"] = period * self.pose.zoom
        rows["phase"] = phase - up / (period * self.pose.zoom)
        rows["share"] = share

    def draw(self, image: NDArray[np.float32], labels: NDArray[np.int32]) -> None:
        """Draw the scene into an image (3, side, side) and its labels (side, side)."""
        image[:] = np.asarray(self.background, np.float32).reshape(-1, 1, 1)
        labels[:] = 0
        edges = np.concatenate(self._edges) if self._edges else np.zeros((1, 4))
        if self._rows:
            surfaces = np.concatenate(self._rows)
            _paint.paint(image, labels, surfaces, edges.astype(np.float32))
        np.clip(image, 0, 1, out=image)

    def _add_surfaces(
        self,
        kind: int,
        centres: ArrayLike,
        lightness: ArrayLike,
        label: str | Sequence[str],
        opacity: float = 1.0,
    ) -> NDArray[np.void]:
        places = self.pose.place(centres)
        rows = np.zeros(len(places), DTYPE)
        rows["kind"], rows["opacity"] = kind, opacity
        rows["x"], rows["y"] = places.T
        rows["angle"] = math.radians(self.pose.rotation)
        colours = np.asarray(lightness, float)
        if colours.ndim == 2:
            rows["red"], rows["green"], rows["blue"] = colours.T
        else:
            rows["red"] = rows["green"] = rows["blue"] = colours
        rows["label"] = (
            self._label_number(label)
            if isinstance(label, str)
            else [self._label_number(n) for n in label]
        )
        self._rows.append(rows)
        return rows

    def _label_number(self, name: str) -> int:
        if not name:
            return -1
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)


def _find_edges(corners: Points) -> Points:
    """Return the edges (n, 4) of a ring of corners: x and y of start and end."""
    return np.hstack([corners, np.roll(corners, -1, axis=0)])


def _cut_out(rows: NDArray[np.void], opening: ArrayLike, direction: ArrayLike) -> None:
    """Cut a sector out of discs or rings; angles are in degrees."""
    rows["opening"], rows["direction"] = np.deg2rad(opening), np.deg2rad(direction)
