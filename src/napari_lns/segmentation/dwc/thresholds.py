"""Rules for the number of segments: a constant threshold, or estimates from the graph.

docs/dwc.md compares the rules on graphs with known groups.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np

from napari_lns._parameters import unknown_name_error
from napari_lns.segmentation.dwc.hierarchy import Hierarchy
from napari_lns.segmentation.dwc.ncut import leading_eigenvectors
from napari_lns.segmentation.dwc.walks import Matrix

__all__ = ["Rule", "number_of_groups", "stability"]

Rule = Literal["stability", "gap", "otsu", "eigengap", "constant"]


def number_of_groups(
    hierarchy: Hierarchy, affinities: Matrix, *, rule: Rule = "stability", threshold: float = 0.5
) -> int:
    """Return the number of segments at which a rule stops cutting.

    Parameters
    ----------
    hierarchy
        The hierarchy of cuts.
    affinities
        (n, n), the graph that was cut.
    rule
        "stability": the number at which walkers stay in their groups most often beyond chance;
        "gap": stop before the largest rise from one level to the next;
        "otsu": stop between two classes of levels, separated by Otsu's method;
        "eigengap": the number of eigenvalues before the largest gap between them;
        "constant": all cuts with levels up to the threshold.
    threshold
        Threshold for "constant", a Normalised Cut cost.

    Examples
    --------
    >>> from napari_lns.segmentation.dwc import cut_recursively
    >>> graph = np.kron(np.eye(3), np.ones((20, 20))) + 0.1
    >>> number_of_groups(cut_recursively(graph), graph)
    3
    """
    if rule not in get_args(Rule):
        raise unknown_name_error("rule", rule, get_args(Rule))
    if rule == "constant":
        return hierarchy.count(threshold)
    if len(hierarchy.levels) < 2:
        return len(hierarchy.levels) + 1
    return _RULES[rule](hierarchy, affinities)


def stability(hierarchy: Hierarchy, affinities: Matrix) -> Matrix:
    """Return the probability beyond chance that one step stays in its group, for 1, 2, … groups.

    For the flow of a k-step walk this is its Markov stability at time k; for any graph, it is
    Newman's modularity.
    """
    most = len(hierarchy.levels) + 1
    members = (hierarchy.groups[:, None] == np.arange(most)).astype(affinities.dtype)
    between = members.T @ (affinities @ members) / affinities.sum(dtype=np.float64)
    values = []
    for clusters in range(1, most + 1):
        coarse = (hierarchy.origins(clusters)[:, None] == np.arange(clusters)).astype(float)
        shares = coarse.T @ between @ coarse
        values.append(np.trace(shares) - (shares.sum(axis=1) ** 2).sum())
    return np.array(values)


def _gap(hierarchy: Hierarchy, affinities: Matrix) -> int:
    return 2 + int(np.diff(hierarchy.levels).argmax())


def _most_stable(hierarchy: Hierarchy, affinities: Matrix) -> int:
    return 1 + int(stability(hierarchy, affinities).argmax())


def _otsu(hierarchy: Hierarchy, affinities: Matrix) -> int:
    levels = hierarchy.levels
    below = np.arange(1, len(levels))
    low = np.cumsum(levels)[:-1] / below
    high = (levels.sum() - np.cumsum(levels)[:-1]) / (len(levels) - below)
    return 2 + int((below * (len(levels) - below) * (high - low) ** 2).argmax())


def _eigengap(hierarchy: Hierarchy, affinities: Matrix) -> int:
    values, _ = leading_eigenvectors(affinities, len(hierarchy.levels) + 2)
    return 2 + int(np.diff(values[1:]).argmin())


_RULES: dict[str, Callable[[Hierarchy, Matrix], int]] = {
    "gap": _gap,
    "stability": _most_stable,
    "otsu": _otsu,
    "eigengap": _eigengap,
}
