"""What humans do, law by law: numbers or the form alone, their source and their limits.

"Recalled" says that a number was taken from memory of the source and not read in it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from napari_lns._parameters import unknown

__all__ = ["Reference", "reference"]


@dataclass(frozen=True)
class Reference:
    """A reference curve.

    Parameters
    ----------
    x, y
        The curve.
    quantity
        What y is.
    source
        Who measured it.
    limits
        What it does not tell, and what was not verified.
    points
        Measured points (x, y), if there are any.
    proportion
        Whether y is a proportion correct in a choice between two, as is a model's advantage.
    """

    x: Sequence[float]
    y: Sequence[float]
    quantity: str
    source: str
    limits: str
    points: Sequence[tuple[float, float]] = ()
    proportion: bool = False


def reference(law: str) -> Reference:
    """Give the reference of a law.

    Examples
    --------
    >>> reference("contour_integration").points[0]
    (15.0, 0.885)
    """
    if law not in _REFERENCES:
        raise unknown("law", law, _REFERENCES)
    return _REFERENCES[law]


_ratios = np.linspace(1, 2, 61)
_angles = np.linspace(0, 75, 61)
_REFERENCES = {
    "illusory_contour": Reference(
        (0.2, 0.8),
        (0.2, 0.8),
        "rated clarity (form only)",
        "Shipley & Kellman (1992), Perception & Psychophysics 52, 97-106",
        "Recalled: clarity grows about linearly with the support ratio. Slope and intercept are "
        "not to scale.",
    ),
    "proximity": Reference(
        _ratios.tolist(),
        np.exp(-2.9 * (_ratios - 1)).tolist(),
        "odds of seeing rows along b rather than a",
        "Kubovy, Holcombe & Wagemans (1998), Cognitive Psychology 35, 71-98",
        "The form, a decreasing exponential of the relative distance, was verified in the "
        "paper's abstract; the attenuation of 2.9 is recalled, and differs between observers.",
    ),
    "contour_integration": Reference(
        _angles.tolist(),
        (0.5 + 0.39 / (1 + np.exp((_angles - 39.3) / 7.3))).tolist(),
        "proportion correct of two alternatives",
        "Doshi, Konkle & Alvarez (2025), PLOS Computational Biology 21(8), e1013391",
        "The citation was verified; the proportions come from the study's public raw data and "
        "were not computed again. Line: logistic, midpoint 39.3°, slope 7.3°, lapse 0.11, guess "
        "0.5. Their displays are larger, with more and longer paths than fit into 64 pixels.",
        points=((15.0, 0.885), (30.0, 0.8), (45.0, 0.634), (60.0, 0.5), (75.0, 0.469)),
        proportion=True,
    ),
    "closure": Reference(
        (0.1, 0.8),
        (0.9, 0.2),
        "closure (direction only)",
        "Elder & Zucker (1993), Vision Research 33, 981-991",
        "Its abstract has search speed as a smooth, monotonic function of the degree of closure. "
        "Direction only: other studies disagree on the form, and on closure beyond continuation.",
    ),
    "occlusion_offset": Reference(
        (0.0, 0.0, 1.0),
        (1.0, 0.0, 0.0),
        "relatable (1) or not (0)",
        "Kellman & Shipley (1991), Cognitive Psychology 23, 141-221",
        "Recalled, and a criterion rather than data: parallel edges are relatable without an "
        "offset alone. Observers tolerate some 15 minutes of arc, and completion fades gradually.",
    ),
    "occlusion_angle": Reference(
        (0.0, 90.0, 90.0, 150.0),
        (1.0, 1.0, 0.0, 0.0),
        "relatable (1) or not (0)",
        "Kellman & Shipley (1991), Cognitive Psychology 23, 141-221",
        "Recalled, and a criterion rather than data: edges are relatable up to a bend of 90°. "
        "Completion fades gradually as the bend grows.",
    ),
}
