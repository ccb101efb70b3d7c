"""Paint one trial on a plain background: fixation mark, images, dots and keys."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent, QPen, QTextOption
from qtpy.QtWidgets import QWidget

from napari_lns.experiments.observers.points import Pair

__all__ = ["BACKGROUND", "Screen", "View", "text_font"]

BACKGROUND = "#808080"
TEXT_COLOUR = "#000000"
DOT_COLOUR = "#ff2bd6"  # a colour that no stimulus has
IMAGE_SHARE = 0.78  # of the window's height
MARK_SHARE = 0.02
DOT_SHARE = 0.014  # radius, of the image's longer side


@dataclass(frozen=True, eq=False)
class View:
    """The content of the screen.

    Parameters
    ----------
    images
        No, one or two images; float in [0, 1], (H, W, 3).
    points
        Two dots on the image, as (row, column).
    mark
        Whether the fixation mark is shown.
    title, text
        Large and small text in the middle.
    keys
        Help on the keys, at the bottom.
    corner
        The progress, at the top right.
    """

    images: tuple[NDArray[np.float32], ...] = ()
    points: Pair | None = None
    mark: bool = False
    title: str = ""
    text: str = ""
    keys: str = ""
    corner: str = ""


class Screen(QWidget):
    """A widget that paints a `View`; images are enlarged by integer factors."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = View()

    def show_view(self, view: View) -> None:
        """Show another view immediately."""
        self.view = view
        self.setAccessibleName(" ".join(filter(None, (view.title, view.text, view.keys))))
        self.repaint()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Paint the view."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(BACKGROUND))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for image, place in zip(self.view.images, self.image_rects(), strict=True):
            _paint_image(painter, image, place)
            if self.view.points is not None:
                _paint_dots(painter, self.view.points, image.shape, place)
        if self.view.mark:
            self._paint_mark(painter)
        self._paint_text(painter)
        painter.end()

    def image_rects(self) -> list[QRectF]:
        """Return the rectangle of each image, in pixels of the window."""
        count, width = len(self.view.images), self.width()
        rooms = [(width * (2 * number + 1) / (2 * count), width / count) for number in range(count)]
        places = []
        for image, (centre, room) in zip(self.view.images, rooms, strict=True):
            rows, columns = image.shape[:2]
            fitting = min(IMAGE_SHARE * self.height() / rows, 0.9 * room / columns)
            factor = max(1, int(fitting)) if fitting >= 1 else fitting
            size = columns * factor, rows * factor
            corner = round(centre - size[0] / 2), round((self.height() - size[1]) / 2)
            places.append(QRectF(*corner, *size))
        return places

    def _paint_mark(self, painter: QPainter) -> None:
        arm, centre = MARK_SHARE * self.height(), QRectF(self.rect()).center()
        painter.setPen(QPen(QColor(TEXT_COLOUR), max(2.0, arm / 5)))
        painter.drawLine(centre - QPointF(arm, 0), centre + QPointF(arm, 0))
        painter.drawLine(centre - QPointF(0, arm), centre + QPointF(0, arm))

    def _paint_text(self, painter: QPainter) -> None:
        painter.setPen(QColor(TEXT_COLOUR))
        bounds, height = QRectF(self.rect()), self.height()
        centred = QTextOption(Qt.AlignmentFlag.AlignHCenter)
        side = 0.1 * self.width()
        for share, depth, text, size in (
            (0.26, 0.13, self.view.title, 1.6),
            (0.40, 0.45, self.view.text, 1.0),
            (0.91, 0.09, self.view.keys, 1.0),
        ):
            painter.setFont(text_font(self, size))
            area = QRectF(side, share * height, bounds.width() - 2 * side, depth * height)
            painter.drawText(area, text, centred)
        painter.setFont(text_font(self, 0.8))
        corner = bounds.adjusted(0, 0.02 * height, -0.02 * bounds.width(), 0)
        painter.drawText(corner, self.view.corner, QTextOption(Qt.AlignmentFlag.AlignRight))


def text_font(widget: QWidget, share: float) -> QFont:
    """Return a font whose size is proportional to the window's height."""
    font = QFont(widget.font())
    font.setPixelSize(max(12, round(share * widget.height() / 36)))
    return font


def _paint_image(painter: QPainter, image: NDArray[np.float32], place: QRectF) -> None:
    rows, columns, _ = image.shape
    pixels = np.rint(255 * image).astype(np.uint8).tobytes()
    qimage = QImage(pixels, columns, rows, 3 * columns, QImage.Format.Format_RGB888)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, place.width() < columns)
    painter.drawImage(place, qimage)


def _paint_dots(painter: QPainter, points: Pair, shape: tuple[int, ...], place: QRectF) -> None:
    scale = place.width() / shape[1]
    radius = max(4.0, DOT_SHARE * max(shape[:2]) * scale)
    for row, column in points:
        centre = place.topLeft() + QPointF((column + 0.5) * scale, (row + 0.5) * scale)
        painter.setPen(QPen(QColor("white"), radius / 3))
        painter.setBrush(QColor(DOT_COLOUR))
        painter.drawEllipse(centre, radius, radius)
        painter.setPen(QPen(QColor("black"), radius / 6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(centre, radius * 1.2, radius * 1.2)
