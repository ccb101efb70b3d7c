from .affinity import Probe, Reading, describe
from .embedding import principal_components, umap
from .figure import draw_figure, make_caption, write_figure
from .hierarchy import merge_partners
from .local_groups import LocalGroup, LocalGroups, local_group, neighbour_graph
from .profiles import Profile, profile
from .regions import region_table, segment_masks, write_table
from .scatter import layout, select_in_lasso
from .scores import (
    adjusted_rand_index,
    best_overlap,
    boundary_f,
    check_ground_truth,
    contingency,
    edge_similarity,
    edges,
    foreground_ari,
    match_labels,
    mean_best_iou,
    variation_of_information,
)
from .uncertainty import disagreement, entropy

__all__ = [
    "LocalGroup",
    "LocalGroups",
    "Probe",
    "Profile",
    "Reading",
    "adjusted_rand_index",
    "best_overlap",
    "boundary_f",
    "check_ground_truth",
    "contingency",
    "describe",
    "disagreement",
    "draw_figure",
    "edge_similarity",
    "edges",
    "entropy",
    "foreground_ari",
    "layout",
    "local_group",
    "make_caption",
    "match_labels",
    "mean_best_iou",
    "merge_partners",
    "neighbour_graph",
    "principal_components",
    "profile",
    "region_table",
    "segment_masks",
    "select_in_lasso",
    "umap",
    "variation_of_information",
    "write_figure",
    "write_table",
]
