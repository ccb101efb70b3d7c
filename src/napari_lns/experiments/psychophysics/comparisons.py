"""The measure of a law: affinities of the pixels that are compared in each stimulus."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_lns._levels import Level
from napari_lns._parameters import unknown_name_error
from napari_lns.experiments.psychophysics import edges, regions
from napari_lns.experiments.psychophysics.measures import Mask, Pairs, Regions, grouping
from napari_lns.experiments.psychophysics.regions import beside_edge, elements_in_row, grow
from napari_lns.segmentation.pixels import pixel_features
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    from napari_lns.models.running import ModelLike

__all__ = ["Measure", "measure", "measure_or_nan", "names", "pairs_of"]

DEFAULTS = {"method": "exact", "neighbourhood": 1}


@dataclass(frozen=True)
class Measure:
    """The measure of a law in a stimulus, and how well the stimulus fits the network.

    Parameters
    ----------
    value
        Mean affinity of pixels that the law groups, minus that of pixels that it separates.
    error
        Squared error of the reconstruction, mean over pixels and channels.
    level
        How well the stimulus fits the network.
    """

    value: float
    error: float
    level: Level


def measure(
    stimulus: Stimulus,
    model: ModelLike,
    *,
    seed: int = 0,
    device: str = "auto",
    **parameters: object,
) -> Measure:
    """Measure how strongly a network groups the pixels that a law groups in a stimulus or control.

    Latent rescaling is disabled: it improves segmentations, but it changes the relative weight of a
    surface's colour and position.

    Parameters
    ----------
    stimulus
        Of a name in `names()`, or of a scene that has a control.
    model
        A model, its name or the path of its weights.
    seed
        Seed of the noise; the exact method has none.
    device
        Where to run.
    **parameters
        Of `napari_lns.segmentation.LNSSettings`; the exact method, with a neighbourhood of one
        pixel, if not given.

    Returns
    -------
    Measure

    Raises
    ------
    ValueError
        If no pixels to compare are defined for the stimulus, or it has none.

    Examples
    --------
    >>> from napari_lns.stimuli import draw
    >>> shown = draw("kanizsa_figure"), draw("kanizsa_figure", inducers="turned")
    >>> facing, turned = (measure(each, "kanizsa-figure").value for each in shown)
    >>> facing > turned
    True
    """
    from napari_lns.models.running import prepare_model  # PyTorch is slow to import

    pairs, prepared = pairs_of(stimulus), prepare_model(model, device).without_rescaling()
    pixels = pixel_features(
        stimulus, prepared, seed=seed, device=device, **{**DEFAULTS, **parameters}
    )
    return Measure(grouping(pixels, pairs), pixels.error, Level(pixels.fit["level"]))


def measure_or_nan(stimulus: Stimulus, model: ModelLike | None, *, device: str = "auto") -> float:
    """Return the measure of a law in a stimulus, or NaN if it is not defined.

    Parameters
    ----------
    stimulus
        Any stimulus.
    model
        A model, its name or the path of its weights; None for a method without a model.
    device
        Where to run.

    Returns
    -------
    float
        NaN if the stimulus has no pixels to compare, or the decoder has no derivative.

    Examples
    --------
    >>> from napari_lns.stimuli import draw
    >>> measure_or_nan(draw("dead_leaves"), "kanizsa-figure")
    nan
    """
    if model is None:
        return math.nan
    try:
        return measure(stimulus, model, device=device).value
    except ValueError:
        return math.nan


def names() -> list[str]:
    """Return the names of the stimuli for which a measure is defined.

    Examples
    --------
    >>> "rubin_vase" in names()
    True
    """
    return list(_REGIONS)


def pairs_of(stimulus: Stimulus) -> Pairs:
    """Return the pixels that are compared in a stimulus, or in its control.

    Parameters
    ----------
    stimulus
        Of a name in `names()`, or drawn by a `napari_lns.stimuli.Scene` that has a control.

    Returns
    -------
    Pairs

    Examples
    --------
    >>> from napari_lns.stimuli import draw
    >>> len(pairs_of(draw("common_region")).together)
    3
    """
    if "scene" in stimulus.parameters:
        return _scene_pairs(stimulus)
    if stimulus.name not in _REGIONS:
        raise unknown_name_error("stimulus with a measure", stimulus.name, _REGIONS)
    return _REGIONS[stimulus.name](stimulus)


def _scene_pairs(stimulus: Stimulus) -> Pairs:
    """Compare what the parts of a drawn scene say is ambiguous in it."""
    for part, like in _SCENES.items():
        if part in stimulus.parts:
            return _REGIONS[like](stimulus)
    raise ValueError(
        f"the scene {stimulus.name!r} has no control, so nothing says which pixels to compare"
    )


def _kanizsa(stimulus: Stimulus) -> Pairs:
    """Compare across those stretches of the square's edge that lie between the discs."""
    stimulus_of_control = _draw_stimulus_of(stimulus)
    square = stimulus_of_control.labels == 2
    edge = edges.outline(square) & ~grow(stimulus_of_control.labels == 1, 2)
    return beside_edge(square, edge, stimulus.labels == 1)


def _closure(stimulus: Stimulus) -> Pairs:
    """Compare across the square's outline, whether it is there or not."""
    stimulus_of_control = _draw_stimulus_of(stimulus)
    return beside_edge(
        stimulus_of_control.parts["inside"], stimulus_of_control.parts["rim"], stimulus.parts["rim"]
    )


def _continuity(stimulus: Stimulus) -> Pairs:
    """Compare the ring's gaps with its arcs, and with the background beside them."""
    stimulus_of_control = _draw_stimulus_of(stimulus)
    bare = _background(stimulus)
    ring = stimulus_of_control.labels == 1
    gaps = stimulus_of_control.parts["gaps"] & bare & ~grow(stimulus.parts["arcs"], 1)
    beside = grow(gaps, 4) & ~grow(ring, 1) & bare & ~grow(stimulus.parts["arcs"], 1)
    return Pairs([(gaps, stimulus.parts["arcs"])], [(gaps, beside)])


def _proximity(stimulus: Stimulus) -> Pairs:
    """Compare neighbouring squares of one pair with those of two pairs."""
    return elements_in_row(stimulus.labels > 0, 2)


def _gradient_occlusion(stimulus: Stimulus) -> Pairs:
    """Compare the edge of the lying bar at the upright one with the edges of either."""
    parts = stimulus.parts
    piece = parts["lying bar alone"]
    occluder = parts["upright bar alone"] | parts.get("overlap", np.zeros_like(piece))
    reach = next(n for n in range(1, len(piece)) if (grow(occluder, n) & piece).any())
    cut = edges.outline(piece) & grow(occluder, reach + 1)
    return edges.owned_cut(stimulus, cut, piece, occluder, 5)


def _illusory_occlusion(stimulus: Stimulus) -> Pairs:
    """Compare cross and corners of the square with each other, and with the ground beside them."""
    corners, cross = (stimulus.parts[name] for name in ("square beside its cross", "cross"))
    ground = ~grow(corners | cross, 1) & ~grow(stimulus.parts["stripes"], 1)
    near = ground & grow(corners | cross, 8)
    return Pairs([(corners, cross)], [(corners, near), (cross, near)])


def _draw_stimulus_of(control: Stimulus) -> Stimulus:
    """Draw the stimulus of a control of the same seed: where its absent figure would lie."""
    parameters = {**control.parameters, "variant": "stimulus"}
    return replace(control, parameters=parameters).redraw()


def _background(stimulus: Stimulus) -> Mask:
    """Return the pixels of the commonest colour."""
    pixels = stimulus.image.reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    same: Mask = (stimulus.image == colours[counts.argmax()]).all(axis=-1)
    return same


_REGIONS: dict[str, Regions] = {
    "kanizsa_figure": regions.across_edge("illusory_figure", "illusory_contour", "inducers"),
    "varin_figure": regions.across_edge("illusory_figure", "illusory_contour", "inducers"),
    "ehrenstein_figure": regions.across_edge("illusory_figure", "illusory_contour", "lines"),
    "abutting_gratings": regions.across_edge("illusory_figure", "illusory_contour", "lines"),
    "fragmented_outline": regions.across_edge("inside", "gaps", "fragments"),
    "dot_lattice": regions.along_rows,
    "proximity_row": regions.in_row,
    "similarity_rows": regions.along_grid,
    "texture_regions": regions.between_bands,
    "common_region": regions.in_row,
    "connectedness": regions.in_row,
    "symmetry_pairs": regions.between_lines,
    "contour_integration": regions.along_path,
    "occluded_bar": regions.over_gap,
    "occluded_disc": edges.cut_edge,
    "transparent_overlap": regions.through_overlap,
    "convexity": edges.between_borders,
    "relative_area": edges.around_border,
    "surroundedness": edges.opposite_edges,
    "lower_region": edges.around_border,
    "rubin_vase": edges.in_profile,
    "kanizsa": _kanizsa,
    "closure": _closure,
    "continuity": _continuity,
    "proximity": _proximity,
    "gradient_occlusion": _gradient_occlusion,
    "illusory_occlusion": _illusory_occlusion,
}
_SCENES = {  # by a part that only such scenes have: the stimulus whose pixels are compared alike
    "illusory_figure": "kanizsa_figure",
    "gaps": "fragmented_outline",
    "left piece": "occluded_bar",
    "visible": "occluded_disc",
    "overlap": "transparent_overlap",
}
