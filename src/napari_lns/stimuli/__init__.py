"""Stimuli: `Stimulus`, the Good Gestalt sets, parametric illusions, files."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from napari_lns._parameters import Colour, Range
from napari_lns.stimuli.registry import (
    control,
    description,
    draw,
    groups,
    is_random,
    names,
    parameters,
    register,
    title,
)
from napari_lns.stimuli.series import iter_sweep, stream, sweep
from napari_lns.stimuli.stimulus import Stimulus

if TYPE_CHECKING:
    from napari_lns.stimuli import files, good_gestalt, worlds
    from napari_lns.stimuli.connection import common_region, connectedness
    from napari_lns.stimuli.contours import contour_integration
    from napari_lns.stimuli.figure_ground import (
        convexity,
        lower_region,
        relative_area,
        rubin_vase,
        surroundedness,
    )
    from napari_lns.stimuli.files import read, write
    from napari_lns.stimuli.illusory_contours import (
        abutting_gratings,
        ehrenstein_figure,
        kanizsa_figure,
        varin_figure,
    )
    from napari_lns.stimuli.occlusion import occluded_bar, occluded_disc, relatable
    from napari_lns.stimuli.outlines import fragmented_outline
    from napari_lns.stimuli.proximity import dot_lattice, proximity_row
    from napari_lns.stimuli.scenes import dead_leaves
    from napari_lns.stimuli.similarity import similarity_rows
    from napari_lns.stimuli.symmetry import symmetry_pairs
    from napari_lns.stimuli.textures import texture_regions
    from napari_lns.stimuli.transparency import transparent_overlap
    from napari_lns.stimuli.worlds import world

# Loaded on first use: each name, and the module that holds it.
_LAZY = {
    "common_region": "connection",
    "connectedness": "connection",
    "contour_integration": "contours",
    "convexity": "figure_ground",
    "dead_leaves": "scenes",
    "lower_region": "figure_ground",
    "relative_area": "figure_ground",
    "rubin_vase": "figure_ground",
    "surroundedness": "figure_ground",
    "read": "files",
    "write": "files",
    "abutting_gratings": "illusory_contours",
    "ehrenstein_figure": "illusory_contours",
    "kanizsa_figure": "illusory_contours",
    "varin_figure": "illusory_contours",
    "occluded_bar": "occlusion",
    "occluded_disc": "occlusion",
    "relatable": "occlusion",
    "fragmented_outline": "outlines",
    "dot_lattice": "proximity",
    "proximity_row": "proximity",
    "similarity_rows": "similarity",
    "symmetry_pairs": "symmetry",
    "texture_regions": "textures",
    "transparent_overlap": "transparency",
    "world": "worlds",
}

__all__ = [
    "Colour",
    "Range",
    "Stimulus",
    "abutting_gratings",
    "common_region",
    "connectedness",
    "contour_integration",
    "control",
    "convexity",
    "dead_leaves",
    "description",
    "dot_lattice",
    "draw",
    "ehrenstein_figure",
    "files",
    "fragmented_outline",
    "good_gestalt",
    "groups",
    "is_random",
    "iter_sweep",
    "kanizsa_figure",
    "lower_region",
    "names",
    "occluded_bar",
    "occluded_disc",
    "parameters",
    "proximity_row",
    "read",
    "register",
    "relatable",
    "relative_area",
    "rubin_vase",
    "similarity_rows",
    "stream",
    "surroundedness",
    "sweep",
    "symmetry_pairs",
    "texture_regions",
    "title",
    "transparent_overlap",
    "varin_figure",
    "world",
    "worlds",
    "write",
]


def __getattr__(name: str) -> Any:
    if name in ("files", "good_gestalt", "worlds"):
        return importlib.import_module(f"{__name__}.{name}")
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
