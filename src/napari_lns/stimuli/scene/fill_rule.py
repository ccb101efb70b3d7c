"""The fill rules of SVG: which parts of a path are filled regions, and which are holes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from napari_lns.stimuli.scene.shapes import (
    MOST_CORNERS,
    Points,
    Rings,
    compute_area,
    crosses_itself,
    points_inside,
)

__all__ = ["filled_regions"]


def filled_regions(rings: Sequence[Points], rule: str, name: str) -> list[Rings]:
    """Return the regions that a path fills, each as its outline followed by its holes.

    Parameters
    ----------
    rings
        Corners (n, 2) of the path's parts.
    rule
        ``"nonzero"``: a part inside another is a hole if it runs in the opposite direction.
        ``"evenodd"``: every second part inside another is a hole.
    name
        Name of the path in error messages.

    Examples
    --------
    >>> square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    >>> [len(region) for region in filled_regions([4 * square, square + 1], "evenodd", "ring")]
    [2]
    """
    if len(rings) < 2:
        return [(ring,) for ring in rings]
    turns = [int(np.sign(compute_area(ring))) if rule == "nonzero" else 1 for ring in rings]
    _check_parts(rings, rule, turns, name)
    enclosing = [
        [k for k, outer in enumerate(rings) if k != i and points_inside(outer, ring).all()]
        for i, ring in enumerate(rings)
    ]
    outer_winding = [sum(turns[k] for k in outer) for outer in enclosing]
    fills = [
        (_fills(count, rule), _fills(count + turn, rule))
        for count, turn in zip(outer_winding, turns, strict=True)
    ]
    regions = {i: [ring] for i, ring in enumerate(rings) if fills[i] == (False, True)}
    for i, ring in enumerate(rings):
        if fills[i] == (True, False):
            outline = max(
                (k for k in enclosing[i] if k in regions), key=lambda k: len(enclosing[k])
            )
            regions[outline].append(ring)
    return [tuple(region) for region in regions.values()]


def _fills(winding: int, rule: str) -> bool:
    return winding % 2 == 1 if rule == "evenodd" else winding != 0


def _check_parts(rings: Sequence[Points], rule: str, turns: Sequence[int], name: str) -> None:
    count = sum(map(len, rings))
    if count > MOST_CORNERS:
        raise ValueError(
            f"{name} has {count} points in {len(rings)} parts: {MOST_CORNERS} are the most; break "
            "it apart"
        )
    same_direction = (
        rule == "nonzero" and len(set(turns)) == 1
    )  # where parts cross, both are filled
    if not same_direction and crosses_itself(*rings):
        raise ValueError(f"{name} has parts that cross each other: break it apart")
