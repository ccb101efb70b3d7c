"""Pages that scripts make show everything that there is to show."""

from __future__ import annotations

from pathlib import Path

import yaml

from napari_lns import stimuli

REPOSITORY = Path(__file__).parents[1]
DOCS = REPOSITORY / "docs"
REMEDY = "run make pictures"


def test_the_gallery_shows_every_stimulus_and_every_example() -> None:
    page = (DOCS / "gallery.md").read_text("utf8")
    examples = [f"example_{script.stem}" for script in (DOCS / "examples").glob("*.py")]
    shown = {name for name in (*stimuli.names(), *examples) if f"gallery/{name}.png)" in page}
    assert shown == {*stimuli.names(), *examples}, REMEDY
    drawn = {picture.stem for picture in (DOCS / "pictures" / "gallery").glob("*.png")}
    assert drawn == shown, REMEDY


def test_the_page_of_the_widgets_explains_every_widget() -> None:
    page = (DOCS / "widgets.md").read_text("utf8")
    manifest = yaml.safe_load((REPOSITORY / "napari.yaml").read_text("utf8"))
    names = [each["display_name"] for each in manifest["contributions"]["widgets"]]
    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == names, REMEDY


def test_every_page_is_in_the_navigation() -> None:
    text = (REPOSITORY / "mkdocs.yml").read_text("utf8")
    pages = [str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")]
    assert all(f": {page}\n" in text for page in pages)
