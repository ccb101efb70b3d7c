"""A panel of Inspect: how many pixels the largest segment has."""

from __future__ import annotations

from qtpy.QtWidgets import QVBoxLayout

from napari_lns.viewer import Inspected, Panel

__all__ = ["LargestPanel"]


class LargestPanel(Panel):
    """Shows how many pixels the largest segment has."""

    title = "Si&ze"
    tip = "Pixels of the largest segment"

    def __init__(self, inspected: Inspected) -> None:
        super().__init__(inspected)
        QVBoxLayout(self).addWidget(self.text)
        self._latest = self.answering(self.text.setText)
        inspected.changed.connect(self.look)
        self.look()

    def look(self) -> None:
        """Count again."""
        found = self._inspected.segmentation
        if found is not None:
            self._latest.call(lambda: f"{(found.labels == 1).sum()} pixels")

    def wait(self) -> None:
        """Block until it has been counted."""
        self._latest.wait()
