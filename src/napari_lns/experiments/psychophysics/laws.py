"""The laws: which stimulus is swept over what, and what is measured."""

from __future__ import annotations

from dataclasses import dataclass

from napari_lns._parameters import unknown_name_error
from napari_lns.stimuli import Stimulus, control, draw

__all__ = ["Law", "law", "names"]

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
        Where it is measured, within the domain of the stimulus's world.
    compared
        Which pixels are compared, and what the control is, in words.
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
        """Draw one stimulus, or its control: the same but for what the law rests on.

        Place, rotation, size and contrast vary with the seed, the same at every value.
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
        "Bound: the band inside along the figure's bare edge, and the rest of its inside; parted: "
        "that band, and the band outside. Control: the inducers turned.",
    ),
    Law(
        "proximity",
        "dot_lattice",
        "aspect_ratio",
        "|b| / |a|",
        (1.0, 1.1, 1.2, 1.3, 1.4, 1.6, 1.8, 2.0),
        "Bound: neighbouring dots along a; parted: neighbouring dots along b. Control: a square "
        "lattice. Human odds are of the other choice, rows along b: they fall where the measure "
        "rises.",
    ),
    Law(
        "contour_integration",
        "contour_integration",
        "path_angle",
        "path angle (deg)",
        (0.0, 15.0, 30.0, 45.0),
        "Bound: each element of the path, and the nearest other one of it; parted: that element, "
        "and the nearest distractor. Control: elements turned at random. As the path bends its "
        "elements come closer, in the control alike: compare with the control.",
    ),
    Law(
        "closure",
        "fragmented_outline",
        "gap_fraction",
        "gap fraction",
        (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
        "Bound: the band inside along the gaps, and the rest of the inside; parted: that band, and "
        "the band outside. Control: the fragments turned.",
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
    """Return a law's experiment, or say which names come near.

    Examples
    --------
    >>> law("closure").parameter
    'gap_fraction'
    """
    for each in _LAWS:
        if each.name == name:
            return each
    raise unknown_name_error("law", name, names())
