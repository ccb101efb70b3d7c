"""Pixels to compare in each stimulus: surfaces, elements and gaps.

Every function derives the pixels only from the parts, labels and parameters of the stimulus, in the
same way for a stimulus and its control. `edges` is the counterpart for stimuli of border ownership
and occlusion.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_lns.experiments.psychophysics.measures import Mask, Pair, Pairs, Regions
from napari_lns.stimuli import Stimulus

__all__ = [
    "axes",
    "compare_across_edge",
    "compare_along_grid",
    "compare_along_path",
    "compare_along_rows",
    "compare_bands",
    "compare_beside_edge",
    "compare_elements_in_row",
    "compare_in_row",
    "compare_lines",
    "compare_over_gap",
    "compare_overlap",
    "elements",
    "grow",
]

Points = NDArray[np.float64]
BAND = 1 / 16  # width of the bands beside an edge, as a share of the image's side
SLACK = 0.3  # tolerance, as a share of the distance between elements


def compare_across_edge(figure: str, edge: str, painted: str) -> Regions:
    """Return a function that compares pixels inside a figure with pixels across its missing edge.

    Together: the band inside the missing edge, and the rest of the inside. Apart: the same band,
    and the band outside, which is nearer, so that distance works against the law. Painted pixels
    are left out; between gratings, the gaps are compared, which are the same on both sides.

    Parameters
    ----------
    figure, edge, painted
        Names of the stimulus's parts: inside of the figure, missing edge, painted pixels.

    Returns
    -------
    Callable
        Function of the stimulus that returns the pairs.
    """

    def find_regions(stimulus: Stimulus) -> Pairs:
        parts = stimulus.parts
        return compare_beside_edge(parts[figure], parts[edge], parts[painted])

    return find_regions


def compare_beside_edge(inside: Mask, missing: Mask, painted: Mask) -> Pairs:
    """Compare the bands inside and outside a missing edge; see `compare_across_edge`."""
    reach = max(2, round(BAND * len(inside)))
    bare = ~grow(painted, 1) & ~grow(missing, 1)
    near = grow(missing, reach)
    band = inside & bare & near
    return Pairs([(band, inside & bare & ~near)], [(band, ~inside & bare & near)])


def compare_along_rows(stimulus: Stimulus) -> Pairs:
    """Compare neighbouring dots of a lattice along a, the shortest distance, with those along b."""
    ratio = stimulus.parameters["aspect_ratio"]
    short = stimulus.parameters["spacing"] * stimulus.shape[0] / np.sqrt(ratio)
    return _neighbours(stimulus, "dots", short, short * ratio)


def compare_along_grid(stimulus: Stimulus) -> Pairs:
    """Compare neighbours in the rows of a square grid of elements with those in its columns."""
    rows = stimulus.parameters["rows"]
    pitch = stimulus.parameters["figure_size"] * stimulus.shape[0] / rows
    return _neighbours(stimulus, "elements", pitch, pitch)


def compare_in_row(stimulus: Stimulus) -> Pairs:
    """Compare neighbours in a group of a row of elements with neighbours of different groups."""
    members = stimulus.parameters.get("members", 2)
    return compare_elements_in_row(
        stimulus.parts["elements"], members, stimulus.parameters["rotation"]
    )


def compare_elements_in_row(mask: Mask, members: int, rotation: float = 0.0) -> Pairs:
    """Compare neighbours within and between groups of a number of elements, from left to right."""
    pieces, places = elements(mask)
    order = np.argsort(places @ axes(rotation)[0])
    pairs = [
        (k // members == (k + 1) // members, (pieces[order[k]], pieces[order[k + 1]]))
        for k in range(len(order) - 1)
    ]
    return Pairs(
        [pair for within, pair in pairs if within], [pair for within, pair in pairs if not within]
    )


def compare_lines(stimulus: Stimulus) -> Pairs:
    """Compare the two lines of a pair with neighbouring lines of different pairs."""
    lines = [stimulus.parts[f"line {k + 1}"] for k in range(2 * stimulus.parameters["pairs"])]
    neighbours = list(itertools.pairwise(lines))
    return Pairs(neighbours[::2], neighbours[1::2])


def compare_along_path(stimulus: Stimulus) -> Pairs:
    """Compare each element of a path with the nearest element on the path, and off the path."""
    path, places = elements(stimulus.parts["path"])
    others, around = elements(stimulus.parts["elements"] & ~stimulus.parts["path"])
    within = np.linalg.norm(places[None] - places[:, None], axis=2)
    np.fill_diagonal(within, np.inf)
    outside = np.linalg.norm(around[None] - places[:, None], axis=2)
    return Pairs(
        [(path[k], path[near]) for k, near in enumerate(within.argmin(axis=1))],
        [(path[k], others[near]) for k, near in enumerate(outside.argmin(axis=1))],
        averaged=True,
    )


def compare_bands(stimulus: Stimulus) -> Pairs:
    """Compare the two ends of a band, and neighbouring bands at about the same distance."""
    count = stimulus.parameters["regions"]
    bands = [stimulus.parts[f"band {k + 1}"] for k in range(count)]
    rows, columns = np.indices(stimulus.shape)
    up = np.stack([columns, -rows], axis=-1) @ axes(stimulus.parameters["rotation"])[1]
    ends = [(band & (up > np.median(up)), band & (up <= np.median(up))) for band in bands]
    return Pairs(ends, list(itertools.pairwise(bands)))


def compare_over_gap(stimulus: Stimulus) -> Pairs:
    """Compare the two pieces of an occluded bar with each other, and with the background."""
    left, right = stimulus.parts["left piece"], stimulus.parts["right piece"]
    ground = (stimulus.labels == 0) & ~grow(left | right, 1)
    return Pairs([(left, right)], [(left, ground), (right, ground)])


def compare_overlap(stimulus: Stimulus) -> Pairs:
    """Compare the overlap of two sheets with the rest of each, and these with each other."""
    overlap = stimulus.parts["overlap"]
    front, back = (stimulus.parts[name] & ~overlap for name in ("front", "back"))
    return Pairs([(overlap, front), (overlap, back)], [(front, back)])


def elements(mask: Mask) -> tuple[list[Mask], Points]:
    """Split a mask into its pieces; return them with their centres, x to the right, y upwards."""
    components, count = ndimage.label(mask)
    pieces = [components == number for number in range(1, count + 1)]
    middles = np.array([np.mean(np.nonzero(piece), axis=1) for piece in pieces]).reshape(-1, 2)
    return pieces, np.column_stack([middles[:, 1], -middles[:, 0]])


def grow(mask: Mask, pixels: int) -> Mask:
    """Return a mask with a margin of a number of pixels."""
    wider: Mask = ndimage.binary_dilation(mask, iterations=pixels)
    return wider


def _neighbours(stimulus: Stimulus, part: str, across: float, up: float) -> Pairs:
    """Compare horizontal with vertical neighbours at given distances."""
    pieces, places = elements(stimulus.parts[part])
    gaps = (places[None] - places[:, None]) @ axes(stimulus.parameters["rotation"]).T
    slack = SLACK * min(across, up)
    beside, above = (
        np.all(np.abs(gaps - step) < slack, axis=-1) for step in ([across, 0], [0, up])
    )
    return Pairs(_select_pairs(pieces, beside), _select_pairs(pieces, above))


def axes(rotation: float) -> Points:
    """Return the directions right and up in the frame of a rotated figure."""
    turn = np.deg2rad(rotation)
    return np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])


def _select_pairs(pieces: Sequence[Mask], pairs: Mask) -> list[Pair]:
    return [(pieces[one], pieces[other]) for one, other in np.argwhere(pairs)]
