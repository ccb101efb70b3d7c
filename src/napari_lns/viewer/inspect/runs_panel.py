"""Inspect's page on the viewer's runs: choose, name, save, remove and compare them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from napari.components import ViewerModel
from napari.layers import Layer
from qtpy.QtCore import QSignalBlocker, Qt, QTimer
from qtpy.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStyledItemDelegate,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
)

from napari_lns.viewer.inspect.compare import Comparison
from napari_lns.viewer.inspect.inspected import Inspected
from napari_lns.viewer.inspect.panel import Panel
from napari_lns.viewer.layers.runs import (
    differences,
    remove_run,
    rename_run,
    results_of,
    summary_of_run,
)
from napari_lns.viewer.qt.controls import button
from napari_lns.viewer.qt.message_area import plain_tip
from napari_lns.viewer.segment.keep_menu import RUNS, save_all

__all__ = ["RunsPanel"]

NONE = "There is no run yet: press Run in the Segment widget."
HINT = (
    "Rename a run (double click, or F2), and the next run of the image leaves "
    "it as it is. Tick two or more to compare them."
)
COLUMNS = ["Run", "Method", "Segments", "ARI"]
LIST = (
    "The runs in the viewer: the chosen one is inspected, and the others' segments are hidden.\n"
    "N on the canvas: the next. ARI: agreement with the ground truth, at most 1."
)
# napari's themes draw none in a list: empty ones would be as dark as their ground
BOXES = """
QTreeView::indicator { width: 11px; height: 11px; border: 1px solid #999999; border-radius: 2px; }
QTreeView::indicator:checked { background: #56b4e9; }
"""
SAVE = "Save the chosen run to a file, which Export in Segment, or napari, opens again"
REMOVE = "Remove the chosen run's layers from the viewer"
BESIDE = (
    "Show the ticked runs side by side, linked: all show the affinity of the pixel under the mouse"
)
LAYER = Qt.ItemDataRole.UserRole


class RunsPanel(Panel):
    """Lists the runs.

    Parameters
    ----------
    inspected
        What is looked at.
    """

    title = "Ru&ns"
    tip = "All runs in the viewer: choose, name, save, compare them"
    place = 7

    def __init__(self, inspected: Inspected) -> None:
        super().__init__(inspected)
        self.comparison: Comparison | None = None
        self._latest = self.answering(lambda said: self.text.setText(said))
        self._later = QTimer(self)  # a run's layers are complete once its call has returned
        self._later.setSingleShot(True)
        self._later.timeout.connect(self.look)
        self._build()
        inspected.choice.listed.connect(self._soon)
        inspected.changed.connect(self._soon)
        inspected.hovered.connect(self._follow)
        self.destroyed.connect(partial(_disconnect, inspected.viewer, self._soon))
        self.look()

    def keys(self) -> dict[str, Callable[[], object]]:
        """Return the key that chooses the next run."""
        return {"N": self.choose_next}

    def look(self) -> None:
        """List the runs as they are now; what is ticked stays so."""
        ticked, known = self.ticked(), self._inspected.choice.known()
        with QSignalBlocker(self.list):
            self.list.clear()
            for layer, apart in zip(known, differences(known), strict=True):
                layer.events.data.connect(self._soon)  # once: connecting again changes nothing
                self.list.addTopLevelItem(self._item(layer, apart, on=layer in ticked))
                if layer is self._inspected.choice.layer():
                    self.list.setCurrentItem(
                        self.list.topLevelItem(self.list.topLevelItemCount() - 1)
                    )
        for each in (self.save_button, self.remove_button):
            each.setEnabled(bool(known))
        self.beside.setEnabled(len(known) > 1 or self.beside.isChecked())
        if self.text.text() in ("", NONE, HINT):
            self.text.setText(HINT if known else NONE)

    def ticked(self) -> list[Layer]:
        """Return the labels layers of the runs that are ticked."""
        return [
            item.data(0, LAYER)
            for item in self._items()
            if item.checkState(0) == Qt.CheckState.Checked
        ]

    def choose(self, labels: Layer) -> None:
        """Choose a run, and show its segments alone."""
        self._inspected.choice.choose(labels)
        if self.comparison is None:
            for layer in self._inspected.choice.known():
                layer.visible = layer is labels

    def choose_next(self) -> None:
        """Look at the next run, after the last one at the first."""
        known = self._inspected.choice.known()
        if known:
            chosen = self._inspected.choice.layer()
            place = known.index(chosen) + 1 if chosen in known else 0
            self.choose(known[place % len(known)])

    def compare(self, on: bool) -> None:
        """Set the ticked runs side by side, or end it."""
        if self.comparison is not None:
            self.comparison.close()
            self.comparison = None
        runs = self.ticked()
        if on and len(runs) > 1:
            self.comparison = Comparison(self._inspected.viewer, runs)
        elif on:
            self.text.setText("Tick two runs or more first.")
            self.beside.setChecked(False)

    def remove(self) -> None:
        """Remove the chosen run."""
        self.beside.setChecked(False)
        if (labels := self._inspected.choice.layer()) is not None:
            remove_run(self._inspected.viewer, labels)

    def wait(self) -> None:
        """Block until the run has been written; it is told when events are processed."""
        self._latest.wait()

    def _build(self) -> None:
        self.list = QTreeWidget()
        self.list.setHeaderLabels(COLUMNS)
        self.list.setRootIsDecorated(False)
        self.list.setToolTip(LIST)
        self.list.setAccessibleName("Runs")
        self.list.setMinimumHeight(120)
        self.list.setStyleSheet(BOXES)
        self.list.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        for column in range(1, len(COLUMNS)):
            self.list.setItemDelegateForColumn(column, _Fixed(self.list))
        if (header := self.list.header()) is not None:
            header.setStretchLastSection(False)
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.list.currentItemChanged.connect(self._chosen)
        self.list.itemChanged.connect(self._renamed)
        self.save_button = button("&Save run…", SAVE, self._ask)
        self.remove_button = button("Re&move", REMOVE, self.remove)
        self.beside = QPushButton("Compar&e")
        self.beside.setCheckable(True)
        self.beside.setToolTip(BESIDE)
        self.beside.toggled.connect(self.compare)
        row = QHBoxLayout()
        row.addWidget(self.save_button)
        row.addWidget(self.remove_button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.list, 1)
        layout.addLayout(row)
        layout.addWidget(self.beside)
        layout.addWidget(self.text)

    def _item(self, layer: Layer, apart: str, *, on: bool) -> QTreeWidgetItem:
        summary = summary_of_run(layer)
        item = QTreeWidgetItem([*summary._replace(method=apart or summary.method)])
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable)
        item.setData(0, LAYER, layer)
        item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        item.setToolTip(1, plain_tip(f"{summary.method}\n{apart}".strip()))
        return item

    def _items(self) -> list[QTreeWidgetItem]:
        items = [self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount())]
        return [item for item in items if item is not None]

    def _chosen(self, item: QTreeWidgetItem | None, _: object) -> None:
        if item is not None:
            self.choose(item.data(0, LAYER))

    def _renamed(self, item: QTreeWidgetItem, _: int) -> None:
        labels, name = item.data(0, LAYER), item.text(0).strip()
        if name != summary_of_run(labels).name:
            if name and labels in self._inspected.viewer.layers:
                rename_run(self._inspected.viewer, labels, name)
            self._soon()

    def _soon(self, *_: object) -> None:
        self._later.start(0)

    def _follow(self, row: int, column: int) -> None:
        if self.comparison is not None:
            self.comparison.follow(row, column)

    def _ask(self) -> None:
        labels = self._inspected.choice.layer()
        path, _ = QFileDialog.getSaveFileName(self, "Save run", "run.npz", RUNS)
        if path and labels is not None:
            self._latest.call(save_all, results_of(labels), path)


class _Fixed(QStyledItemDelegate):
    """Leaves what stands in a column as it is."""

    def createEditor(self, *_: object) -> None:
        """Open no editor."""


def _disconnect(viewer: ViewerModel, soon: Any, *_: object) -> None:
    for layer in viewer.layers:
        layer.events.data.disconnect(soon)
