"""Good continuation: aligned elements are seen as a path among distractors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from napari_lns._parameters import Range
from napari_lns.stimuli._canvas import Canvas, on_canvas
from napari_lns.stimuli._shapes import Field, disc, rectangle, rotate_frame
from napari_lns.stimuli.registry import register

__all__ = ["GAP", "ROOM", "contour_integration", "draw_path"]

Mask = NDArray[np.bool_]

GAP = 0.85  # least distance of distractors from other elements, in spacings
ROOM = 0.7  # distance to earlier elements below which a path turns the other way, in spacings
_THROWS = 8  # rounds of candidates, after which hardly any finds room
_PEAK = 0.698  # of a sine under a Gaussian whose width is a quarter of the wavelength


@register(group="Good continuation", control={"alignment": "random"})
@on_canvas
def contour_integration(
    canvas: Canvas,
    *,
    element: Literal["gabor", "line"] = "gabor",
    path_length: Annotated[int, Range(3, 10)] = 7,
    path_angle: Annotated[float, Range(0, 90, "deg")] = 15.0,
    spacing: Annotated[float, Range(0.08, 0.2, "of size")] = 0.12,
    element_share: Annotated[float, Range(0.4, 0.7)] = 0.7,
    distractor_density: Annotated[float, Range(0, 1)] = 1.0,
    alignment: Literal["aligned", "orthogonal", "random"] = "aligned",
) -> None:
    """Contour integration: aligned elements are seen as a path among others of any orientation.

    Parameters
    ----------
    element
        Gabor patches (wavelength 0.8 and standard deviation 0.2 of their diameter), or lines.
    path_length
        Number of elements in the path.
    path_angle
        Change of the path's direction between successive elements, to the left or right at random.
    spacing
        Length of the path's segments. An element lies in the middle of each.
    element_share
        Diameter of an element as a share of the spacing.
    distractor_density
        Share of the possible distractors that are drawn.
    alignment
        Whether path elements lie along the path, across it, or at random orientations.

    Notes
    -----
    Physical check: neighbours in the path differ by exactly the path angle. Their distance is the
    spacing times the cosine of half the angle. Distractors lie at least 0.85 spacings from all
    other elements, so that the path is no denser than its surround.

    Perceptual check: a snake-like path stands out up to an angle of about 60°, and less if its
    elements are orthogonal to it.

    Control: the same elements lie in the same places at random orientations, and no path is seen.

    References
    ----------
    Field, Hayes and Hess (1993), Contour integration by the human visual system: evidence for a
    local "association field". Vision Research, 33, 173-193.

    Examples
    --------
    >>> contour_integration(element="line", path_angle=0.0).label_names[1]
    'path'
    """
    path, along = draw_path(canvas.rng, path_length, path_angle, spacing)
    others = _draw_distractors(canvas.rng, path, spacing, canvas.to_figure)
    others = others[canvas.rng.random(len(others)) < distractor_density]
    angles = canvas.rng.uniform(0, 360, len(path) + len(others))
    if alignment != "random":
        angles[: len(path)] = along + (90 if alignment == "orthogonal" else 0)
    centres, diameter = np.concatenate([path, others]), element_share * spacing
    turns = angles[:, None, None]
    if element == "gabor":
        canvas.add(canvas.waves(centres, diameter / 2, lambda u, v: _gabor(u, v, turns, diameter)))

    def shape(u: Field, v: Field) -> Field:
        if element == "gabor":
            return disc(u, v, diameter / 2)
        return rectangle(*rotate_frame(u, v, turns), diameter, diameter / 4)

    distance, owner = canvas.elements(centres, diameter * 0.6, shape)
    if element == "line":
        canvas.paint(distance)
    inside = distance < 0
    canvas.mark("elements", inside)
    canvas.mark("path", inside & (owner < len(path)))
    has_path = alignment != "random"
    labels = ["path" if has_path and k < len(path) else "distractors" for k in range(len(centres))]
    canvas.label_elements(inside, owner, labels)


def _gabor(u: Field, v: Field, turns: Field, diameter: float) -> Field:
    """Return a Gabor patch in sine phase with zero mean and amplitude 1."""
    wave = np.sin(2 * np.pi * rotate_frame(u, v, turns)[1] / (0.8 * diameter))
    value: Field = wave * np.exp(-(u**2 + v**2) / (2 * (diameter / 5) ** 2)) / _PEAK
    return value


def draw_path(
    rng: np.random.Generator, length: int, angle: float, spacing: float
) -> tuple[Field, Field]:
    """Draw a path, and return the positions of its elements and the directions of its segments.

    If a turn would make the path meet itself, it is made in the other direction.
    """
    places, headings = np.zeros((length, 2)), [float(rng.uniform(0, 360))]
    for index in range(1, length):
        options = headings[-1] + rng.permutation([-angle, angle])
        turns = np.deg2rad([headings[-1], *options])
        steps = np.column_stack([np.cos(turns), np.sin(turns)])
        ends = places[index - 1] + spacing / 2 * (steps[0] + steps[1:])
        room = _distances(ends, places[:index]).min(axis=1)
        best = 0 if room[0] >= ROOM * spacing else int(room.argmax())
        places[index] = ends[best]
        headings.append(float(options[best]))
    return places - np.mean(places, axis=0), np.array(headings)


def _find_room(candidates: Field, places: Field, gap: float) -> Mask:
    """Return which candidates (n, 2) keep the gap to all `places` and to earlier candidates."""
    has_room: Mask = _distances(candidates, places).min(axis=1) >= gap
    clash = np.tril(_distances(candidates[has_room], candidates[has_room]) < gap, -1).any(axis=1)
    has_room[has_room] = ~clash
    return has_room


def _draw_distractors(
    rng: np.random.Generator,
    path: Field,
    spacing: float,
    to_figure: Callable[[Field], Field] = np.asarray,
) -> Field:
    """Draw positions of distractors that keep a distance from each other and from the path.

    `to_figure` converts positions in the image to the frame of the path.
    """
    reach = 0.5 + spacing
    count = int((2 * reach / spacing) ** 2)
    places: Field = path
    for _ in range(_THROWS):
        candidates = to_figure(rng.uniform(-reach, reach, (count, 2)))
        places = np.concatenate([places, candidates[_find_room(candidates, places, GAP * spacing)]])
    return places[len(path) :]


def _distances(some: Field, others: Field) -> Field:
    """Return the distances (n, m) between two lists of positions."""
    (x, y), (x1, y1) = some.T, others.T
    squares: Field = (x[:, None] - x1) ** 2 + (y[:, None] - y1) ** 2
    return np.sqrt(squares, out=squares)
