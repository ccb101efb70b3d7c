"""A combo box for a model: a suggested or shipped one, a weights file, or a Python module's."""

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

SUGGESTED = ""  # data of the entry *Suggested*
SUGGESTED_TIP = "The shipped network that was trained on this stimulus"
BEST_TIP = "The shipped network that reconstructs the image best"
# napari's themes draw the arrow of a menu over the end of the text
BUTTON_STYLE = "QToolButton { padding: 2px 16px 2px 4px; }"
RESCALING_TIP = "Use the latents as they were trained, as in the paper, without latent rescaling"


class ModelChoice(QWidget):
    """Choose a model by its name, file or module, or use the suggested one.

    The first entry, *Suggested*, is the default and changes with the image. Any other entry stays
    until *Suggested* is chosen again. For an image that is not a known stimulus, all networks are
    compared off the main thread; a run that starts earlier compares them itself.

    Parameters
    ----------
    parent
        The widget that owns it.
    """

    changed = Signal()
    fit_warned = Signal(str)  # a warning if no network fits the image; else empty

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        names = shipped_models()
        self._suggestion = AUTO if names else None
        self._tip = BEST_TIP
        self._suggester = LatestCall(self)
        self._suggester.finished.connect(self._on_suggestion)
        self._suggester.failed.connect(lambda _: None)  # the run reports the error
        self.destroyed.connect(self._suggester.close)
        self._box = Choice([("", SUGGESTED), *((name, name) for name in names)])
        self._show_suggestion()
        self._box.currentIndexChanged.connect(self.changed)
        more = QToolButton()
        more.setText("Load model…")
        more.setStyleSheet(BUTTON_STYLE)
        more.setToolTip("Load a model from a weights file or from your own Python module")
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
        """Return the model specification (see `own_models.load_model`); None without a model."""
        entry: str | None = self._box.currentData()
        return self._suggestion if entry == SUGGESTED else entry

    def choose(self, model: str) -> None:
        """Choose a model; add it to the entries if needed."""
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
        """Return the model that the user chose; None if the suggested one is used."""
        return self._box.currentData() or None

    def follow_suggestion(self) -> None:
        """Choose *Suggested* if the chosen model is the suggested one."""
        if self.model() == self._suggestion:
            self._box.setCurrentIndex(self._box.findData(SUGGESTED))

    def suggest_for(self, stimulus: str | None, read: Callable[[], Any] | None = None) -> None:
        """Suggest the network of a stimulus, or the best network for an image.

        Parameters
        ----------
        stimulus
            The name of the stimulus, if known.
        read
            Function that returns the image, called off the main thread. Without it, the suggestion
            does not change.
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
        """Show the suggestion, and warn if no network fits."""
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
        """Update the menu for the chosen model."""
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
                trust(text.strip())  # the user named this code
            self.choose(text.strip())


def _is_own(model: str) -> bool:
    plain = model.removesuffix(AS_TRAINED)
    return is_module(model) or plain.endswith(".safetensors") or plain in shipped_models()


def _short_name(model: str) -> str:
    return Path(model).name
