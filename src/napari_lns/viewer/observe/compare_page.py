"""`ComparePage`: the tables of a plan, their report, and maps of p(same) as layers."""

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
from napari_lns.experiments.observers.maps import SameMap, same_maps, shown_names
from napari_lns.viewer.layers.notes import Note, metadata_of
from napari_lns.viewer.layers.placing import show_colour_bar
from napari_lns.viewer.layers.planning import PICTURE
from napari_lns.viewer.qt.background import Latest
from napari_lns.viewer.qt.controls import Choice, button
from napari_lns.viewer.qt.message_area import plain_label

__all__ = ["ComparePage", "add_maps"]

MOST_MAPS = 4  # images whose maps are shown
GAP = 1.06  # between images, of their width


class ComparePage(QWidget):
    """Reports the tables that are ticked.

    Parameters
    ----------
    viewer
        The viewer that the maps are shown in.
    """

    said = Signal(str)

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = viewer
        self._maps: list[Layer] = []
        self.folder: Path | None = None  # of the report; beside the first table if there is none
        self._page: Path | None = None
        self._reporter, self._mapper = Latest(self), Latest(self)
        self._reporter.answered.connect(self._show_report)
        self._mapper.answered.connect(self._show_maps)
        for worker in (self._reporter, self._mapper):
            worker.failed.connect(lambda error: self.said.emit(str(error)))
            self.destroyed.connect(worker.close)
        self._build()

    def offer(self, tables: list[Path]) -> None:
        """List tables of answers; new ones are ticked."""
        known = {self._path(row): self._is_ticked(row) for row in range(self.list.count())}
        self.list.clear()
        for table in dict.fromkeys([*known, *tables]):
            if table.exists():
                item = QListWidgetItem(table.name)
                item.setData(Qt.ItemDataRole.UserRole, str(table))
                item.setToolTip(str(table))
                ticked = known.get(table, True)
                state = Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
                item.setCheckState(state)
                self.list.addItem(item)

    def ticked(self) -> list[Path]:
        """Return the tables that are ticked."""
        return [self._path(row) for row in range(self.list.count()) if self._is_ticked(row)]

    def report(self) -> None:
        """Write the report of the ticked tables, and show it."""
        if tables := self._chosen():
            self._reporter.call(_reported, tables, self.folder or tables[0].parent / "report")

    def maps(self) -> None:
        """Show the maps of p(same) of the ticked tables as layers, side by side."""
        if tables := self._chosen():
            self._mapper.call(lambda: same_maps(_read(tables)))

    def wait(self) -> None:
        """Block until report and maps are made."""
        self._reporter.wait()
        self._mapper.wait()

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.list = QListWidget()
        self.list.setAccessibleName("Tables of answers")
        self.parts = Choice()
        self.parts.setAccessibleName("Part of the report")
        self.parts.currentIndexChanged.connect(self._draw)
        self.figure = plain_label()
        self.figure.setMinimumSize(1, 1)
        self.figure.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        self.more_button = button("A&dd tables…", "Add tables from other folders", self._ask)
        self.report_button = button("&Report", "Write tables, figures and a page", self.report)
        self.maps_button = button("&Maps", "Show maps of p(same) as layers", self.maps)
        self.page_button = button("Open &page", "Show the report in the browser", self._open)
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
        layout.addWidget(self.parts)
        layout.addWidget(self.figure, 2)

    # what happens ---------------------------------------------------------------------

    def _path(self, row: int) -> Path:
        item = self.list.item(row)
        assert item is not None
        return Path(item.data(Qt.ItemDataRole.UserRole))

    def _is_ticked(self, row: int) -> bool:
        item = self.list.item(row)
        return item is not None and item.checkState() == Qt.CheckState.Checked

    def _chosen(self) -> list[Path]:
        tables = self.ticked()
        self.said.emit("Reading the answers…" if tables else "Tick at least one table of answers.")
        return tables

    def _ask(self) -> None:
        files, _ = QFileDialog.getOpenFileNames(self, "Tables of answers", "", "Tables (*.csv)")
        self.offer([Path(file) for file in files])

    def _show_report(self, answer: tuple[Path, str]) -> None:
        folder, text = answer
        self._page = folder / "report.html"
        self.page_button.setEnabled(True)
        self.parts.clear()
        for file in sorted(folder.glob("*.png")):
            self.parts.addItem(file.stem.replace("_", " "), str(file))
        self.said.emit(f"{text}\nThe report is in {folder}.")

    def _draw(self, *_: object) -> None:
        file = self.parts.currentData()
        if file:
            size = self.figure.size()
            keep, smooth = Qt.AspectRatioMode, Qt.TransformationMode
            shown = QPixmap(file).scaled(size, keep.KeepAspectRatio, smooth.SmoothTransformation)
            self.figure.setPixmap(shown)

    def resizeEvent(self, event: object) -> None:
        """Draw the figure as large as there is room for."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._draw()

    def _open(self) -> None:
        if self._page is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._page)))

    def _show_maps(self, maps: list[SameMap]) -> None:
        for layer in self._maps:
            if layer in self._viewer.layers:
                self._viewer.layers.remove(layer)
        self._maps = add_maps(self._viewer, maps[:MOST_MAPS])
        left = len(maps) - MOST_MAPS
        more = f" The maps of {left} more images are in the report." if left > 0 else ""
        self.said.emit(f"Maps of p(same) around the anchor are shown.{more}")


def add_maps(viewer: ViewerModel, maps: list[SameMap]) -> list[Layer]:
    """Add maps as layers: a row for each image, with the anchor and each observer beside it.

    Parameters
    ----------
    viewer
        The viewer.
    maps
        What `napari_lns.experiments.observers.maps.same_maps` returned.

    Returns
    -------
    list of Layer
    """
    added: list[Layer] = []
    for number, found in enumerate(maps):
        height, width = found.stimulus.shape
        down, names = number * GAP * height, shown_names(found)
        prefix = found.stimulus.name if len(maps) == 1 else f"{found.stimulus.name} {number + 1}"
        metadata = metadata_of(Note(stimuli=(found.stimulus.record,)))
        shown: list[Layer] = [
            Image(
                found.stimulus.image,
                name=prefix,
                translate=(down, 0),
                metadata=metadata,
                **PICTURE,
            )
        ]
        for place, name in enumerate(names, 1):
            shown.append(
                Image(
                    found.on_image(name),
                    name=f"{prefix} p(same) {name}",
                    translate=(down, place * GAP * width),
                    colormap="viridis",
                    contrast_limits=(0.0, 1.0),
                    interpolation2d="nearest",
                )
            )
        anchors = [np.add(found.anchor, (down, place * GAP * width)) for place in range(len(shown))]
        shown.append(
            Points(
                np.array(anchors),
                name=f"{prefix} anchor",
                symbol="cross",
                face_color="red",
                border_color="white",
                size=max(2.0, width / 12),
            )
        )
        for layer in shown:
            viewer.add_layer(layer)
        added += shown
    if maps:
        show_colour_bar(added[-2])
    viewer.reset_view()
    return added


def _read(tables: list[Path]) -> list[Answers]:
    return [observers.read_answers(table) for table in tables]


def _reported(tables: list[Path], folder: Path) -> tuple[Path, str]:
    """Write the report, and return its folder and each observer's d′."""
    from napari_lns.experiments.observers.report import report  # pandas is slow to import

    given = _read(tables)
    found = report(given, folder, overwrite=True)
    lines = [
        f"{row['observer']}: d′ {row['d_prime']:.2f} ± {row['d_prime_error']:.2f}"
        for row in found.to_dict("records")
    ]
    return folder, "\n".join(lines)
