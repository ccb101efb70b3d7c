"""The laws: stimulus, swept parameter and compared pixels of each."""

from __future__ import annotations

from dataclasses import dataclass

from napari_lns._parameters import unknown_name_error
from napari_lns.stimuli import Stimulus, control, draw

__all__ = ["Law", "law", "names"]

_PIECES = (
    "Together: the two visible pieces; apart: each piece, and the background. Control: the pieces "
    "moved away from the occluder."
)


@dataclass(frozen=True)
class Law:
    """Experiment of one law.

    Parameters
    ----------
    name
        Name of the law.
    stimulus
        Name of the stimulus.
    parameter
        The swept parameter.
    label
        Label of the axis.
    values
        Values of the swept parameter, within the domain of the stimulus's world.
    compared
        Description of the compared pixels and the control.
    """

    name: str
    stimulus: str
    parameter: str
    label: str
    values: tuple[float, ...]
    compared: str

    def draw_stimulus(
        self, value: float, seed: int, *, controlled: bool = False, **own: object
    ) -> Stimulus:
        """Draw one stimulus, or its control, which differs only in the cue of the law.

        Position, rotation, size and contrast depend on the seed and are the same at all values.
        """
        changes = control(self.stimulus) if controlled else {}
        values = {"jitter": 1.0, **own, self.parameter: value, **changes}
        return draw(self.stimulus, seed=seed, **values)


_LAWS = (
    Law(
        "illusory_contour",
        "kanizsa_figure",
        "support_ratio",
        "support ratio",
        (0.25, 0.35, 0.45, 0.55, 0.65, 0.75),
        "Together: the band inside the figure's missing edge, and the rest of its inside; apart: "
        "that band, and the band outside. Control: the inducers rotated.",
    ),
    Law(
        "proximity",
        "dot_lattice",
        "aspect_ratio",
        "|b| / |a|",
        (1.0, 1.1, 1.2, 1.3, 1.4, 1.6, 1.8, 2.0),
        "Together: neighbouring dots along a; apart: neighbouring dots along b. Control: a square "
        "lattice. Human odds are those of the other choice, rows along b: they fall where the "
        "measure rises.",
    ),
    Law(
        "contour_integration",
        "contour_integration",
        "path_angle",
        "path angle (deg)",
        (0.0, 15.0, 30.0, 45.0),
        "Together: each element of the path, and the nearest other element of it; apart: that "
        "element, and the nearest distractor. Control: randomly rotated elements. As the path "
        "bends, its elements come closer, also in the control: compare with the control.",
    ),
    Law(
        "closure",
        "fragmented_outline",
        "gap_fraction",
        "gap fraction",
        (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
        "Together: the band inside the gaps, and the rest of the inside; apart: that band, and the "
        "band outside. Control: the fragments rotated.",
    ),
    Law(
        "occlusion_offset",
        "occluded_bar",
        "offset",
        "offset / bar width",
        (0.0, 0.2, 0.4, 0.6, 0.8, 1.0),
        _PIECES,
    ),
    Law(
        "occlusion_angle",
        "occluded_bar",
        "angle",
        "angle (deg)",
        (0.0, 15.0, 30.0, 45.0, 60.0),
        _PIECES,
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
    """Return a law's experiment; raise an error that suggests similar names otherwise.

    Examples
    --------
    >>> law("closure").parameter
    'gap_fraction'
    """
    for each in _LAWS:
        if each.name == name:
            return each
    raise unknown_name_error("law", name, names())
