"""Tutorials: the notebooks hold the cells of the pages, with the outputs that the pages show."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[1] / "docs"
PAGES = sorted((DOCS / "tutorials").glob("*.md"))
REMEDY = "run python docs/make_tutorials.py"

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(DOCS / "make_tutorials.py"))


def notebook(page: Path) -> dict[str, Any]:
    return json.loads(page.with_suffix(".ipynb").read_text("utf8"))


def test_there_are_four() -> None:
    assert len(PAGES) == 4


@each_page
def test_a_notebook_holds_the_cells_of_its_page(page: Path, script: dict[str, Any]) -> None:
    held = [
        ("".join(cell["source"]), cell["cell_type"] == "code") for cell in notebook(page)["cells"]
    ]
    assert held == [(cell.source, cell.is_code) for cell in script["cells"](page)], REMEDY


@each_page
def test_a_notebook_has_the_outputs_that_its_page_shows(page: Path) -> None:
    outputs = [each for cell in notebook(page)["cells"] for each in cell.get("outputs", [])]
    text = page.read_text("utf8")
    for each in outputs:
        assert "".join(each.get("text", [])).rstrip() in text, REMEDY
    drawn = [each for each in outputs if "image/png" in each.get("data", {})]
    shown = sorted((DOCS / "pictures" / "tutorials").glob(f"{page.stem}-*.png"))
    assert len(drawn) == len(shown) > 0, REMEDY
    assert all(f"(../pictures/tutorials/{picture.name})" in text for picture in shown)


@each_page
def test_a_page_leads_to_its_notebook(page: Path) -> None:
    assert f"({page.stem}.ipynb)" in page.read_text("utf8")
