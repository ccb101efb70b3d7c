"""`KeepMenu`: what can be taken away from a run: the script, the run, the figure, the tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import napari
from qtpy.QtWidgets import QApplication, QFileDialog, QMenu, QPushButton, QWidget

from napari_lns.segmentation import Segmentation
from napari_lns.viewer.layers import PLUGIN
from napari_lns.viewer.script import script_of

__all__ = ["KeepMenu", "numbered"]

FIGURES = "Figures (*.png *.pdf *.svg)"
RUNS = "Runs (*.npz)"


class KeepMenu(QPushButton):
    """A button with a menu: copy as script, save and open runs, export the figure.

    Parameters
    ----------
    viewer
        The viewer whose view the script repeats.
    parent
        The widget that owns it; errors are told to its `message`.
    """

    def __init__(self, viewer: napari.Viewer, parent: QWidget) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._owner: Any = parent
        self._results: Sequence[Segmentation] = ()
        self.setText("&Keep")
        self.setToolTip("Take the result away: script, run, figure")
        menu = QMenu(self)
        self._actions = [
            menu.addAction("&Copy as script", self.copy_script),
            menu.addAction("&Save run…", self._ask_where_to_save),
            menu.addAction("&Export figure…", self._ask_where_to_export),
        ]
        menu.addAction("&Open run…", self._ask_what_to_open)
        self.setMenu(menu)
        self.offer([])

    def offer(self, results: Sequence[Segmentation]) -> None:
        """Offer to keep these results."""
        self._results = results
        for action in self._actions:
            if action is not None:
                action.setEnabled(bool(results))

    def copy_script(self) -> None:
        """Put a script that repeats the first result and the view on the clipboard."""
        try:
            text = script_of(self._results[0], self._viewer)
        except ValueError as error:
            self._say(str(error))
            return
        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(text)
        self._say("The script is on the clipboard.")

    def save(self, path: str | Path) -> None:
        """Save the results: one file, or one for each picture, numbered."""
        for target, result in zip(numbered(path, len(self._results)), self._results, strict=True):
            result.save(target)
        self._say(f"Saved {path}.")

    def export(self, path: str | Path) -> None:
        """Write the figure of the results: one file, or one for each picture, numbered."""
        from napari_lns.viewer.figure import write_figure  # Matplotlib is slow to import

        for target, result in zip(numbered(path, len(self._results)), self._results, strict=True):
            write_figure(result, target)
        self._say(f"Wrote {path}.")

    def _ask_where_to_save(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save run", "run.npz", RUNS)
        self._try(self.save, path)

    def _ask_where_to_export(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Export figure", "figure.pdf", FIGURES)
        self._try(self.export, path)

    def _ask_what_to_open(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open run", "", RUNS)
        self._try(lambda file: self._viewer.open(file, plugin=PLUGIN), path)

    def _try(self, action: Any, path: str) -> None:
        if path:
            try:
                action(path)
            except (OSError, ValueError) as error:
                self._say(str(error))

    def _say(self, text: str) -> None:
        self._owner.message.setText(text)


def numbered(path: str | Path, count: int) -> list[Path]:
    """Give one path, or so many with a number before the suffix.

    Examples
    --------
    >>> [each.name for each in numbered("run.npz", 2)]
    ['run-000.npz', 'run-001.npz']
    """
    target = Path(path)
    if count == 1:
        return [target]
    return [target.with_name(f"{target.stem}-{n:03}{target.suffix}") for n in range(count)]
