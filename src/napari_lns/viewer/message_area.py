"""`MessageArea`: a few lines of text in a room of fixed height, so that no button moves."""

from __future__ import annotations

import re
from collections.abc import Iterable

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QLabel, QScrollArea

__all__ = ["MessageArea", "summary"]

LINES = 4


class MessageArea(QScrollArea):
    """Shows a message; a long one is scrolled, and its details are in the tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)  # records may hold anything
        self._label.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWidget(self._label)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedHeight(LINES * self.fontMetrics().lineSpacing() + 4)

    def text(self) -> str:
        """Return the message."""
        return self._label.text()

    def setText(self, text: str, details: str = "") -> None:
        """Show a message, and details when the mouse rests on it."""
        self._label.setText(text)
        self._label.setToolTip(details)

    def clear(self) -> None:
        """Show nothing."""
        self.setText("")


def summary(notes: Iterable[str]) -> str:
    """Return one line for each kind of note; notes that differ in numbers alone are one kind.

    Examples
    --------
    >>> print(summary(["error 0.1 is high", "error 0.2 is high", "no tree"]))
    Note: error 0.1 is high (and 1 more like it).
    Note: no tree.
    """
    kinds: dict[str, list[str]] = {}
    for note in notes:
        kinds.setdefault(re.sub(r"\d+(\.\d+)?(e[+-]?\d+)?", "#", note), []).append(note)
    lines = []
    for first, *others in kinds.values():
        more = f" (and {len(others)} more like it)" if others else ""
        lines.append(f"Note: {first}{more}.")
    return "\n".join(lines)
