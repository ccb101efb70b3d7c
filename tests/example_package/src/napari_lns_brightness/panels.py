"""A panel of Inspect: how many pixels the largest segment has."""

from __future__ import annotations

from qtpy.QtWidgets import QVBoxLayout

from napari_lns.viewer import Inspection, Panel

__all__ = ["LargestPanel"]


class LargestPanel(Panel):
    """Shows how many pixels the largest segment has."""

    title = "Si&ze"
    tip = "Pixels of the largest segment"

    def __init__(self, inspection: Inspection) -> None:
        super().__init__(inspection)
        QVBoxLayout(self).addWidget(self.text)
        self._latest = self.background_call(self.text.setText)
        inspection.changed.connect(self.count)
        self.count()

    def count(self) -> None:
        """Count again."""
        found = self._inspection.segmentation
        if found is not None:
            self._latest.call(lambda: f"{(found.labels == 1).sum()} pixels")

    def wait(self) -> None:
        """Block until it has been counted."""
        self._latest.wait()
