"""The buttons that start and cancel a run, and its progress bar."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable

import napari
from napari.layers import Labels, Layer
from qtpy.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from napari_lns.viewer.qt.controls import button
from napari_lns.viewer.qt.docks import open_widget
from napari_lns.viewer.qt.layout import make_row, retain_size_when_hidden
from napari_lns.viewer.qt.message_area import plain_tip
from napari_lns.viewer.qt.run import RunProgress, State, format_duration
from napari_lns.viewer.segment.control_layers import CONTROL_TIP

__all__ = ["RunBar"]

LOADING = "Loading the network…"
RUN_TIP = "Segment the chosen image"
CANCEL_TIP = "Cancel the run (Escape); its result so far stays"
INSPECT_TIP = "Show which pixels group with the one under the mouse"


class RunBar(QWidget):
    """Buttons to start and cancel a run, with a progress bar.

    Parameters
    ----------
    viewer
        The viewer in which *Inspect* is opened.
    start, start_with_control
        Functions that the buttons call.
    beside_inspect
        A widget at the right of the *Inspect* button.
    """

    def __init__(
        self,
        viewer: napari.viewer.Viewer,
        start: Callable[[], object],
        start_with_control: Callable[[], object],
        beside_inspect: QWidget,
    ) -> None:
        super().__init__()
        self._viewer = viewer
        self._labels: weakref.ref[Layer] | None = None  # of the last run
        self.run_button = button(State.IDLE.value, "", start)
        self.control_button = button("Run with contro&l", CONTROL_TIP, start_with_control)
        self.inspect_button = button("I&nspect", INSPECT_TIP, self.inspect)
        self.inspect_button.setEnabled(False)
        self.progress = QProgressBar()
        self.progress.setTextVisible(True)
        retain_size_when_hidden(self.progress)  # so that the button does not move under the mouse
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(make_row(self.run_button, self.control_button))
        layout.addLayout(make_row(self.inspect_button, beside_inspect))
        layout.addWidget(self.progress)
        self.progress.hide()

    def inspect(self) -> None:
        """Open Inspect in a tab beside this widget, or bring it to the front, on the last run."""
        from napari_lns.viewer.inspect.widget import InspectWidget  # Segment opens sooner

        inspect = open_widget(self._viewer, "Inspect", InspectWidget)
        labels = None if self._labels is None else self._labels()
        if labels is not None and labels in self._viewer.layers:
            inspect.inspection.choice.choose(labels)

    def set_run_layers(self, layers: Iterable[Layer]) -> None:
        """Set the layers of the last run, which *Inspect* opens: the first labels among them."""
        labels = next((layer for layer in layers if isinstance(layer, Labels)), None)
        self._labels = None if labels is None else weakref.ref(labels)
        self.inspect_button.setEnabled(labels is not None)

    def refresh(self, state: State, why_disabled: str) -> None:
        """Update the buttons for the state of the run.

        Parameters
        ----------
        state
            The state of the run.
        why_disabled
            Why no run can start; empty if one can.
        """
        running = state is State.RUNNING
        self.run_button.setText(state.value)
        self.run_button.setEnabled(running or not why_disabled)
        self.run_button.setToolTip(plain_tip(why_disabled or (CANCEL_TIP if running else RUN_TIP)))
        self.control_button.setEnabled(state is State.IDLE and not why_disabled)
        self.progress.setVisible(state is not State.IDLE)

    def show_loading(self) -> None:
        """Show that the network is loading, without an animation, which would use half a core."""
        self.progress.setMaximum(1)
        self.progress.setValue(0)
        self.progress.setFormat(LOADING)

    def show_progress(self, progress: RunProgress) -> None:
        """Show the progress in percent and the remaining time."""
        self.progress.setMaximum(progress.total)
        self.progress.setValue(progress.done)
        self.progress.setFormat(f"%p % · {format_duration(progress.seconds_left)} left")
