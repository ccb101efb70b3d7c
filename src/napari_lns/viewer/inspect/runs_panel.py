"""The *Runs* page of Inspect: choose, rename, save, remove and compare the viewer's runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

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
from napari_lns.viewer.inspect.inspection import Inspection
from napari_lns.viewer.inspect.panel import Panel
from napari_lns.viewer.layers.runs import (
    differences,
    remove_run,
    rename_run,
    run_results,
    summarize_run,
)
from napari_lns.viewer.qt.controls import button
from napari_lns.viewer.qt.message_area import plain_tip
from napari_lns.viewer.segment.export_menu import RUN_FILES, save_runs

__all__ = ["RunsPanel"]

NO_RUN = "There is no run yet: press Run in the Segment widget."
HINT = (
    "Rename a run (double click or F2), and later runs do not replace it. Tick two or more "
    "runs to compare them."
)
COLUMNS = ["Run", "Segments", "ARI"]
LIST_TIP = (
    "The runs in the viewer: the chosen one is inspected, and the others' segments are hidden.\n"
    "Below each name: what differs from the other runs. N on the canvas: the next run.\n"
    "ARI: agreement with the ground truth, at most 1."
)
# napari's themes do not style check boxes in lists: empty ones would be invisible
CHECKBOX_STYLE = """
QTreeView::indicator { width: 11px; height: 11px; border: 1px solid #999999; border-radius: 2px; }
QTreeView::indicator:checked { background: #56b4e9; }
"""
SAVE_TIP = "Save the chosen run to a file, which Export… in Segment, or napari, can open"
REMOVE_TIP = "Remove the chosen run's layers from the viewer"
COMPARE_TIP = (
    "Show the ticked runs side by side, each with the affinity of the pixel under the mouse"
)
LAYER_ROLE = Qt.ItemDataRole.UserRole


class RunsPanel(Panel):
    """A page that lists the runs in the viewer.

    Parameters
    ----------
    inspection
        The inspected run and the mouse position.
    """

    title = "Ru&ns"
    tip = "All runs in the viewer: choose, name, save, compare them"
    place = 7

    def __init__(self, inspection: Inspection) -> None:
        super().__init__(inspection)
        self.comparison: Comparison | None = None
        self._latest = self.background_call(lambda message: self.text.setText(message))
        self._refresh_timer = QTimer(
            self
        )  # the layers of a run are complete once its call has returned
        self._refresh_timer.setSingleShot(True)
        self._refresh_timer.timeout.connect(self.refresh)
        self._build()
        inspection.choice.layers_changed.connect(self._refresh_later)
        inspection.changed.connect(self._refresh_later)
        self.destroyed.connect(partial(_disconnect, inspection.viewer, self._refresh_later))
        self.refresh()

    def keys(self) -> dict[str, Callable[[], object]]:
        """Return the key that chooses the next run."""
        return {"N": self.choose_next}

    def refresh(self) -> None:
        """Update the list of runs; ticked runs stay ticked."""
        ticked_runs, runs = self.ticked_runs(), self._inspection.choice.layers()
        with QSignalBlocker(self.list):
            self.list.clear()
            for layer, difference in zip(runs, differences(runs), strict=True):
                layer.events.data.connect(self._refresh_later)  # again: no effect
                self._add_run(layer, difference, on=layer in ticked_runs)
                if layer is self._inspection.choice.layer():
                    self.list.setCurrentItem(
                        self.list.topLevelItem(self.list.topLevelItemCount() - 1)
                    )
        for each in (self.save_button, self.remove_button):
            each.setEnabled(bool(runs))
        self.compare_button.setEnabled(len(runs) > 1 or self.compare_button.isChecked())
        if self.text.text() in ("", NO_RUN, HINT):
            self.text.setText(HINT if runs else NO_RUN)

    def ticked_runs(self) -> list[Layer]:
        """Return the labels layers of the ticked runs."""
        return [
            item.data(0, LAYER_ROLE)
            for item in self._items()
            if item.checkState(0) == Qt.CheckState.Checked
        ]

    def choose(self, labels: Layer) -> None:
        """Choose a run, and hide the segments of the others."""
        self._inspection.choice.choose(labels)
        if self.comparison is None:
            for layer in self._inspection.choice.layers():
                layer.visible = layer is labels

    def choose_next(self) -> None:
        """Choose the next run; after the last one, the first."""
        runs = self._inspection.choice.layers()
        if runs:
            current = self._inspection.choice.layer()
            place = runs.index(current) + 1 if current in runs else 0
            self.choose(runs[place % len(runs)])

    def compare(self, on: bool) -> None:
        """Show the ticked runs side by side, or end the comparison."""
        if self.comparison is not None:
            self.comparison.close()
            self.comparison = None
        runs = self.ticked_runs()
        if on and len(runs) > 1:
            self.comparison = Comparison(self._inspection.viewer, runs)
        elif on:
            self.text.setText("Tick two or more runs first.")
            self.compare_button.setChecked(False)

    def remove(self) -> None:
        """Remove the chosen run."""
        self.compare_button.setChecked(False)
        if (labels := self._inspection.choice.layer()) is not None:
            remove_run(self._inspection.viewer, labels)

    def wait(self) -> None:
        """Block until the run has been saved; events then show the message."""
        self._latest.wait()

    def _build(self) -> None:
        self.list = QTreeWidget()
        self.list.setHeaderLabels(COLUMNS)
        self.list.setRootIsDecorated(False)
        self.list.setItemsExpandable(False)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setToolTip(LIST_TIP)
        self.list.setAccessibleName("Runs")
        self.list.setMinimumHeight(120)
        self.list.setStyleSheet(CHECKBOX_STYLE)
        self.list.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        for column in range(1, len(COLUMNS)):
            self.list.setItemDelegateForColumn(column, _ReadOnlyDelegate(self.list))
        if (header := self.list.header()) is not None:
            header.setStretchLastSection(False)
            header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
            header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.list.currentItemChanged.connect(self._on_item_chosen)
        self.list.itemChanged.connect(self._on_item_renamed)
        self.save_button = button("&Save run…", SAVE_TIP, self._choose_save_file)
        self.remove_button = button("Re&move", REMOVE_TIP, self.remove)
        self.compare_button = QPushButton("Compar&e")
        self.compare_button.setCheckable(True)
        self.compare_button.setToolTip(COMPARE_TIP)
        self.compare_button.toggled.connect(self.compare)
        row = QHBoxLayout()
        row.addWidget(self.save_button)
        row.addWidget(self.remove_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 9, 2, 9)  # tables need the width
        layout.addWidget(self.list, 1)
        layout.addLayout(row)
        layout.addWidget(self.compare_button)
        layout.addWidget(self.text)

    def _add_run(self, layer: Layer, difference: str, *, on: bool) -> None:
        """Add a run in two lines: one is too short for its difference in a narrow dock."""
        summary = summarize_run(layer)
        item = QTreeWidgetItem([summary.name, summary.segments, summary.score])
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsEditable)
        item.setData(0, LAYER_ROLE, layer)
        item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
        second_line = QTreeWidgetItem([difference or summary.method])
        second_line.setData(0, LAYER_ROLE, layer)
        item.addChild(second_line)
        self.list.addTopLevelItem(item)
        item.setExpanded(True)
        second_line.setFirstColumnSpanned(True)
        tip = f"{summary.name}\n{summary.method}\n{difference}".strip()
        for each in (item, second_line):
            each.setToolTip(0, plain_tip(tip))

    def _items(self) -> list[QTreeWidgetItem]:
        items = [self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount())]
        return [item for item in items if item is not None]

    def _on_item_chosen(self, item: QTreeWidgetItem | None, _: object) -> None:
        if item is not None:
            self.choose(item.data(0, LAYER_ROLE))

    def _on_item_renamed(self, item: QTreeWidgetItem, _: int) -> None:
        labels, name = item.data(0, LAYER_ROLE), item.text(0).strip()
        if name != summarize_run(labels).name:
            if name and labels in self._inspection.viewer.layers:
                rename_run(self._inspection.viewer, labels, name)
            self._refresh_later()

    def _refresh_later(self, *_: object) -> None:
        self._refresh_timer.start(0)

    def _choose_save_file(self) -> None:
        labels = self._inspection.choice.layer()
        path, _ = QFileDialog.getSaveFileName(self, "Save run", "run.npz", RUN_FILES)
        if path and labels is not None:
            self._latest.call(save_runs, run_results(labels), path)


class _ReadOnlyDelegate(QStyledItemDelegate):
    """A delegate that makes a column read-only."""

    def createEditor(self, *_: object) -> None:
        """Open no editor."""


def _disconnect(viewer: ViewerModel, refresh_later: object, *_: object) -> None:
    for layer in viewer.layers:
        layer.events.data.disconnect(refresh_later)
