"""The demo: segment an illusory square and its control (`python -m napari_lns.viewer.demo`)."""

from __future__ import annotations

import argparse
from pathlib import Path

import napari
import numpy as np
from napari.components import ViewerModel
from napari.layers import Image, Layer
from qtpy.QtCore import QEventLoop, QTimer

from napari_lns import stimuli
from napari_lns.viewer.layers.notes import read_note
from napari_lns.viewer.layers.stimulus import add_stimulus
from napari_lns.viewer.own_models import suggest_model
from napari_lns.viewer.qt.run import State
from napari_lns.viewer.segment.widget import SegmentWidget

__all__ = ["main", "open_demo", "open_with_widget", "wait"]

MAX_SECONDS = 120
ROWS = {"reconstruction": 1, "labels": 2}  # below the image
ROW_PITCH = 1.18  # distance between rows, in image heights: captions fit in between
CAPTIONS = ("{name}", "reconstruction", "segments")  # of the rows
CAPTION_LAYER = "captions"


def open_demo() -> napari.Viewer:
    """Open a viewer with an illusory square and its control, and start to segment both.

    Returns
    -------
    napari.Viewer
        The viewer. Call `napari.run()` to keep it open in a script.

    Examples
    --------
    >>> viewer = open_demo()
    >>> [layer.name for layer in viewer.layers][:2]
    ['kanizsa_figure', 'kanizsa_figure ground truth']
    >>> viewer.close()
    """
    viewer, _ = open_with_widget()
    return viewer


def main() -> None:
    """Open the demo, or save a screenshot of its result and close it."""
    parser = argparse.ArgumentParser(description="Open the demo of napari-lns.")
    parser.add_argument("--screenshot", type=Path, help="save a screenshot to this file and exit")
    screenshot = parser.parse_args().screenshot
    viewer, widget = open_with_widget()
    if screenshot is None:
        napari.run()
    else:
        wait(widget)
        viewer.screenshot(screenshot, canvas_only=False)
        viewer.close()


def open_with_widget() -> tuple[napari.Viewer, SegmentWidget]:
    """Open the demo; return the viewer and its Segment widget."""
    stimulus = stimuli.draw("kanizsa_figure")
    viewer = napari.Viewer(title="napari-lns")
    image, ground_truth = add_stimulus(viewer, stimulus)
    widget = SegmentWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Segment", area="right")
    widget.layer.choose(image)
    widget.ground_truth.choose(ground_truth)
    widget.form.model.choose(suggest_model(stimulus.name) or "")
    widget.start_with_control()
    widget.run.progressed.connect(lambda _: widget.run_layers.put_all())
    widget.run.progressed.connect(lambda _: _place_maps_below(viewer))
    return viewer, widget


def _place_maps_below(viewer: ViewerModel) -> None:
    """Show image, reconstruction and segments below each other: left stimulus, right control."""
    for layer in viewer.layers:
        note = read_note(layer)
        if note.content not in ROWS or note.image not in viewer.layers:
            continue
        image = viewer.layers[note.image]
        if np.array_equal(layer.translate, image.translate):
            layer.visible, layer.opacity = True, 1.0
            down = ROWS[note.content] * _row_height(image)
            layer.translate = image.translate + np.array([down, 0.0])
    if CAPTION_LAYER not in viewer.layers:
        _add_captions(viewer)
        viewer.reset_view()


def _add_captions(viewer: ViewerModel) -> None:
    """Add a text layer with a caption above each image."""
    corners, captions = [], []
    for layer in viewer.layers:
        if not read_note(layer).stimuli or not isinstance(layer, Image):
            continue
        name = "control" if read_note(layer).control else "stimulus"
        for row, caption in enumerate(CAPTIONS):
            corners.append(layer.translate + np.array([row * _row_height(layer), 0.0]) - 0.5)
            captions.append(caption.format(name=name))
    active = viewer.layers.selection.active
    viewer.add_points(
        np.array(corners),
        name=CAPTION_LAYER,
        features={"caption": captions},
        text={"string": "{caption}", "anchor": "upper_left", "size": 10, "color": "#999999"},
        face_color="transparent",
        border_color="transparent",
    )
    viewer.layers.selection.active = active


def _row_height(image: Layer) -> float:
    return float(ROW_PITCH * image.data.shape[0] * image.scale[0])


def wait(widget: SegmentWidget) -> None:
    """Process events until the run of the widget ends."""
    loop = QEventLoop()
    widget.run.state_changed.connect(lambda state: loop.exit() if state is State.IDLE else None)
    QTimer.singleShot(1000 * MAX_SECONDS, loop.quit)
    if widget.run.state is not State.IDLE:
        loop.exec()


if __name__ == "__main__":
    main()
