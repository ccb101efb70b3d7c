"""`draw_figure`: a publication figure of a result with panels, scale, colour bars and caption."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from napari_lns._colours import COLOURS
from napari_lns._files import write_atomically
from napari_lns._levels import read_level
from napari_lns.segmentation import Segmentation, segmenters

__all__ = ["draw_figure", "make_caption", "write_figure"]

SUFFIXES = (".png", ".pdf", ".svg")
COLUMNS = 3
ALWAYS = ("method", "samples", "clusterer")
SIZE = 2.2  # size of a panel in inches
TEXT: Any = {"font.size": 8, "pdf.fonttype": 42, "svg.fonttype": "none"}


def draw_figure(segmentation: Segmentation) -> Figure:
    """Draw image, segments, variance, reconstruction, error and boundaries side by side.

    Parameters
    ----------
    segmentation
        The result; panels of missing maps are left out.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, without a window.

    Examples
    --------
    >>> result = Segmentation(np.zeros((4, 4, 3)), np.ones((4, 4)))
    >>> [axes.get_title() for axes in draw_figure(result).axes]
    ['image', 'segments (1)']
    """
    with matplotlib.rc_context(TEXT):
        maps = {
            "variance": (segmentation.variance, "viridis"),
            "reconstruction": (segmentation.reconstruction, None),
            "squared error": (segmentation.error, "magma"),
            "merge height": (
                segmentation.boundaries if segmentation.tree is not None else None,
                "gray",
            ),
        }
        present = {
            name: (data, colours) for name, (data, colours) in maps.items() if data is not None
        }
        figure, axes = _panels(2 + len(present))
        _show(axes[0], "image", segmentation.image)
        _show_segments(axes[1], segmentation)
        for place, (name, (data, colours)) in zip(axes[2:], present.items(), strict=True):
            _show(place, name, data, colours)
        _add_scale(axes[0], segmentation.image.shape[1])
        caption = textwrap.fill(make_caption(segmentation.record), 96)
        figure.supxlabel(caption, fontsize=7, x=0.01, ha="left")
        _write_level(figure, segmentation.record)
    return figure


def write_figure(segmentation: Segmentation, path: str | os.PathLike[str]) -> None:
    """Write the figure atomically as PNG (300 dots per inch), PDF or SVG.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> result = Segmentation(np.zeros((4, 4, 3)), np.ones((4, 4)))
    >>> with TemporaryDirectory() as folder:
    ...     write_figure(result, f"{folder}/figure.png")
    """
    target = Path(path)
    if target.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{os.fspath(path)!r} must end in {', '.join(SUFFIXES)}")
    with write_atomically(target) as beside, matplotlib.rc_context(TEXT):
        kind = target.suffix[1:].lower()
        draw_figure(segmentation).savefig(beside, dpi=300, format=kind)


def make_caption(record: Mapping[str, Any]) -> str:
    """Return one line that describes how a result was made.

    Examples
    --------
    >>> make_caption({"segmenter": "lns", "model": {"name": "m"}, "parameters": {"samples": 80}})
    'lns; model m; samples 80'
    """
    model = (record.get("model") or {}).get("name", "")
    used = record.get("used", {})
    facts = {
        "model": model,
        "σ": f"{used['sigma']:.3g}" if "sigma" in used else "",
        **{n: v for n, v in record.get("parameters", {}).items() if _is_notable(record, n, v)},
        **record.get("cut", {}),
    }
    words = [f"{name.replace('_', ' ')} {value}" for name, value in facts.items() if value != ""]
    return "; ".join(filter(None, [str(record.get("segmenter", "")), *words]))


def _is_notable(record: Mapping[str, Any], name: str, value: object) -> bool:
    segmenter = segmenters().get(record.get("segmenter", ""))
    parameter = None if segmenter is None else segmenter.parameters.get(name)
    is_default = parameter is not None and parameter.default == value
    return name in ALWAYS or (name != "device" and not is_default)


def _panels(count: int) -> tuple[Figure, list[Axes]]:
    columns = min(COLUMNS, count)
    rows = -(-count // columns)
    figure = Figure(figsize=(SIZE * columns, SIZE * rows + 0.6), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for unused in grid[count:]:
        unused.remove()
    return figure, list(grid[:count])


def _write_level(figure: Figure, record: Mapping[str, Any]) -> None:
    """Write above the panels how well the image fits the network, in the level's colour."""
    level = read_level(record)
    if level is not None:
        text = textwrap.fill(f"{level.value}: {record['fit']['sentence']}", 96)
        figure.suptitle(text, fontsize=7, x=0.01, ha="left", color=level.colour)


def _show(axes: Axes, title: str, data: Any, colours: str | None = None) -> None:
    axes.set_title(title)
    axes.set_axis_off()
    if colours is None:
        axes.imshow(np.clip(data, 0, 1), interpolation="nearest")
        return
    highest = float(np.quantile(data, 0.995)) or float(data.max()) or 1.0
    mappable = axes.imshow(data, cmap=colours, vmin=0, vmax=highest, interpolation="nearest")
    bar = axes.figure.colorbar(mappable, ax=axes, fraction=0.046, pad=0.03, extend="max")
    bar.ax.ticklabel_format(axis="y", scilimits=(-2, 3))


def _show_segments(axes: Axes, segmentation: Segmentation) -> None:
    labels: NDArray[Any] = (segmentation.labels - 1) % len(COLOURS)
    axes.set_title(f"segments ({segmentation.clusters})")
    axes.set_axis_off()
    colours = ListedColormap(COLOURS)
    axes.imshow(labels, cmap=colours, vmin=0, vmax=len(COLOURS) - 1, interpolation="nearest")


def _add_scale(axes: Axes, width: int) -> None:
    """Draw a scale bar of about a quarter of the width below the image."""
    rough = max(1, width // 4)
    length = 2 ** int(np.log2(rough))
    axes.annotate(
        f"{length} px",
        (length / 2, 0),
        xycoords=("data", "axes fraction"),
        xytext=(0, -5),
        textcoords="offset points",
        ha="center",
        va="top",
        annotation_clip=False,
    )
    axes.annotate(
        "", (length - 0.5, 0), (-0.5, 0), xycoords=("data", "axes fraction"),
        arrowprops={"arrowstyle": "|-|,widthA=0.2,widthB=0.2", "shrinkA": 0, "shrinkB": 0},
        annotation_clip=False,
    )  # fmt: skip
