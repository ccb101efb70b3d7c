"""How widgets share the room of a narrow dock."""

from __future__ import annotations

from qtpy.QtWidgets import QHBoxLayout, QWidget

__all__ = ["keep_room", "row_of"]


def row_of(*widgets: QWidget) -> QHBoxLayout:
    """Lay widgets out beside each other."""
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    return row


def keep_room(widget: QWidget) -> None:
    """Let a widget keep its room while it is hidden, so that nothing moves under the mouse."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)
