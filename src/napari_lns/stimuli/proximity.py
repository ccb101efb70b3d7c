"""Proximity: elements that lie close together are seen together."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from napari_lns._parameters import Colour, Range
from napari_lns.stimuli import _rows
from napari_lns.stimuli._canvas import Canvas, on_canvas
from napari_lns.stimuli._shapes import Field, disc
from napari_lns.stimuli.registry import register

__all__ = ["dot_lattice", "lattice", "proximity_row"]

GROUP = "Proximity"


@register(group=GROUP, control={"aspect_ratio": 1.0}, random=False)
@on_canvas
def dot_lattice(
    canvas: Canvas,
    *,
    aspect_ratio: Annotated[float, Range(1, 2)] = 1.5,
    lattice_angle: Annotated[float, Range(60, 90, "deg")] = 90.0,
    spacing: Annotated[float, Range(0.06, 0.2, "of size")] = 0.1,
    dot_share: Annotated[float, Range(0.2, 0.6)] = 0.5,
    aperture: Annotated[float, Range(0.3, 1, "of size")] = 0.9,
) -> None:
    """Dot lattice: equal dots are seen as rows along the shortest distance between them.

    Parameters
    ----------
    aspect_ratio
        |b|/|a|: the second shortest distance between dots over the shortest.
    lattice_angle
        γ, the angle between a and b; `rotation` is θ, the orientation of a.
    spacing
        √(|a||b|). The number of dots does not change with the ratio.
    dot_share
        Diameter of a dot as a share of the spacing.
    aperture
        Diameter of the round window that shows the lattice.

    Notes
    -----
    Physical check: the dots' centres are integer combinations of a and b, and all dots are equal.
    |a| is the shortest distance between dots. The density of dots does not change with the ratio.

    Perceptual check: rows along a are seen more often as the ratio increases. The log odds of
    seeing b instead of a fall linearly with |b|/|a| (the pure distance law).

    Control: at a ratio of 1 the dots are the same, and rows along b are seen as often as along a.

    References
    ----------
    Kubovy and Wagemans (1995), Grouping by proximity and multistability in dot lattices.
    Psychological Science, 6, 225-234.

    Examples
    --------
    >>> dot_lattice(aspect_ratio=1.0).label_names[1]
    'dots'
    """
    centres, rows = lattice(aspect_ratio, lattice_angle, spacing, aperture)
    radius = dot_share * spacing / 2
    distance, owner = canvas.elements(centres, radius, lambda u, v: disc(u, v, radius))
    inside = canvas.paint(distance, part="dots")
    has_rows = aspect_ratio > 1
    canvas.label_elements(inside, owner, [f"row {k}" if has_rows else "dots" for k in rows])


def lattice(ratio: float, angle: float, spacing: float, aperture: float) -> tuple[Field, Field]:
    """Return the centres of the dots in the aperture, and each dot's row counted from the top."""
    reach = int(np.ceil(1.5 * aperture / spacing)) + 1  # oblique rows start farther left
    along, up = (grid.ravel() for grid in np.mgrid[-reach : reach + 1, -reach : reach + 1])
    turn = np.deg2rad(angle)
    centres = (spacing / np.sqrt(ratio)) * np.column_stack(
        [along + up * ratio * np.cos(turn), up * ratio * np.sin(turn)]
    )
    in_aperture = np.hypot(*centres.T) < (aperture - spacing) / 2
    return centres[in_aperture], up[in_aperture].max() + 1 - up[in_aperture]


@register(group=GROUP, control={"gap_ratio": 1.0}, random=False)
@on_canvas
def proximity_row(
    canvas: Canvas,
    *,
    groups: Annotated[int, Range(2, 4)] = 3,
    members: Annotated[int, Range(2, 3)] = 2,
    gap_ratio: _rows.GapRatio = 3.0,
    element: _rows.Element = "disc",
    element_share: _rows.ElementShare = 0.6,
    figure_size: _rows.FigureSize = 0.8,
    colour_cue: Literal["none", "with", "against"] = "none",
    second_colour: Colour = (1.0, 1.0, 1.0),
) -> None:
    """Proximity row: elements in a row are seen in the groups that the gaps between them make.

    Parameters
    ----------
    groups
        Number of groups.
    members
        Number of elements in each group.
    gap_ratio
        Ratio of the gap between groups to the gap within groups.
    element
        Shape of the elements.
    element_share
        Share of the row's length that the elements cover.
    figure_size
        Length of the row.
    colour_cue
        Whether colours alternate ``"with"`` the groups, or ``"against"`` them, so that every
        change of colour lies within a group.
    second_colour
        Second colour of the colour cue.

    Notes
    -----
    Physical check: the row's length and the number and size of its elements do not change with the
    gap ratio.

    Perceptual check: groups of near elements. A colour cue against proximity weakens them.

    Control: at a ratio of 1 the same elements are evenly spaced. Without a colour cue no groups are
    seen; with one, the groups are those of equal colour.

    References
    ----------
    Wertheimer (1923), Untersuchungen zur Lehre von der Gestalt II. Psychologische Forschung, 4,
    301-350.

    Examples
    --------
    >>> sorted(proximity_row(groups=2).label_names.values())
    ['background', 'group 1', 'group 2']
    """
    count = groups * members
    places = _rows.row(groups, members, gap_ratio, figure_size, element_share)
    diameter = _rows.diameter_in_row(count, figure_size, element_share)
    distance, owner = canvas.elements(
        np.column_stack([places, np.zeros(count)]),
        diameter * np.sqrt(0.5),
        lambda u, v: _rows.element(element, u, v, diameter),
    )
    shift = members // 2 if colour_cue == "against" else 0
    blocks = (np.arange(count) + shift) // members
    colours = np.array([canvas.foreground, canvas.foreground])
    if colour_cue != "none":
        colours[1] = second_colour
    inside = canvas.paint(distance, colours[blocks[owner] % 2], part="elements")
    group_of_element = np.arange(count) // members if gap_ratio > 1 else blocks
    has_groups = gap_ratio > 1 or colour_cue != "none"
    labels = [f"group {k + 1}" if has_groups else "elements" for k in group_of_element]
    canvas.label_elements(inside, owner, labels)
