# Written by scripts/update_generated.py.
from . import files, good_gestalt, scene, worlds
from .connection import common_region, connectedness
from .contours import contour_integration
from .figure_ground import (
    convexity,
    lower_region,
    relative_area,
    rubin_vase,
    surroundedness,
)
from .files import read, write
from .illusory_contours import (
    abutting_gratings,
    ehrenstein_figure,
    kanizsa_figure,
    varin_figure,
)
from .occlusion import occluded_bar, occluded_disc, relatable
from .outlines import fragmented_outline
from .proximity import dot_lattice, proximity_row
from .registry import (
    Colour,
    Range,
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
from .scene import Scene
from .scenes import dead_leaves
from .series import iter_sweep, stream, sweep
from .similarity import similarity_rows
from .stimulus import Stimulus
from .symmetry import symmetry_pairs
from .textures import texture_regions
from .transparency import transparent_overlap
from .worlds import world

__all__ = [
    "Colour",
    "Range",
    "Scene",
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
    "scene",
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
