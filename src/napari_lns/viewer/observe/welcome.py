"""The first page of the observer window: instructions, and the code name."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from napari_lns.viewer.observe.screen import text_font
from napari_lns.viewer.qt.controls import button
from napari_lns.viewer.qt.message_area import plain_label

__all__ = ["Welcome"]

PRIVACY_NOTE = (
    "A code name is the only thing stored about you: do not use your own name. Answers stay on "
    "this computer."
)


class Welcome(QWidget):
    """A page with instructions that asks for the code name.

    Parameters
    ----------
    question
        The question of every trial.
    about
        The keys and the number of trials.
    observer
        The code name, if known.
    """

    started = Signal(str)
    leave_requested = Signal()

    def __init__(self, question: str, about: str, observer: str = "") -> None:
        super().__init__()
        self.question, self.about = QLabel(question), QLabel(about)
        self.name = QLineEdit(observer)
        self.name.setPlaceholderText("code name")
        self.name.setAccessibleName("Code name")
        self.name.setMaximumWidth(360)
        self.name.setStyleSheet("background: white; color: black; padding: 4px;")
        self.name.returnPressed.connect(self._start)
        self.start = button("&Start", "Start, or continue where you stopped", self._start)
        self.leave = button("&Leave", "Close the window", self.leave_requested.emit)
        self.message, privacy = plain_label(), QLabel(PRIVACY_NOTE)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self._labels = (self.question, self.about, privacy, self.message)
        layout = QVBoxLayout(self)
        layout.setSpacing(18)
        layout.addStretch()
        for label in (self.question, self.about, privacy):
            layout.addWidget(label)
        row = QHBoxLayout()
        row.addStretch()
        for widget in (self.name, self.start, self.leave):
            row.addWidget(widget)
        row.addStretch()
        layout.addLayout(row)
        layout.addWidget(self.message)
        layout.addStretch()
        for label in self._labels:
            label.setWordWrap(True)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)

    def fit_text(self) -> None:
        """Scale the text to the window."""
        for label in self._labels:
            label.setFont(text_font(self, 1.6 if label is self.question else 0.9))
        for widget in (self.name, self.start, self.leave):
            widget.setFont(text_font(self, 0.9))

    def _start(self) -> None:
        self.started.emit(self.name.text().strip())
