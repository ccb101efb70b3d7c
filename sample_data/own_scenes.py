"""The four sample scenes, as JSON; `make.py` writes them with all other samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_lns.stimuli import Scene
from napari_lns.stimuli.scene import Ellipse, Line, Polygon, Rectangle, Surface, Vary

DARK, LIGHT = (0.1, 0.1, 0.1), (0.9, 0.9, 0.9)


def make_scenes(folder: Path) -> None:
    """Write every scene."""
    folder.mkdir(exist_ok=True)
    for scene in (kanizsa_triangle(), bar_behind_disc(), broken_star(), two_sheets()):
        scene.save(folder / f"{scene.name}.json")


def kanizsa_triangle() -> Scene:
    """Return a triangle of the background's colour over three discs of one colour."""
    corners = _around(np.full(3, 0.33), 90, -0.06)
    discs = [
        Surface(
            f"disc {number + 1}",
            Ellipse(0.26, 0.26, x, y),
            DARK,
            label="inducers",
            object=f"disc {number + 1}",
            colour_of="disc 1" if number else "",
            vary=Vary(place=0.01, size=0.02, rotation=0),
        )
        for number, (x, y) in enumerate(_tuples(corners))
    ]
    triangle = Surface("triangle", Polygon(_tuples(corners)), colour_of="background")
    return Scene((*discs, triangle), "kanizsa_triangle")


def bar_behind_disc() -> Scene:
    """Return a bar that goes on behind a disc."""
    bar_varies, disc_varies = Vary(0.03, 0.02, 6), Vary(0.015, 0.03, 0)
    bar = Surface("bar", Rectangle(0.8, 0.11, angle=30), DARK, vary=bar_varies)
    disc = Surface("disc", Ellipse(0.34, 0.34), (0.8, 0.8, 0.8), vary=disc_varies)
    return Scene((bar, disc), "bar_behind_disc")


def broken_star() -> Scene:
    """Return the corners of a star's outline."""
    corners = _around(np.tile([0.36, 0.17], 5), 90, -0.02)
    inside = Polygon(_tuples(corners))
    vary = Vary(place=0.03, size=0.05, rotation=4)
    surfaces = [Surface("star", inside, colour_of="background", vary=vary)]
    for number, corner in enumerate(corners):
        arms = [corner + 0.32 * (corners[(number + k) % 10] - corner) for k in (-1, 1)]
        line = Line(_tuples(np.array([arms[0], corner, arms[1]])), 0.03)
        tie = "fragment 1" if number else ""
        surfaces.append(Surface(f"fragment {number + 1}", line, DARK, label="star", colour_of=tie))
    return Scene(tuple(surfaces), "broken_star")


def two_sheets() -> Scene:
    """Return a sheet seen through another."""
    vary = Vary(place=0.025)
    back = Surface("back", Rectangle(0.42, 0.36, -0.1, -0.07), DARK, vary=vary)
    front = Surface("front", Ellipse(0.42, 0.42, 0.11, 0.08), LIGHT, opacity=0.5, vary=vary)
    return Scene((back, front), "two_sheets")


def _around(radii: NDArray[np.float64], first: float, up: float) -> NDArray[np.float64]:
    """Return points around a middle that lies so far up, counter-clockwise from an angle."""
    turns = np.deg2rad(first + 360 / len(radii) * np.arange(len(radii)))
    return np.column_stack([radii * np.cos(turns), radii * np.sin(turns) + up])


def _tuples(points: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in points.round(4))
