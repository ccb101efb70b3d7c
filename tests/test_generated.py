"""What is generated from the registry of stimuli is not stale (its page has a test of its own)."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

MEND = "run scripts/update_generated.py"


@pytest.fixture(scope="module")
def script(repository: Path) -> dict[str, Any]:
    return runpy.run_path(str(repository / "scripts" / "update_generated.py"))


def test_every_stimulus_is_a_public_name(script: dict[str, Any]) -> None:
    assert script["STUB"].read_text("utf8") == script["stub"](), MEND


def test_every_method_noise_clusterer_and_criterion_is_on_the_page(script: dict[str, Any]) -> None:
    text = script["PAGE"].read_text("utf8")
    assert text == script["page"](text), MEND


def test_every_stimulus_is_a_sample(script: dict[str, Any]) -> None:
    text = script["MANIFEST"].read_text("utf8")
    assert text == script["manifest"](text), MEND
