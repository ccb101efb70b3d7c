"""The Inspect widget: ask a result of any pixel, line, height and region what lies behind it."""

from __future__ import annotations

from typing import Any

import napari
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QScrollArea, QTabWidget, QVBoxLayout, QWidget

from napari_lns.viewer.controls import add_row, form_layout
from napari_lns.viewer.inspected import Inspected
from napari_lns.viewer.line_panel import LinePanel
from napari_lns.viewer.pixel_panel import PixelPanel
from napari_lns.viewer.play_panel import PlayPanel
from napari_lns.viewer.regions_panel import RegionsPanel
from napari_lns.viewer.scatter_panel import ScatterPanel
from napari_lns.viewer.state import keep_state, restore, values_of
from napari_lns.viewer.tree_panel import TreePanel

__all__ = ["InspectWidget"]

RUN = "The labels layer of the run that is looked at"


class InspectWidget(QWidget):
    """Look behind a result: pixels, lines, the hierarchy, feature space, regions, noisy outputs.

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
        self._panels: list[QWidget] = []
        self.pages = QTabWidget()
        self.pages.setUsesScrollButtons(True)
        self.pages.setDocumentMode(True)
        self._add("Pi&xel", self.pixel, "The pixel under the mouse")
        self._add("L&ine", self.line, "Variance and affinity along a line")
        self._add("&Tree", self.tree, "Boundaries and groups from fine to coarse")
        self._add("Pl&ot", self.scatter, "All pixels in feature space")
        self._add("Ta&ble", self.regions, "Areas, variances, affinities of groups or drawn regions")
        self._add("Pla&y", self.play, "Noisy outputs, latent units, uncertainty, runs side by side")
        form = form_layout()
        add_row(form, "&Result", self.inspected.choice, RUN)
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

    def turn_to(self, page: QWidget) -> None:
        """Show one of the pages: `pixel`, `line`, `tree`, `scatter`, `regions` or `play`."""
        self.pages.setCurrentIndex(self._panels.index(page))

    def _state(self) -> dict[str, Any]:
        return {**values_of(self._controls), "page": self.pages.currentIndex()}

    def _add(self, title: str, page: QWidget, tip: str) -> None:
        self._panels.append(page)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        self.pages.setTabToolTip(self.pages.addTab(area, title), tip)
