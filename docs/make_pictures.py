"""Draw the pictures of the viewer in these pages, from a real window.

Run it on a display: `sh scripts/under_xvfb.sh .venv/bin/python docs/make_pictures.py`
"""

from __future__ import annotations

import os
import time
from pathlib import Path

os.environ.setdefault("QT_API", "pyqt6")

import napari
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QWidget

from napari_lns.viewer.demo import opened, wait
from napari_lns.viewer.figure import write_figure
from napari_lns.viewer.stimuli_widget import StimuliWidget

PICTURES = Path(__file__).parent / "pictures"
DOCK = 320  # pixels


def main() -> None:
    """Draw all of them."""
    viewer, widget = opened()
    viewer.window.resize(1280, 800)
    breathe()
    wait(widget)
    draw(viewer, widget, "demo")
    write_figure(widget.results[0], PICTURES / "figure.png")
    viewer.canvas.grid.enabled = False
    for name in ("reconstruction", "variance"):
        viewer.layers[f"kanizsa {name}"].visible = False
    viewer.layers["kanizsa labels"].opacity = 0.5
    widget.cut.groups.setValue(4)
    widget.wait()
    draw(viewer, widget, "cut")
    widget.parentWidget().hide()
    stimuli = StimuliWidget(viewer)
    viewer.window.add_dock_widget(stimuli, name="Stimuli", area="right")
    stimuli.choose("kanizsa_figure")
    stimuli.add()
    breathe(8)  # thumbnails too
    draw(viewer, stimuli, "stimuli_widget")
    viewer.close()


def draw(viewer: napari.Viewer, widget: QWidget, name: str) -> None:
    """Take a picture of the whole window, with the widget in a dock of its usual width."""
    dock = widget.parentWidget()
    window = dock.parentWidget()
    window.resizeDocks([dock], [DOCK], Qt.Orientation.Horizontal)
    breathe()
    viewer.reset_view(margin=0.05)
    breathe()
    viewer.screenshot(PICTURES / f"{name}.png", canvas_only=False)


def breathe(seconds: float = 1.0) -> None:
    """Let the window paint itself."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()


if __name__ == "__main__":
    main()
