"""Do the session of "Compare yourself with a network in ten minutes" in the real window.

Writes the example in sample_data/observers/ten_minutes and the images of the page. Run it on a
display: `sh scripts/under_xvfb.sh .venv/bin/python docs/make_observer_pictures.py`
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp

os.environ.setdefault("QT_API", "pyqt6")
os.environ["NAPARI_CONFIG"] = f"{mkdtemp()}/napari.yaml"  # nobody's own settings

import napari
from qtpy.QtCore import Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QWidget

from napari_lns.experiments import observers
from napari_lns.experiments.observers import Pairs, Plan, Source
from napari_lns.experiments.observers.report import report
from napari_lns.viewer.observe import window as windows
from napari_lns.viewer.observe.widget import ObserveWidget

PICTURES = Path(__file__).parent / "pictures"
EXAMPLE = Path(__file__).parents[1] / "sample_data" / "observers" / "ten_minutes"
PLAN = Plan(
    "same_or_different",
    (Source("occluded_bar", {"jitter": 1.0}),),
    repeats=10,
    pairs=Pairs("balanced", 12, (0.08, 0.2, 0.35, 0.5)),
)
SIMULATED = {"first": 1.5, "second": 2.0, "third": 2.5}  # d′
SESSION, SENSITIVITY = "session", 2.0
MODEL = "occluded-bar"


def main() -> None:
    """Write the example, do the session, and draw the images."""
    windows.FIXATION, windows.FEEDBACK = 50, 300  # nobody waits here
    application = QApplication.instance() or QApplication([])
    shutil.rmtree(EXAMPLE, ignore_errors=True)
    EXAMPLE.mkdir()
    file = EXAMPLE / "plan.json"
    PLAN.write(file)
    for seed, (name, sensitivity) in enumerate(SIMULATED.items(), 1):
        rows = observers.simulate(PLAN, sensitivity, seed=seed)
        observers.write_answers(observers.table_path(file, name), PLAN, name, rows)
    given = [observers.read_answers(observers.table_path(file, name)) for name in SIMULATED]
    folder = Path(mkdtemp())
    report(given, folder / "simulated")
    shutil.copy(folder / "simulated" / "proportion_same.png", EXAMPLE)
    do_session(file)
    found = observers.ask_model(PLAN, MODEL)
    name = f"model:{MODEL}"
    table = observers.table_path(file, name)
    observers.write_answers(table, PLAN, name, found.rows)
    given += [observers.read_answers(observers.table_path(file, each)) for each in (SESSION, name)]
    print(report(given, folder / "all").to_string())
    print((folder / "all" / "agreement.csv").read_text())
    print(f"log-likelihood on held-out trials {found.log_likelihood:.3f} bits")
    for part in ("proportion_same", "agreement"):
        shutil.copy(folder / "all" / f"{part}.png", PICTURES / f"observers_{part}.png")
    draw_widget(file)
    application.quit()


def do_session(file: Path) -> None:
    """Answer all trials in the window by its keys, as a simulated observer would."""
    window = windows.ObserverWindow(PLAN, file, practice=2)
    window.fill_screen()
    QTest.qWait(300)
    draw(window, "observers_welcome")
    QTest.keyClicks(window.welcome.name, SESSION)
    QTest.keyClick(window.welcome.name, Qt.Key.Key_Return)
    keys = {choice: Qt.Key(key) for key, (choice, _) in windows.KEYS[PLAN.paradigm].items()}
    for _ in range(2):  # practice
        reach(window, windows.Stage.QUESTION)
        QTest.keyClick(window, keys["same"])
    reach(window, windows.Stage.READY)
    QTest.keyClick(window, Qt.Key.Key_Space)
    for number, row in enumerate(observers.simulate(PLAN, SENSITIVITY, seed=7)):
        reach(window, windows.Stage.QUESTION)
        if number == 3:
            draw(window, "observers_trial")
        if number == 60:  # in the middle, close the window, and go on
            window.close()
            window = windows.ObserverWindow(PLAN, file, observer=SESSION)
            window.fill_screen()
            QTest.keyClick(window.welcome.name, Qt.Key.Key_Return)
            draw(window, "observers_resume")
            QTest.keyClick(window, Qt.Key.Key_Space)
            reach(window, windows.Stage.QUESTION)
        QTest.keyClick(window, keys[row.answer])
    reach(window, windows.Stage.END)
    window.close()


def draw_widget(file: Path) -> None:
    """Draw the Observe widget with the report, and the maps of another plan as layers."""
    folder = Path(mkdtemp())
    plan = observers.read_plan(file.parents[1] / "around_an_anchor.json")
    around = folder / "around.json"
    plan.write(around)
    for seed, (name, sensitivity) in enumerate(SIMULATED.items(), 1):
        rows = observers.simulate(plan, sensitivity, seed=seed)
        observers.write_answers(observers.table_path(around, name), plan, name, rows)
    name = "model:kanizsa-figure"
    rows = observers.ask_model(plan, "kanizsa-figure").rows
    observers.write_answers(observers.table_path(around, name), plan, name, rows)
    viewer = napari.Viewer()
    viewer.window.resize(1280, 800)
    widget = ObserveWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Observe", area="right")
    widget.open(file)
    QTest.qWait(1000)
    viewer.screenshot(PICTURES / "observe_widget.png", canvas_only=False)
    widget.open(around)
    widget.tabs.setCurrentIndex(2)
    widget.compare.write_report()
    widget.compare.show_maps()
    widget.compare.wait()
    QTest.qWait(2000)
    widget.compare.figures.setCurrentIndex(widget.compare.figures.findText("sensitivity"))
    QTest.qWait(1000)
    viewer.screenshot(PICTURES / "observers_maps.png", canvas_only=False)
    viewer.close()


def reach(window: windows.ObserverWindow, stage: windows.Stage) -> None:
    """Let the window live until it is at a stage."""
    while window.stage is not stage:
        QTest.qWait(5)


def draw(widget: QWidget, name: str) -> None:
    """Draw a window at half its size."""
    shown = widget.grab()
    smooth = Qt.TransformationMode.SmoothTransformation
    shown.scaledToWidth(shown.width() // 2, smooth).save(str(PICTURES / f"{name}.png"))


if __name__ == "__main__":
    main()
