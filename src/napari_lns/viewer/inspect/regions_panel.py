"""The *Table* page of Inspect: measures of segments or drawn shapes, and CSV export."""

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
from napari_lns.viewer.inspect.inspection import Inspection, find_derived_layer, show_derived
from napari_lns.viewer.inspect.line_panel import PREPARING
from napari_lns.viewer.inspect.panel import Panel
from napari_lns.viewer.inspect.regions import shape_masks
from napari_lns.viewer.qt.controls import Choice, add_row, button, form_layout

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["RegionsPanel"]

SEGMENTS, SHAPES = "segments", "drawn shapes"
SEGMENT_PREFIX = "segment "  # left out in the table: a narrow dock has no room for it
SOURCE_TIP = "Regions of the table: the result's segments, or shapes that you draw"
DRAW_TIP = "Draw regions as closed shapes in their own layer; lines and paths are ignored"
TABLE_TIP = (
    "Area in pixels; agreement is the best intersection over union with a ground-truth label"
)
SHAPE_OPTIONS: dict[str, Any] = {
    "edge_color": "#d55e00",
    "face_color": "#d55e0033",
    "edge_width": 0.5,
}


class RegionsPanel(Panel):
    """A page with a table of the segments of the result, or of drawn shapes.

    Parameters
    ----------
    inspection
        The inspected run and the mouse position.
    """

    title = "Ta&ble"
    tip = "Areas, variances, affinities of segments or drawn regions"
    place = 5

    def __init__(self, inspection: Inspection) -> None:
        super().__init__(inspection)
        self.shapes: Shapes | None = None
        self.table_data: pd.DataFrame | None = None
        self._latest = self.background_call(self._show_table)
        self._build()
        inspection.changed.connect(self.update_table)
        self.update_table()

    def draw_regions(self) -> None:
        """Let the user draw regions in their own layer, once napari has compiled its shapes."""
        if not warm_up.shapes.is_done:
            self.text.setText(PREPARING)
        warm_up.shapes.call_when_done(self, self._draw_regions)

    def _draw_regions(self) -> None:
        viewer, layer = self._inspection.viewer, self._inspection.layer
        if layer is None or layer not in viewer.layers:
            return
        shapes = find_derived_layer(viewer, layer, "regions")
        if shapes is None:
            shapes = show_derived(viewer, layer, "regions", Shapes, None, ndim=2, **SHAPE_OPTIONS)
        self.follow_shapes(shapes)
        viewer.layers.selection.active = shapes
        shapes.mode = "add_polygon"

    def follow_shapes(self, shapes: Shapes) -> None:
        """Show the shapes of a layer in the table, and update it when they change."""
        if shapes is not self.shapes:
            if self.shapes is not None:
                self.shapes.events.set_data.disconnect(self.update_table)
            self.shapes = shapes
            shapes.events.set_data.connect(self.update_table)
        self.source.setCurrentText(SHAPES)
        self.update_table()

    def update_table(self, *_: object) -> None:
        """Measure the regions, and show them in the table."""
        segmentation = self._inspection.segmentation
        self.draw_button.setEnabled(segmentation is not None)
        if segmentation is None:
            self.save_button.setEnabled(False)
            self.text.setText(self._inspection.why_no_result())
            return
        masks = self._shape_masks() if self.source.currentData() == SHAPES else None
        self._latest.call(_make_table, segmentation, masks, self._inspection.ground_truth())

    def save(self, path: str | Path) -> None:
        """Write the table as CSV."""
        if self.table_data is not None:
            try:
                write_table(self.table_data, path)
                self.text.setText(f"Wrote {path}.")
            except OSError as error:
                self.text.setText(str(error))

    def wait(self) -> None:
        """Block until the regions have been measured; events then show them."""
        self._latest.wait()

    def _build(self) -> None:
        self.source = Choice([(text, text) for text in (SEGMENTS, SHAPES)])
        self.draw_button = button("&Draw regions", DRAW_TIP, self.draw_regions)
        self.save_button = button("&Save CSV…", "Write the table to a file", self._choose_file)
        self.table = QTableWidget()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setToolTip(TABLE_TIP)
        if (numbers := self.table.verticalHeader()) is not None:
            numbers.hide()
        self.table.setMinimumHeight(160)
        form = form_layout()
        add_row(form, "Re&gions", self.source, SOURCE_TIP)
        row = QHBoxLayout()
        row.addWidget(self.draw_button)
        row.addWidget(self.save_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 9, 2, 9)  # tables need the width
        layout.addLayout(form)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.text)
        self.source.currentIndexChanged.connect(self.update_table)

    def _shape_masks(self) -> dict[str, NDArray[np.bool_]]:
        layer = self._inspection.layer
        if layer is None or self.shapes is None or not self.shapes.nshapes:
            return {}
        return shape_masks(self.shapes, layer)

    def _show_table(self, table: pd.DataFrame) -> None:
        self.table_data = table
        self.save_button.setEnabled(True)
        self.table.setRowCount(len(table))
        self.table.setColumnCount(len(table.columns))
        self.table.setHorizontalHeaderLabels([name.replace(" ", "\n", 1) for name in table])
        for row, values in enumerate(table.itertuples(index=False)):
            for column, value in enumerate(values):
                text = _format_cell(value).removeprefix(SEGMENT_PREFIX)
                self.table.setItem(row, column, QTableWidgetItem(text))
        self.table.resizeColumnsToContents()
        empty = "Press Draw regions, then draw closed shapes over the image."
        self.text.setText("" if len(table) else empty)

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save table", "regions.csv", "Table (*.csv)")
        if path:
            self.save(path)


def _make_table(
    segmentation: Segmentation,
    masks: dict[str, NDArray[np.bool_]] | None,
    truth: NDArray[Any] | None,
) -> pd.DataFrame:
    return region_table(
        segmentation, segment_masks(segmentation) if masks is None else masks, truth
    )


def _format_cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return "" if np.isnan(value) else f"{value:.3g}"
