"""`Plot`: a Matplotlib canvas in a dock, in the colours of the viewer's theme."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_qtagg import FigureCanvasQTAgg
from matplotlib.figure import Figure
from napari.components import ViewerModel
from napari.utils.notifications import show_error
from napari.utils.theme import get_theme
from qtpy.QtCore import QSize, Qt
from qtpy.QtWidgets import QAction, QFileDialog

from napari_lns._files import written_whole

__all__ = ["Plot"]

NARROWEST = 200  # pixels
LEAST, MOST = 230, 330  # pixels high
FIGURES = "Figures (*.pdf *.png *.svg)"
MARGINS = {"left": 0.2, "right": 0.97, "bottom": 0.14, "top": 0.93, "hspace": 0.3}


class Plot(FigureCanvasQTAgg):
    """A figure that follows the viewer's theme, light or dark; its context menu saves it.

    Parameters
    ----------
    viewer
        The viewer.
    rows
        How many axes stand one above the other.
    """

    def __init__(self, viewer: ViewerModel, rows: int = 1) -> None:
        super().__init__(Figure())  # type: ignore[no-untyped-call]
        self._viewer = viewer
        self.axes: list[Any] = list(self.figure.subplots(rows, sharex=True, squeeze=False)[:, 0])
        self.figure.subplots_adjust(**MARGINS)
        self.setMinimumHeight(LEAST)
        self.setMaximumHeight(MOST)
        self.setMinimumWidth(NARROWEST)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        save = QAction("&Save plot…", self)
        save.triggered.connect(self._ask_where_to_save)
        self.addAction(save)
        viewer.events.theme.connect(self.paint_theme)
        self.destroyed.connect(partial(_disconnect, viewer, self.paint_theme))
        self.paint_theme()

    def sizeHint(self) -> QSize:
        """Ask for little width: the figure's own would make the dock as wide as the canvas."""
        return QSize(NARROWEST, MOST)

    def draw(self) -> None:
        """Draw the figure; a drawing asked for before the widget's end may come after it."""
        with suppress(RuntimeError):
            super().draw()  # type: ignore[no-untyped-call]

    def save(self, path: str | Path) -> None:
        """Write the plot to a file, black on white as in print."""
        self._paint("black", "white")
        try:
            with written_whole(path) as beside:
                self.figure.savefig(beside, dpi=300, format=Path(path).suffix[1:] or "png")
        finally:
            self.paint_theme()

    def paint_theme(self, *_: Any) -> None:
        """Take the colours of the viewer's theme."""
        theme = get_theme(self._viewer.theme)
        self._paint(theme.text.as_hex(), theme.background.as_hex())
        self.draw_idle()  # type: ignore[no-untyped-call]

    def _paint(self, ink: str, ground: str) -> None:
        self.figure.set_facecolor(ground)
        for axes in self.axes:
            axes.set_facecolor(ground)
            axes.tick_params(colors=ink, labelsize=7)
            axes.xaxis.label.set_color(ink)
            axes.yaxis.label.set_color(ink)
            axes.yaxis.get_offset_text().set(color=ink, fontsize=7)
            for spine in axes.spines.values():
                spine.set_color(ink)

    def _ask_where_to_save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save plot", "plot.pdf", FIGURES)
        if path:
            try:
                self.save(path)
            except (OSError, ValueError) as error:
                show_error(f"The plot was not saved: {error}")


def _disconnect(viewer: ViewerModel, paint_theme: Any, *_: Any) -> None:
    viewer.events.theme.disconnect(paint_theme)
