"""Colours of segments: told apart, the same for the same label, and no two alike up to twenty."""

from __future__ import annotations

from napari.utils.colormaps import CyclicLabelColormap, label_colormap

__all__ = ["COLOURS", "label_colours"]

# Okabe and Ito's eight, told apart by the colour-blind too; then twelve darker and lighter ones.
COLOURS = [
    "#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#0072b2", "#d55e00", "#999999",
    "#7f3c8d", "#a5dc6c", "#8c510a", "#f7b6d2", "#17becf", "#b2182b", "#c7b3e5", "#386641",
    "#ffcf99", "#1b2a6b", "#9edae5", "#5c4033",
]  # fmt: skip
MANY = 255  # colours of napari's own map


def label_colours(segments: int) -> CyclicLabelColormap:
    """Return a label colormap in which no two of so many segments look alike.

    Label 0 is transparent. Beyond twenty segments it is napari's own.

    Parameters
    ----------
    segments
        The highest label.

    Returns
    -------
    napari.utils.colormaps.CyclicLabelColormap

    Examples
    --------
    >>> few = label_colours(20)
    >>> len({tuple(few.map(label)) for label in range(1, 21)})
    20
    """
    if segments <= len(COLOURS):
        return CyclicLabelColormap(colors=["transparent", *COLOURS])
    return label_colormap(max(MANY, segments))
