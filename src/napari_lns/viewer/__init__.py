"""Everything that needs napari or Qt: widgets, layers, readers, writers, sample data, the demo."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari_lns.viewer.demo import open_demo
    from napari_lns.viewer.figure import figure_of
    from napari_lns.viewer.inspect_widget import InspectWidget
    from napari_lns.viewer.observe.widget import ObserveWidget
    from napari_lns.viewer.script import script_of
    from napari_lns.viewer.segment_widget import SegmentWidget
    from napari_lns.viewer.showing import show
    from napari_lns.viewer.stimuli_widget import StimuliWidget
    from napari_lns.viewer.train_widget import TrainWidget

# Loaded on first use: each name, and the module that holds it.
_LAZY = {
    "InspectWidget": "inspect_widget",
    "ObserveWidget": "observe.widget",
    "SegmentWidget": "segment_widget",
    "StimuliWidget": "stimuli_widget",
    "TrainWidget": "train_widget",
    "figure_of": "figure",
    "open_demo": "demo",
    "script_of": "script",
    "show": "showing",
}

__all__ = [
    "InspectWidget",
    "ObserveWidget",
    "SegmentWidget",
    "StimuliWidget",
    "TrainWidget",
    "figure_of",
    "open_demo",
    "script_of",
    "show",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
