"""Make the sample stimuli that lie beside this file, and the table of them: `python make.py`.

Every stimulus of the registry as a TIFF: the figure, and its control, in which what is seen is
gone, or where it has none another one. Good Gestalt sets as npz. In `formats`, a few images in
every other format that can be read.
"""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from own_scenes import make_scenes
from PIL import Image

from napari_lns import stimuli
from napari_lns.experiments.observers import Pairs, Plan, Source
from napari_lns.stimuli import Stimulus, good_gestalt

HERE = Path(__file__).parent
TITLE = """# Sample stimuli

Drag them into napari, read them with `napari_lns.stimuli.read`, or try the command line on them.
All are 64 × 64 pixels, the size of the shipped networks, with labels, parts and the record from
which they can be drawn again. `python sample_data/make.py` makes this folder.
"""
FORMATS = """
`scenes/` also holds four scenes as surfaces in JSON: [stimuli of your own](../docs/own-stimuli.md).

| | |
|---|---|
| `kanizsa_triangle.json` | a triangle of the background's colour over three discs |
| `bar_behind_disc.json` | a bar that goes on behind a disc |
| `broken_star.json` | fragments of a star's outline |
| `two_sheets.json` | a square seen through a disc |

## Other formats

`formats/` holds files as other programs write them: [all formats](../docs/files.md).

| | |
|---|---|
| `photo.png`, `photo.labels.png` | an image, and its labels as indexed colours |
| `grey16.png`, `alpha.png`, `smooth.jpg` | 16 bits, transparency, JPEG |
| `pages.tif` | a stack of three images without labels |
| `stimupy.json` | a dictionary as stimupy exports it |
| `ratios/` | a Kanizsa square at four support ratios, with `conditions.csv` for PsychoPy |
| `mindset/` | images of 224 × 224 pixels with `annotation.csv`, as in MindSet |
"""

OBSERVERS = """
## Plans for observers

`observers/` holds a plan for each paradigm: [how they are answered](../docs/observers.md).

| | |
|---|---|
| `same_or_different.json` | do two dots lie on one object? balanced by distance and ground truth |
| `across_an_edge.json` | the same, along a line across an edge |
| `around_an_anchor.json` | the same, with one dot at an anchor and the other on a grid: a map |
| `which_of_two.json` | which of two images holds the figure? |
| `rating.json` | how clear is the figure, from 1 to 7? |

`observers/ten_minutes/` holds a plan, the answers of three simulated observers with a figure, a
session in the window and a network's answers: [compare yourself](../docs/compare-yourself.md).
`docs/make_observer_pictures.py` makes them.
"""


def main() -> None:
    """Make everything anew."""
    for folder in ("thumbnails", "formats", *map(folder_of, stimuli.groups())):
        shutil.rmtree(HERE / folder, ignore_errors=True)
    sections = [TITLE, *(section(group, names) for group, names in stimuli.groups().items())]
    make_formats(HERE / "formats")
    make_scenes(HERE / "scenes")
    make_plans(HERE / "observers")
    (HERE / "README.md").write_text(
        "\n".join([*sections, FORMATS.lstrip(), OBSERVERS.lstrip()]), "utf8"
    )


def make_plans(folder: Path) -> None:
    """Write a plan for each paradigm."""
    folder.mkdir(exist_ok=True)
    ratios = {"support_ratio": (0.2, 0.35, 0.5, 0.65, 0.8)}
    square = Source("kanizsa_figure", {"jitter": 1.0}, ratios)
    bar = Source("occluded_bar", {"jitter": 1.0})
    balanced = Pairs("balanced", 12, (0.08, 0.2, 0.35, 0.5))
    plans = {
        "same_or_different": Plan("same_or_different", (bar,), repeats=20, pairs=balanced),
        "across_an_edge": Plan(
            "same_or_different", (bar,), repeats=20, pairs=Pairs("edge", 8, span=0.25)
        ),
        "around_an_anchor": Plan(
            "same_or_different",
            (Source("kanizsa_figure", {"support_ratio": 0.6}),),
            repeats=3,
            pairs=Pairs("around", 64),
        ),
        "which_of_two": Plan("which_of_two", (square,), repeats=20),
        "rating": Plan("rating", (square,), repeats=10),
    }
    for name, plan in plans.items():
        plan.write(folder / f"{name}.json")


def folder_of(group: str) -> str:
    """Name the folder of a group."""
    return group.lower().replace(" ", "_")


def section(group: str, names: list[str]) -> str:
    """Write a group's stimuli, and give its table."""
    alone = names[0] not in good_gestalt.NAMES and stimuli.control(names[0])
    third = "control" if alone else "another"
    rows = [f"## {group}\n", f"| | figure, {third}, labels | |", "|---|---|---|"]
    for name in names:
        each, file = samples(name)
        path = HERE / folder_of(group) / file
        stimuli.write(each, path)
        picture = HERE / "thumbnails" / f"{name}.png"
        picture.parent.mkdir(exist_ok=True)
        thumbnail(each).save(picture, optimize=True)
        link = f"[{stimuli.title(name)}]({path.relative_to(HERE)})"
        seen = stimuli.description(name)
        seen = seen[0].upper() + seen[1:]
        rows.append(f"| {link} | ![](thumbnails/{picture.name}) | {seen} |")
    return "\n".join([*rows, ""])


def samples(name: str) -> tuple[list[Stimulus], str]:
    """Draw what is shown of a stimulus, and say in which file."""
    if name in good_gestalt.NAMES:
        return good_gestalt.draw(name, "test", 4), f"{name}.npz"
    return [stimuli.draw(name), other_than(name)], f"{name}.tif"


def other_than(name: str) -> Stimulus:
    """Draw the control, or where there is none another one."""
    control = stimuli.control(name)
    return stimuli.draw(name, **control) if control else stimuli.draw(name, seed=1)


def thumbnail(each: list[Stimulus]) -> Image.Image:
    """Put the first two stimuli and the first one's labels side by side."""
    figure, other, *_ = each
    shades = figure.labels / max(figure.labels.max(), 1)
    labels = np.repeat(shades[..., None], 3, axis=2)
    gap = np.ones((figure.shape[0], 4, 3))
    row = np.concatenate([figure.image, gap, other.image, gap, labels], axis=1)
    return Image.fromarray(eight_bits(np.kron(row, np.ones((2, 2, 1)))))


def make_formats(folder: Path) -> None:
    """Write pictures as other programs do."""
    folder.mkdir()
    stimulus = stimuli.draw("kanizsa", index=1)
    image, grey = eight_bits(stimulus.image), stimulus.image.mean(axis=2)
    labels = Image.fromarray(stimulus.labels.astype(np.uint8))
    labels.putpalette([0, 0, 0, 230, 159, 0, 86, 180, 233])
    labels.save(folder / "photo.labels.png")
    Image.fromarray(image).save(folder / "photo.png")
    Image.fromarray((grey * 65535).astype(np.uint16)).save(folder / "grey16.png")
    Image.fromarray(np.dstack([image, eight_bits(stimulus.labels > 0)])).save(folder / "alpha.png")
    Image.fromarray(image).save(folder / "smooth.jpg", quality=90)
    pages = [Image.fromarray(eight_bits(grey**power)) for power in (0.5, 1, 2)]
    pages[0].save(folder / "pages.tif", save_all=True, append_images=pages[1:])
    dictionary = {"img": np.round(grey, 3).tolist(), "target_mask": stimulus.labels.tolist()}
    (folder / "stimupy.json").write_text(json.dumps(dictionary | {"ppd": [16, 16]}))
    ratios = stimuli.sweep("kanizsa_figure", support_ratio=[0.2, 0.4, 0.6, 0.8])
    stimuli.write(ratios, folder / "ratios")
    make_mindset(folder / "mindset")


def make_mindset(folder: Path) -> None:
    """Write a folder of pictures with a table of their parameters."""
    rows = []
    for inducers in ("facing", "turned"):
        (folder / inducers).mkdir(parents=True)
        for corners in (3, 4):
            drawn = stimuli.draw("kanizsa_figure", corners=corners, inducers=inducers, size=224)
            Image.fromarray(eight_bits(drawn.image)).save(folder / inducers / f"{corners}.png")
            rows.append([f"{inducers}/{corners}.png", inducers, corners])
    with (folder / "annotation.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["Path", "Inducers", "Corners"], *rows])


def eight_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Take values in [0, 1] as 0 to 255."""
    rounded: NDArray[np.uint8] = np.rint(np.asarray(values, float) * 255).astype(np.uint8)
    return rounded


if __name__ == "__main__":
    main()
