"""Run the tutorials, write their outputs into the pages, and the notebooks beside them.

Run from anywhere: ``python docs/make_tutorials.py``, or with names of tutorials. The page is the
source. A ``text`` block below a Python block receives what that block prints; each picture of
the page receives the next figure that is drawn. The notebook holds the same cells with outputs.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

os.environ.setdefault("MPLBACKEND", "agg")

DOCS = Path(__file__).parent
TUTORIALS = DOCS / "tutorials"
PICTURES = DOCS / "pictures" / "tutorials"
CODE = re.compile(r"^```python\n(.*?)^```\n(?:\n```text\n.*?^```\n)?", re.M | re.S)
PICTURE = re.compile(r"^!\[[^\n]*\]\(\.\./pictures/tutorials/[^\n]*\)\n", re.M)


@dataclass
class Cell:
    """Prose, or code with what it printed and drew."""

    source: str
    is_code: bool = False
    printed: str = ""
    figures: list[bytes] = field(default_factory=list)


def cells(page: Path) -> list[Cell]:
    """Return the cells of a page, in order, without outputs."""
    text, found, place = page.read_text("utf8"), [], 0
    for block in CODE.finditer(text):
        found += [Cell(text[place : block.start()]), Cell(block[1].rstrip(), is_code=True)]
        place = block.end()
    found.append(Cell(text[place:]))
    prose = [Cell(PICTURE.sub("", each.source).strip()) for each in found if not each.is_code]
    every = [each if each.is_code else prose.pop(0) for each in found]
    return [each for each in every if each.source]


def run(page: Path) -> list[Cell]:
    """Run a page's cells in one namespace, in a temporary folder."""
    import matplotlib.pyplot as plt

    names: dict[str, Any] = {"__name__": "__main__"}
    done = cells(page)
    with TemporaryDirectory() as folder, contextlib.chdir(folder):
        for cell in filter(lambda each: each.is_code, done):
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(compile(cell.source, page.name, "exec"), names)
            cell.printed = printed.getvalue()
            cell.figures = [*_figures(names)]
            plt.close("all")
    return done


def _figures(names: dict[str, Any]) -> Iterator[bytes]:
    """Draw the open figures, and the one in `figure` if it belongs to no window."""
    import matplotlib.pyplot as plt

    drawn = [plt.figure(number) for number in plt.get_fignums()]
    own = names.pop("figure", None)
    for each in drawn or ([own] if own is not None else []):
        file = io.BytesIO()
        each.savefig(file, format="png", dpi=100, metadata={"Software": None})
        yield file.getvalue()


def with_outputs(page: Path, done: list[Cell]) -> str:
    """Return the page's text with the outputs of this run."""
    code = iter([each for each in done if each.is_code])

    def block(found: re.Match[str]) -> str:
        printed = next(code).printed.rstrip()
        shown = f"\n```text\n{printed}\n```\n" if printed else ""
        return f"```python\n{found[1]}```\n{shown}"

    return CODE.sub(block, page.read_text("utf8"))


def notebook(done: list[Cell]) -> str:
    """Return the cells as a notebook, format 4.5."""
    listed = []
    for number, cell in enumerate(done):
        base = {"id": f"cell-{number}", "metadata": {}, "source": lines(cell.source)}
        if cell.is_code:
            listed.append(
                base | {"cell_type": "code", "execution_count": None, "outputs": outputs(cell)}
            )
        else:
            listed.append(base | {"cell_type": "markdown"})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {
        "cells": listed,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def outputs(cell: Cell) -> list[dict[str, Any]]:
    """Return what a cell printed and drew, as a notebook holds it."""
    printed = {"output_type": "stream", "name": "stdout", "text": lines(cell.printed)}
    figures = [
        {
            "output_type": "display_data",
            "metadata": {},
            "data": {"image/png": base64.b64encode(each).decode(), "text/plain": ["<Figure>"]},
        }
        for each in cell.figures
    ]
    return [*([printed] if cell.printed else []), *figures]


def lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def main(*wanted: str) -> None:
    """Write pages, pictures and notebooks of the tutorials that are named, or of all."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for page in sorted(TUTORIALS.glob("*.md")):
        if wanted and page.stem not in wanted:
            continue
        done = run(page)
        figures = [each for cell in done for each in cell.figures]
        for number, each in enumerate(figures, 1):
            (PICTURES / f"{page.stem}-{number}.png").write_bytes(each)
        page.write_text(with_outputs(page, done), "utf8")
        page.with_suffix(".ipynb").write_text(notebook(done), "utf8")
        print(f"{page.stem}: {len(figures)} figures")


if __name__ == "__main__":
    main(*sys.argv[1:])
