"""Show a Matplotlib figure in a dock, in the colours of the viewer's theme."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from napari.components import ViewerModel
from napari.utils.notifications import show_error
from napari.utils.theme import get_theme
from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QAction, QFileDialog

from napari_lns._files import write_atomically
from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.qt.navigation import HELP, ZOOM_STEP, Navigation

__all__ = ["Plot", "blank_figure"]

MIN_WIDTH = 200  # pixels
MIN_HEIGHT, MAX_HEIGHT = 230, 330  # pixels high
FIGURES = "Figures (*.pdf *.png *.svg)"
TICKS = 3  # per axis, approximately: half of the time of a drawing goes into their numbers
LABEL_POSITIONS = {"xaxis": (0.5, -0.2), "yaxis": (-0.19, 0.5)}  # fixed: drawing is faster
MARGINS = {"left": 0.2, "right": 0.97, "bottom": 0.14, "top": 0.93, "hspace": 0.3}


class Plot(FigureCanvasQTAgg):
    """A canvas in the colours of the viewer's theme, on which one can zoom, pan and save.

    Parameters
    ----------
    viewer
        The viewer.
    tip
        What the plot shows, as its tooltip.
    figure
        The figure, for example from `blank_figure`.
    """

    def __init__(self, viewer: ViewerModel, tip: str, figure: Figure) -> None:
        super().__init__(figure)  # type: ignore[no-untyped-call]
        self._viewer = viewer
        self.axes: list[Any] = figure.axes
        self.setMinimumHeight(MIN_HEIGHT)
        self.setMaximumHeight(MAX_HEIGHT)
        self.setMinimumWidth(MIN_WIDTH)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(f"{tip}\n{HELP}")
        self._navigation = Navigation(self)
        self._writer = LatestCall(self)
        self._writer.failed.connect(lambda error: show_error(f"The plot was not saved: {error}"))
        self.destroyed.connect(self._writer.close)
        self._add_actions()
        viewer.events.theme.connect(self.apply_theme)
        self.destroyed.connect(partial(_disconnect, viewer, self.apply_theme))
        self.apply_theme()

    def sizeHint(self) -> QSize:
        """Return a small width: the figure's own would make the dock as wide as the canvas."""
        return QSize(MIN_WIDTH, MAX_HEIGHT)

    def draw(self) -> None:
        """Draw the figure, unless the widget has been deleted since the drawing was requested."""
        with suppress(RuntimeError):
            super().draw()  # type: ignore[no-untyped-call]

    def refresh(self) -> None:
        """Draw new content, and reset the view to show all of it."""
        self._navigation.reset_home()
        self.apply_theme()

    def save(self, path: str | Path) -> None:
        """Save the current view to a file, off the main thread, in black on white."""
        self._writer.call(_write, deepcopy(self.figure), Path(path))

    def wait(self) -> None:
        """Block until the plot has been written."""
        self._writer.wait()

    def apply_theme(self, *_: object) -> None:
        """Apply the colours of the viewer's theme."""
        theme = get_theme(self._viewer.theme)
        _set_colours(self.figure, theme.text.as_hex(), theme.background.as_hex())
        self.draw_idle()  # type: ignore[no-untyped-call]

    def _add_actions(self) -> None:
        """Fill the context menu, whose shortcuts work while the plot has the focus."""
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        actions: list[tuple[str, list[str], Callable[[], None]]] = [
            ("Zoom &in", ["+", "="], lambda: self._navigation.zoom(ZOOM_STEP)),
            ("Zoom &out", ["-"], lambda: self._navigation.zoom(1 / ZOOM_STEP)),
            ("Show &all", ["Home"], self._navigation.show_all),
            ("&Save plot…", [], self._ask_where_to_save),
        ]
        for text, keys, slot in actions:
            action = QAction(text, self)
            action.setShortcuts([QKeySequence(key) for key in keys])
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda *_, slot=slot: slot())
            self.addAction(action)

    def _ask_where_to_save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save plot", "plot.pdf", FIGURES)
        if path:
            self.save(path)


def blank_figure(rows: int = 1) -> Figure:
    """Make the figure of a plot, with one axes per row, and draw it once in memory.

    Call this off the main thread: the first drawing also creates the ticks and takes twice as long.
    """
    figure = Figure()
    for axes in figure.subplots(rows, sharex=True, squeeze=False)[:, 0]:
        axes.locator_params(nbins=TICKS)
        for axis, place in LABEL_POSITIONS.items():
            getattr(axes, axis).set_label_coords(*place)
    figure.subplots_adjust(**MARGINS)
    FigureCanvasAgg(figure).draw()  # type: ignore[no-untyped-call]
    return figure


def _write(figure: Figure, path: Path) -> None:
    _set_colours(figure, "black", "white")
    with write_atomically(path) as beside:
        figure.savefig(beside, dpi=300, format=path.suffix[1:] or "png")


def _set_colours(figure: Figure, ink: str, ground: str) -> None:
    figure.set_facecolor(ground)
    for axes in figure.axes:
        axes.set_facecolor(ground)
        axes.tick_params(colors=ink, labelsize=7)
        axes.xaxis.label.set_color(ink)
        axes.yaxis.label.set_color(ink)
        axes.yaxis.get_offset_text().set(color=ink, fontsize=7)
        for spine in axes.spines.values():
            spine.set_color(ink)


def _disconnect(viewer: ViewerModel, apply_theme: object, *_: object) -> None:
    viewer.events.theme.disconnect(apply_theme)
