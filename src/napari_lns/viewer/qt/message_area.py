"""Show text that may come from a file as plain text, never as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QFrame, QLabel, QScrollArea

__all__ = ["MessageArea", "plain_label", "plain_tip", "summary"]

LINES = 4


def plain_label() -> QLabel:
    """Return a label that wraps lines and shows HTML as plain text."""
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def plain_tip(text: str) -> str:
    """Return a tooltip that shows a text literally, even if it looks like HTML.

    Examples
    --------
    >>> plain_tip("<b>mine</b>"), plain_tip("mine")
    ('<qt>&lt;b&gt;mine&lt;/b&gt;</qt>', 'mine')
    """
    return f"<qt>{escape(text)}</qt>".replace("\n", "<br>") if "<" in text else text


class MessageArea(QScrollArea):
    """A message area of fixed height, so that no button moves; the tooltip shows details."""

    def __init__(self) -> None:
        super().__init__()
        self._label = plain_label()
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
        """Show a message, and its details in the tooltip."""
        self._label.setText(text)
        self._label.setToolTip(plain_tip(details))

    def clear(self) -> None:
        """Clear the message."""
        self.setText("")


def summary(notes: Iterable[str]) -> str:
    """Return one line per kind of note; notes that differ only in numbers are of one kind.

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
