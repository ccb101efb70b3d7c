"""Show how well the images of a run fit its network, as a coloured label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QLabel, QSizePolicy

from napari_lns._levels import Level, read_level, worst_level
from napari_lns.viewer.qt.layout import retain_size_when_hidden

__all__ = ["FitLabel", "warning"]


class FitLabel(QLabel):
    """A label with the worst level of a run's images; the tooltip explains it."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)  # records may contain anything
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Maximum)
        retain_size_when_hidden(self)
        self.hide()

    def show_fit(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Show the fit of some records; hide the label if they have none."""
        level = worst_level(map(read_level, records))
        self.setVisible(level is not None)
        if level is None:
            return
        same = [each for each in records if read_level(each) is level]
        count = f" ({len(same)} of {len(records)})" if len(same) < len(records) else ""
        self.setText(f"{level.value}{count}")
        self.setToolTip(str(same[0]["fit"]["sentence"]))
        self.setStyleSheet(
            f"color: black; background: {level.colour}; border-radius: 3px; padding: 0px 4px"
        )


def warning(records: Sequence[Mapping[str, Any]]) -> str:
    """Return a warning about images that do not fit; empty if all do.

    Parameters
    ----------
    records
        The records of the run's segmentations.

    Examples
    --------
    >>> warning([{"fit": {"level": "doubtful", "sentence": "compare with a control"}}])
    'Doubtful: compare with a control.'
    """
    level = worst_level(map(read_level, records))
    if level not in (Level.DOUBTFUL, Level.OUT):
        return ""
    first, *others = [each["fit"]["sentence"] for each in records if read_level(each) is level]
    more = f" (and {len(others)} more)" if others else ""
    return f"{level.value.capitalize()}: {first}{more}."
