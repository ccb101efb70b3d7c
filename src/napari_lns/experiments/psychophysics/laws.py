"""The laws: which stimulus is swept over what, what is measured, and what varies at random."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from napari_lns._parameters import unknown
from napari_lns.experiments.psychophysics.measures import Regions
from napari_lns.experiments.psychophysics.regions import (
    across_edge,
    along_path,
    along_rows,
    over_gap,
)
from napari_lns.stimuli import Stimulus, control, draw

__all__ = ["Law", "law", "names"]

_PLACED = {"x": (-0.05, 0.05), "y": (-0.05, 0.05)}
_TURNED = {**_PLACED, "rotation": (-180.0, 180.0)}
_PIECES = (
    "Bound: the two visible pieces; parted: each piece, and the background. Control: the pieces "
    "drawn back from the occluder."
)


@dataclass(frozen=True)
class Law:
    """One law's experiment.

    Parameters
    ----------
    name
        Its name here.
    stimulus
        The stimulus's name.
    parameter
        What is swept.
    label
        What the axis says.
    values
        Where it is swept to.
    regions
        Finds the pixels that are compared, in a stimulus.
    compared
        Which these are, and what the control is, in words.
    fixed
        Values of other parameters that are not their defaults.
    varied
        Ranges of those that differ from one stimulus to the next, the same at every value.
    """

    name: str
    stimulus: str
    parameter: str
    label: str
    values: tuple[float, ...]
    regions: Regions
    compared: str
    fixed: Mapping[str, Any] = field(default_factory=dict)
    varied: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def drawn(self, value: float, seed: int, *, controlled: bool = False, **own: Any) -> Stimulus:
        """Draw one stimulus, or its control: the same but for what the law rests on."""
        rng = np.random.default_rng(seed)
        varied = {name: float(rng.uniform(*limits)) for name, limits in self.varied.items()}
        values = {**self.fixed, **varied, **own, self.parameter: value}
        gone = control(self.stimulus) if controlled else {}
        return draw(self.stimulus, seed=seed, **{**values, **gone})


_LAWS = (
    Law(
        "illusory_contour",
        "kanizsa_figure",
        "support_ratio",
        "support ratio",
        (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
        across_edge("illusory_figure", "illusory_contour", "inducers"),
        "Bound: the band inside along the figure's bare edge, and the rest of its inside; parted: "
        "that band, and the band outside. Control: the inducers turned.",
        varied={**_PLACED, "rotation": (-10.0, 10.0)},
    ),
    Law(
        "proximity",
        "dot_lattice",
        "aspect_ratio",
        "|b| / |a|",
        (1.0, 1.1, 1.2, 1.3, 1.4, 1.6, 1.8, 2.0),
        along_rows,
        "Bound: neighbouring dots along a; parted: neighbouring dots along b. Control: a square "
        "lattice. Human odds are of the other choice, rows along b: they fall where the measure "
        "rises.",
        fixed={"spacing": 0.14},
        varied=_TURNED,
    ),
    Law(
        "contour_integration",
        "contour_integration",
        "path_angle",
        "path angle (deg)",
        (0.0, 15.0, 30.0, 45.0, 60.0, 75.0),
        along_path,
        "Bound: each element of the path, and the nearest other one of it; parted: that element, "
        "and the nearest distractor. Control: elements turned at random. As the path bends its "
        "elements come closer, in the control alike: compare with the control.",
        varied=_TURNED,
    ),
    Law(
        "closure",
        "fragmented_outline",
        "gap_fraction",
        "gap fraction",
        (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
        across_edge("inside", "gaps", "fragments"),
        "Bound: the band inside along the gaps, and the rest of the inside; parted: that band, and "
        "the band outside. Control: the fragments turned.",
        varied={**_PLACED, "rotation": (-10.0, 10.0)},
    ),
    Law(
        "occlusion_offset",
        "occluded_bar",
        "offset",
        "offset / bar width",
        (0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
        over_gap,
        _PIECES,
        varied=_TURNED,
    ),
    Law(
        "occlusion_angle",
        "occluded_bar",
        "angle",
        "angle (deg)",
        (0.0, 30.0, 60.0, 90.0, 120.0, 150.0),
        over_gap,
        _PIECES,
        varied=_TURNED,
    ),
)


def names() -> list[str]:
    """List the names of the laws.

    Examples
    --------
    >>> names()[0]
    'illusory_contour'
    """
    return [each.name for each in _LAWS]


def law(name: str) -> Law:
    """Give a law's experiment, or say which names come near.

    Examples
    --------
    >>> law("closure").parameter
    'gap_fraction'
    """
    for each in _LAWS:
        if each.name == name:
            return each
    raise unknown("law", name, names())
