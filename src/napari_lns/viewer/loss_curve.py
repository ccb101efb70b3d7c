"""`LossCurve`: the training error over steps, drawn as it comes, on a logarithmic scale."""

from __future__ import annotations

import math

from qtpy.QtCore import QPointF, QRectF
from qtpy.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from qtpy.QtWidgets import QWidget

__all__ = ["LossCurve"]

HEIGHT = 110  # pixels
MARGIN = 18


class LossCurve(QWidget):
    """A small plot of errors; in the palette's colours, light or dark.

    Parameters
    ----------
    parent
        The widget that owns it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points: list[tuple[int, float]] = []
        self.setMinimumHeight(HEIGHT)
        self.setToolTip("Squared error per pixel and channel (logarithmic) over steps")
        self.setAccessibleName("Training error")

    def add(self, step: int, error: float) -> None:
        """Add a point."""
        self.points.append((step, error))
        self.update()

    def clear(self) -> None:
        """Begin anew."""
        self.points.clear()
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the curve and the ends of its axes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = self.palette().color(self.foregroundRole())
        painter.setPen(QPen(ink, 1))
        box = QRectF(self.rect()).adjusted(2, MARGIN, -2, -MARGIN)
        painter.drawLine(box.bottomLeft(), box.bottomRight())
        if len(self.points) < 2:
            painter.drawText(box.topLeft(), "training error")
            return
        errors = [error for _, error in self.points]
        painter.drawText(box.topLeft() - QPointF(0, 4), f"error {max(errors):.4f}")
        painter.drawText(box.bottomLeft() + QPointF(0, 14), f"{min(errors):.4f}")
        steps = f"step {self.points[-1][0]}"
        width = painter.fontMetrics().horizontalAdvance(steps)
        painter.drawText(box.bottomRight() + QPointF(-width, 14), steps)
        painter.setPen(QPen(self.palette().color(self.palette().ColorRole.Highlight), 2))
        painter.drawPolyline(QPolygonF([self._place(point, box) for point in self.points]))

    def _place(self, point: tuple[int, float], box: QRectF) -> QPointF:
        logs = [math.log(max(error, 1e-12)) for _, error in self.points]
        low, high = min(logs), max(logs)
        first, last = self.points[0][0], self.points[-1][0]
        x = (point[0] - first) / max(1, last - first)
        y = (high - math.log(max(point[1], 1e-12))) / max(1e-12, high - low)
        return QPointF(box.left() + x * box.width(), box.top() + y * box.height())
