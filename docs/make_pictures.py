"""Draw the pictures of the viewer in these pages, from a real window.

Run it on a display: `sh scripts/under_xvfb.sh .venv/bin/python docs/make_pictures.py`
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from tempfile import mkdtemp

os.environ.setdefault("QT_API", "pyqt6")
os.environ["NAPARI_CONFIG"] = f"{mkdtemp()}/napari.yaml"  # nobody's own settings

import napari
import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication, QWidget

from napari_lns import stimuli
from napari_lns.analysis.figure import write_figure
from napari_lns.viewer.demo import open_with_widget, wait
from napari_lns.viewer.inspect.widget import InspectWidget
from napari_lns.viewer.layers.stimulus import add_stimulus
from napari_lns.viewer.own_models import suggest_model
from napari_lns.viewer.stimuli.widget import StimuliWidget

PICTURES = Path(__file__).parent / "pictures"
DOCK = 320  # pixels


def main() -> None:
    """Draw all of them."""
    viewer, widget = open_with_widget()
    viewer.window.resize(1280, 800)
    breathe()
    wait(widget)
    draw(viewer, widget, "demo")
    viewer.layers.clear()
    image, _ = add_stimulus(viewer, stimuli.draw("kanizsa", split="test"))
    widget.layer.choose(image)
    widget.form.model.choose(suggest_model("kanizsa") or "")
    widget.start()
    wait(widget)
    write_figure(widget.results[0], PICTURES / "figure.png")
    widget.cut.segments.setValue(4)
    widget.wait()
    draw(viewer, widget, "cut")
    widget.parentWidget().hide()
    inspect = across_the_side(viewer)
    draw(viewer, inspect, "inspect")
    inspect.parentWidget().hide()
    viewer.layers.clear()
    drawing = StimuliWidget(viewer)
    viewer.window.add_dock_widget(drawing, name="Stimuli", area="right")
    drawing.choose("kanizsa_figure")
    drawing.add()
    breathe(8)  # thumbnails too
    draw(viewer, drawing, "stimuli_widget")
    viewer.close()


def across_the_side(viewer: napari.Viewer) -> InspectWidget:
    """Inspect a line from the middle of the illusory square across its left side."""
    inspect = InspectWidget(viewer)
    viewer.window.add_dock_widget(inspect, name="Inspect", area="right")
    rows, columns = np.nonzero(viewer.layers["kanizsa ground truth"].data == 2)
    middle = int(rows.mean()), int(columns.mean())
    inspect.pixel.pin(*middle)
    inspect.show_page(inspect.line)
    inspect.line.draw_line()
    shapes = inspect.line.shapes
    shapes.add(np.array([middle, (middle[0], columns.min() - 6)]), shape_type="line")
    shapes.mode = "pan_zoom"
    viewer.layers["kanizsa labels"].visible = False
    breathe(2)
    return inspect


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
