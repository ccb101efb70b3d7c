"""Colours of segments: told apart, the same for the same label, and no two alike up to twenty."""

from __future__ import annotations

from napari.utils.colormaps import CyclicLabelColormap, label_colormap

from napari_lns._colours import COLOURS

__all__ = ["label_colours"]

NAPARI_COLOURS = 255  # colours of napari's own map


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
    return label_colormap(max(NAPARI_COLOURS, segments))
