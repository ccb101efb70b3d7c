"""`ModelChoice`: a box to choose a model: a shipped one, a file of weights, a Python module's."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAction,
    QFileDialog,
    QHBoxLayout,
    QInputDialog,
    QMenu,
    QToolButton,
    QWidget,
)

from napari_lns.viewer.controls import Choice
from napari_lns.viewer.own_models import AS_TRAINED, agree, is_module, shipped, suggested
from napari_lns.viewer.preferences import preference

__all__ = ["ModelChoice"]

AXES = "Leave the latents' axes as training left them, as in the paper, not stretched by votes"


class ModelChoice(QWidget):
    """Choose a model by its name, its file or its module.

    Parameters
    ----------
    parent
        The widget that owns it.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._box = Choice([(name, name) for name in shipped()])
        self._box.currentIndexChanged.connect(self.changed)
        self._box.activated.connect(self._keep_to_it)
        more = QToolButton()
        more.setText("…")
        more.setToolTip("Another model: a file of weights, or your own Python module's")
        more.setAccessibleName("Another model")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        menu.addAction("&Weights file…", self._ask_for_file)
        menu.addAction("Python &module…", self._ask_for_module)
        self.as_trained = QAction("&Axes as trained", menu)
        self.as_trained.setCheckable(True)
        self.as_trained.setToolTip(AXES)
        self.as_trained.triggered.connect(self._leave_axes)
        menu.setToolTipsVisible(True)
        menu.addSeparator()
        menu.addAction(self.as_trained)
        menu.aboutToShow.connect(self._look)
        more.setMenu(menu)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._box, 1)
        layout.addWidget(more)
        self.setFocusProxy(self._box)
        self.choose(preference("default_model"))
        self._users = bool(preference("default_model"))

    def model(self) -> str | None:
        """Give the words that choose the model (see `own_models.loaded`); None if there is none."""
        chosen: str | None = self._box.currentData()
        return chosen

    def choose(self, model: str) -> None:
        """Choose a model; one that is not in the box yet is added."""
        if not model:
            return
        place = self._box.findData(model)
        if place < 0 and _is_own(model):
            self._box.addItem(_short(model), model)
            place = self._box.count() - 1
            self._box.setItemData(place, model, Qt.ItemDataRole.ToolTipRole)
        if place >= 0:
            self._box.setCurrentIndex(place)

    def keep_to(self, model: str) -> None:
        """Choose a model for the user: no stimulus suggests another one after that."""
        if model:
            self._keep_to_it()
            self.choose(model)

    def users(self) -> str | None:
        """Give the model if the user chose it; None if it was suggested."""
        return self.model() if self._users else None

    def suggest_for(self, stimulus: str) -> None:
        """Choose the model that knows a kind of stimulus best, unless the user chose one."""
        if not self._users and (model := suggested(stimulus)):
            self.choose(model)

    def _keep_to_it(self) -> None:
        self._users = True

    def _look(self) -> None:
        """Show what the menu can do to the model that is chosen."""
        model = self.model() or ""
        self.as_trained.setEnabled(bool(model) and not is_module(model))
        self.as_trained.setChecked(model.endswith(AS_TRAINED))

    def _leave_axes(self, leave: bool) -> None:
        model = (self.model() or "").removesuffix(AS_TRAINED)
        self.keep_to(model + AS_TRAINED if leave else model)

    def _ask_for_file(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self, "Weights", "", "Weights (*.safetensors)")
        self.keep_to(file)

    def _ask_for_module(self) -> None:
        text, given = QInputDialog.getText(
            self, "Your own model", "module:name or file.py:name, a model with encode and decode:"
        )
        if given:
            if is_module(text.strip()):
                agree(text.strip())  # the user named the code
            self.keep_to(text.strip())


def _is_own(model: str) -> bool:
    plain = model.removesuffix(AS_TRAINED)
    return is_module(model) or plain.endswith(".safetensors") or plain in shipped()


def _short(model: str) -> str:
    return Path(model).name
