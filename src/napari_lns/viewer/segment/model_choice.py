"""`ModelChoice`: a box to choose a model: a shipped one, a file of weights, a Python module's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QAction,
    QFileDialog,
    QInputDialog,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_lns.viewer.own_models import (
    AS_TRAINED,
    AUTO,
    is_module,
    shipped_models,
    suggest_model,
    suggest_model_for_image,
    trust,
)
from napari_lns.viewer.preferences import preference
from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.qt.controls import Choice
from napari_lns.viewer.qt.message_area import plain_tip

if TYPE_CHECKING:
    from napari_lns.models import Suggestion

__all__ = ["ModelChoice"]

SUGGESTED = ""  # data of the entry that follows the image
SUGGESTED_TIP = "The shipped network that was trained on the world of this stimulus"
BEST_TIP = "The shipped network that reconstructs the image best"
RESCALING_TIP = "Use the latents as they were trained, as in the paper, without latent rescaling"


class ModelChoice(QWidget):
    """Choose a model by its name, its file or its module, or leave the choice to the stimulus.

    The first entry, *Suggested*, names the network that suits the image and stays the default;
    another entry holds until *Suggested* is chosen again. For an image that is no known stimulus
    all networks are asked off the main thread; a run that starts before they have answered asks
    them itself.

    Parameters
    ----------
    parent
        The widget that owns it.
    """

    changed = Signal()
    fit_warned = Signal(str)  # that no network fits the image; empty for another image

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        names = shipped_models()
        self._suggestion = AUTO if names else None
        self._tip = BEST_TIP
        self._suggester = LatestCall(self)
        self._suggester.finished.connect(self._on_suggestion)
        self._suggester.failed.connect(lambda _: None)  # the run says what is wrong with the image
        self.destroyed.connect(self._suggester.close)
        self._box = Choice([("", SUGGESTED), *((name, name) for name in names)])
        self._show_suggestion()
        self._box.currentIndexChanged.connect(self.changed)
        more = QToolButton()
        more.setText("Load model…")
        more.setToolTip("Load a model from a file of weights or from your own Python module")
        more.setAccessibleName("Load model")
        more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(more)
        menu.addAction("&Weights file…", self._ask_for_file)
        menu.addAction("Python &module…", self._ask_for_module)
        self.without_rescaling = QAction("&Disable latent rescaling", menu)
        self.without_rescaling.setCheckable(True)
        self.without_rescaling.setToolTip(RESCALING_TIP)
        self.without_rescaling.triggered.connect(self._set_rescaling_disabled)
        menu.setToolTipsVisible(True)
        menu.addSeparator()
        menu.addAction(self.without_rescaling)
        menu.aboutToShow.connect(self._update_menu)
        more.setMenu(menu)
        layout = QVBoxLayout(self)  # names are long, and the dock is narrow
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._box)
        layout.addWidget(more)
        self.setFocusProxy(self._box)
        self.choose(preference("default_model"))

    def model(self) -> str | None:
        """Return the words that choose the model (see `own_models.loaded`); None for no model."""
        entry: str | None = self._box.currentData()
        return self._suggestion if entry == SUGGESTED else entry

    def choose(self, model: str) -> None:
        """Choose a model; one that is not in the box yet is added."""
        if not model:
            return
        place = self._box.findData(model)
        if place < 0 and _is_own(model):
            self._box.addItem(_short_name(model), model)
            place = self._box.count() - 1
            self._box.setItemData(place, plain_tip(model), Qt.ItemDataRole.ToolTipRole)
        if place >= 0:
            self._box.setCurrentIndex(place)

    def user_choice(self) -> str | None:
        """Return the model if the user chose it; None if it is the suggested one."""
        return self._box.currentData() or None

    def follow_suggestion(self) -> None:
        """Use the suggested model if it is the chosen one: it then changes with the image."""
        if self.model() == self._suggestion:
            self._box.setCurrentIndex(self._box.findData(SUGGESTED))

    def suggest_for(self, stimulus: str | None, read: Callable[[], Any] | None = None) -> None:
        """Suggest the network of a stimulus, or, if it has none, the best one for an image.

        Parameters
        ----------
        stimulus
            The stimulus's name, if it has one.
        read
            Returns the image; called off the main thread. Without it the last suggestion stays.
        """
        model = suggest_model(stimulus) if stimulus else None
        self._suggester.drop()
        if model is not None:
            self._suggest(model, SUGGESTED_TIP)
            self.fit_warned.emit("")
        elif read is not None and shipped_models():
            self._suggest(AUTO, BEST_TIP)
            self.fit_warned.emit("")
            self._suggester.call(suggest_model_for_image, read)

    def _on_suggestion(self, suggestion: Suggestion) -> None:
        """Show what the networks answered."""
        text = str(suggestion)
        self._suggest(suggestion.model, text[:1].upper() + text[1:])
        if not suggestion.fits:
            self.fit_warned.emit(f"{self._tip}.")

    def _suggest(self, model: str, tip: str) -> None:
        changed, self._suggestion, self._tip = model != self._suggestion, model, tip
        self._show_suggestion()
        if changed and self.user_choice() is None:
            self.changed.emit()

    def _show_suggestion(self) -> None:
        place = self._box.findData(SUGGESTED)
        self._box.setItemText(place, f"Suggested ({self._suggestion or 'none'})")
        self._box.setItemData(place, plain_tip(self._tip), Qt.ItemDataRole.ToolTipRole)

    def _update_menu(self) -> None:
        """Show what the menu can do to the model that is chosen."""
        model = self.model() or ""
        self.without_rescaling.setEnabled(model not in ("", AUTO) and not is_module(model))
        self.without_rescaling.setChecked(model.endswith(AS_TRAINED))

    def _set_rescaling_disabled(self, disabled: bool) -> None:
        model = (self.model() or "").removesuffix(AS_TRAINED)
        self.choose(model + AS_TRAINED if disabled else model)

    def _ask_for_file(self) -> None:
        file, _ = QFileDialog.getOpenFileName(self, "Weights", "", "Weights (*.safetensors)")
        self.choose(file)

    def _ask_for_module(self) -> None:
        text, accepted = QInputDialog.getText(
            self, "Your own model", "module:name or file.py:name, a model with encode and decode:"
        )
        if accepted:
            if is_module(text.strip()):
                trust(text.strip())  # the user named the code
            self.choose(text.strip())


def _is_own(model: str) -> bool:
    plain = model.removesuffix(AS_TRAINED)
    return is_module(model) or plain.endswith(".safetensors") or plain in shipped_models()


def _short_name(model: str) -> str:
    return Path(model).name
