"""The Inspect widget: explore a result by pixel, line, merge height, region and noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import napari
from qtpy.QtCore import QTimer
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from napari_lns.viewer import warm_up
from napari_lns.viewer.inspect.inspection import Inspection
from napari_lns.viewer.inspect.noise_lens import NoiseLens
from napari_lns.viewer.inspect.panel import Panel, panels
from napari_lns.viewer.qt.canvas_keys import CanvasKeys
from napari_lns.viewer.qt.controls import add_row, form_layout, make_scrollable
from napari_lns.viewer.qt.docks import join_docks
from napari_lns.viewer.qt.message_area import plain_label
from napari_lns.viewer.qt.state import read_values, restore_state, save_state_on_hide

if TYPE_CHECKING:
    from napari_lns.viewer.inspect.line_panel import LinePanel
    from napari_lns.viewer.inspect.noise_panel import NoisePanel
    from napari_lns.viewer.inspect.pixel_panel import PixelPanel
    from napari_lns.viewer.inspect.regions_panel import RegionsPanel
    from napari_lns.viewer.inspect.runs_panel import RunsPanel
    from napari_lns.viewer.inspect.scatter_panel import ScatterPanel
    from napari_lns.viewer.inspect.tree_panel import TreePanel

__all__ = ["InspectWidget"]

WARM_UP_DELAY = 500  # milliseconds, so that the widget is painted first
RUN = "The labels layer of the run that is inspected"


class InspectWidget(QWidget):
    """Inspect a result: pixels, lines, merge tree, feature space, regions, noise and runs.

    While the widget is visible, the keys K, H, J, U and N work on the canvas, and W while held.

    Parameters
    ----------
    viewer
        The viewer with the results.
    """

    pixel: PixelPanel
    line: LinePanel
    tree: TreePanel
    scatter: ScatterPanel
    regions: RegionsPanel
    noise: NoisePanel
    runs: RunsPanel

    def __init__(self, viewer: napari.viewer.Viewer) -> None:  # napari reads this type
        super().__init__()
        self.inspection = Inspection(viewer, self)
        self.panels = {name: panel(self.inspection) for name, panel in panels().items()}
        for name, panel in self.panels.items():
            if not hasattr(self, name):  # do not hide attributes of QWidget
                setattr(self, name, panel)
        self.pages = QTabWidget()
        self.pages.setUsesScrollButtons(True)
        self.pages.setStyleSheet("QTabWidget::pane { border: 0px; }")
        if (tabs := self.pages.tabBar()) is not None:
            tabs.setDrawBase(False)
            tabs.setStyleSheet("QTabBar::tab { padding: 3px 1px; }")  # all fit into 280 pixels
        for panel in self.panels.values():
            self.pages.setTabToolTip(
                self.pages.addTab(make_scrollable(panel), panel.title), panel.tip
            )
        self.message = plain_label()  # of the lens, which works on every page
        self.message.hide()
        form = form_layout()
        add_row(form, "&Result", self.inspection.choice, RUN, below=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4, 9, 4, 9)
        layout.addLayout(form)
        layout.addWidget(self.pages, 1)
        layout.addWidget(self.message)
        self.setMinimumWidth(280)
        self._controls: dict[str, QWidget] = {}
        keys: dict[str, Callable[[], object]] = {"H": self.inspection.toggle_maps}
        for panel in self.panels.values():
            self._controls |= panel.controls()
            keys |= panel.keys()
        saved = restore_state("inspect", self._controls)
        page = saved.get("page")
        if isinstance(page, int) and 0 <= page < self.pages.count():
            self.pages.setCurrentIndex(page)
        save_state_on_hide(self, "inspect", self._state)
        join_docks(self)
        self.lens = NoiseLens(self.inspection, self)
        self.lens.message_changed.connect(self._show_message)
        # these letters are free for all kinds of layers
        CanvasKeys(viewer, self, keys, {"W": (self.lens.press, self.lens.release)})

    def showEvent(self, event: QShowEvent | None) -> None:
        """Compile napari's shapes in the background before the first one is drawn."""
        super().showEvent(event)
        QTimer.singleShot(WARM_UP_DELAY, warm_up.shapes.start)

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Stop the lens, because the release of its key would be missed."""
        super().hideEvent(event)
        self.lens.release()

    def show_page(self, page: Panel) -> None:
        """Show one of the `panels`: `pixel`, `line`, `tree` and others."""
        self.pages.setCurrentIndex(list(self.panels.values()).index(page))

    def _show_message(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))

    def _state(self) -> dict[str, Any]:
        return {**read_values(self._controls), "page": self.pages.currentIndex()}
