"""The measure of a law: affinities of the compared pixels of each stimulus."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from napari_lns._levels import Level
from napari_lns._parameters import unknown_name_error
from napari_lns.experiments.psychophysics import edges, regions
from napari_lns.experiments.psychophysics.measures import Mask, Pairs, Regions, grouping
from napari_lns.experiments.psychophysics.regions import (
    compare_beside_edge,
    compare_elements_in_row,
    grow,
)
from napari_lns.segmentation.pixels import pixel_features
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    from napari_lns.models.running import ModelLike

__all__ = ["Measure", "find_pairs", "measure", "measure_or_nan", "names"]

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
        A stimulus whose name is in `names()`, or one drawn from a scene that has a control.
    model
        A model, its name or the path of its weights.
    seed
        Seed of the noise; the exact method has no noise.
    device
        Device to run on.
    **parameters
        Parameters of `napari_lns.segmentation.LNSSettings`; by default, the exact method on single
        pixels.

    Returns
    -------
    Measure

    Raises
    ------
    ValueError
        If no pixels to compare are defined for the stimulus, or if it has none.

    Examples
    --------
    >>> from napari_lns.stimuli import draw
    >>> shown = draw("kanizsa_figure"), draw("kanizsa_figure", inducers="turned")
    >>> facing, turned = (measure(each, "kanizsa-figure").value for each in shown)
    >>> facing > turned
    True
    """
    from napari_lns.models.running import prepare_model  # PyTorch is slow to import

    pairs, prepared = find_pairs(stimulus), prepare_model(model, device).without_rescaling()
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
        Device to run on.

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


def find_pairs(stimulus: Stimulus) -> Pairs:
    """Return the pixels that are compared in a stimulus, or in its control.

    Parameters
    ----------
    stimulus
        A stimulus whose name is in `names()`, or one drawn from a `napari_lns.stimuli.Scene` that
        has a control.

    Returns
    -------
    Pairs

    Examples
    --------
    >>> from napari_lns.stimuli import draw
    >>> len(find_pairs(draw("common_region")).together)
    3
    """
    if "scene" in stimulus.parameters:
        return _scene_pairs(stimulus)
    if stimulus.name not in _REGIONS:
        raise unknown_name_error("stimulus with a measure", stimulus.name, _REGIONS)
    return _REGIONS[stimulus.name](stimulus)


def _scene_pairs(stimulus: Stimulus) -> Pairs:
    """Compare the pixels that the parts of a drawn scene mark as ambiguous."""
    for part, like in _SCENES.items():
        if part in stimulus.parts:
            return _REGIONS[like](stimulus)
    raise ValueError(
        f"the scene {stimulus.name!r} has no control, which defines the pixels to compare: add an "
        "ambiguous surface"
    )


def _kanizsa(stimulus: Stimulus) -> Pairs:
    """Compare across the parts of the square's edge that lie between the discs."""
    stimulus_of_control = _draw_control_stimulus(stimulus)
    square = stimulus_of_control.labels == 2
    edge = edges.outline(square) & ~grow(stimulus_of_control.labels == 1, 2)
    return compare_beside_edge(square, edge, stimulus.labels == 1)


def _closure(stimulus: Stimulus) -> Pairs:
    """Compare across the square's outline, whether it is drawn or not."""
    stimulus_of_control = _draw_control_stimulus(stimulus)
    return compare_beside_edge(
        stimulus_of_control.parts["inside"], stimulus_of_control.parts["rim"], stimulus.parts["rim"]
    )


def _continuity(stimulus: Stimulus) -> Pairs:
    """Compare the ring's gaps with its arcs, and with the background beside them."""
    stimulus_of_control = _draw_control_stimulus(stimulus)
    bare = _background(stimulus)
    ring = stimulus_of_control.labels == 1
    gaps = stimulus_of_control.parts["gaps"] & bare & ~grow(stimulus.parts["arcs"], 1)
    beside = grow(gaps, 4) & ~grow(ring, 1) & bare & ~grow(stimulus.parts["arcs"], 1)
    return Pairs([(gaps, stimulus.parts["arcs"])], [(gaps, beside)])


def _proximity(stimulus: Stimulus) -> Pairs:
    """Compare neighbouring squares within a pair with those of different pairs."""
    return compare_elements_in_row(stimulus.labels > 0, 2)


def _gradient_occlusion(stimulus: Stimulus) -> Pairs:
    """Compare the horizontal bar's edge at the vertical bar with the edges of both bars."""
    parts = stimulus.parts
    piece = parts["lying bar alone"]
    occluder = parts["upright bar alone"] | parts.get("overlap", np.zeros_like(piece))
    reach = next(n for n in range(1, len(piece)) if (grow(occluder, n) & piece).any())
    cut = edges.outline(piece) & grow(occluder, reach + 1)
    return edges.compare_cut(stimulus, cut, piece, occluder, 5)


def _illusory_occlusion(stimulus: Stimulus) -> Pairs:
    """Compare the square's cross and corners with each other, and with the adjacent ground."""
    corners, cross = (stimulus.parts[name] for name in ("square beside its cross", "cross"))
    ground = ~grow(corners | cross, 1) & ~grow(stimulus.parts["stripes"], 1)
    near = ground & grow(corners | cross, 8)
    return Pairs([(corners, cross)], [(corners, near), (cross, near)])


def _draw_control_stimulus(control: Stimulus) -> Stimulus:
    """Draw a control's stimulus with the same seed, to locate the control's absent figure."""
    parameters = {**control.parameters, "variant": "stimulus"}
    return replace(control, parameters=parameters).redraw()


def _background(stimulus: Stimulus) -> Mask:
    """Return the pixels of the most frequent colour."""
    pixels = stimulus.image.reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    same: Mask = (stimulus.image == colours[counts.argmax()]).all(axis=-1)
    return same


_REGIONS: dict[str, Regions] = {
    "kanizsa_figure": regions.compare_across_edge(
        "illusory_figure", "illusory_contour", "inducers"
    ),
    "varin_figure": regions.compare_across_edge("illusory_figure", "illusory_contour", "inducers"),
    "ehrenstein_figure": regions.compare_across_edge(
        "illusory_figure", "illusory_contour", "lines"
    ),
    "abutting_gratings": regions.compare_across_edge(
        "illusory_figure", "illusory_contour", "lines"
    ),
    "fragmented_outline": regions.compare_across_edge("inside", "gaps", "fragments"),
    "dot_lattice": regions.compare_along_rows,
    "proximity_row": regions.compare_in_row,
    "similarity_rows": regions.compare_along_grid,
    "texture_regions": regions.compare_bands,
    "common_region": regions.compare_in_row,
    "connectedness": regions.compare_in_row,
    "symmetry_pairs": regions.compare_lines,
    "contour_integration": regions.compare_along_path,
    "occluded_bar": regions.compare_over_gap,
    "occluded_disc": edges.compare_cut_edge,
    "transparent_overlap": regions.compare_overlap,
    "convexity": edges.compare_borders,
    "relative_area": edges.compare_around_border,
    "surroundedness": edges.compare_opposite_edges,
    "lower_region": edges.compare_around_border,
    "rubin_vase": edges.compare_profiles,
    "kanizsa": _kanizsa,
    "closure": _closure,
    "continuity": _continuity,
    "proximity": _proximity,
    "gradient_occlusion": _gradient_occlusion,
    "illusory_occlusion": _illusory_occlusion,
}
# a part unique to such scenes: the stimulus in which pixels are compared in the same way
_SCENES = {
    "illusory_figure": "kanizsa_figure",
    "gaps": "fragmented_outline",
    "left piece": "occluded_bar",
    "visible": "occluded_disc",
    "overlap": "transparent_overlap",
}
