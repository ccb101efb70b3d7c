"""The Segment widget: run a method on images, see segments emerge, cut them again, save them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import napari
from napari.layers import Layer
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_lns.segmentation import Segmentation
from napari_lns.stimuli import Stimulus
from napari_lns.viewer import warm_up
from napari_lns.viewer.agreement import may_run
from napari_lns.viewer.layers.images import Given, first_reader, given_by
from napari_lns.viewer.layers.notes import note_of
from napari_lns.viewer.layers.placing import hide_other_runs, put
from napari_lns.viewer.layers.runs import run_name
from napari_lns.viewer.layers.stimulus import stimulus_name
from napari_lns.viewer.preferences import recall
from napari_lns.viewer.qt.background import Latest
from napari_lns.viewer.qt.controls import scrolled
from napari_lns.viewer.qt.docks import join_docks
from napari_lns.viewer.qt.events import connect_while_alive
from napari_lns.viewer.qt.layout import column_of, row_of
from napari_lns.viewer.qt.message_area import MessageArea, summary
from napari_lns.viewer.qt.run import Run, RunProgress, State
from napari_lns.viewer.qt.state import keep_state
from napari_lns.viewer.segment import jobs
from napari_lns.viewer.segment.control_layers import beside_control
from napari_lns.viewer.segment.cut_controls import CutControls
from napari_lns.viewer.segment.examples import Examples
from napari_lns.viewer.segment.fit_label import FitLabel, warning
from napari_lns.viewer.segment.form import SegmentForm
from napari_lns.viewer.segment.image_form import ImageForm
from napari_lns.viewer.segment.keep_menu import KeepMenu
from napari_lns.viewer.segment.opened import (
    call_of,
    earlier_results,
    is_left,
    last_run,
    opened_run,
    taken_over,
)
from napari_lns.viewer.segment.run_bar import RunBar
from napari_lns.viewer.segment.score_label import ScoreLabel

__all__ = ["SegmentWidget"]

SOON = 500  # milliseconds, in which the widget is painted


class SegmentWidget(QWidget):
    """Segment images, see the segments emerge, and change their number at once.

    Parameters
    ----------
    viewer
        The viewer whose layers are segmented.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:  # as napari looks for it
        super().__init__()
        self._viewer = viewer
        self._results: dict[Given, Segmentation] = {}
        self._prefixes: dict[Layer, str] = {}
        self._around = jobs.Around()
        self._said_why = ""
        self._fresh = False  # the run has shown nothing yet
        self.run = Run(self)
        self.run.progressed.connect(self._show_progress)
        self.run.failed.connect(self._say_error)
        self.run.state_changed.connect(self._refresh)
        self._latest = Latest(self)
        self._latest.answered.connect(self._show_again)
        self._latest.failed.connect(self._say_error)
        self._build()
        self.destroyed.connect(self.run.close)
        self.destroyed.connect(self._latest.close)
        self._choose_layer()
        self._recall()
        self._connect()
        self._take_over()
        self._resume()
        keep_state(self, "segment", self._state)
        join_docks(self)

    @property
    def results(self) -> list[Segmentation]:
        """What the last run found, in the order of its images."""
        return list(self._results.values())

    def call(self) -> dict[str, Any]:
        """Return the arguments of `napari_lns.segment` as they are set now."""
        return {**self.form.call(), "clusters": self.cut.clusters()}

    def start(self) -> None:
        """Start a run with what is set; while one is under way, ask it to end."""
        if self.run.state is not State.IDLE:
            self.run.cancel()
        elif self._why_disabled():
            self._refresh()  # a layer may have become another one since
        elif may_run(self, self.call()["model"]):
            self._start(self.images.given())

    def start_with_control(self) -> None:
        """Start a run on the stimulus and on its control, which is shown beside it."""
        if self.run.state is not State.IDLE or self._why_disabled():
            return
        try:
            shown = beside_control(self._viewer, self.layer.layer())
        except ValueError as error:
            self._say_error(error)
            return
        if not may_run(self, self.call()["model"]):
            return
        self.layer.choose(next(iter(shown)).layer)  # a new layer may have been chosen
        self._start([*shown], shown)

    def adopt(self, segmentation: Segmentation, layer: Layer) -> None:
        """Take a result that was opened as if it had been computed here.

        Parameters
        ----------
        segmentation
            The result.
        layer
            The layer of its image.
        """
        self._adopt(dict.fromkeys(given_by(layer), segmentation), layer.name)

    def showEvent(self, event: Any) -> None:
        """Import and compile what a first run needs before it is started."""
        super().showEvent(event)
        QTimer.singleShot(SOON, warm_up.segmenting.begin)

    def keyPressEvent(self, event: Any) -> None:
        """Cancel the run on Escape, which every control passes on."""
        if event.key() == Qt.Key.Key_Escape and self.run.state is State.RUNNING:
            self.run.cancel()
        else:
            super().keyPressEvent(event)

    def wait(self) -> None:
        """Block until the newest cut has been made; it is shown when events are processed."""
        self._latest.wait()

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.examples = Examples(self._viewer)
        self.images = ImageForm(self._viewer)
        self.layer, self.take, self.truth = self.images.layer, self.images.take, self.images.truth
        self.form = SegmentForm()
        self.cut = CutControls()
        self.keep = KeepMenu(self._viewer, self)
        self.bar = RunBar(self._viewer, self.start, self.start_with_control, self.keep)
        self.run_button, self.control_button = self.bar.run_button, self.bar.control_button
        self.inspect_button, self.progress = self.bar.inspect_button, self.bar.progress
        self.score = ScoreLabel()
        self.fit = FitLabel()
        self.message = MessageArea()
        layout = QVBoxLayout(self)
        layout.setSpacing(6)
        layout.addWidget(scrolled(self._settings()), 1)
        layout.addWidget(self.cut)
        layout.addWidget(self.bar)
        layout.addLayout(row_of(self.score, self.fit))
        layout.addWidget(self.message)
        self.setMinimumWidth(280)

    def _settings(self) -> QWidget:
        return column_of((self.examples,), (self.images,), (self.form,), stretch=True)

    def _connect(self) -> None:
        self.images.layer_changed.connect(self._choose_layer)
        self.images.changed.connect(self._refresh)
        self.images.truth_changed.connect(self._compare)
        self.form.changed.connect(self._refresh)
        self.form.model.advised.connect(self.message.setText)
        self.form.clusterer_changed.connect(self._regroup)
        self.cut.changed.connect(self._recut)
        for event, slot in (
            (self._viewer.layers.events.inserted, self._take_over),
            (self._viewer.dims.events.current_step, self._score),
        ):
            connect_while_alive(self, event, slot)

    def _recall(self) -> None:
        left = recall("segment")
        call = left.get("call")
        self._set_call({**call, "model": None} if isinstance(call, dict) else {})
        self.take.setCurrentIndex(max(0, self.take.findData(left.get("take"))))

    def _state(self) -> dict[str, Any]:
        # a model for good is set in the preferences: another image may need another network
        return {"call": {**self.call(), "model": None}, "take": self.take.currentText()}

    def _set_call(self, call: Any) -> None:
        try:
            self.form.set_call(call)
            self.cut.set_clusters(call.get("clusters", 3))
        except (TypeError, ValueError, AttributeError):  # left by another version
            self.message.clear()

    # what happens ---------------------------------------------------------------------

    def _take_over(self, event: Any = None) -> None:
        """Take over a run that was opened from a file, unless one is under way here."""
        labels = opened_run(self._viewer) if self.run.state is State.IDLE else None
        if labels is None or (event is not None and event.value is not labels):
            return
        layer = taken_over(self._viewer, labels)
        if layer is not None:
            self.adopt(note_of(labels).results[0], layer)

    def _resume(self) -> None:
        """Go on with the last run in the viewer, as a widget that is opened again should."""
        run = None if self._prefixes else last_run(self._viewer)
        if run is not None:
            layer, prefix, found = run
            results = {each: found[each.index] for each in given_by(layer) if each.index in found}
            self._adopt(results, prefix)

    def _adopt(self, results: dict[Given, Segmentation], prefix: str) -> None:
        first = next(iter(results))
        self._results = {}
        self.layer.choose(first.layer)  # which suggests a model: the result's own comes after
        self._set_call(call_of(results[first]))
        self.form.model.follow()
        self._begin([*results])
        self._prefixes = {first.layer: prefix}
        self._latest.call(jobs.summarize, results, self._around)

    def _choose_layer(self) -> None:
        layer = self.layer.layer()
        name = None if layer is None else stimulus_name(layer)
        self.form.model.suggest_for(name, first_reader(layer))
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

    def _start(self, given: Sequence[Given], shown: Mapping[Given, Stimulus] | None = None) -> None:
        call = self.call()
        self._begin(given)
        self._prefixes |= {
            each.layer: run_name(self._viewer, each.layer, call)
            for each in given
            if each.count is None  # a stack's run holds the results of all its images
        }
        around = {"stimuli": shown or {}, "model": call["model"], "device": call["device"]}
        self._around = replace(self._around, **around)
        self._fresh = True
        self.run.start(partial(jobs.segmenting, given, call, self._around))

    def _begin(self, given: Sequence[Given]) -> None:
        self._latest.drop()  # what was asked about the images before
        self.message.clear()
        self._prefixes = {picture.layer: picture.layer.name for picture in given}
        self._around = jobs.Around(
            self.images.truths_of(given), earlier_results(self._viewer, given)
        )

    def _show_progress(self, progress: RunProgress) -> None:
        self.bar.show_progress(progress)
        if progress.result is not None:
            self._show(progress.result)

    def _show(self, found: jobs.RunResults) -> None:
        self._results = dict(found.results)
        shown = [
            made
            for layer, planned in found.planned.items()
            for made in put(self._viewer, planned, self._prefixes[layer], over=layer)
        ]
        if self._fresh:
            self._fresh = False
            hide_other_runs(self._viewer, shown)
        self.score.take(found)
        self._score()
        self._warn()
        self.cut.offer(self.results, self.form.method)
        self.keep.offer(self.results)
        self.inspect_button.setEnabled(bool(self.results))

    def _show_again(self, found: jobs.RunResults) -> None:
        """Show what was cut or compared, unless the user has removed all that it belongs to."""
        if is_left(self._viewer, self._prefixes):
            self._show(found)

    def _score(self, *_: Any) -> None:
        self.score.show_scores(self._viewer, self.layer.layer())

    def _warn(self) -> None:
        # a control need not fit: that it does not is part of the comparison
        shown = self.results[:1] if self.score.measures else self.results
        self.fit.show_fit([each.record for each in shown])
        notes = {text: None for each in self.results for text in each.record.get("warnings", ())}
        lines = filter(None, [warning([each.record for each in shown]), summary(notes)])
        self.message.setText("\n".join(lines), "\n".join(notes))

    def _recut(self) -> None:
        if self._results and self.run.state is State.IDLE and self.cut.can_cut:
            self._latest.call(jobs.relabelled, dict(self._results), self._around, **self.cut.cut())

    def _regroup(self) -> None:
        features = all(each.features is not None for each in self.results)
        if self._results and features and self.run.state is State.IDLE:
            own = self.form.parameters()
            call = (own["clusterer"], self.cut.clusters(), own["criterion"], self._around)
            self.run.start(partial(jobs.regrouping, dict(self._results), *call))

    def _compare(self) -> None:
        if self._results and self.run.state is State.IDLE:
            self._around = replace(self._around, truths=self.images.truths_of(list(self._results)))
            self._latest.call(jobs.summarize, dict(self._results), self._around)

    def _say_error(self, error: Exception) -> None:
        text = str(error) or type(error).__name__
        self.message.setText(text[:1].upper() + text[1:] + ("" if text.endswith(".") else "."))

    def _refresh(self, changed: object = None) -> None:
        why = self._why_disabled()
        self.bar.refresh(self.run.state, why)
        self.examples.setVisible(not self.layer.known())
        if changed is State.RUNNING:
            self.bar.show_loading()
        if self.run.state is State.IDLE:
            self._say_why(why)

    def _say_why(self, why: str) -> None:
        """Show why nothing can be run, and take it back when it no longer holds."""
        if why or self.message.text() == self._said_why:
            self.message.setText(why)
        self._said_why = why
