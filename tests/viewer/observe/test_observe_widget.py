"""The Observe widget makes plans, runs them, and shows reports and maps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtCore import Qt, QUrl
from qtpy.QtGui import QDesktopServices
from qtpy.QtWidgets import QFileDialog

from napari_lns import models, stimuli
from napari_lns.experiments import observers
from napari_lns.experiments.observers import Answers, Pairs, Plan, Source
from napari_lns.experiments.observers.maps import same_maps
from napari_lns.models import AutoEncoder
from napari_lns.viewer.observe import window as window_module
from napari_lns.viewer.observe.compare_page import add_maps
from napari_lns.viewer.observe.run_page import RunPage
from napari_lns.viewer.observe.widget import ObserveWidget

PATIENCE = 60_000  # milliseconds
KANIZSA = Source("kanizsa_figure", {"size": 64, "jitter": 1.0}, {"support_ratio": (0.3, 0.6)})
AROUND = Plan(
    "same_or_different",
    (Source("kanizsa_figure", {"size": 64}),),
    repeats=2,
    pairs=Pairs("around", 16, anchor=(0.25, 0.75)),
)
PLANS = [
    AROUND,
    replace(AROUND, pairs=Pairs("balanced", 4, (0.05, 0.2, 0.4)), deadline=2.5),
    replace(AROUND, pairs=Pairs("edge", 5, span=0.2)),
    replace(AROUND, pairs=Pairs("random", 3), seed=4),
    Plan("which_of_two", (KANIZSA, Source("occluded_bar")), repeats=3),
    Plan("rating", (KANIZSA,)),
]


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def widget(qtbot: Any) -> ObserveWidget:
    widget = ObserveWidget(ViewerModel())
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def save_in(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    def choose(path: Path) -> None:
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))

    return choose


def opened(widget: ObserveWidget, plan: Plan, tmp_path: Path) -> Path:
    file = tmp_path / "plan.json"
    plan.write(file)
    widget.open(file)
    return file


def rebuilt(widget: ObserveWidget) -> Plan:
    """Return the plan as the controls say it, not as it was opened."""
    widget.form._unchanged_plan = None
    return widget.form.plan()


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.pairs.kind if plan.pairs else "")
def test_a_plan_that_is_opened_is_made_again_by_its_controls(
    plan: Plan, widget: ObserveWidget, tmp_path: Path
) -> None:
    opened(widget, plan, tmp_path)
    assert widget.form.plan() == plan
    made = rebuilt(widget)
    assert observers.trials(made) == observers.trials(plan)
    assert widget.plan_label.text() == "Plan: plan.json"


def test_a_plan_is_made_and_saved(
    widget: ObserveWidget, tmp_path: Path, save_in: Callable[[Path], None]
) -> None:
    form = widget.form
    form.paradigm.setCurrentIndex(form.paradigm.findData("which_of_two"))
    form.choose_stimulus("kanizsa_figure")
    form.table.set_values("support_ratio", "0.2:0.8:3")
    form.table.set_values("polarity", "mixed")
    form.add()
    form.choose_stimulus("occluded_bar")
    form.repeats.setValue(5)
    form.seed.setValue(7)
    form.deadline.setText("3")
    assert form.summary.text().startswith("20 trials, 40 images")
    save_in(tmp_path / "made")
    widget.save_button.click()
    first = {"polarity": "mixed", "jitter": 1.0}, {"support_ratio": (0.2, 0.5, 0.8)}
    sources = Source("kanizsa_figure", *first), Source("occluded_bar", {"jitter": 1.0})
    plan = Plan("which_of_two", sources, 5, 7, deadline=3.0)
    assert observers.read_plan("made.json").hash == plan.hash
    assert "made.json" in widget.message.text()


def test_a_stimulus_with_wrong_values_is_not_left(widget: ObserveWidget) -> None:
    form = widget.form
    form.add()
    form.table.set_values(next(iter(form.table.texts())), "many")
    form.list.setCurrentRow(0)
    assert form.list.currentRow() == 1
    assert "'many'" in form.summary.text()
    form.add()
    assert form.list.count() == 2


def test_a_stimulus_is_removed_and_the_last_one_stays(widget: ObserveWidget) -> None:
    widget.form.add()
    assert len(widget.form.plan().stimuli) == 2
    for _ in range(3):
        widget.form.remove()
    assert len(widget.form.plan().stimuli) == 1


def test_paradigms_with_a_control_show_stimuli_that_have_one(widget: ObserveWidget) -> None:
    form = widget.form
    form.choose_stimulus("dead_leaves")
    form.paradigm.setCurrentIndex(form.paradigm.findData("rating"))
    shown = [form.stimulus.itemData(row) for row in range(form.stimulus.count())]
    assert shown
    assert all(stimuli.control(name) for name in shown)
    assert form.plan().paradigm == "rating"
    assert not set(form.table.texts()) & set(stimuli.control(form.plan().stimuli[0].name))
    assert not form.kind.isVisibleTo(form)


WRONG: dict[str, tuple[Callable[[Any], None], str]] = {
    "value": (lambda form: form.table.set_values("offset", "much"), "offset is 'much'"),
    "range": (lambda form: form.table.set_values("offset", "900"), "offset is 900"),
    "nothing": (lambda form: form.table.set_values("offset", " , "), "offset has no value"),
    "steps": (lambda form: form.table.set_values("offset", "0:1:x"), "write low:high:count"),
    "distances": (lambda form: form.distances.setText("near far"), "distances are ['near', 'far']"),
    "deadline": (lambda form: form.deadline.setText("soon"), "deadline is 'soon'"),
    "count": (lambda form: form.count.setValue(7), "balanced pairs need a multiple"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_plan_is_a_sentence_and_is_not_saved(
    case: str, widget: ObserveWidget, tmp_path: Path, save_in: Callable[[Path], None]
) -> None:
    spoil, sentence = WRONG[case]
    spoil(widget.form)
    assert sentence in widget.form.summary.text()
    save_in(tmp_path / "plan.json")
    for press in (widget.save_button, widget.run.start_button, widget.run.model_button):
        widget.message.clear()
        press.click()
        assert sentence in widget.message.text()
    assert not list(tmp_path.glob("*.json"))


def test_a_file_that_is_no_plan_is_a_sentence(widget: ObserveWidget, tmp_path: Path) -> None:
    before = widget.form.plan()
    (tmp_path / "other.json").write_text('{"version": 2}')
    widget.open(tmp_path / "other.json")
    assert "reads plans of version 1" in widget.message.text()
    assert widget.form.plan() == before


def test_start_saves_the_plan_opens_the_window_and_lists_the_answers(
    widget: ObserveWidget,
    qtbot: Any,
    tmp_path: Path,
    save_in: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(window_module, "FIXATION", 0)
    save_in(tmp_path / "mine.json")
    widget.run.observer.setText("ab")
    widget.run.practice.setValue(0)
    widget.run.start_button.click()
    window = widget.run.observer_window
    assert window is not None
    qtbot.addWidget(window)
    qtbot.keyClick(window.welcome.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.stage is window_module.Stage.QUESTION, timeout=PATIENCE)
    qtbot.keyClick(window, Qt.Key.Key_F)
    window.close()
    assert widget.compare.ticked_tables() == [tmp_path / "mine_ab.csv"]
    assert widget.message.text().startswith("1 of 120 trials are answered.")
    assert [row.answer for row in observers.read_answers("mine_ab.csv").rows] == ["same"]


def test_start_without_a_saved_plan_does_nothing(
    widget: ObserveWidget, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    widget.run.start_button.click()
    assert widget.run.observer_window is None


def test_a_network_answers_beside_people_and_both_are_compared(
    widget: ObserveWidget, qtbot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed, name in enumerate(("ab", "cd")):
        rows = observers.simulate(AROUND, 2, seed=seed)
        observers.write_answers(tmp_path / f"plan_{name}.csv", AROUND, name, rows)
    models.save(AutoEncoder(), tmp_path / "own.safetensors")
    opened(widget, AROUND, tmp_path)
    assert [widget.run.fit_target.itemText(row) for row in range(3)][1:] == [
        "plan_ab.csv",
        "plan_cd.csv",
    ]
    widget.run.model.choose(str(tmp_path / "own.safetensors"))
    widget.run.model_button.click()
    assert "Stop" in widget.run.model_button.text()
    qtbot.waitUntil(lambda: len(widget.compare.ticked_tables()) == 3, timeout=PATIENCE)
    assert observers.read_answers("plan_model-own.csv").observer == "model:own"
    widget.compare.report_button.click()
    qtbot.waitUntil(lambda: widget.compare.page_button.isEnabled(), timeout=PATIENCE)
    assert "ab: d′" in widget.message.text()
    parts = [widget.compare.figures.itemText(row) for row in range(widget.compare.figures.count())]
    assert {"agreement", "maps", "sensitivity"} <= set(parts)
    pages: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", pages.append)
    widget.compare.page_button.click()
    assert Path(pages[0].toLocalFile()) == tmp_path / "plan_report" / "report.html"
    widget.compare.maps_button.click()
    qtbot.waitUntil(lambda: len(widget.compare._viewer.layers) > 0, timeout=PATIENCE)
    names = [layer.name for layer in widget.compare._viewer.layers]
    assert names[1:-1] == [
        f"kanizsa_figure p(same) {name}" for name in ("people", "ab", "cd", "model:own")
    ]
    widget.compare.maps_button.click()
    widget.compare.wait()
    qtbot.waitUntil(lambda: "are shown" in widget.message.text(), timeout=PATIENCE)
    assert [layer.name for layer in widget.compare._viewer.layers] == names


def test_a_network_is_stopped_and_nothing_is_written(
    widget: ObserveWidget, qtbot: Any, tmp_path: Path
) -> None:
    models.save(AutoEncoder(), tmp_path / "own.safetensors")
    many = replace(AROUND, repeats=50)
    opened(widget, many, tmp_path)
    widget.run.model.choose(str(tmp_path / "own.safetensors"))
    widget.run.model_button.click()
    widget.run.model_button.click()
    qtbot.waitUntil(lambda: "Stopped" in widget.message.text(), timeout=PATIENCE)
    assert not list(tmp_path.glob("*.csv"))
    assert "Add" in widget.run.model_button.text()


def test_a_network_stops_when_the_widget_goes(qtbot: Any) -> None:
    page = RunPage()
    stop = page._stop
    with qtbot.waitSignal(page.destroyed, timeout=PATIENCE):
        page.deleteLater()
    assert stop.is_set()


def test_tables_of_other_plans_are_not_offered(widget: ObserveWidget, tmp_path: Path) -> None:
    other = replace(AROUND, seed=9)
    rows = observers.simulate(other, 1)
    observers.write_answers(tmp_path / "plan_other.csv", other, "other", rows)
    opened(widget, AROUND, tmp_path)
    assert not widget.compare.ticked_tables()
    for button in (widget.compare.report_button, widget.compare.maps_button):
        assert not button.isEnabled()
        assert button.toolTip().startswith("Tick at least one table of answers")


def test_report_and_maps_need_a_ticked_table(widget: ObserveWidget, tmp_path: Path) -> None:
    observers.write_answers("plan_ab.csv", AROUND, "ab", observers.simulate(AROUND, 1))
    opened(widget, AROUND, tmp_path)
    buttons = (widget.compare.report_button, widget.compare.maps_button)
    assert all(button.isEnabled() for button in buttons)
    widget.compare.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert not any(button.isEnabled() for button in buttons)


def test_another_plan_lists_its_own_tables(widget: ObserveWidget, tmp_path: Path) -> None:
    observers.write_answers("plan_ab.csv", AROUND, "ab", observers.simulate(AROUND, 1))
    opened(widget, AROUND, tmp_path)
    assert len(widget.compare.ticked_tables()) == 1
    PLANS[1].write("other.json")
    widget.open("other.json")
    assert not widget.compare.ticked_tables()


def test_an_edited_table_is_a_sentence(widget: ObserveWidget, qtbot: Any, tmp_path: Path) -> None:
    observers.write_answers("plan_ab.csv", AROUND, "ab", observers.simulate(AROUND, 1))
    text = Path("plan_ab.csv").read_text().replace(",same,", ",different,", 1)
    Path("plan_ab.csv").write_text(text)
    opened(widget, AROUND, tmp_path)
    widget.compare.report_button.click()
    qtbot.waitUntil(
        lambda: "does not match its checksum" in widget.message.text(), timeout=PATIENCE
    )


def test_maps_stand_side_by_side_with_the_anchor_on_each() -> None:
    viewer = ViewerModel()
    given = [
        Answers(AROUND, name, tuple(observers.simulate(AROUND, 3, seed=seed)))
        for seed, name in enumerate(("ab", "model:x"))
    ]
    image, people, network, anchor = add_maps(viewer, same_maps(given))
    assert image.data.shape == (64, 64, 3)
    assert np.array_equal(people.data, same_maps(given)[0].on_image("ab"))
    left = [layer.translate[1] for layer in (image, people, network)]
    assert left == sorted(left)
    assert left[1] - left[0] > 64
    assert np.allclose(anchor.data, [(16, 48 + shift) for shift in left])
    assert tuple(network.contrast_limits) == (0, 1)


def test_it_fits_a_narrow_dock(widget: ObserveWidget) -> None:
    assert widget.minimumSizeHint().width() <= 320
    assert widget.minimumSizeHint().height() <= 600


def test_the_widget_is_as_it_was_left(widget: ObserveWidget, qtbot: Any, tmp_path: Path) -> None:
    file = opened(widget, AROUND, tmp_path)
    widget.run.observer.setText("ab")
    widget.show()
    widget.hide()
    again = ObserveWidget(ViewerModel())
    qtbot.addWidget(again)
    assert again.file == file
    assert again.form.plan() == AROUND
    assert again.run.observer.text() == "ab"
