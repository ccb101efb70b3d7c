"""The base class of the pages of Inspect, and the discovery of pages.

The plugin's own pages are the panels in the modules ``*_panel`` of this folder. Other packages add
pages with entry points in the group ``napari_lns.panels``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from qtpy.QtWidgets import QWidget

from napari_lns._registry import Registry
from napari_lns.viewer.qt.background import LatestCall
from napari_lns.viewer.qt.message_area import plain_label

if TYPE_CHECKING:
    from napari_lns.viewer.inspect.inspection import Inspection

__all__ = ["Panel", "panels"]

SUFFIX = "_panel"
REGISTERED = Registry("panel", type, group="napari_lns.panels")


class Panel(QWidget):
    """A page of Inspect, which shows something about the inspected result.

    A subclass sets the class attributes `title`, `tip` and `place`, builds its controls in
    `__init__`, and shows errors in the label `text`.

    Parameters
    ----------
    inspection
        The inspected run and the mouse position.

    Attributes
    ----------
    title
        The title of the page, with ``&`` before its key.
    tip
        The tooltip of the page.
    place
        The position among the pages. The plugin's own pages are numbered from 1.
    """

    title: ClassVar[str]
    tip: ClassVar[str]
    place: ClassVar[int] = 100

    def __init__(self, inspection: Inspection) -> None:
        super().__init__()
        self._inspection = inspection
        self.text = plain_label()

    def controls(self) -> Mapping[str, QWidget]:
        """Return the controls whose values are saved between sessions, by name."""
        return {}

    def keys(self) -> Mapping[str, Callable[[], object]]:
        """Return the functions of single keys on the canvas while Inspect is visible."""
        return {}

    def background_call(self, on_result: Callable[[Any], None]) -> LatestCall:
        """Return an object that calls functions off the main thread and keeps the newest result.

        Parameters
        ----------
        on_result
            Function to call with the result, on the main thread. Errors are shown in `text`.
        """
        latest = LatestCall(self)
        latest.finished.connect(on_result)
        latest.failed.connect(self._show_error)
        self.destroyed.connect(latest.close)
        return latest

    def _show_error(self, error: Exception) -> None:
        self.text.setText(str(error))


def panels() -> dict[str, type[Panel]]:
    """Return the panels by name, in the order of the pages.

    Examples
    --------
    >>> list(panels())[:3]
    ['pixel', 'line', 'tree']
    """
    others = {name: each for name, each in REGISTERED.load_all().items() if issubclass(each, Panel)}
    every = {**others, **_own_panels()}
    return dict(sorted(every.items(), key=lambda item: (item[1].place, item[0])))


def _is_panel_of(thing: object, module: str) -> bool:
    return isinstance(thing, type) and issubclass(thing, Panel) and thing.__module__ == module


@cache
def _own_panels() -> dict[str, type[Panel]]:
    package = __name__.rpartition(".")[0]
    own: dict[str, type[Panel]] = {}
    for info in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if info.name.endswith(SUFFIX):
            module = importlib.import_module(f"{package}.{info.name}")
            classes = [
                each for each in vars(module).values() if _is_panel_of(each, module.__name__)
            ]
            own.update({info.name.removesuffix(SUFFIX): each for each in classes})
    return own
