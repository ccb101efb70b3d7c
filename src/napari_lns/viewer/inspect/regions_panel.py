"""Inspect's page on regions: a table of groups or of drawn shapes, and the table as CSV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Shapes
from numpy.typing import NDArray
from qtpy.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from napari_lns.analysis.regions import region_table, segment_masks, write_table
from napari_lns.segmentation import Segmentation
from napari_lns.viewer import warm_up
from napari_lns.viewer.inspect.inspected import Inspected, own_layer, show_own
from napari_lns.viewer.inspect.line_panel import PREPARING
from napari_lns.viewer.inspect.panel import Panel
from napari_lns.viewer.inspect.regions import drawn_masks
from napari_lns.viewer.qt.controls import Choice, add_row, button, form_layout

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RegionsPanel"]

GROUPS, SHAPES = "segments", "drawn shapes"
TAKE = "Regions of the table: the result's segments, or shapes that you draw"
DRAW = "Draw regions as shapes in a layer of their own; lines enclose nothing and do not count"
TIP = "Area in pixels; agreement is the best intersection over union with a ground-truth label"
SHAPE: dict[str, Any] = {"edge_color": "#d55e00", "face_color": "#d55e0033", "edge_width": 0.5}


class RegionsPanel(Panel):
    """Tables regions of the result.

    Parameters
    ----------
    inspected
        What is looked at.
    """

    title = "Ta&ble"
    tip = "Areas, variances, affinities of segments or drawn regions"
    place = 5

    def __init__(self, inspected: Inspected) -> None:
        super().__init__(inspected)
        self.shapes: Shapes | None = None
        self.data: pd.DataFrame | None = None
        self._latest = self.answering(self._fill)
        self._build()
        inspected.changed.connect(self.measure)
        self.measure()

    def begin(self) -> None:
        """Show the layer of regions and let the user draw in it, once napari can draw."""
        if not warm_up.shapes.is_done:
            self.text.setText(PREPARING)
        warm_up.shapes.then(self, self._begin)

    def _begin(self) -> None:
        viewer, layer = self._inspected.viewer, self._inspected.layer
        if layer is None or layer not in viewer.layers:
            return
        shapes = own_layer(viewer, layer, "regions")
        if shapes is None:
            shapes = show_own(viewer, layer, "regions", Shapes, None, ndim=2, **SHAPE)
        self.follow(shapes)
        viewer.layers.selection.active = shapes
        shapes.mode = "add_polygon"

    def follow(self, shapes: Shapes) -> None:
        """Table the shapes of a layer from now on."""
        if shapes is not self.shapes:
            if self.shapes is not None:
                self.shapes.events.set_data.disconnect(self.measure)
            self.shapes = shapes
            shapes.events.set_data.connect(self.measure)
        self.take.setCurrentText(SHAPES)
        self.measure()

    def measure(self, *_: object) -> None:
        """Table the regions as they are now."""
        found = self._inspected.segmentation
        self.draw_button.setEnabled(found is not None)
        if found is None:
            self.save_button.setEnabled(False)
            self.text.setText(self._inspected.why_none())
            return
        masks = self._drawn() if self.take.currentData() == SHAPES else None
        self._latest.call(_tabled, found, masks, self._inspected.truth())

    def save(self, path: str | Path) -> None:
        """Write the table as CSV."""
        if self.data is not None:
            try:
                write_table(self.data, path)
                self.text.setText(f"Wrote {path}.")
            except OSError as error:
                self.text.setText(str(error))

    def wait(self) -> None:
        """Block until regions have been measured; they are shown when events are processed."""
        self._latest.wait()

    def _build(self) -> None:
        self.take = Choice([(text, text) for text in (GROUPS, SHAPES)])
        self.draw_button = button("&Draw regions", DRAW, self.begin)
        self.save_button = button("&Save CSV…", "Write the table to a file", self._ask)
        self.table = QTableWidget()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setToolTip(TIP)
        if (numbers := self.table.verticalHeader()) is not None:
            numbers.hide()
        self.table.setMinimumHeight(160)
        form = form_layout()
        add_row(form, "Re&gions", self.take, TAKE)
        row = QHBoxLayout()
        row.addWidget(self.draw_button)
        row.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.addLayout(form)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.text)
        self.take.currentIndexChanged.connect(self.measure)

    def _drawn(self) -> dict[str, NDArray[np.bool_]]:
        layer = self._inspected.layer
        if layer is None or self.shapes is None or not self.shapes.nshapes:
            return {}
        return drawn_masks(self.shapes, layer)

    def _fill(self, table: pd.DataFrame) -> None:
        self.data = table
        self.save_button.setEnabled(True)
        self.table.setRowCount(len(table))
        self.table.setColumnCount(len(table.columns))
        self.table.setHorizontalHeaderLabels(list(table.columns))
        for row, values in enumerate(table.itertuples(index=False)):
            for column, value in enumerate(values):
                self.table.setItem(row, column, QTableWidgetItem(_words(value)))
        self.table.resizeColumnsToContents()
        empty = "Press Draw regions, then draw closed shapes over the image."
        self.text.setText("" if len(table) else empty)

    def _ask(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save table", "regions.csv", "Table (*.csv)")
        if path:
            self.save(path)


def _tabled(
    found: Segmentation,
    masks: dict[str, NDArray[np.bool_]] | None,
    truth: NDArray[Any] | None,
) -> pd.DataFrame:
    return region_table(found, segment_masks(found) if masks is None else masks, truth)


def _words(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return "" if np.isnan(value) else f"{value:.3g}"
