"""Ask the user before importing Python code that an opened file names."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QMessageBox, QWidget

from napari_lns.viewer.own_models import code_path, is_trusted, trust

__all__ = ["may_run"]


def may_run(parent: QWidget, model: str | None) -> bool:
    """Return whether a model may be loaded; ask the user if loading it runs Python code.

    No question is asked for shipped models, for weights files, and for modules that the user named
    or agreed to before.

    Parameters
    ----------
    parent
        The widget over which the question appears.
    model
        The model specification, as `napari_lns.viewer.own_models.load_model` takes it.

    Returns
    -------
    bool
    """
    if is_trusted(model):
        return True
    assert model is not None
    yes, no = QMessageBox.StandardButton.Yes, QMessageBox.StandardButton.No
    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)  # a file must not be able to format its own warning
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Run this code?")
    box.setText(
        f"The model {model} is Python code, named by a file that you opened:\n\n"
        f"{code_path(model)}\n\nLoading it runs this code. Run it only if you trust it."
    )
    box.setStandardButtons(yes | no)
    box.setDefaultButton(no)
    if box.exec() != yes:
        return False
    trust(model)
    return True
