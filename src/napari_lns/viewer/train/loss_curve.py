"""Plot training error, on a logarithmic scale, and held-out scores during training."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qtpy.QtCore import QPointF, QRectF
from qtpy.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from qtpy.QtWidgets import QWidget

__all__ = ["LossCurve"]

HEIGHT = 110  # pixels
MARGIN = 18
TIP = "Squared error per pixel and channel (logarithmic), and held-out score (0 to 1), over steps."
BLUE, ORANGE = "#56b4e9", "#e69f00"  # for errors and scores, on light and dark backgrounds


class LossCurve(QWidget):
    """A small plot of training errors, and of scores from 0 to 1.

    Parameters
    ----------
    parent
        The widget that owns it.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.points: list[tuple[int, float]] = []
        self.scores: list[tuple[int, float]] = []
        self.setMinimumHeight(HEIGHT)
        self.setToolTip(TIP)
        self.setAccessibleName("Training error")

    def add(self, step: int, error: float) -> None:
        """Add the error at a step."""
        self.points.append((step, error))
        self.update()

    def show_scores(self, scores: Sequence[tuple[int, float]]) -> None:
        """Show all scores so far, from 0 to 1."""
        self.scores = [*scores]
        self.update()

    def clear(self) -> None:
        """Remove all points and scores."""
        self.points.clear()
        self.scores.clear()
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the curves and the axis labels."""
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
        painter.setPen(QPen(QColor(BLUE), 2))
        painter.drawPolyline(QPolygonF([self._to_point(point, box) for point in self.points]))
        if self.scores:
            self._draw_scores(painter, box)

    def _draw_scores(self, painter: QPainter, box: QRectF) -> None:
        text = f"score {self.scores[-1][1]:.2f}"
        width = painter.fontMetrics().horizontalAdvance(text)
        painter.setPen(QPen(QColor(ORANGE), 2))
        painter.drawText(box.topRight() - QPointF(width, 4), text)
        dots = [
            QPointF(box.left() + self._x_share(step) * box.width(), box.bottom() - s * box.height())
            for step, s in self.scores
        ]
        painter.drawPolyline(QPolygonF(dots))
        for dot in dots:
            painter.drawEllipse(dot, 2, 2)

    def _x_share(self, step: int) -> float:
        first, last = self.points[0][0], self.points[-1][0]
        return (step - first) / max(1, last - first)

    def _to_point(self, point: tuple[int, float], box: QRectF) -> QPointF:
        logs = [math.log(max(error, 1e-12)) for _, error in self.points]
        low, high = min(logs), max(logs)
        x = self._x_share(point[0])
        y = (high - math.log(max(point[1], 1e-12))) / max(1e-12, high - low)
        return QPointF(box.left() + x * box.width(), box.top() + y * box.height())
