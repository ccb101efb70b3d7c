"""The Inspect widget: ask a result of any pixel, line, height and region what lies behind it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import napari
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from napari_lns.viewer import warm_up
from napari_lns.viewer.canvas_keys import CanvasKeys
from napari_lns.viewer.controls import add_row, form_layout, scrolled
from napari_lns.viewer.docks import join_docks
from napari_lns.viewer.inspected import Inspected
from napari_lns.viewer.line_panel import LinePanel
from napari_lns.viewer.noise_lens import NoiseLens
from napari_lns.viewer.pixel_panel import PixelPanel
from napari_lns.viewer.play_panel import PlayPanel
from napari_lns.viewer.regions_panel import RegionsPanel
from napari_lns.viewer.runs_panel import RunsPanel
from napari_lns.viewer.scatter_panel import ScatterPanel
from napari_lns.viewer.state import keep_state, restore, values_of
from napari_lns.viewer.tree_panel import TreePanel

__all__ = ["InspectWidget"]

SOON = 500  # milliseconds, in which the widget is painted
RUN = "The labels layer of the run that is inspected"


class InspectWidget(QWidget):
    """Inspect a result: pixels, lines, the hierarchy, feature space, regions, noisy outputs, runs.

    While it is seen, single keys work on the canvas: K, H, J, U, N, and W while it is held.

    Parameters
    ----------
    viewer
        The viewer in which a result is shown.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:  # as napari looks for it
        super().__init__()
        self.inspected = Inspected(viewer, self)
        self.pixel = PixelPanel(self.inspected)
        self.line = LinePanel(self.inspected)
        self.tree = TreePanel(self.inspected)
        self.scatter = ScatterPanel(self.inspected)
        self.regions = RegionsPanel(self.inspected)
        self.play = PlayPanel(self.inspected)
        self.runs = RunsPanel(self.inspected)
        self._panels: list[QWidget] = []
        self.pages = QTabWidget()
        self.pages.setUsesScrollButtons(True)
        self.pages.setDocumentMode(True)
        if (tabs := self.pages.tabBar()) is not None:
            tabs.setDrawBase(False)
            tabs.setStyleSheet("QTabBar::tab { padding: 3px 2px; }")  # all fit into 320 pixels
        self._add("Pi&xel", self.pixel, "The pixel under the mouse")
        self._add("L&ine", self.line, "Variance and affinity along a line")
        self._add("&Tree", self.tree, "Boundaries and segments from fine to coarse")
        self._add("S&pace", self.scatter, "Feature space: all pixels as dots")
        self._add(
            "Ta&ble", self.regions, "Areas, variances, affinities of segments or drawn regions"
        )
        self._add("N&oise", self.play, "Noise movie, latent units, uncertainty")
        self._add("Ru&ns", self.runs, "All runs in the viewer: choose, name, save, compare them")
        form = form_layout()
        add_row(form, "&Result", self.inspected.choice, RUN, below=True)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addWidget(self.pages, 1)
        self.setMinimumWidth(280)
        self._controls = {
            "affinity": self.pixel.affinity,
            "grow": self.pixel.grow,
            "reach": self.pixel.reach,
            "height": self.tree.height_slider,
            "groups": self.tree.groups,
            "edges": self.tree.edges,
        }
        left = restore("inspect", self._controls)
        self.pages.setCurrentIndex(int(left.get("page", 0)))
        keep_state(self, "inspect", self._state)
        join_docks(self)
        # letters that are free on layers of every kind
        keys: dict[str, Callable[[], object]] = {
            "K": self._pin,
            "H": self.inspected.hide_or_show,
            "J": partial(self._coarser, 1),
            "U": partial(self._coarser, -1),
            "N": self.runs.choose_next,
        }
        self.lens = NoiseLens(self.inspected, self)
        self.lens.told.connect(self.play.text.setText)
        CanvasKeys(viewer, self, keys, {"W": (self.lens.press, self.lens.release)})

    def showEvent(self, event: Any) -> None:
        """Let napari compile its shapes before the first one is drawn."""
        super().showEvent(event)
        QTimer.singleShot(SOON, warm_up.shapes.begin)

    def hideEvent(self, event: Any) -> None:
        """End the lens: its key's release would not be heard."""
        super().hideEvent(event)
        self.lens.release()

    def turn_to(self, page: QWidget) -> None:
        """Show one of the pages: `pixel`, `line`, `tree`, `scatter`, `regions`, `play`, `runs`."""
        self.pages.setCurrentIndex(self._panels.index(page))

    def _pin(self) -> None:
        """Pin the pixel under the mouse, or let it go."""
        if self.inspected.pixel is not None and self.inspected.segmentation is not None:
            self.pixel.pin(*self.inspected.pixel)

    def _coarser(self, percent: int) -> None:
        slider = self.tree.height_slider
        if slider.isEnabled():
            slider.setValue(slider.value() + percent)

    def _state(self) -> dict[str, Any]:
        return {**values_of(self._controls), "page": self.pages.currentIndex()}

    def _add(self, title: str, page: QWidget, tip: str) -> None:
        self._panels.append(page)
        self.pages.setTabToolTip(self.pages.addTab(scrolled(page), title), tip)
