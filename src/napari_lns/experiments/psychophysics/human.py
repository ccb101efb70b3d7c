"""Human data for each law: measurements with their source, or a finding in words.

A "qualitative" finding is only a direction, without data: it was recalled and not verified in the
source, or the source has no usable numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from napari_lns._parameters import unknown_name_error

__all__ = ["Reference", "reference"]


@dataclass(frozen=True)
class Reference:
    """Human data for one law.

    Parameters
    ----------
    finding
        The finding as one sentence, without a full stop.
    source
        Citation of the study.
    limits
        Limitations, and what was not verified.
    direction
        Whether the measured effect rises or falls along the law's axis.
    points
        Measured points (x, proportion correct in a choice between two), if there are any.
    """

    finding: str
    source: str
    limits: str
    direction: Literal["rises", "falls"]
    points: Sequence[tuple[float, float]] = ()


def reference(law: str) -> Reference:
    """Return the human data of a law.

    Examples
    --------
    >>> reference("contour_integration").points[0]
    (15.0, 0.885)
    """
    if law not in _REFERENCES:
        raise unknown_name_error("law", law, _REFERENCES)
    return _REFERENCES[law]


_RELATABILITY = "Kellman & Shipley (1991), Cognitive Psychology 23, 141-221"
_REFERENCES = {
    "illusory_contour": Reference(
        "Clarity rises with the support ratio",
        "Shipley & Kellman (1992), Perception & Psychophysics 52, 97-106",
        "Qualitative, recalled: slope and intercept were not read.",
        "rises",
    ),
    "proximity": Reference(
        "The odds of seeing rows along b rather than a fall exponentially with |b| / |a|",
        "Kubovy, Holcombe & Wagemans (1998), Cognitive Psychology 35, 71-98",
        "Qualitative: the form was verified in the paper's abstract; the attenuation differs "
        "between observers and was not read.",
        "rises",
    ),
    "contour_integration": Reference(
        "Detection falls as the path bends, to chance near 60°",
        "Doshi, Konkle & Alvarez (2025), PLOS Computational Biology 21(8), e1013391",
        "The citation was verified; the proportions come from the study's public raw data and "
        "were not computed again. Their displays are larger, with more and longer paths than fit "
        "into 64 pixels.",
        "falls",
        points=((15.0, 0.885), (30.0, 0.8), (45.0, 0.634), (60.0, 0.5), (75.0, 0.469)),
    ),
    "closure": Reference(
        "Search is faster the more the outline is closed",
        "Elder & Zucker (1993), Vision Research 33, 981-991",
        "Qualitative: its abstract describes search speed as a smooth, monotonic function of "
        "the degree of closure. Other studies disagree on the form, and on closure beyond "
        "continuation.",
        "falls",
    ),
    "occlusion_offset": Reference(
        "Parallel edges are relatable only without an offset, and completion decreases with it",
        _RELATABILITY,
        "Qualitative, recalled: a criterion rather than data. Observers tolerate misalignments of "
        "10 to 15 minutes of arc (verified in the abstract of a later study, Journal of Vision, "
        "article 2132340).",
        "falls",
    ),
    "occlusion_angle": Reference(
        "Edges are relatable up to a bend of 90°, and completion decreases with the bend",
        _RELATABILITY,
        "Qualitative, recalled: a criterion rather than data.",
        "falls",
    ),
}
