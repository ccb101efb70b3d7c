"""`StimulusList`: all stimuli under the headings of their groups, with thumbnails."""

from __future__ import annotations

from typing import Any

from qtpy.QtCore import QSize, Qt
from qtpy.QtGui import QIcon, QImage, QPixmap, QShowEvent
from qtpy.QtWidgets import QLabel, QListWidget, QListWidgetItem

from napari_lns import stimuli
from napari_lns.viewer.qt.background import LatestCall

__all__ = ["StimulusList"]

ICON_SIZE = 56  # pixels
NAME_ROLE = Qt.ItemDataRole.UserRole


class StimulusList(QListWidget):
    """A list to choose a stimulus from; thumbnails are drawn off the main thread."""

    def __init__(self) -> None:
        super().__init__()
        self.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        self.setAccessibleName("Stimuli")
        self.setToolTip("All stimuli; a double click adds one")
        self._thumbnail_worker = LatestCall(self)
        self._thumbnail_worker.finished.connect(self._on_thumbnail_drawn)
        self.destroyed.connect(self._thumbnail_worker.close)
        self._items: dict[str, QListWidgetItem] = {}
        for group, names in stimuli.groups().items():
            self._add_heading(group)
            for name in names:
                self._add_stimulus(name)
        self._names_to_draw = stimuli.names()
        self._draw_thumbnail()

    def chosen_name(self) -> str | None:
        """Return the name of the chosen stimulus."""
        item = self.currentItem()
        return item.data(NAME_ROLE) if item is not None else None

    def choose(self, name: str) -> None:
        """Choose a stimulus by its name; ignore an unknown one."""
        if name in self._items:
            self.setCurrentItem(self._items[name])

    def wait(self) -> None:
        """Block until the current thumbnail has been drawn."""
        self._thumbnail_worker.wait()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Fit the rows to their headings, whose font is known only when the widget is shown."""
        super().showEvent(event)
        for row in range(self.count()):
            item = self.item(row)
            label = self.itemWidget(item)
            if item is not None and label is not None:
                label.ensurePolished()
                item.setSizeHint(label.sizeHint())

    def _add_heading(self, text: str) -> None:
        """Add a heading that cannot be selected, as a label in the colour of other text."""
        item = QListWidgetItem()
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, text)
        label = QLabel(f"<b>{text}</b>")
        label.setMargin(3)
        self.addItem(item)
        self.setItemWidget(item, label)

    def _add_stimulus(self, name: str) -> None:
        item = QListWidgetItem(stimuli.title(name))
        item.setData(NAME_ROLE, name)
        item.setSizeHint(QSize(0, ICON_SIZE + 6))
        item.setToolTip(stimuli.description(name))
        self.addItem(item)
        self._items[name] = item

    def _draw_thumbnail(self) -> None:
        if self._names_to_draw:
            name = self._names_to_draw.pop(0)
            self._thumbnail_worker.call(lambda: (name, stimuli.draw(name).image))

    def _on_thumbnail_drawn(self, result: tuple[str, Any]) -> None:
        name, image = result
        pixels = (image * 255).round().astype("uint8").copy()
        height, width, _ = pixels.shape
        thumbnail = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        self._items[name].setIcon(QIcon(QPixmap.fromImage(thumbnail)))
        self._draw_thumbnail()
