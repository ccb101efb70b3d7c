"""What tests with windows share."""

from __future__ import annotations

from pathlib import Path

import pytest

from napari_lns.viewer import preferences


@pytest.fixture(autouse=True)
def _as_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let widgets remember nothing of other tests."""
    monkeypatch.setattr(preferences, "_state_file", lambda: tmp_path / "left.json")
