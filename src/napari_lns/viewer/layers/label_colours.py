"""Choose colours for segments: one per label, distinct for up to twenty segments."""

from __future__ import annotations

from napari.utils.colormaps import CyclicLabelColormap, label_colormap

from napari_lns._colours import COLOURS

__all__ = ["label_colours"]

NAPARI_COLOURS = 255  # number of colours in napari's default colormap


def label_colours(segments: int) -> CyclicLabelColormap:
    """Return a label colormap with distinct colours for a number of segments.

    Label 0 is transparent. For more than twenty segments, napari's colormap is returned.

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
