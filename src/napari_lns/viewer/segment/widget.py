"""The Segment widget: segment images, show intermediate results, cut again and export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import napari
from napari.layers import Layer
from qtpy.QtCore import Qt, QTimer
from qtpy.QtGui import QShowEvent
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_lns.segmentation import Segmentation
from napari_lns.stimuli import Stimulus
from napari_lns.viewer import warm_up
from napari_lns.viewer.consent import may_run
from napari_lns.viewer.layers.images import ImageSource, first_image_reader, image_sources
from napari_lns.viewer.layers.notes import read_note
from napari_lns.viewer.layers.placing import hide_other_runs
from napari_lns.viewer.layers.runs import run_name
from napari_lns.viewer.layers.stimulus import stimulus_name
from napari_lns.viewer.preferences import recall
from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.qt.controls import make_scrollable
from napari_lns.viewer.qt.docks import join_docks
from napari_lns.viewer.qt.events import connect_while_alive
from napari_lns.viewer.qt.layout import make_column
from napari_lns.viewer.qt.message_area import MessageArea, summary
from napari_lns.viewer.qt.run import Run, RunProgress, State
from napari_lns.viewer.qt.state import save_state_on_hide
from napari_lns.viewer.segment import existing_runs, jobs
from napari_lns.viewer.segment.control_layers import show_with_control
from napari_lns.viewer.segment.cut_controls import CutControls
from napari_lns.viewer.segment.examples import Examples
from napari_lns.viewer.segment.export_menu import ExportMenu
from napari_lns.viewer.segment.fit_label import FitLabel, warning
from napari_lns.viewer.segment.form import SegmentForm
from napari_lns.viewer.segment.image_form import ImageForm
from napari_lns.viewer.segment.run_bar import RunBar
from napari_lns.viewer.segment.run_layers import RunLayers
from napari_lns.viewer.segment.score_label import ScoreLabel

__all__ = ["SegmentWidget"]

WARM_UP_DELAY = 500  # milliseconds, so that the widget is painted first


class SegmentWidget(QWidget):
    """Segment images, show intermediate results, and change the number of segments at once.

    Parameters
    ----------
    viewer
        The viewer whose layers are segmented.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:  # napari reads this type
        super().__init__()
        self._viewer = viewer
        self._results: dict[ImageSource, Segmentation] = {}
        self._prefixes: dict[Layer, str] = {}
        self._context = jobs.RunContext()
        self._shown_reason = ""
        self._is_first_result = False  # no result of the run is shown yet
        self.run = Run(self)
        self.run.progressed.connect(self._show_progress)
        self.run.failed.connect(self._show_error)
        self.run.state_changed.connect(self._refresh)
        self._latest = LatestCall(self)
        self._latest.finished.connect(self._show_if_wanted)
        self._latest.failed.connect(self._show_error)
        self.run_layers = RunLayers(viewer, self)
        self._build()
        self.destroyed.connect(self.run.close)
        self.destroyed.connect(self._latest.close)
        self._suggest_model()
        self._recall()
        self._connect()
        self._take_over()
        self._resume_last_run()
        save_state_on_hide(self, "segment", self._state)
        join_docks(self)

    @property
    def results(self) -> list[Segmentation]:
        """The results of the last run, in the order of its images."""
        return list(self._results.values())

    def call(self) -> dict[str, Any]:
        """Return the current arguments of `napari_lns.segment`."""
        return {**self.form.call(), "clusters": self.cut.clusters()}

    def start(self) -> None:
        """Start a run with the current arguments, or cancel the current run."""
        if self.run.state is not State.IDLE:
            self.run.cancel()
        elif self._why_disabled():
            self._refresh()  # a layer may have changed since
        elif may_run(self, self.call()["model"]):
            self._start(self.images.sources())

    def start_with_control(self) -> None:
        """Start a run on the stimulus and its control, which is added beside it."""
        if self.run.state is not State.IDLE or self._why_disabled():
            return
        try:
            stimuli = show_with_control(self._viewer, self.layer.layer())
        except ValueError as error:
            self._show_error(error)
            return
        if not may_run(self, self.call()["model"]):
            return
        self.layer.choose(next(iter(stimuli)).layer)  # the new layer may have been chosen
        self._start([*stimuli], stimuli)

    def adopt(self, segmentation: Segmentation, layer: Layer) -> None:
        """Use an opened result as the result of the last run.

        Parameters
        ----------
        segmentation
            The result.
        layer
            The layer of its image.
        """
        self._adopt(dict.fromkeys(image_sources(layer), segmentation), layer.name)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Import and compile in the background what the first run needs."""
        super().showEvent(event)
        QTimer.singleShot(WARM_UP_DELAY, warm_up.segmentation.start)

    def keyPressEvent(self, event: Any) -> None:
        """Cancel the run on Escape, which the controls pass on."""
        if event.key() == Qt.Key.Key_Escape and self.run.state is State.RUNNING:
            self.run.cancel()
        else:
            super().keyPressEvent(event)

    def wait(self) -> None:
        """Block until the newest cut has been computed; events then show it."""
        self._latest.wait()

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.examples = Examples(self._viewer)
        self.images = images = ImageForm(self._viewer)
        self.layer, self.apply_to = images.layer, images.apply_to
        self.ground_truth = images.ground_truth
        self.form = SegmentForm()
        self.cut = CutControls()
        self.export_menu = ExportMenu(self._viewer, self)
        self.bar = RunBar(self._viewer, self.start, self.start_with_control, self.export_menu)
        self.run_button, self.control_button = self.bar.run_button, self.bar.control_button
        self.inspect_button, self.progress = self.bar.inspect_button, self.bar.progress
        self.score = ScoreLabel()
        self.fit = FitLabel()
        self.message = MessageArea()
        layout = QVBoxLayout(self)
        layout.setSpacing(6)
        layout.setContentsMargins(4, 9, 4, 9)
        settings = make_column((self.examples,), (images,), (self.form,), stretch=True)
        layout.addWidget(make_scrollable(settings), 1)
        for widget in (self.cut, self.bar, self.fit, self.score, self.message):
            layout.addWidget(widget)
        self.setMinimumWidth(280)

    def _connect(self) -> None:
        self.images.layer_changed.connect(self._suggest_model)
        self.images.changed.connect(self._refresh)
        self.images.ground_truth_changed.connect(self._rescore)
        self.form.changed.connect(self._refresh)
        self.form.model.fit_warned.connect(self.message.setText)
        self.form.clusterer_changed.connect(self._regroup)
        self.cut.changed.connect(self._recut)
        self.cut.follow(self.ground_truth)
        for event, slot in (
            (self._viewer.layers.events.inserted, self._take_over),
            (self._viewer.layers.events.removed, self._show_score),
            (self._viewer.dims.events.current_step, self._show_score),
        ):
            connect_while_alive(self, event, slot)

    def _recall(self) -> None:
        saved = recall("segment")
        call = saved.get("call")
        self._set_call({**call, "model": None} if isinstance(call, dict) else {})
        self.apply_to.setCurrentIndex(max(0, self.apply_to.findData(saved.get("take"))))

    def _state(self) -> dict[str, Any]:
        # the model is not saved: another image may need another network
        return {"call": {**self.call(), "model": None}, "take": self.apply_to.currentText()}

    def _set_call(self, call: Any) -> None:
        try:
            self.form.set_call(call)
            self.cut.set_clusters(call.get("clusters", 3))
        except (TypeError, ValueError, AttributeError, OverflowError):  # saved by another version
            self.message.clear()

    # what happens ---------------------------------------------------------------------

    def _take_over(self, event: Any = None) -> None:
        """Take over a run that was opened from a file, unless a run is in progress."""
        is_idle = self.run.state is State.IDLE
        labels = existing_runs.find_opened_run(self._viewer) if is_idle else None
        if labels is None or (event is not None and event.value is not labels):
            return
        layer = existing_runs.take_over(self._viewer, labels)
        if layer is not None:
            self.adopt(read_note(labels).results[0], layer)

    def _resume_last_run(self) -> None:
        """Resume the last run in the viewer, after the widget was closed and opened again."""
        run = None if self._prefixes else existing_runs.find_last_run(self._viewer)
        if run is not None:
            layer, prefix, results = run
            sources = [each for each in image_sources(layer) if each.index in results]
            self._adopt({each: results[each.index] for each in sources}, prefix)

    def _adopt(self, results: dict[ImageSource, Segmentation], prefix: str) -> None:
        first = next(iter(results))
        self._results = {}
        self.layer.choose(first.layer)  # this suggests a model; the result's model is set next
        self._set_call(existing_runs.call_arguments(results[first]))
        self.form.model.follow_suggestion()
        self._prepare_run([*results])
        self._prefixes = {first.layer: prefix}
        self._latest.call(jobs.summarize, results, self._context)

    def _suggest_model(self) -> None:
        layer = self.layer.layer()
        name = None if layer is None else stimulus_name(layer)
        self.form.model.suggest_for(name, first_image_reader(layer))
        self._refresh()

    def _why_disabled(self) -> str:
        if self.run.state is State.CANCELLING:
            return "The run ends at its next step."
        if self.run.state is State.RUNNING:
            return ""
        wrong = self.images.why_not()
        if not wrong and self.form.needs_model and self.form.model.model() is None:
            return "Choose a model first: press Load model… below the box."
        return wrong

    def _start(
        self, sources: Sequence[ImageSource], stimuli: Mapping[ImageSource, Stimulus] | None = None
    ) -> None:
        call = self.call()
        self._prepare_run(sources)
        self._prefixes |= {
            each.layer: run_name(self._viewer, each.layer, call)
            for each in sources
            if each.count is None  # a run on a stack holds the results of all its images
        }
        options = {"stimuli": stimuli or {}, "model": call["model"], "device": call["device"]}
        self._context = replace(self._context, **options)
        self._is_first_result = True
        self.run.start(partial(jobs.iter_segmentations, sources, call, self._context))

    def _prepare_run(self, sources: Sequence[ImageSource]) -> None:
        self._latest.drop()  # discard requests about the previous images
        self.message.clear()
        self._prefixes = {source.layer: source.layer.name for source in sources}
        others = existing_runs.earlier_results(self._viewer, sources)
        self._context = jobs.RunContext(self.images.ground_truths(sources), others)

    def _show_progress(self, progress: RunProgress) -> None:
        self.bar.show_progress(progress)
        if progress.result is not None:
            self._show(progress.result)

    def _show(self, results: jobs.RunResults) -> None:
        self._results = dict(results.results)
        layers = list[Layer]()
        for image, plans in results.plans.items():
            layers += self.run_layers.put(plans, self._prefixes[image], image)
        if self._is_first_result:
            self._is_first_result = False
            hide_other_runs(self._viewer, layers)
        self.score.set_results(results)
        self._show_score()
        self._show_warnings()
        self.cut.set_results(self.results, self.form.method)
        self.export_menu.set_results(self.results)
        self.bar.set_run_layers(layers)

    def _show_if_wanted(self, results: jobs.RunResults) -> None:
        """Show a new cut or score, unless the user has removed the layers of the run."""
        if existing_runs.has_layers_left(self._viewer, self._prefixes):
            self._show(results)

    def _show_score(self, *_: object) -> None:
        if existing_runs.has_layers_left(self._viewer, self._prefixes):
            self.score.show_scores(self._viewer, self.layer.layer())
        else:  # the user has removed the run
            self.score.clear()
            self.fit.hide()

    def _show_warnings(self) -> None:
        # a control may be out of distribution: warn about the stimulus only
        results = self.results[:1] if self.score.measures else self.results
        self.fit.show_fit([each.record for each in results])
        notes = {text: None for each in self.results for text in each.record.get("warnings", ())}
        lines = filter(None, [warning([each.record for each in results]), summary(notes)])
        self.message.setText("\n".join(lines), "\n".join(notes))

    def _recut(self) -> None:
        if self._results and self.run.state is State.IDLE and self.cut.can_cut:
            cut = self.cut.cut_arguments()
            self._latest.call(jobs.cut_again, dict(self._results), self._context, **cut)

    def _regroup(self) -> None:
        features = all(each.features is not None for each in self.results)
        if self._results and features and self.run.state is State.IDLE:
            parameters = self.form.parameters()
            call = (parameters["clusterer"], self.cut.clusters(), parameters["criterion"])
            regroup = partial(jobs.iter_reclusterings, dict(self._results), *call, self._context)
            self.run.start(regroup)

    def _rescore(self) -> None:
        if self._results and self.run.state is State.IDLE:
            ground_truths = self.images.ground_truths(list(self._results))
            self._context = replace(self._context, ground_truths=ground_truths)
            self._latest.call(jobs.summarize, dict(self._results), self._context)

    def _show_error(self, error: Exception) -> None:
        text = str(error) or type(error).__name__
        self.message.setText(text[:1].upper() + text[1:] + ("" if text.endswith(".") else "."))

    def _refresh(self, changed: object = None) -> None:
        why = self._why_disabled()
        self.bar.refresh(self.run.state, why)
        self.examples.setVisible(not self.layer.layers())
        if changed is State.RUNNING:
            self.bar.show_loading()
        if self.run.state is State.IDLE:
            self._show_reason(why)
            self.run_layers.put_soon()

    def _show_reason(self, why: str) -> None:
        """Show why no run can start, and clear the reason when it no longer applies."""
        if why or self.message.text() == self._shown_reason:
            self.message.setText(why)
        self._shown_reason = why
