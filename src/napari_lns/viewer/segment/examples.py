"""Buttons that add an example stimulus while the viewer has no image."""

from __future__ import annotations

from functools import partial

from napari.components import ViewerModel
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from napari_lns import stimuli
from napari_lns.viewer.layers.stimulus import add_stimulus
from napari_lns.viewer.qt.controls import button

__all__ = ["Examples"]

NAMES = {
    "Illusory square": "kanizsa",
    "Occluded bar": "occluded_bar",
    "Broken outline": "fragmented_outline",
}


class Examples(QWidget):
    """Buttons that add a stimulus.

    Parameters
    ----------
    viewer
        The viewer.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = viewer
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(QLabel("Try an example:"))
        self.buttons = [
            button(text, f"Add the stimulus “{stimuli.title(name)}”", partial(self.add, name))
            for text, name in NAMES.items()
        ]
        for each in self.buttons:
            layout.addWidget(each)

    def add(self, name: str) -> None:
        """Draw a stimulus, and add it with its ground truth."""
        add_stimulus(self._viewer, stimuli.draw(name))
