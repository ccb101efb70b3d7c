"""Draw the pictures of the stimuli, and write a page for each law and the list of laws.

Run from anywhere: ``python docs/make_stimuli_pictures.py``. What stands above the mark of
docs/stimuli.md is written by hand and kept; what follows, and the pages in docs/stimuli, are made
from the registry, that is, from the docstrings.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from napari_lns import stimuli
from napari_lns._parameters import Parameter, inspect_parameters
from napari_lns.stimuli._canvas import Canvas
from napari_lns.stimuli._entries import find_entry

DOCS = Path(__file__).parent
PAGE, PAGES, PICTURES = DOCS / "stimuli.md", DOCS / "stimuli", DOCS / "pictures" / "stimuli"
MARK = "<!-- What follows is made by make_stimuli_pictures.py -->\n"
SIDE, GAP = 160, 8
GOOD_SEED = 4  # three pairs, a broken outline, a bar in two pieces
COLOURS = """
    32383f 4e9bd1 e8a33d 6fb36b d1605e a387c4 d4c04a 5fb8b2 c98bb0 9c755f bab0ac 86bc45
"""
BESIDE = (
    "At default parameters. Each stimulus also has the [common parameters]"
    "(../stimuli.md#parameters-that-all-parametric-stimuli-have)."
)
BESIDE_GOOD = "The six sets of the paper. All of them have these parameters:"
COMMON = set(inspect_parameters(Canvas)) - {"seed"}


def panels(name: str) -> np.ndarray:
    """Return the stimulus, its labels, and what `others` names, side by side."""
    good = "split" in stimuli.parameters(name)
    options: dict[str, Any] = {"seed": GOOD_SEED} if good else {"seed": 1, "size": SIDE}
    shown = stimuli.draw(name, **options)
    more = [stimuli.draw(name, **{**options, **how}) for how in others(name).values()]
    palette = np.frombuffer(bytes.fromhex(COLOURS), np.uint8).reshape(-1, 3) / 255
    labels = palette[shown.labels % len(palette)]
    pictures = [shown.image, labels, *(one.image for one in more)]
    scale = SIDE / len(shown.image)
    rows = (np.arange(SIDE) / scale).astype(int)
    return np.hstack(
        [np.pad(p[rows][:, rows], ((0, 0), (0, GAP), (0, 0)), constant_values=1) for p in pictures]
    )[:, :-GAP]


def others(name: str) -> dict[str, dict[str, Any]]:
    """Return the parameters of what is shown beside the stimulus, by the words for it."""
    control = stimuli.control(name)
    words = ", ".join(f"`{key}={value!r}`" for key, value in control.items())
    found: dict[str, dict[str, Any]] = {f"the control {words}": control} if control else {}
    if "split" in stimuli.parameters(name):
        found["a training image"] = {"split": "train"}
    return found or {"another one": {"seed": 2}}


def section(name: str) -> str:
    """What the page says of one stimulus."""
    good = "split" in stimuli.parameters(name)
    *first, last = ["its labels", *others(name)]
    told = f"{', '.join(first)}, and {last}"
    own = {k: p for k, p in stimuli.parameters(name).items() if k not in COMMON}
    doc = inspect.getdoc(find_entry(name).draw) or ""
    parts = [
        f"## {stimuli.title(name)}",
        f"`{name}`: {stimuli.description(name)}",
        f"![{stimuli.title(name)}, {told}](../pictures/stimuli/{name}.png)",
        f"*The stimulus, {told}.*",
        *(f"**{kind}.** {text}" for kind, text in notes(doc)),
        "" if good else table(own),
        f"*{references(doc)}*" if references(doc) else "",
    ]
    return "\n\n".join(filter(None, parts))


def table(parameters: dict[str, Parameter]) -> str:
    """The parameters, one a row."""
    rows = [
        f"| `{p.name}` | {allowed(p)} | {plain(p.default)} | {p.description} |"
        for p in parameters.values()
    ]
    return "\n".join(["| Parameter | Values | Default | |", "|---|---|---|---|", *rows])


def allowed(parameter: Parameter) -> str:
    """The values that a parameter may take."""
    if parameter.choices:
        return ", ".join(f"`{choice!r}`" for choice in parameter.choices)
    unit = f" {parameter.unit}" if parameter.unit else ""
    if parameter.type is int:
        return f"whole, {parameter.minimum} to {parameter.maximum}{unit}"
    return f"{parameter.minimum:g} to {parameter.maximum:g}{unit}"


def plain(default: object) -> str:
    if isinstance(default, tuple):
        return "(" + ", ".join(f"{number:g}" for number in default) + ")"
    return f"`{default!r}`"


def notes(doc: str) -> list[tuple[str, str]]:
    """The paragraphs of the docstring's notes: what each is, and what it says."""
    text = doc.partition("Notes\n-----\n")[2].partition("\n\nReferences\n")[0]
    found = re.findall(r"(Physical check|Perceptual check|Control): (.*?)(?:\n\n|\Z)", text, re.S)
    return [(kind, sentence(body)) for kind, body in found]


def sentence(text: str) -> str:
    joined = " ".join(text.split())
    return joined[0].upper() + joined[1:]


def references(doc: str) -> str:
    text = doc.partition("References\n----------\n")[2].partition("\n\nExamples\n")[0]
    return " ".join(text.split())


def slug(law: str) -> str:
    """The name of a law's page."""
    return law.lower().replace(" ", "-")


def listed() -> str:
    """The part of the page that follows the mark: the laws with their stimuli."""
    common = {k: p for k, p in inspect_parameters(Canvas).items() if k in COMMON}
    rows = ["| Law | Stimuli |", "|---|---|"]
    for law, names in stimuli.groups().items():
        page = f"stimuli/{slug(law)}.md"
        links = (f"[{stimuli.title(name)}]({page}#{slug(stimuli.title(name))})" for name in names)
        rows.append(f"| [{law}]({page}) | {', '.join(links)} |".replace("rubin's", "rubins"))
    return "\n\n".join(
        [
            "## All stimuli",
            "\n".join(rows),
            "## Parameters that all parametric stimuli have",
            table(common) + "\n",
        ]
    )


def pages() -> dict[str, str]:
    """The page of each law, by its name."""
    found = {}
    for law, names in stimuli.groups().items():
        shared = stimuli.parameters(names[0])
        good = "split" in shared
        parts = [
            f"# {law}",
            BESIDE_GOOD if good else BESIDE,
            table(shared) if good else "",
            *map(section, names),
        ]
        found[slug(law)] = "\n\n".join(filter(None, parts)) + "\n"
    return found


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for name in stimuli.names():
        pixels = np.round(panels(name) * 255).astype(np.uint8)
        Image.fromarray(pixels).save(PICTURES / f"{name}.png", optimize=True)
    by_hand = PAGE.read_text("utf8").partition(MARK)[0]
    PAGE.write_text(by_hand + MARK + "\n" + listed(), "utf8")
    PAGES.mkdir(exist_ok=True)
    for name, text in pages().items():
        (PAGES / f"{name}.md").write_text(text, "utf8")


if __name__ == "__main__":
    main()
