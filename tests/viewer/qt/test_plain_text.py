"""What a file says is shown as it is: no HTML of a record formats a message or a tooltip."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QComboBox, QLabel

from napari_lns import viewer
from napari_lns.viewer.qt.message_area import MessageArea, plain_tip
from napari_lns.viewer.segment.model_choice import ModelChoice

HTML = "<b>Trusted</b> <img src='/dev/zero'>"
MODULES = sorted(Path(viewer.__file__).parent.glob("**/*.py"))


def is_plain(tip: str) -> bool:
    return not Qt.mightBeRichText(tip) or not re.search(r"<(?!/?qt>|br>)", tip)


def test_a_message_and_its_details_show_html_as_text(qtbot: Any) -> None:
    area = MessageArea()
    qtbot.addWidget(area)
    area.setText(HTML, f"{HTML}\nand more")
    (label,) = (each for each in area.findChildren(QLabel) if each.text())
    assert label.textFormat() == Qt.TextFormat.PlainText
    assert is_plain(label.toolTip())
    assert "&lt;b&gt;Trusted" in label.toolTip()


def test_a_file_of_weights_names_itself_in_plain_text(qtbot: Any) -> None:
    choice = ModelChoice()
    qtbot.addWidget(choice)
    choice.choose(f"{HTML}.safetensors")
    box = choice.findChild(QComboBox)
    assert is_plain(box.itemData(box.currentIndex(), Qt.ItemDataRole.ToolTipRole))


def test_a_tip_without_html_stays_as_it_is() -> None:
    assert plain_tip("Height (%) & more") == "Height (%) & more"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_labels_whose_text_changes_are_plain(module: Path) -> None:
    if module.stem != "message_area":
        assert "QLabel()" not in module.read_text(encoding="utf-8"), "take plain_label()"
