"""Segment a stimulus while its parameters change, and plot the measure of its law."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.components import ViewerModel
from napari.layers import Image, Layer
from numpy.typing import NDArray
from qtpy.QtWidgets import (
    QApplication,
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from napari_lns import stimuli
from napari_lns._files import write_atomically
from napari_lns.stimuli import Stimulus
from napari_lns.viewer.consent import may_run
from napari_lns.viewer.inspect.inspection import Inspection
from napari_lns.viewer.inspect.pixel_panel import AFFINITY_OPTIONS
from napari_lns.viewer.layers.notes import read_note
from napari_lns.viewer.layers.placing import put
from napari_lns.viewer.layers.side_by_side import SideBySide
from napari_lns.viewer.live.segmenting import LiveNetwork, LiveResult, Pixel
from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.qt.controls import add_row, button, form_layout
from napari_lns.viewer.qt.message_area import plain_label
from napari_lns.viewer.segment.model_choice import ModelChoice

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from napari_lns.experiments.psychophysics.visits import Visit
    from napari_lns.viewer.live.plot import LivePlot

__all__ = ["LivePanel"]

RUN = "live"  # suffix in the names of the layers
SHOWN = ("variance", "labels")  # the layers of the run that are shown side by side
LOADING = "Loading the network…"
NO_MODEL = "No network to segment with: choose one in Model."
NO_LAW = "{title}: no law is defined; only the segments are updated."
NO_PIXELS = "There are no pixels to compare at this value."
SIDE_BY_SIDE_TIP = "Show image, variance, segments and affinity side by side"
MODEL_TIP = "The network that reconstructs the stimulus"
CLEAR_TIP = "Delete the values visited so far"
EXPORT_TIP = (
    "Save the visited values as a table, as a script that repeats the measurements, or as a figure"
)
TABLES, FIGURES = "Tables (*.csv)", "Figures (*.pdf *.png *.svg)"


class LivePanel(QWidget):
    """Segment the newest version of a changing stimulus; skip versions in between.

    Click a pixel of the image to show its affinity.

    Parameters
    ----------
    viewer
        The viewer.
    parent
        The widget that owns it.
    """

    def __init__(self, viewer: ViewerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._network: LiveNetwork | None = None
        self._current: tuple[Stimulus, Layer] | None = None
        self._parameter: str | None = None  # the parameter that changed last
        self._pixel: Pixel | None = None
        self._side_by_side = SideBySide(viewer)
        self._shown_stimulus: Stimulus | None = None  # the stimulus of the segments on screen
        # stimuli whose controls are not measured yet
        self._pending_controls: list[tuple[Stimulus, Visit]] = []
        self.visits: list[Visit] = []
        self._segment_worker = LatestCall(self)
        self._segment_worker.finished.connect(self._on_result)
        self._affinity_worker = LatestCall(self)
        self._affinity_worker.finished.connect(self._show_affinity)
        for latest in (self._segment_worker, self._affinity_worker):
            latest.failed.connect(lambda error: self.text.setText(str(error)))
            self.destroyed.connect(latest.close)
        self._inspection = Inspection(viewer, self)
        self._inspection.choice.setParent(self)
        self._inspection.choice.hide()
        self._inspection.clicked.connect(self._on_clicked)
        self._inspection.hovered.connect(self._request_affinity)
        self._build()

    def follow(self, stimulus: Stimulus, layer: Layer) -> None:
        """Segment a stimulus as soon as possible, instead of one that is still waiting.

        Parameters
        ----------
        stimulus
            The stimulus.
        layer
            The layer of its image.
        """
        before, self._current = self._current, (stimulus, layer)
        if before is None or before[1] is not layer:
            self._segment_worker.drop()
            self._parameter = None
            self.model.suggest_for(stimulus.name, lambda: stimulus.image)
        else:
            self._parameter = _changed_parameter(before[0], stimulus) or self._parameter
        self._segment()

    def stop(self) -> None:
        """Stop segmenting, and restore the previous view."""
        self._current = None
        self._segment_worker.drop()
        self._side_by_side.restore()

    def save_table(self, path: str | Path) -> None:
        """Write the visited values of this stimulus as CSV."""
        from napari_lns.experiments.psychophysics.visits import table

        try:
            with write_atomically(Path(path)) as beside:
                beside.write_text(table(self._current_visits()), encoding="utf-8")
        except OSError as error:
            self.text.setText(f"The table was not saved: {error}")
        else:
            self.text.setText(f"Saved {path}.")

    def copy_script(self) -> None:
        """Copy a script that repeats the measurements to the clipboard."""
        from napari_lns.experiments.psychophysics.visits import script

        if (clipboard := QApplication.clipboard()) is not None:
            clipboard.setText(script(self._current_visits()))
        self.text.setText("The script is on the clipboard.")

    def clear(self) -> None:
        """Delete the visited values of this stimulus."""
        visits = self._current_visits()
        self.visits = [each for each in self.visits if each not in visits]
        self._pending_controls = []
        self._show_visits()

    def wait(self) -> None:
        """Block until the computations have ended; events then show the results."""
        self._segment_worker.wait()
        self._affinity_worker.wait()

    @cached_property
    def plot(self) -> LivePlot:
        """The plot, created for the first visited value."""
        from napari_lns.viewer.live.plot import LivePlot

        plot = LivePlot(self._viewer, self._figure)
        self._layout.insertWidget(2, plot)
        return plot

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.model = ModelChoice()
        self.model.changed.connect(self._segment)
        self.side_by_side = QCheckBox("Side &by side")
        self.side_by_side.setToolTip(SIDE_BY_SIDE_TIP)
        self.side_by_side.setChecked(True)
        self.side_by_side.toggled.connect(self._arrange)
        self.clear_button = button("&Clear", CLEAR_TIP, self.clear)
        self.export_button = QPushButton("&Export…")
        self.export_button.setToolTip(EXPORT_TIP)
        menu = QMenu(self)
        menu.addAction("Save &table…", self._ask_where_to_save)
        menu.addAction("&Copy as script", self.copy_script)
        menu.addAction("Save &figure…", self._ask_where_to_export)
        self.export_button.setMenu(menu)
        self.text = plain_label()
        self.text.setWordWrap(True)
        form = form_layout()
        add_row(form, "Mo&del", self.model, MODEL_TIP, below=True)
        row = QHBoxLayout()
        for widget in (self.side_by_side, self.clear_button, self.export_button):
            row.addWidget(widget)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addLayout(form)
        self._layout.addLayout(row)
        self._layout.addWidget(self.text)
        self._update_buttons()

    @cached_property
    def _figure(self) -> Figure:
        from napari_lns.viewer.live.plot import live_figure

        return live_figure()

    # what happens ---------------------------------------------------------------------

    def _segment(self) -> None:
        spec = self.model.model()
        if self._current is None:
            return
        if spec is None:
            self.text.setText(NO_MODEL)
        elif may_run(self, spec):
            if self._network is None or self._network.spec != spec:
                self._network = LiveNetwork(spec)
                self.text.setText(LOADING)
            self._shown_stimulus = None
            self._segment_worker.call(
                self._compute_result, self._network, *self._current, self._pixel
            )

    def _compute_result(
        self, network: LiveNetwork, stimulus: Stimulus, layer: Layer, pixel: Pixel | None
    ) -> LiveResult:
        _ = self._figure  # importing Matplotlib is slow: do it off the main thread
        return network.compute_result(stimulus, layer, pixel)

    def _on_result(self, result: LiveResult | tuple[Visit, float | None]) -> None:
        if isinstance(result, LiveResult):
            if (
                self._current is not None
                and self._current[1] is result.layer in self._viewer.layers
            ):
                self._show(result)
                self._shown_stimulus = result.stimulus
        else:
            visit, control = result
            complete_visit = replace(visit, control=control)
            self.visits = [complete_visit if each is visit else each for each in self.visits]
            self._show_visits()
        self._measure_next_control()

    def _show(self, result: LiveResult) -> None:
        name = f"{result.layer.name} {RUN}"
        labels = put(self._viewer, result.plans, name, over=result.layer)[-1]
        self._inspection.choice.choose(labels)
        self._inspection.refresh()
        self._show_affinity(result.affinity)
        self._arrange()
        if result.visit is None:
            title = stimuli.title(result.stimulus.name)
            self.text.setText(NO_PIXELS if result.has_law else NO_LAW.format(title=title))
        else:
            self.visits.append(result.visit)
            self._pending_controls.append((result.stimulus, result.visit))
            self._show_visits()

    def _measure_next_control(self) -> None:
        """Measure the newest pending control, unless a stimulus is waiting."""
        is_shown = self._current is not None and self._shown_stimulus is self._current[0]
        if is_shown and self._pending_controls and self._network is not None:
            self._segment_worker.call(
                _measure_control, self._network, *self._pending_controls.pop()
            )

    def _show_visits(self) -> None:
        from napari_lns.experiments.psychophysics.visits import find_law, series

        visits = self._current_visits()
        self._update_buttons()
        law = (
            find_law(self._current[0].name, self._parameter) if self._current is not None else None
        )
        if law is None:
            return
        parameter = self._parameter or law.parameter
        label = law.label if parameter == law.parameter else parameter.replace("_", " ")
        self.plot.show_visits(
            series(visits, parameter, visits[-1]) if visits else [], parameter, label
        )
        if visits:
            newest = visits[-1]
            self.plot.mark_newest(float(newest.parameters[parameter]), newest.value)
            control = "…" if newest.control is None else f"{newest.control:.3f}"
            self.text.setText(f"Grouping {newest.value:.3f}; control {control}")
        else:
            self.text.clear()

    def _arrange(self, *_: object) -> None:
        """Show the layers side by side, or restore the previous view."""
        labels, image = self._inspection.layer, None if self._current is None else self._current[1]
        if not self.side_by_side.isChecked() or labels is None or image is None:
            self._side_by_side.restore()
            return
        layers = [image]
        for layer in self._viewer.layers:
            note = read_note(layer)
            is_own = note.run == f"{image.name} {RUN}" and note.content in SHOWN
            if is_own or (note.content, note.labels_name) == ("affinity", labels.name):
                layers.append(layer)
        self._side_by_side.show(layers)

    def _on_clicked(self, row: int, column: int) -> None:
        self._pixel = row, column
        self._request_affinity(row, column)

    def _request_affinity(self, row: int, column: int) -> None:
        segmentation = self._inspection.segmentation
        if self._current is not None and segmentation is not None:
            self._affinity_worker.call(segmentation.affinity, row, column)

    def _show_affinity(self, affinity: NDArray[Any]) -> None:
        if self._current is not None:
            is_shown = self.side_by_side.isChecked()
            options = {**AFFINITY_OPTIONS, "visible": is_shown}
            layer = self._inspection.show("affinity", Image, affinity, **options)
            if layer is not None and is_shown:
                layer.visible = True  # Inspect may have hidden it with its page

    def _current_visits(self) -> list[Visit]:
        name = None if self._current is None else self._current[0].name
        return [each for each in self.visits if each.name == name]

    def _update_buttons(self) -> None:
        for each in (self.clear_button, self.export_button):
            each.setEnabled(bool(self._current_visits()))

    def _ask_where_to_save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save table", "visits.csv", TABLES)
        if path:
            self.save_table(path)

    def _ask_where_to_export(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save figure", "visits.pdf", FIGURES)
        if path:
            self.plot.save(path)


def _measure_control(
    network: LiveNetwork, stimulus: Stimulus, visit: Visit
) -> tuple[Visit, float | None]:
    return visit, network.measure_control(stimulus)


def _changed_parameter(before: Stimulus, after: Stimulus) -> str | None:
    """Return the numeric parameter that differs between two stimuli of one kind, or None."""
    for name, value in after.parameters.items():
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if number and before.parameters.get(name) != value:
            return name
    return None
