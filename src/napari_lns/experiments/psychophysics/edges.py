"""Pixels to compare in stimuli of border ownership and occlusion.

An edge moves with the surface that owns it: it belongs to the figure if its responses resemble
those of the figure's other edges and not those of the ground's edges. Only edges of about the same
orientation are compared, because an edge that is shifted along its own direction does not respond.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from scipy import ndimage

from napari_lns.experiments.psychophysics.measures import Mask, Pair, Pairs
from napari_lns.experiments.psychophysics.regions import axes, grow
from napari_lns.stimuli import Stimulus

__all__ = [
    "compare_around_border",
    "compare_borders",
    "compare_cut",
    "compare_cut_edge",
    "compare_opposite_edges",
    "compare_profiles",
    "outline",
]

FIGURES = ("figure", "first region", "left")  # the figure, or its counterpart
FEWEST_PIXELS = 4  # pixels; shorter segments of an edge are not compared
MARGIN = 3  # pixels between the border and the outer edges that it is compared with


def compare_borders(stimulus: Stimulus) -> Pairs:
    """Compare the two borders of a convex region with the two of a concave one.

    The comparison uses only parts where convex regions bulge and concave regions are narrow, so
    that distance works against the law. (The outer edges of convex regions are too short to
    compare.)
    """
    count = 2 * stimulus.parameters["regions"]
    borders = [stimulus.parts[f"border {k + 1}"] for k in range(count)]
    neighbours = list(itertools.pairwise(borders))
    return Pairs(neighbours[::2], neighbours[1::2], edges=True)


def compare_around_border(stimulus: Stimulus) -> Pairs:
    """Compare the border of two regions with the outer edges of the figure and of the ground."""
    figure, ground = _regions(stimulus)
    border = _border(figure, ground)
    return Pairs(
        list(
            _pair_stretches(stimulus, (border, figure), (_outer(figure, ground), figure | ground))
        ),
        list(
            _pair_stretches(stimulus, (border, figure), (_outer(ground, figure), figure | ground))
        ),
        edges=True,
    )


def compare_opposite_edges(stimulus: Stimulus) -> Pairs:
    """Compare opposite outer edges of the ground with each other, and with the border.

    A surrounded figure has no edges other than its border. The ground has outer edges, which move
    together; the border moves with them only if it belongs to the ground.
    """
    figure, ground = _regions(stimulus)
    border, outer = _border(figure, ground), _outer(ground, figure)
    panel = figure | ground
    across = [
        (edge & beyond, edge & ~beyond)
        for edge, beyond in zip(
            _split(stimulus, outer, panel), _beyond_middle(stimulus, panel), strict=True
        )
    ]
    together = [pair for pair in across if min(side.sum() for side in pair) >= FEWEST_PIXELS]
    apart = _pair_stretches(stimulus, (border, figure), (outer, panel))
    return Pairs(together, list(apart), edges=True)


def compare_profiles(stimulus: Stimulus) -> Pairs:
    """Compare each profile with the outer edges of its own face, and both profiles with each other.

    The figure is bistable. If the vase is the figure, both profiles are its borders and move
    together, so the measure is below 0; if the faces are figures, each profile moves with its face,
    so it is above 0. The sign therefore shows which organisation the network chose. People see
    faces more readily the more the border resembles one, and a straight bar as a bar. A greater
    measure in the stimulus than in its control means that the faces' shape has an effect, not that
    the vase is wrong.
    """
    left, right = (_label_mask(stimulus, name) for name in ("left face", "right face"))
    vase = stimulus.parts["panel"] & ~left & ~right
    together: list[Pair] = []
    for face in (left, right):
        outer = _outer(face, vase)
        together += _pair_stretches(stimulus, (_border(face, vase), face), (outer, face))
    borders = [(_border(face, vase), face) for face in (left, right)]
    return Pairs(together, list(_pair_stretches(stimulus, *borders)), edges=True)


def compare_cut_edge(stimulus: Stimulus) -> Pairs:
    """Compare an occluded disc's cut edge with the occluder's other edges, and its round edge."""
    piece, occluder = stimulus.parts["visible"], stimulus.parts["occluder"]
    reach = round(0.1 * stimulus.shape[0])  # larger than the gap in the control
    return compare_cut(stimulus, stimulus.parts["cut"], piece, occluder, reach)


def compare_cut(stimulus: Stimulus, cut: Mask, piece: Mask, occluder: Mask, reach: int) -> Pairs:
    """Compare a cut edge with distant edges of the occluder, and with other edges of the piece."""
    others = outline(occluder) & ~grow(piece, reach)
    free = outline(piece) & ~grow(cut, 2)
    return Pairs(
        list(_pair_stretches(stimulus, (cut, piece), (others, occluder))),
        list(_pair_stretches(stimulus, (cut, piece), (free, piece))),
        edges=True,
    )


def _pair_stretches(
    stimulus: Stimulus, one: tuple[Mask, Mask], other: tuple[Mask, Mask]
) -> Iterator[Pair]:
    """Pair the parts of two bands that have the same orientation, vertical or horizontal.

    Each band is given with the surface whose edge it is.
    """
    for pair in zip(_split(stimulus, *one), _split(stimulus, *other), strict=True):
        if min(stretch.sum() for stretch in pair) >= FEWEST_PIXELS:
            yield pair


def _split(stimulus: Stimulus, band: Mask, surface: Mask) -> tuple[Mask, Mask]:
    """Split a band along a surface's edge into its vertical and horizontal parts."""
    smooth = surface.astype(float)
    down, across = (ndimage.gaussian_filter(smooth, 1.5, order=o) for o in ((1, 0), (0, 1)))
    normal = np.stack([across, -down], axis=-1) @ axes(_rotation(stimulus)).T
    upright = np.abs(normal[..., 0]) >= np.abs(normal[..., 1])
    return band & upright, band & ~upright


def _beyond_middle(stimulus: Stimulus, region: Mask) -> Iterator[Mask]:
    """Return the pixels to the right of a region's centre, and those above it."""
    rows, columns = np.indices(stimulus.shape)
    for direction in axes(_rotation(stimulus)):
        place = np.stack([columns, -rows], axis=-1) @ direction
        yield place > place[region].mean()


def _rotation(stimulus: Stimulus) -> float:
    return float(stimulus.parameters.get("rotation", 0.0))


def _regions(stimulus: Stimulus) -> tuple[Mask, Mask]:
    """Return the figure and the ground, or the corresponding regions of a control."""
    values = {name: value for value, name in stimulus.label_names.items()}
    figure = stimulus.labels == next(values[name] for name in FIGURES if name in values)
    return figure, stimulus.parts["panel"] & ~figure


def _label_mask(stimulus: Stimulus, name: str) -> Mask:
    values = {each: value for value, each in stimulus.label_names.items()}
    mask: Mask = stimulus.labels == values[name]
    return mask


def _border(one: Mask, other: Mask) -> Mask:
    """Return the pixels on both sides of the border of two regions, away from their outer edges."""
    inner = ndimage.binary_erosion(one | other, iterations=MARGIN)
    band: Mask = grow(one, 1) & grow(other, 1) & inner
    return band


def _outer(one: Mask, other: Mask) -> Mask:
    """Return the pixels on both sides of a region's outer edges, away from the other region."""
    return outline(one | other) & grow(one, 2) & ~grow(other, MARGIN)


def outline(mask: Mask) -> Mask:
    """Return the pixels on both sides of a mask's edge."""
    outline: Mask = grow(mask, 1) & ~ndimage.binary_erosion(mask)
    return outline
