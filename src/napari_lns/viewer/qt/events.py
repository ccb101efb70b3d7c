"""Connect napari's events to slots of Qt objects without outliving these objects."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from napari.utils.events import EventEmitter
from qtpy.QtCore import QObject

__all__ = ["connect_while_alive"]


def connect_while_alive(owner: QObject, event: EventEmitter, slot: Callable[..., object]) -> None:
    """Connect a napari event to a slot until the owner is destroyed."""
    event.connect(slot)
    owner.destroyed.connect(partial(_disconnect, event, slot))


def _disconnect(event: EventEmitter, slot: Callable[..., object], *_: object) -> None:
    event.disconnect(slot)
