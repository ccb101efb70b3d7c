"""Draw every widget with its elements numbered, and write docs/widgets.md.

Run it on a display: ``sh scripts/under_xvfb.sh .venv/bin/python docs/make_widgets_page.py``.
Widgets come from napari.yaml, and explanations from tooltips, so that a new widget or control
appears here without a change to this script.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp

os.environ.setdefault("QT_API", "pyqt6")
os.environ["NAPARI_CONFIG"] = f"{mkdtemp()}/napari.yaml"  # nobody's own settings

import yaml
from make_pictures import breathe
from qtpy.QtCore import QPoint, QRect, Qt
from qtpy.QtGui import QColor, QFont, QPainter, QPixmap
from qtpy.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QScrollArea,
    QScrollBar,
    QTabBar,
    QTabWidget,
    QToolBar,
    QToolButton,
    QWidget,
)
from superqt import QCollapsible

from napari_lns.viewer.demo import open_with_widget, wait
from napari_lns.viewer.qt.editors import ColourButton
from napari_lns.viewer.stimuli.scene_section import SceneSection

DOCS = Path(__file__).parent
PAGE, PICTURES = DOCS / "widgets.md", DOCS / "pictures" / "widgets"
WIDTH, LEAST, MARGIN, RADIUS = 340, 560, 26, 10
CONTROLS = (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QTabBar,
)
ADDED = (QToolButton, QCheckBox)  # those that stand in one row with a control
PASSED_OVER = (QScrollBar, QToolBar)
FIRST = """\
# Widgets

Every element of every widget, numbered. *Plugins → Latent Noise Segmentation* opens them. The
explanations are the tooltips: hold the mouse over a control to read them in the viewer.
"""


@dataclass(frozen=True)
class Element:
    """A control of a widget: where it is, what it is called, and what it does."""

    place: QRect
    name: str
    text: str


def elements(widget: QWidget) -> list[Element]:
    """Return the controls that are seen, from top to bottom and from left to right."""
    listed = [
        Element(QRect(each.mapTo(widget, QPoint(0, 0)), each.size()), _name(each), _text(each))
        for each in _controls(widget)
    ]
    rows = sorted(listed, key=lambda each: each.place.center().y())
    line, top, found = 0, -100, []
    for each in rows:
        if each.place.center().y() - top > RADIUS:
            line, top = line + 1, each.place.center().y()
        found.append((line, each.place.x(), each))
    return [each for *_, each in sorted(found, key=lambda row: row[:2])]


def _controls(parent: QWidget) -> Iterator[QWidget]:
    for child in parent.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        if not child.isVisible() or isinstance(child, PASSED_OVER):
            continue
        labelled = bool(child.accessibleName()) and not isinstance(child, QTabWidget)
        if isinstance(child, CONTROLS) or labelled or _is_explained(child):
            yield child
            if not isinstance(child, CONTROLS):
                yield from (
                    each
                    for each in child.findChildren(QAbstractButton)
                    if isinstance(each, ADDED) and each.toolTip()
                )
        else:
            yield from _controls(child)


def _is_explained(widget: QWidget) -> bool:
    """Whether something that is no control, such as a plot, has a tooltip."""
    inner = isinstance(widget, QLabel | QScrollArea | QTabWidget | QCollapsible)
    return bool(widget.toolTip()) and not inner


def _name(widget: QWidget) -> str:
    if isinstance(widget, QTabBar):
        return "Pages"
    has_caption = isinstance(widget, QAbstractButton) and not isinstance(widget, ColourButton)
    own = widget.text() if has_caption else ""
    labels = widget.window().findChildren(QLabel)
    label = next((each.text() for each in labels if each.buddy() is widget), "")
    return re.sub(r"&(?=\w)", "", own or label or widget.accessibleName() or _kind(widget))


def _kind(widget: QWidget) -> str:
    return {"QListWidget": "List", "QTreeWidget": "List", "QTableWidget": "Table"}.get(
        type(widget).__name__, type(widget).__name__.lstrip("Q")
    )


def _text(widget: QWidget) -> str:
    if isinstance(widget, QTabBar):
        tabs = range(widget.count())
        return "; ".join(f"*{_plain(widget.tabText(n))}*: {widget.tabToolTip(n)}" for n in tabs)
    said = re.sub(r"<[^>]+>", "", widget.toolTip())
    return " ".join(said.replace("|", "\\|").split())


def _plain(text: str) -> str:
    return text.replace("&", "")


def numbered(widget: QWidget, listed: list[Element]) -> QPixmap:
    """Return a picture of the widget with the elements' numbers in the margin at their left."""
    shot = widget.grab()
    margin = MARGIN * max(_places_in_line(listed), default=1)
    canvas = QPixmap(shot.width() + margin, shot.height())
    canvas.fill(QColor("white"))
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.drawPixmap(margin, 0, shot)
    font = QFont(painter.font())
    font.setPixelSize(12)
    font.setBold(True)
    painter.setFont(font)
    for number, (each, place) in enumerate(zip(listed, _places_in_line(listed), strict=True), 1):
        circle = QRect(0, 0, 2 * RADIUS, 2 * RADIUS)
        circle.moveCenter(QPoint(MARGIN * place - MARGIN // 2, _line(each)))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#d55e00"))
        painter.drawEllipse(circle)
        painter.setPen(QColor("white"))
        painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(number))
    painter.end()
    return canvas


def _line(element: Element) -> int:
    return min(element.place.center().y(), element.place.top() + 16)


def _places_in_line(listed: list[Element]) -> list[int]:
    """Return each element's place among those beside it, from the left, counted from 1."""
    places: list[int] = []
    for number, each in enumerate(listed):
        beside = number > 0 and _line(each) - _line(listed[number - 1]) < 2 * RADIUS
        places.append(places[-1] + 1 if beside else 1)
    return places


def fit(dock: QWidget, widget: QWidget) -> None:
    """Make the dock so high that nothing scrolls, and let its pages finish what they compute."""
    dock.resize(WIDTH, LEAST)
    breathe()
    for each in widget.findChildren(QWidget):
        if each.isVisible() and callable(getattr(each, "wait", None)):
            each.wait()
    for area in widget.findChildren(QScrollArea):
        if area.isVisible() and area.widget() is not None:
            hidden = area.widget().sizeHint().height() - area.viewport().height()
            dock.resize(WIDTH, dock.height() + max(0, hidden))
            breathe(0.3)
    breathe()


def section(title: str, name: str, widget: QWidget) -> str:
    """Draw a widget as it is now, and return its part of the page."""
    listed = elements(widget)
    numbered(widget, listed).save(str(PICTURES / f"{name}.png"))
    rows = ["| | Element | |", "|---|---|---|"]
    rows += [f"| {n} | {each.name} | {each.text} |" for n, each in enumerate(listed, 1)]
    picture = f"![{title} with its elements numbered](pictures/widgets/{name}.png)"
    return "\n\n".join([picture, "\n".join(rows)])


def widgets() -> dict[str, type[QWidget]]:
    """Return the widgets of napari.yaml by the names that napari's menu shows."""
    manifest = yaml.safe_load((DOCS.parent / "napari.yaml").read_text("utf8"))["contributions"]
    places = {each["id"]: each["python_name"] for each in manifest["commands"]}
    found = {}
    for each in manifest["widgets"]:
        module, _, name = places[each["command"]].partition(":")
        found[each["display_name"]] = getattr(import_module(module), name)
    return found


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    viewer, segment = open_with_widget()
    viewer.window.resize(1280, 800)
    breathe()
    wait(segment)
    parts = [FIRST.strip()]
    for title, kind in widgets().items():
        widget = segment if isinstance(segment, kind) else kind(viewer)
        dock = widget.parentWidget()
        if widget is not segment:
            dock = viewer.window.add_dock_widget(widget, name=title, area="right")
        dock.setFloating(True)
        for each in widget.findChildren(QCollapsible):
            each.expand(animate=False)
        for each in widget.findChildren(SceneSection):
            each.try_example()  # or the page would not list its controls
        parts.append(f"## {title}")
        name = title.lower().replace(" ", "_")
        pages = next(iter(widget.findChildren(QTabWidget)), None)
        for number in range(1 if pages is None else pages.count()):
            heading, own = "", name
            if pages is not None:
                pages.setCurrentIndex(number)
                breathe()
                heading = _plain(pages.tabText(number))
                own = f"{name}_{heading.lower()}".replace(" ", "_")
                parts.append(f"### {heading}")
            fit(dock, widget)
            parts.append(section(f"{title} {heading}".strip(), own, widget))
        dock.hide()
    PAGE.write_text("\n\n".join(parts) + "\n", "utf8")
    viewer.close()


if __name__ == "__main__":
    main()
