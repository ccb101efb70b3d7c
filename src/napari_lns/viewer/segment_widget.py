"""The Segment widget: run a method on pictures, see groups emerge, cut them again, keep them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import napari
import numpy as np
from napari.layers import Labels, Layer
from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.background import Latest
from napari_lns.viewer.controls import Choice, add_row, button, form_layout
from napari_lns.viewer.cut_controls import CutControls
from napari_lns.viewer.jobs import Around, Found, regrouping, relabelled, segmenting, told_of
from napari_lns.viewer.keep_menu import KeepMenu
from napari_lns.viewer.layer_choice import LayerChoice
from napari_lns.viewer.layers import KEY, labels_of_run, put, stimulus_name, truth_of
from napari_lns.viewer.opened import opened_run, taken_over
from napari_lns.viewer.own_models import chosen_model
from napari_lns.viewer.pictures import Given, given_by, is_picture, is_stack, why_not
from napari_lns.viewer.preferences import recall
from napari_lns.viewer.run import Run, State, Told
from napari_lns.viewer.segment_form import SegmentForm
from napari_lns.viewer.state import keep_state

__all__ = ["SegmentWidget"]

ONE, ALL, SELECTED = "this picture", "all of the stack", "all selected layers"
TAKE = "Which pictures: the one shown, a whole stack, or several layers"
NONE_SELECTED = "Select image layers in the layer list, or take this picture."
TRUTH = "True labels: agreement with them is shown as the adjusted Rand index (ARI), at most 1"


class SegmentWidget(QWidget):
    """Segment pictures while one looks on, and cut the groups again at once.

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
        self._around = Around()
        self._said_why = ""
        self._users_truth = False  # the user chose it, or none, for the image as it is
        self.run = Run(self)
        self.run.told.connect(self._tell)
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
        keep_state(self, "segment", self._state)

    @property
    def results(self) -> list[Segmentation]:
        """What the last run found, in the order of its pictures."""
        return list(self._results.values())

    def call(self) -> dict[str, Any]:
        """Give the arguments of `napari_lns.segment` as they are set now."""
        return {**self.form.call(), "clusters": self.cut.clusters()}

    def start(self) -> None:
        """Start a run with what is set; while one is under way, ask it to end."""
        if self.run.state is not State.IDLE:
            self.run.cancel()
        elif self._why_disabled():
            self._refresh()  # a layer may have become another one since
        else:
            given = self._given()
            self._begin(given)
            self.run.start(partial(segmenting, given, self.call(), self._around))

    def adopt(self, segmentation: Segmentation, layer: Layer) -> None:
        """Take a result that was opened as if it had been found here.

        Parameters
        ----------
        segmentation
            The result.
        layer
            The layer of its picture.
        """
        self._results = {}
        self.layer.choose(layer)  # which suggests a model: the result's own comes after
        self._set_call(_call_of(segmentation))
        (picture,) = given_by(layer)
        self._begin([picture])
        self._latest.call(told_of, {picture: segmentation}, self._around)

    def wait(self) -> None:
        """Block until the newest cut has been made; it is shown when events are processed."""
        self._latest.wait()

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.layer = LayerChoice(self._viewer, is_picture)
        self.take = Choice([(text, text) for text in (ONE, ALL, SELECTED)])
        self.truth = LayerChoice(self._viewer, _is_truth, "none")
        self.form = SegmentForm()
        self.cut = CutControls()
        self.run_button = button(State.IDLE.value, "", self.start)
        self.keep = KeepMenu(self._viewer, self)
        self.progress = QProgressBar()
        self.progress.setTextVisible(True)
        _keep_room(self.progress)  # or the button would move from under the mouse
        self.score = QLabel()
        self.message = QLabel()
        for label in (self.score, self.message):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout = QVBoxLayout(self)
        layout.setSpacing(6)
        layout.addWidget(_scrolled(self._settings()), 1)
        layout.addWidget(self.cut)
        row = QHBoxLayout()
        row.addWidget(self.run_button, 1)
        row.addWidget(self.keep)
        layout.addLayout(row)
        for widget in (self.progress, self.score, self.message):
            layout.addWidget(widget)
        self.progress.hide()
        self.setMinimumWidth(280)

    def _settings(self) -> QWidget:
        inside = QWidget()
        form = form_layout()
        add_row(form, "&Image", self.layer, "The image layer to segment")
        add_row(form, "&Take", self.take, TAKE)
        add_row(form, "Tr&uth", self.truth, TRUTH)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(0, 0, 2, 0)
        layout.setSpacing(6)
        layout.addLayout(form)
        layout.addWidget(self.form)
        layout.addStretch()
        return inside

    def _connect(self) -> None:
        self.layer.layer_changed.connect(self._choose_layer)
        self.layer.listed.connect(self._refresh)
        self.take.currentIndexChanged.connect(self._refresh)
        self.truth.layer_changed.connect(self._compare)
        self.truth.listed.connect(self._suggest_truth)
        self.truth.activated.connect(self._keep_truth)
        self.form.changed.connect(self._refresh)
        self.form.clusterer_changed.connect(self._regroup)
        self.cut.changed.connect(self._recut)
        selected = self._viewer.layers.selection.events.changed
        selected.connect(self._refresh)
        self.destroyed.connect(partial(_disconnect, selected, self._refresh))
        inserted = self._viewer.layers.events.inserted
        inserted.connect(self._take_over)
        self.destroyed.connect(partial(_disconnect, inserted, self._take_over))

    def _recall(self) -> None:
        left = recall("segment")
        call = left.get("call", {})
        self._set_call(call)
        if isinstance(call, dict):
            self.form.model.keep_to(str(call.get("model") or ""))
        self.take.setCurrentIndex(max(0, self.take.findData(left.get("take"))))

    def _state(self) -> dict[str, Any]:
        users = self.form.model.users()  # one that was suggested is suggested anew
        return {"call": {**self.call(), "model": users}, "take": self.take.currentText()}

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
            self.adopt(labels.metadata[KEY]["found"][0], layer)

    def _choose_layer(self) -> None:
        self._users_truth = False
        self._suggest_truth()
        layer = self.layer.layer()
        if layer is not None and (name := stimulus_name(layer)):
            self.form.model.suggest_for(name)
        self._refresh()

    def _suggest_truth(self) -> None:
        """Choose the ground truth that came with the image, unless the user has chosen."""
        layer = self.layer.layer()
        truth = None if layer is None or self._users_truth else truth_of(self._viewer, layer)
        if truth is not None:
            self.truth.choose(truth)

    def _keep_truth(self, *_: Any) -> None:
        self._users_truth = True

    def _layers(self) -> list[Layer | None]:
        if self.take.currentData() == SELECTED:
            chosen = [each for each in self._viewer.layers.selection if is_picture(each)]
            return sorted(chosen, key=[*self._viewer.layers].index) or [None]
        return [self.layer.layer()]

    def _given(self) -> list[Given]:
        index = None if self.take.currentData() != ONE else int(self._viewer.dims.current_step[0])
        given = []
        for layer in self._layers():
            if layer is not None:
                place = None if index is None or not is_stack(layer) else index
                given += given_by(layer, place)
        return given

    def _why_disabled(self) -> str:
        if self.run.state is State.CANCELLING:
            return "The run ends at its next step."
        if self.run.state is State.RUNNING:
            return ""
        layers = self._layers()
        if layers == [None] and self.take.currentData() == SELECTED:
            return NONE_SELECTED
        wrong = next(filter(None, map(why_not, layers)), "")
        if not wrong and self.form.needs_model and self.form.model.model() is None:
            return "Choose a model first: press … beside the box."
        return wrong

    def _begin(self, given: Sequence[Given]) -> None:
        self._latest.drop()  # what was asked about the images before
        self.message.clear()
        self._prefixes = {picture.layer: picture.layer.name for picture in given}
        self._around = Around(self._truths_of(given), self._others(given))

    def _others(self, given: Sequence[Given]) -> dict[Layer, dict[int, Segmentation]]:
        """Give what earlier runs found on the other pictures of the same stacks."""
        others = {}
        for layer in {each.layer for each in given if each.count is not None}:
            labels = labels_of_run(self._viewer, layer.name)
            if labels is not None and len(labels.data) == len(layer.data):
                again = {each.index for each in given if each.layer is layer}
                found = labels.metadata[KEY]["found"]
                others[layer] = {i: each for i, each in found.items() if i not in again}
        return others

    def _truths_of(self, given: Sequence[Given]) -> dict[Given, Any]:
        chosen = self.truth.layer()
        truths = {}
        for picture in given:
            own = truth_of(self._viewer, picture.layer) if len(self._prefixes) > 1 else chosen
            if own is not None:
                data = own.data
                stacked = picture.count is not None and data.ndim == 3
                truths[picture] = np.asarray(data[picture.index] if stacked else data)
        return truths

    def _tell(self, told: Told) -> None:
        self.progress.setMaximum(told.total)
        self.progress.setValue(told.done)
        self.progress.setFormat(f"%p % · {_time(told.seconds_left)} left")
        if told.result is not None:
            self._show(told.result)

    def _show(self, found: Found) -> None:
        self._results = dict(found.results)
        for layer, planned in found.planned.items():
            put(self._viewer, planned, self._prefixes[layer], over=layer)
        self._score(found.scores)
        self._warn()
        self.cut.offer(self.results, self.form.method)
        self.keep.offer(self.results)

    def _show_again(self, found: Found) -> None:
        """Show what was cut or compared, unless the user has removed all that it belongs to."""
        if any(
            layer in self._viewer.layers or labels_of_run(self._viewer, prefix)
            for layer, prefix in self._prefixes.items()
        ):
            self._show(found)

    def _score(self, scores: Sequence[float]) -> None:
        count = f" (mean of {len(scores)})" if len(scores) > 1 else ""
        self.score.setText(f"ARI {np.mean(scores):.3f}{count}" if scores else "")

    def _warn(self) -> None:
        warnings = {text: None for each in self.results for text in each.record.get("warnings", ())}
        self.message.setText("\n".join(f"Note: {text}." for text in warnings))

    def _recut(self) -> None:
        if self._results and self.run.state is State.IDLE and self.cut.can_cut:
            self._latest.call(relabelled, dict(self._results), self._around, **self.cut.cut())

    def _regroup(self) -> None:
        features = all(each.features is not None for each in self.results)
        if self._results and features and self.run.state is State.IDLE:
            own = self.form.parameters()
            call = (own["clusterer"], self.cut.clusters(), own["criterion"], self._around)
            self.run.start(partial(regrouping, dict(self._results), *call))

    def _compare(self) -> None:
        if self._results and self.run.state is State.IDLE:
            self._around = replace(self._around, truths=self._truths_of(list(self._results)))
            self._latest.call(told_of, dict(self._results), self._around)

    def _say_error(self, error: Exception) -> None:
        text = str(error) or type(error).__name__
        self.message.setText(text[:1].upper() + text[1:] + ("" if text.endswith(".") else "."))

    def _refresh(self, *_: Any) -> None:
        running = self.run.state is State.RUNNING
        why = self._why_disabled()
        self.run_button.setText(self.run.state.value)
        self.run_button.setEnabled(running or not why)
        ready = "End the run; what came so far is kept" if running else "Segment what is chosen"
        self.run_button.setToolTip(why or ready)
        self.progress.setVisible(self.run.state is not State.IDLE)
        if running:
            self.progress.setMaximum(0)
        if self.run.state is State.IDLE:
            self._say_why(why)

    def _say_why(self, why: str) -> None:
        """Show why nothing can be run, and take it back when it no longer holds."""
        if why or self.message.text() == self._said_why:
            self.message.setText(why)
        self._said_why = why


def _call_of(found: Segmentation) -> dict[str, Any]:
    """Give the arguments by which a result was made, and the number of groups that it shows."""
    record = found.record
    made = record.get("parameters", {})
    clusters = "auto" if made.get("clusters") == "auto" else found.clusters
    own = {"segmenter": record.get("segmenter"), "model": chosen_model(record)}
    return {**own, **made, "clusters": clusters}


def _is_truth(layer: Layer) -> bool:
    return isinstance(layer, Labels)


def _disconnect(event: Any, slot: Any, *_: Any) -> None:
    event.disconnect(slot)


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _keep_room(widget: QWidget) -> None:
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)


def _scrolled(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    return area
