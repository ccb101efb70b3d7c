"""Put what a run shows into the viewer at once, and its hidden layers after that is painted.

napari takes about as long for one layer as this plugin for a segmentation.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from napari.components import ViewerModel
from napari.layers import Layer
from qtpy.QtCore import QObject, QTimer

from napari_lns.viewer.layers.placing import put_below, put_layer, remove_stale, split_urgent
from napari_lns.viewer.layers.planning import LayerPlan

__all__ = ["RunLayers"]

DELAY = 2000  # milliseconds after which hidden layers come although the run goes on
PAUSE = 20  # milliseconds between two layers, in which the window answers


class RunLayers(QObject):
    """Put the layers of runs into a viewer: hidden ones later, one at a time.

    Parameters
    ----------
    viewer
        The viewer.
    parent
        The object that owns it.
    """

    def __init__(self, viewer: ViewerModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._waiting: dict[Layer, deque[tuple[LayerPlan, Layer]]] = {}  # by the labels of a run
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._put_next)

    def put(self, plans: Iterable[LayerPlan], prefix: str, over: Layer) -> list[Layer]:
        """Put the layers of a run into the viewer; return those that are there at once.

        Parameters
        ----------
        plans
            The planned layers, the last of which are the labels.
        prefix
            The name of the run.
        over
            The segmented image layer.
        """
        plans = list(plans)
        remove_stale(self._viewer, prefix, plans)
        urgent, hidden = split_urgent(self._viewer, plans, prefix, over)
        layers = [put_layer(self._viewer, plan, prefix, over=over) for plan in urgent]
        self._waiting[layers[-1]] = deque((plan, over) for plan in hidden)
        if not self._timer.isActive():
            self._timer.start(DELAY)
        return layers

    def put_soon(self) -> None:
        """Start to put the layers that are waiting: the run has ended."""
        if self._timer.isActive():
            self._timer.start(PAUSE)

    def put_all(self) -> None:
        """Put the layers that are still waiting into the viewer now."""
        while self._waiting:
            self._put_next()

    def _put_next(self) -> None:
        """Put the next layer, unless the user has removed its run."""
        labels, plans = next(iter(self._waiting.items()))
        if plans and labels in self._viewer.layers:
            put_below(self._viewer, plans[0][0], labels, plans.popleft()[1])
        else:
            del self._waiting[labels]
        if self._waiting:
            self._timer.start(PAUSE)
        else:
            self._timer.stop()
