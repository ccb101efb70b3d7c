"""The form for a plan: paradigm, stimuli, varied parameters, pairs, repeats and seed."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from napari_lns import stimuli
from napari_lns._parameters import Number, Numbers
from napari_lns.experiments.observers.plan import Pairs, Paradigm, Plan, Source
from napari_lns.experiments.psychophysics import comparisons
from napari_lns.viewer.observe.source_table import SourceTable
from napari_lns.viewer.qt.controls import Choice, NumberEdit, add_row, button, form_layout
from napari_lns.viewer.qt.message_area import plain_label

__all__ = ["PlanForm"]

PARADIGMS: tuple[tuple[str, Paradigm], ...] = (
    ("Same or different", "same_or_different"),
    ("Which of two", "which_of_two"),
    ("Rating", "rating"),
)
KINDS = (
    ("random", "random"),
    ("balanced", "balanced"),
    ("along a line across an edge", "edge"),
    ("around an anchor", "around"),
)
SECONDS = 2.0  # duration of a trial, including fixation
DEFAULT = Plan(
    "same_or_different",
    (Source("occluded_bar", {"jitter": 1.0}),),
    repeats=10,
    pairs=Pairs("balanced", 12, (0.08, 0.2, 0.35, 0.5)),
)
COUNTS = {"random": 10, "balanced": 12, "edge": 8, "around": 49}


class PlanForm(QWidget):
    """A form for a plan. Its label `summary` is placed outside, so that it does not scroll."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._sources: list[Source] = []
        self._unchanged_plan: Plan | None = None  # the shown plan, until the user changes it
        self._row = 0
        self._build()
        self.set_plan(DEFAULT)

    def plan(self) -> Plan:
        """Return the plan; raise ValueError if the values are invalid."""
        if self._unchanged_plan is not None:  # including values that the form does not show
            return self._unchanged_plan
        sources = list(self._sources)
        sources[self._row] = self.table.source()
        paradigm: Paradigm = self.paradigm.currentData()
        return Plan(
            paradigm,
            tuple(sources),
            self.repeats.value(),
            self.seed.value(),
            self._pairs() if paradigm == "same_or_different" else None,
            _read_number(self.deadline, "deadline"),
        )

    def set_plan(self, plan: Plan) -> None:
        """Show a plan."""
        self.blockSignals(True)
        self.paradigm.setCurrentIndex(self.paradigm.findData(plan.paradigm))
        self._sources = list(plan.stimuli)
        self.repeats.setValue(plan.repeats)
        self.seed.setValue(plan.seed)
        self.deadline.set_value(plan.deadline)
        if plan.pairs is not None:
            self.kind.setCurrentIndex(self.kind.findData(plan.pairs.kind))
            self.count.setValue(plan.pairs.count)
            self.distances.set_value(plan.pairs.distances)
            self.span.set_value(plan.pairs.span)
            self.anchor.set_value(plan.pairs.anchor)
        self._show_sources(0)
        self.blockSignals(False)
        self._refresh()
        self._unchanged_plan = plan

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.paradigm = Choice(PARADIGMS)
        self.list = QListWidget()
        self.list.setAccessibleName("Stimuli of the plan")
        self.list.setToolTip("The stimuli of the plan; choose one to set its parameters")
        self.list.setFixedHeight(4 * self.list.fontMetrics().lineSpacing())
        self.stimulus = Choice()
        self.stimulus.setAccessibleName("Stimulus")
        self.stimulus.setToolTip("The chosen stimulus; choose another one to replace it")
        self.table = SourceTable()
        self.kind = Choice(KINDS)
        self.count, self.repeats, self.seed = (
            _make_spin_box(1, 100_000),
            _make_spin_box(1, 100_000),
            _make_spin_box(0),
        )
        self.distances = NumberEdit(Numbers("distances", ()))
        self.span = NumberEdit(Number("span", 0.3))
        self.anchor = NumberEdit(Numbers("anchor", ()))
        self.deadline = NumberEdit(Number("deadline", None))
        self.deadline.setPlaceholderText("no limit")
        self.summary = plain_label()
        self.summary.setWordWrap(True)
        rows = self._make_rows()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        top = form_layout()
        add_row(top, "Paradigm", self.paradigm, "The question of every trial", below=True)
        layout.addLayout(top)
        layout.addWidget(self.list)
        both = QHBoxLayout()
        both.addWidget(button("&Add", "Add another stimulus to the plan", self.add))
        both.addWidget(button("&Remove", "Remove the chosen stimulus", self.remove))
        layout.addLayout(both)
        layout.addWidget(self.stimulus)
        layout.addWidget(self.table)
        layout.addLayout(rows)
        self.table.setMinimumHeight(120)
        self._connect()

    def _make_rows(self) -> QFormLayout:
        form = form_layout()
        self._labels = {
            control: add_row(form, text, control, tip, below=control is self.kind)
            for text, control, tip in (
                ("Pairs", self.kind, "Where the two dots lie"),
                ("Count", self.count, "Pairs in each image"),
                ("Distances", self.distances, "Ends of the ranges, as shares of the image"),
                ("Span", self.span, "Length of the line, as a share of the image"),
                ("Anchor", self.anchor, "Down and to the right, as shares of the image"),
            )
        }
        add_row(form, "Repeats", self.repeats, "Number of images drawn for each condition")
        add_row(form, "Seed", self.seed, "Seed of the images, the pairs and the order")
        add_row(form, "Deadline", self.deadline, "Seconds to answer in; empty for no limit")
        return form

    def _connect(self) -> None:
        self.paradigm.currentIndexChanged.connect(self._change_paradigm)
        self.list.currentRowChanged.connect(self._select_source)
        self.stimulus.activated.connect(self._replace)
        self.table.changed.connect(self._refresh)
        self.kind.activated.connect(lambda _: self.count.setValue(COUNTS[self.kind.currentData()]))
        self.kind.currentIndexChanged.connect(self._refresh)
        for spin in (self.count, self.repeats, self.seed):
            spin.valueChanged.connect(self._refresh)
        for edit in (self.distances, self.span, self.anchor, self.deadline):
            edit.textChanged.connect(self._refresh)

    # what happens ---------------------------------------------------------------------

    def add(self) -> None:
        """Add a stimulus to the plan."""
        if self._store_source():
            self._sources.append(Source(self._stimulus_names()[0]))
            self._show_sources(len(self._sources) - 1)
            self._refresh()

    def remove(self) -> None:
        """Remove the chosen stimulus, unless it is the only one."""
        if len(self._sources) > 1:
            del self._sources[self._row]
            self._show_sources(0)
            self._refresh()

    def choose_stimulus(self, name: str) -> None:
        """Replace the chosen stimulus."""
        self.stimulus.setCurrentIndex(self.stimulus.findData(name))
        self._replace()

    def _replace(self, *_: object) -> None:
        name = self.stimulus.currentData()
        jitter = {"jitter": 1.0} if "jitter" in stimuli.parameters(name) else {}
        self._sources[self._row] = Source(name, jitter)  # so that repeats differ
        self._show_sources(self._row)
        self._refresh()

    def _select_source(self, row: int) -> None:
        """Show another stimulus, unless the values of the current one are invalid."""
        if row in (-1, self._row):
            return
        if self._store_source():
            self._show_sources(row)
        else:
            self.list.blockSignals(True)
            self.list.setCurrentRow(self._row)
            self.list.blockSignals(False)

    def _store_source(self) -> bool:
        """Store the values of the table; return whether they are valid."""
        try:
            self._sources[self._row] = self.table.source()
        except ValueError as error:
            self.summary.setText(str(error))
            return False
        return True

    def _stimulus_names(self) -> list[str]:
        """Return the stimuli that the paradigm can show."""
        if self.paradigm.currentData() == "same_or_different":
            return stimuli.names()
        return [name for name in comparisons.names() if stimuli.control(name)]

    def _show_sources(self, row: int) -> None:
        self._row = row
        self.list.blockSignals(True)
        self.list.clear()
        self.list.addItems([stimuli.title(each.name) for each in self._sources])
        self.list.setCurrentRow(row)
        self.list.blockSignals(False)
        self._show_source()

    def _show_source(self) -> None:
        source, names = self._sources[self._row], self._stimulus_names()
        self.stimulus.blockSignals(True)
        self.stimulus.clear()
        for name in names:
            self.stimulus.addItem(stimuli.title(name), name)
        self.stimulus.setCurrentIndex(max(0, self.stimulus.findData(source.name)))
        self.stimulus.blockSignals(False)
        hidden = () if len(names) == len(stimuli.names()) else tuple(stimuli.control(source.name))
        self.table.set_source(source, hidden)

    def _change_paradigm(self) -> None:
        """Remove stimuli that the paradigm cannot show."""
        if not self.signalsBlocked():
            allowed = self._stimulus_names()
            fitting = [each for each in self._sources if each.name in allowed]
            self._sources = fitting or [Source("kanizsa_figure", {"jitter": 1.0})]
            self._show_sources(0)
            self._refresh()

    def _refresh(self, *_: object) -> None:
        """Show the relevant rows, and the length of the plan or what is wrong with it."""
        if self.signalsBlocked():
            return
        self._unchanged_plan = None
        dots, kind = self.paradigm.currentData() == "same_or_different", self.kind.currentData()
        for control, visible in (
            (self.kind, dots),
            (self.count, dots),
            (self.distances, dots and kind == "balanced"),
            (self.span, dots and kind == "edge"),
            (self.anchor, dots and kind == "around"),
        ):
            for widget in (control, self._labels[control]):
                widget.setVisible(visible)
        try:
            plan = self.plan()
        except ValueError as error:
            self.summary.setText(str(error))
        else:
            minutes = max(1, round(plan.count * SECONDS / 60))
            self.summary.setText(f"{plan.count} trials, {plan.images} images, about {minutes} min")
        self.changed.emit()

    def _pairs(self) -> Pairs:
        kind, count = self.kind.currentData(), self.count.value()
        if kind == "balanced":
            return Pairs(
                kind, count, distances=tuple(self._read_numbers(self.distances, "distances"))
            )
        if kind == "edge":
            return Pairs(kind, count, span=_read_number(self.span, "span") or 0.0)
        if kind == "around":
            anchor = self._read_numbers(self.anchor, "anchor")
            if len(anchor) != 2:
                raise ValueError(f"anchor is {self.anchor.text()!r}: write two shares, as 0.5 0.5")
            return Pairs(kind, count, anchor=(anchor[0], anchor[1]))
        return Pairs(kind, count)

    def _read_numbers(self, edit: NumberEdit, name: str) -> list[float]:
        values = edit.value() or []
        if isinstance(values, str):
            raise ValueError(f"{name} is {values!r}: write numbers, as 0.2 0.5")
        return list(values)


def _read_number(edit: NumberEdit, name: str) -> float | None:
    value = edit.value()
    if isinstance(value, str):
        raise ValueError(f"{name} is {value!r}: write a number")
    return None if value is None else float(value)


def _make_spin_box(minimum: int, maximum: int = 2**31 - 1) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(minimum, maximum)
    return spin
