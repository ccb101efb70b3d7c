"""Signed distances to simple shapes: negative inside, zero on the edge, in the unit of u and v.

Union is `np.minimum`, intersection `np.maximum`, complement the minus sign. Angles are degrees,
counter-clockwise from the right; u points right, v up.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float64]
Values = float | NDArray[np.floating[Any]]
Indices = NDArray[np.intp]

__all__ = [
    "Field",
    "Indices",
    "disc",
    "polar_points",
    "polygon",
    "rectangle",
    "ring",
    "rotate_frame",
    "wedge",
]


def rotate_frame(u: Values, v: Values, angle: Values) -> tuple[Field, Field]:
    """Return the coordinates in a frame that is rotated by `angle`."""
    cosine, sine = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    return cosine * u + sine * v, cosine * v - sine * u


def disc(u: Field, v: Field, radius: Values) -> Field:
    """Return the distance to a disc around the origin."""
    distance: Field = np.hypot(u, v) - radius
    return distance


def ring(u: Field, v: Field, radius: float, width: float) -> Field:
    """Return the distance to a ring around the origin; `radius` is that of its centre line."""
    distance: Field = np.abs(disc(u, v, radius)) - width / 2
    return distance


def rectangle(u: Field, v: Field, width: Values, height: Values) -> Field:
    """Return the distance to a rectangle around the origin."""
    across, along = np.abs(u) - width / 2, np.abs(v) - height / 2
    outside = np.hypot(np.maximum(across, 0), np.maximum(along, 0))
    distance: Field = outside + np.minimum(np.maximum(across, along), 0)
    return distance


def wedge(u: Field, v: Field, direction: Values, opening: float) -> Field:
    """Return the distance to an infinite sector with its tip at the origin.

    The sector opens by the angle `opening` towards `direction`.
    """
    along, across = rotate_frame(u, v, direction)
    half = np.deg2rad(opening / 2)
    distance: Field = np.abs(across) * np.cos(half) - along * np.sin(half)
    return distance


def polygon(u: Field, v: Field, radii: Field, first: float) -> tuple[Field, Indices, Field]:
    """Return the distance to a polygon around the origin, the nearest side and the position on it.

    The corners lie at equal angles, counter-clockwise from `first`, each at its own radius, as in
    regular polygons and stars. Distances outside are those of mitred corners. The position on a
    side runs from 0 to 1.
    """
    count = len(radii)
    step = 2 * np.pi / count
    turns = (np.arctan2(v, u) - np.deg2rad(first)) / step % count
    side = turns.astype(np.intp) % count
    next_radii = np.roll(radii, -1)
    dx, dy = next_radii * np.cos(step) - radii, next_radii * np.sin(step)
    length = np.hypot(dx, dy)
    dx, dy = dx / length, dy / length
    angle, radius = (turns - side) * step, np.hypot(u, v)
    x, y = radius * np.cos(angle) - radii[side], radius * np.sin(angle)
    return x * dy[side] - y * dx[side], side, (x * dx[side] + y * dy[side]) / length[side]


def polar_points(radii: Values, angles: Values) -> Field:
    """Return the points (n, 2) at polar coordinates."""
    turns = np.deg2rad(angles)
    return np.column_stack([radii * np.cos(turns), radii * np.sin(turns)])
