"""The Observe widget: plan an experiment, run it, and compare people with networks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import napari
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from napari_lns.experiments.observers import Plan, read_plan
from napari_lns.experiments.observers.answers import plan_path
from napari_lns.viewer.observe.compare_page import ComparePage
from napari_lns.viewer.observe.plan_form import PlanForm
from napari_lns.viewer.observe.run_page import RunPage
from napari_lns.viewer.preferences import recall
from napari_lns.viewer.qt.controls import button, make_scrollable
from napari_lns.viewer.qt.docks import join_docks
from napari_lns.viewer.qt.message_area import MessageArea, plain_label
from napari_lns.viewer.qt.state import save_state_on_hide, set_saved_values

__all__ = ["ObserveWidget"]

PLANS = "Plans (*.json)"
UNSAVED = "Plan: not saved yet"


class ObserveWidget(QWidget):
    """Make a plan, run it with people and networks, and compare their answers.

    Parameters
    ----------
    viewer
        The viewer for the maps.
    """

    def __init__(self, viewer: napari.viewer.Viewer) -> None:  # napari reads this type
        super().__init__()
        self.file: Path | None = None
        self._saved_hash = ""  # hash of the plan in the file
        self.form, self.run, self.compare = PlanForm(), RunPage(), ComparePage(viewer)
        self._build()
        self.form.changed.connect(self._refresh)
        self.run.run_requested.connect(lambda: self._use_saved_plan(self.run.run_person))
        self.run.model_run_requested.connect(lambda: self._use_saved_plan(self.run.run_model))
        self.run.answers_written.connect(lambda _: self._list_tables())
        for page in (self.run, self.compare):
            page.message_changed.connect(self.message.setText)
        self._restore_state()
        self._refresh()
        save_state_on_hide(self, "observe", self._state)
        join_docks(self)

    def open(self, path: str | Path) -> None:
        """Open a plan; show a message if it is invalid."""
        try:
            plan = read_plan(path)
        except (OSError, ValueError) as error:
            self.message.setText(str(error))
            return
        self.file, self._saved_hash = Path(path), plan.hash
        self.form.set_plan(plan)
        self.message.clear()
        self.compare.clear()  # tables of the previous plan
        self._list_tables()
        self._refresh()

    def save(self) -> bool:
        """Ask for a file and save the plan; return whether it was saved."""
        try:
            plan = self.form.plan()
            start = str(self.file or Path.home() / "plan.json")
            path, _ = QFileDialog.getSaveFileName(self, "Save the plan", start, PLANS)
            if not path:
                return False
            file = Path(path).with_suffix(".json")
            plan.write(file)
        except (OSError, ValueError) as error:
            self.message.setText(str(error))
            return False
        self.file, self._saved_hash = file, plan.hash
        self.message.setText(f"The plan is saved in {file}.")
        self.compare.clear()
        self._list_tables()
        self._refresh()
        return True

    # building -------------------------------------------------------------------------

    def _build(self) -> None:
        self.plan_label = plain_label()
        self.plan_label.setWordWrap(True)
        self.message = MessageArea()
        self.open_button = button("&Open…", "Open a plan", self._choose_plan)
        self.save_button = button("&Save…", "Save the plan", self.save)
        plan = QWidget()
        inside = QVBoxLayout(plan)
        inside.addWidget(make_scrollable(self.form))
        inside.addWidget(self.form.summary)
        row = QHBoxLayout()
        for each in (self.open_button, self.save_button):
            row.addWidget(each)
        inside.addLayout(row)
        self.tabs = QTabWidget()
        for page, title, tip in (
            (plan, "Plan", "Stimuli, question and number of trials"),
            (make_scrollable(self.run), "Answer", "Run the trials with a person or a network"),
            (self.compare, "Compare", "Report and maps of all answers"),
        ):
            self.tabs.setTabToolTip(self.tabs.addTab(page, title), tip)
        layout = QVBoxLayout(self)
        layout.addWidget(self.plan_label)
        layout.addWidget(self.tabs, 1)
        layout.addWidget(self.message)

    def _state(self) -> dict[str, Any]:
        with suppress(ValueError):
            return {
                "plan": self.form.plan().record,
                "file": str(self.file or ""),
                "observer": self.run.observer.text(),
                "practice": self.run.practice.value(),
            }
        return {}

    def _restore_state(self) -> None:
        state = recall("observe")
        self.run.observer.setText(str(state.get("observer", "")))
        set_saved_values({"practice": self.run.practice}, state)
        file = Path(str(state.get("file", "")))
        if file.suffix and file.exists():
            self.open(file)

    # what happens ---------------------------------------------------------------------

    def _choose_plan(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open a plan", "", PLANS)
        if path:
            self.open(path)

    def _use_saved_plan(self, use: Callable[[Plan, Path], None]) -> None:
        """Call a function with the plan and its file; ask to save the plan first if needed."""
        self.message.clear()
        try:
            plan = self.form.plan()
        except ValueError as error:
            self.message.setText(str(error))
            return
        if (self.file is not None and plan.hash == self._saved_hash) or self.save():
            assert self.file is not None
            use(plan, self.file)

    def _list_tables(self) -> None:
        if self.file is None:
            return
        pattern = f"{self.file.stem}_*.csv"
        files = sorted(self.file.parent.glob(pattern))
        tables = [table for table in files if _is_of(table, self._saved_hash)]
        self.compare.folder = self.file.with_name(f"{self.file.stem}_report")
        self.compare.add_tables(tables)
        self.run.set_tables([each for each in tables if "_model-" not in each.name])

    def _refresh(self) -> None:
        """Show the file of the plan, and suggest the network of its first stimulus."""
        try:
            plan = self.form.plan()
        except ValueError:
            return
        is_saved = self.file is not None and plan.hash == self._saved_hash
        suffix = "" if is_saved else " (changed)"
        self.plan_label.setText(UNSAVED if self.file is None else f"Plan: {self.file.name}{suffix}")
        self.plan_label.setToolTip(str(self.file or ""))
        self.run.model.suggest_for(plan.stimuli[0].name)


def _is_of(table: Path, plan: str) -> bool:
    """Return whether the plan next to a table has a hash."""
    with suppress(OSError, ValueError):
        return read_plan(plan_path(table)).hash == plan
    return False
