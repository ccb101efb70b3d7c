"""The *Compare* page of Observe: answer tables, their report, and maps of p(same) as layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Layer, Points
from qtpy.QtCore import Qt, QUrl, Signal
from qtpy.QtGui import QDesktopServices, QPixmap
from qtpy.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_lns.experiments import observers
from napari_lns.experiments.observers import Answers
from napari_lns.experiments.observers.maps import SameMap, map_names, same_maps
from napari_lns.viewer.layers.notes import Note, make_metadata
from napari_lns.viewer.layers.placing import show_colour_bar
from napari_lns.viewer.layers.planning import IMAGE_OPTIONS
from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.qt.controls import Choice, button
from napari_lns.viewer.qt.message_area import plain_label

__all__ = ["ComparePage", "add_maps"]

LIST_TIP = "Tables of answers to the plan; the ticked ones are compared"
NO_TABLE = "Tick at least one table of answers: run a person or a network, or add tables."
REPORT_TIP = "Write tables, figures and a page"
MAPS_TIP = "Show maps of p(same) as layers"
MAX_MAPS = 4  # maximum number of images with maps
ROW_PITCH = 1.06  # distance between images, in image sizes


class ComparePage(QWidget):
    """A page that lists answer tables and reports the ticked ones.

    Parameters
    ----------
    viewer
        The viewer for the maps.
    """

    message_changed = Signal(str)

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = viewer
        self._map_layers: list[Layer] = []
        self.folder: Path | None = None  # of the report; next to the first table if None
        self._page: Path | None = None
        self._report_worker, self._map_worker = LatestCall(self), LatestCall(self)
        self._report_worker.finished.connect(self._show_report)
        self._map_worker.finished.connect(self._show_maps)
        for worker in (self._report_worker, self._map_worker):
            worker.failed.connect(lambda error: self.message_changed.emit(str(error)))
            self.destroyed.connect(worker.close)
        self._build()

    def add_tables(self, tables: list[Path]) -> None:
        """Add tables of answers to the list; new ones are ticked."""
        ticks = {self._path(row): self._is_ticked(row) for row in range(self.list.count())}
        self.list.clear()
        for table in dict.fromkeys([*ticks, *tables]):
            if table.exists():
                item = QListWidgetItem(table.name)
                item.setData(Qt.ItemDataRole.UserRole, str(table))
                item.setToolTip(str(table))
                ticked = ticks.get(table, True)
                state = Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
                item.setCheckState(state)
                self.list.addItem(item)
        self._update_buttons()

    def clear(self) -> None:
        """Remove all tables from the list."""
        self.list.clear()
        self._update_buttons()

    def ticked_tables(self) -> list[Path]:
        """Return the ticked tables."""
        return [self._path(row) for row in range(self.list.count()) if self._is_ticked(row)]

    def write_report(self) -> None:
        """Write the report of the ticked tables, and show it."""
        if tables := self._require_tables():
            self._report_worker.call(
                _write_report, tables, self.folder or tables[0].parent / "report"
            )

    def show_maps(self) -> None:
        """Show the p(same) maps of the ticked tables as layers, side by side."""
        if tables := self._require_tables():
            self._map_worker.call(lambda: same_maps(_read_answers(tables)))

    def wait(self) -> None:
        """Block until the report and the maps have been computed."""
        self._report_worker.wait()
        self._map_worker.wait()

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.list = QListWidget()
        self.list.setAccessibleName("Tables of answers")
        self.list.setToolTip(LIST_TIP)
        self.list.itemChanged.connect(self._update_buttons)
        self.figures = Choice()
        self.figures.setAccessibleName("Part of the report")
        self.figures.setToolTip("The figures of the report")
        self.figures.currentIndexChanged.connect(self._show_figure)
        self.figure = plain_label()
        self.figure.setMinimumSize(1, 1)
        self.figure.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self.more_button = button(
            "A&dd tables…", "Add tables from other folders", self._choose_tables
        )
        self.report_button = button("&Report", REPORT_TIP, self.write_report)
        self.maps_button = button("&Maps", MAPS_TIP, self.show_maps)
        self.page_button = button("Open &page", "Show the report in the browser", self._open_page)
        self.page_button.setEnabled(False)
        layout = QVBoxLayout(self)
        layout.addWidget(self.list, 1)
        for pair in (
            (self.more_button, self.maps_button),
            (self.report_button, self.page_button),
        ):
            row = QHBoxLayout()
            for widget in pair:
                row.addWidget(widget)
            layout.addLayout(row)
        layout.addWidget(self.figures)
        layout.addWidget(self.figure, 2)
        self._update_buttons()

    # what happens ---------------------------------------------------------------------

    def _path(self, row: int) -> Path:
        item = self.list.item(row)
        assert item is not None
        return Path(item.data(Qt.ItemDataRole.UserRole))

    def _is_ticked(self, row: int) -> bool:
        item = self.list.item(row)
        return item is not None and item.checkState() == Qt.CheckState.Checked

    def _update_buttons(self, *_: object) -> None:
        """Enable the buttons that need tables if any is ticked."""
        ticked = bool(self.ticked_tables())
        for each, tip in ((self.report_button, REPORT_TIP), (self.maps_button, MAPS_TIP)):
            each.setEnabled(ticked)
            each.setToolTip(tip if ticked else NO_TABLE)
        self.figures.setVisible(self.figures.count() > 0)

    def _require_tables(self) -> list[Path]:
        tables = self.ticked_tables()
        self.message_changed.emit("Reading the answers…" if tables else NO_TABLE)
        return tables

    def _choose_tables(self) -> None:
        files, _ = QFileDialog.getOpenFileNames(self, "Tables of answers", "", "Tables (*.csv)")
        self.add_tables([Path(file) for file in files])

    def _show_report(self, answer: tuple[Path, str]) -> None:
        folder, text = answer
        self._page = folder / "report.html"
        self.page_button.setEnabled(True)
        self.figures.clear()
        for file in sorted(folder.glob("*.png")):
            self.figures.addItem(file.stem.replace("_", " "), str(file))
        self._update_buttons()
        self.message_changed.emit(f"{text}\nThe report is in {folder}.")

    def _show_figure(self, *_: object) -> None:
        file = self.figures.currentData()
        if file:
            size = self.figure.size()
            keep, smooth = Qt.AspectRatioMode, Qt.TransformationMode
            scaled = QPixmap(file).scaled(size, keep.KeepAspectRatio, smooth.SmoothTransformation)
            self.figure.setPixmap(scaled)

    def resizeEvent(self, event: object) -> None:
        """Scale the figure to the available space."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._show_figure()

    def _open_page(self) -> None:
        if self._page is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._page)))

    def _show_maps(self, maps: list[SameMap]) -> None:
        for layer in self._map_layers:
            if layer in self._viewer.layers:
                self._viewer.layers.remove(layer)
        self._map_layers = add_maps(self._viewer, maps[:MAX_MAPS])
        remaining = len(maps) - MAX_MAPS
        more = f" The maps of {remaining} more images are in the report." if remaining > 0 else ""
        self.message_changed.emit(f"Maps of p(same) around the anchor are shown.{more}")


def add_maps(viewer: ViewerModel, maps: list[SameMap]) -> list[Layer]:
    """Add maps as layers: one row per image, with the maps of all observers and the anchor.

    Parameters
    ----------
    viewer
        The viewer.
    maps
        The maps, from `napari_lns.experiments.observers.maps.same_maps`.

    Returns
    -------
    list of Layer
    """
    added: list[Layer] = []
    for number, same_map in enumerate(maps):
        height, width = same_map.stimulus.shape
        down, names = number * ROW_PITCH * height, map_names(same_map)
        prefix = (
            same_map.stimulus.name if len(maps) == 1 else f"{same_map.stimulus.name} {number + 1}"
        )
        metadata = make_metadata(Note(stimuli=(same_map.stimulus.record,)))
        layers: list[Layer] = [
            Image(
                same_map.stimulus.image,
                name=prefix,
                translate=(down, 0),
                metadata=metadata,
                **IMAGE_OPTIONS,
            )
        ]
        for place, name in enumerate(names, 1):
            layers.append(
                Image(
                    same_map.on_image(name),
                    name=f"{prefix} p(same) {name}",
                    translate=(down, place * ROW_PITCH * width),
                    colormap="viridis",
                    contrast_limits=(0.0, 1.0),
                    interpolation2d="nearest",
                )
            )
        anchors = [
            np.add(same_map.anchor, (down, place * ROW_PITCH * width))
            for place in range(len(layers))
        ]
        layers.append(
            Points(
                np.array(anchors),
                name=f"{prefix} anchor",
                symbol="cross",
                face_color="red",
                border_color="white",
                size=max(2.0, width / 12),
            )
        )
        for layer in layers:
            viewer.add_layer(layer)
        added += layers
    if maps:
        show_colour_bar(added[-2])
    viewer.reset_view()
    return added


def _read_answers(tables: list[Path]) -> list[Answers]:
    return [observers.read_answers(table) for table in tables]


def _write_report(tables: list[Path], folder: Path) -> tuple[Path, str]:
    """Write the report; return its folder and a text with each observer's d′."""
    from napari_lns.experiments.observers.report import report  # pandas is slow to import

    answers = _read_answers(tables)
    table = report(answers, folder, overwrite=True)
    lines = [
        f"{row['observer']}: d′ {row['d_prime']:.2f} ± {row['d_prime_error']:.2f}"
        for row in table.to_dict("records")
    ]
    return folder, "\n".join(lines)
