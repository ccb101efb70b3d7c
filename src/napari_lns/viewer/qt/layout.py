"""Lay out widgets in a narrow dock."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

__all__ = ["make_column", "make_row", "retain_size_when_hidden"]


def make_row(*widgets: QWidget) -> QHBoxLayout:
    """Return a layout with widgets side by side."""
    row = QHBoxLayout()
    for widget in widgets:
        row.addWidget(widget)
    return row


def retain_size_when_hidden(widget: QWidget) -> None:
    """Reserve the space of a widget while it is hidden, so that nothing moves under the mouse."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def make_column(*rows: Sequence[QWidget], stretch: bool = False) -> QWidget:
    """Return a widget that contains rows of widgets.

    Parameters
    ----------
    rows
        The widgets of each row, from left to right.
    stretch
        Whether to leave the remaining space below the rows.
    """
    inside = QWidget()
    layout = QVBoxLayout(inside)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(6)
    for row in rows:
        layout.addLayout(make_row(*row))
    if stretch:
        layout.addStretch()
    return inside
