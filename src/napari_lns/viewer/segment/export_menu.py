"""The *Export…* menu: save a run as a script, a file or a figure, and open a saved run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import napari
from qtpy.QtWidgets import QApplication, QFileDialog, QMenu, QPushButton, QWidget

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.layers.readers import add_files
from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.script import describe_view, script_with_view

__all__ = ["ExportMenu", "numbered_paths", "save_runs"]

FIGURE_FILES = "Figures (*.png *.pdf *.svg)"
RUN_FILES = "Runs (*.npz)"


class ExportMenu(QPushButton):
    """A button with a menu to copy a script, save a run or a figure, and open a run.

    Files and scripts are made off the main thread, one after another.

    Parameters
    ----------
    viewer
        The viewer whose view the script restores.
    parent
        The widget that owns the button and shows messages in its `message`.
    """

    def __init__(self, viewer: napari.Viewer, parent: QWidget) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._owner: Any = parent
        self._results: Sequence[Segmentation] = ()
        self._is_busy = False
        self._worker = LatestCall(self)
        self._worker.finished.connect(self._on_done)
        self._worker.failed.connect(lambda error: self._on_done((str(error), "")))
        self.destroyed.connect(self._worker.close)
        self.setText("&Export…")
        self.setToolTip("Save the result as a script, a run or a figure; open a saved run")
        menu = QMenu(self)
        self._actions = [
            menu.addAction("&Copy as script", self.copy_script),
            menu.addAction("&Save run…", self._ask_where_to_save),
            menu.addAction("Save &figure…", self._ask_where_to_export),
        ]
        menu.addAction("&Open run…", self._ask_what_to_open)
        self.setMenu(menu)
        self.set_results([])

    def set_results(self, results: Sequence[Segmentation]) -> None:
        """Set the results to save."""
        self._results = results
        for action in self._actions:
            if action is not None:
                action.setEnabled(bool(results) and not self._is_busy)

    def copy_script(self) -> None:
        """Copy a script that repeats the first result and restores the view to the clipboard."""
        self._start(partial(_make_script, self._results[0], describe_view(self._viewer)))

    def save(self, path: str | Path) -> None:
        """Save the results, in one numbered file per image if there are several."""
        self._start(partial(_save_runs, self._results, path))

    def export(self, path: str | Path) -> None:
        """Save the figures of the results, in one numbered file per image if there are several."""
        self._start(partial(_write_figures, self._results, path))

    def wait(self) -> None:
        """Block until the files are written; events then show the message."""
        self._worker.wait()

    def _start(self, work: Callable[[], tuple[str, str]]) -> None:
        """Call a function that returns a message and a text for the clipboard, or an empty one."""
        self._is_busy = True
        self.set_results(self._results)
        self._worker.call(work)

    def _on_done(self, result: tuple[str, str]) -> None:
        message, text = result
        self._is_busy = False
        self.set_results(self._results)
        clipboard = QApplication.clipboard()
        if clipboard is not None and text:
            clipboard.setText(text)
        self._owner.message.setText(message)

    def _ask_where_to_save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save run", "run.npz", RUN_FILES)
        if path:
            self.save(path)

    def _ask_where_to_export(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save figure", "figure.pdf", FIGURE_FILES)
        if path:
            self.export(path)

    def _ask_what_to_open(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open run", "", RUN_FILES)
        if path:
            try:
                add_files(self._viewer, path)
            except (OSError, ValueError) as error:
                self._owner.message.setText(str(error))


def save_runs(results: Sequence[Segmentation], path: str | Path) -> str:
    """Save results, one file each, and return a message."""
    for target, result in zip(numbered_paths(path, len(results)), results, strict=True):
        result.save(target)
    return f"Saved {path}."


def _save_runs(results: Sequence[Segmentation], path: str | Path) -> tuple[str, str]:
    return save_runs(results, path), ""


def _write_figures(results: Sequence[Segmentation], path: str | Path) -> tuple[str, str]:
    from napari_lns.analysis.figure import write_figure  # Matplotlib is slow to import

    for target, result in zip(numbered_paths(path, len(results)), results, strict=True):
        write_figure(result, target)
    return f"Wrote {path}.", ""


def _make_script(result: Segmentation, view: str) -> tuple[str, str]:
    return "The script is on the clipboard.", script_with_view(result, view)


def numbered_paths(path: str | Path, count: int) -> list[Path]:
    """Return a number of paths, with an index before the suffix if there are several.

    Examples
    --------
    >>> [each.name for each in numbered_paths("run.npz", 2)]
    ['run-000.npz', 'run-001.npz']
    """
    target = Path(path)
    if count == 1:
        return [target]
    return [target.with_name(f"{target.stem}-{n:03}{target.suffix}") for n in range(count)]
