"""A widget opens whatever the file of saved states holds: other versions and hands wrote it too."""

from __future__ import annotations

import json
from typing import Any

import pytest
from napari.components import ViewerModel

from napari_lns.viewer import preferences
from napari_lns.viewer.inspect.widget import InspectWidget
from napari_lns.viewer.observe.widget import ObserveWidget
from napari_lns.viewer.segment.widget import SegmentWidget
from napari_lns.viewer.stimuli.widget import StimuliWidget
from napari_lns.viewer.train.widget import TrainWidget

WIDGETS = (StimuliWidget, SegmentWidget, InspectWidget, TrainWidget, ObserveWidget)
VALUES = (None, [], "this picture", 2**40, -1.5, {"a": []}, True)


@pytest.mark.parametrize("kind", WIDGETS)
def test_a_widget_opens_whatever_was_saved(kind: Any, qtbot: Any) -> None:
    viewer = ViewerModel()
    first = kind(viewer)
    qtbot.addWidget(first)
    first.show()
    first.hide()
    file = preferences._state_file()
    ((name, state),) = json.loads(file.read_text()).items()
    for value in VALUES:
        for spoilt in (dict.fromkeys(state, value), replace_leaves(state, value)):
            file.write_text(json.dumps({name: spoilt}))
            widget = kind(viewer)
            qtbot.addWidget(widget)
            widget.show()


def replace_leaves(state: Any, value: object) -> Any:
    """Return a state with another value for each number, text and list."""
    if isinstance(state, dict):
        return {key: replace_leaves(each, value) for key, each in state.items()}
    return value
