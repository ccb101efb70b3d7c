"""What tests with windows share."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from napari_lns.viewer import preferences, warm_up


@pytest.fixture(autouse=True)
def _as_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let widgets remember nothing of other tests."""
    monkeypatch.setattr(preferences, "_state_file", lambda: tmp_path / "left.json")


@pytest.fixture
def shapes_ready() -> None:
    """Have napari's shapes compiled, so that drawing begins at once."""
    warm_up.shapes.start()
    warm_up.shapes.wait()


@pytest.fixture
def qtbot(qtbot: Any, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let waiting be limited by processor time: another process may hold the cores for long.

    What hangs without computing ends with the limit of the whole test.
    """
    wait_until = qtbot.waitUntil
    whole_test = 1000 * int(request.config.getini("timeout"))

    def patiently(holds: Callable[[], bool], *, timeout: int) -> None:
        end = time.process_time() + timeout / 1000
        wait_until(lambda: holds() or time.process_time() > end, timeout=whole_test)
        assert holds(), f"not within {timeout} ms of processor time"

    monkeypatch.setattr(qtbot, "waitUntil", patiently)
    return qtbot
