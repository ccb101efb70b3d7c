"""Read the plugin's preferences, and save and load the state of the widgets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from napari.settings import get_plugin_settings, get_settings

from napari_lns._files import write_atomically

__all__ = ["cache_folder", "preference", "recall", "remember"]

_DEFAULTS = {"device": "auto", "default_model": "", "samples": 80, "cache_folder": ""}


def preference(name: str) -> Any:
    """Return a setting from the plugin's page in napari's preferences.

    Examples
    --------
    >>> preference("samples")
    80
    """
    try:
        settings = get_plugin_settings("napari-lns")
    except KeyError:  # the plugin is disabled, or was installed while napari was running
        return _DEFAULTS[name]
    return getattr(settings.segment, name)


def cache_folder() -> Path:
    """Return the folder for training runs, from the preferences or next to napari's settings."""
    folder = preference("cache_folder")
    return Path(folder).expanduser() if folder else _settings_folder() / "napari-lns"


def remember(widget: str, values: dict[str, Any]) -> None:
    """Save the state of a widget; do nothing if the file cannot be written."""
    try:
        target = _state_file()
        target.parent.mkdir(parents=True, exist_ok=True)
        states = {**_read_states(), widget: values}
        with write_atomically(target) as beside:
            beside.write_text(json.dumps(states, indent=1), encoding="utf-8")
    except (OSError, TypeError, ValueError):
        return


def recall(widget: str) -> dict[str, Any]:
    """Return the state that `remember` saved for a widget; empty if there is none."""
    values = _read_states().get(widget)
    return values if isinstance(values, dict) else {}


def _settings_folder() -> Path:
    path = get_settings().config_path
    return Path.home() / ".config" if path is None else Path(path).parent


def _state_file() -> Path:
    return _settings_folder() / "napari-lns.json"


def _read_states() -> dict[str, Any]:
    try:
        values = json.loads(_state_file().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}
