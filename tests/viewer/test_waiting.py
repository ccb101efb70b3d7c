"""What the tests with windows wait for is limited by processor time."""

from __future__ import annotations

import time
from typing import Any

import pytest


def test_waiting_ends_with_its_processor_time(qtbot: Any) -> None:
    begun = time.process_time()
    with pytest.raises(AssertionError, match="100 ms of processor time"):
        qtbot.waitUntil(lambda: sum(range(10_000)) < 0, timeout=100)
    assert time.process_time() - begun >= 0.1


def test_waiting_continues_while_others_hold_the_cores(
    qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = time.perf_counter() + 0.2  # longer than the limit, by the clock
    monkeypatch.setattr(time, "process_time", lambda: 0.0)
    qtbot.waitUntil(lambda: time.perf_counter() > clock, timeout=100)
