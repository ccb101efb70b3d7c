"""Fill the page of the worlds' results from the benchmark's folder.

``napari-lns benchmark worlds --count 40 --out worlds`` first; then
``python docs/make_worlds_page.py worlds`` writes the tables and pictures of docs/worlds-results.md.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from make_tables import fill, row_of_dashes

from napari_lns import stimuli
from napari_lns.experiments import Score
from napari_lns.experiments.scoring import ELEMENTS
from napari_lns.stimuli import good_gestalt

DOCS = Path(__file__).parent
PAGE = DOCS / "worlds-results.md"
PICTURES = DOCS / "pictures" / "worlds"
CHANCE, GOOD_ARI, GOOD_SHARE = 0.5, 0.8, 0.9

Rows = Sequence[Mapping[str, Any]]


def main(folder: str) -> None:
    """Write tables and pictures from a folder that the benchmark has written."""
    rows = json.loads((Path(folder) / "worlds.json").read_text("utf8"))
    fill(PAGE, "summary", summary(rows))
    fill(PAGE, "scores", scores(rows))
    fill(PAGE, "controls", controls(rows))
    fill(PAGE, "pictures", pictures(rows, Path(folder)))


def summary(rows: Rows) -> str:
    """Count on how many stimuli the networks come so far."""
    laws = [row for row in rows if row["stimulus"] not in good_gestalt.NAMES]
    best = [(row, _score(row, goal(row)).mean) for row in laws]
    good = [row for row, fit in best if fit >= GOOD_ARI]
    trivial = [row for row in good if averaging_suffices(row)]
    seen = [row for row in laws if "advantage" in row["values"]]
    draws = sorted({len(row["seeds"]) for row in rows})
    clear = sum(_score(row, "advantage").mean >= GOOD_SHARE for row in seen)
    return "\n".join(
        [
            f"Draws of each stimulus: {', '.join(map(str, draws))}. Of the {len(laws)} stimuli "
            "that are not Good Gestalt sets:",
            "",
            f"- ARI (foreground ARI where dots, lines or elements group) of at least {GOOD_ARI}: "
            f"{len(good)} (among them, averaging suffices without a network for: "
            f"{names(trivial)}); below {CHANCE}: "
            f"{names(row for row, fit in best if fit < CHANCE)};",
            f"- measure greater than in the control in at least {GOOD_SHARE:.0%} of the pairs: "
            f"{clear} of {len(seen)}; not above a half by two standard errors: "
            f"{names(row for row in seen if not above_chance(row))}.",
        ]
    )


def scores(rows: Rows) -> str:
    """Scores beside those of colour, and of colour and position."""
    columns = {
        "ARI": "ari",
        "colour": "colour_ari",
        "colour and position": "colour_and_position_ari",
        "foreground ARI": "foreground_ari",
        "foreground, colour": "colour_foreground_ari",
        "foreground, colour and position": "colour_and_position_foreground_ari",
        "foreground, elements apart": "apart_foreground_ari",
        "best IoU": "iou",
    }
    return table(rows, columns)


def controls(rows: Rows) -> str:
    """The same measures in stimulus and control."""
    columns = {
        "share above control": "advantage",
        "measure": "measure",
        "measure, control": "control_measure",
        "strength": "strength",
        "strength, control": "control_strength",
        "error × 1000": "error",
        "error × 1000, control": "control_error",
    }
    return table([row for row in rows if "advantage" in row["values"]], columns)


def table(rows: Rows, columns: Mapping[str, str]) -> str:
    """Make a table with a line for each stimulus."""
    header = ["stimulus", "network", *columns]
    lines = [f"| {' | '.join(header)} |", row_of_dashes(len(header))]
    for row in rows:
        cells = [row["stimulus"].replace("_", " "), f"`{row['model']['name']}`"]
        cells += [cell(row, name) for name in columns.values()]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def pictures(rows: Rows, folder: Path) -> str:
    """Copy the pictures, and show each under its stimulus's name."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    blocks = []
    for row in rows:
        name = row["stimulus"]
        shutil.copyfile(folder / f"{name}.png", PICTURES / f"{name}.png")
        title = stimuli.title(name)
        blocks.append(f"### {title}\n\n![{title}](pictures/worlds/{name}.png)")
    return "\n\n".join(blocks)


def cell(row: Mapping[str, Any], name: str) -> str:
    """Write a mean ± its standard error; nothing where a measure does not apply."""
    if name not in row["values"]:
        return ""
    score, times = _score(row, name), 1000 if name.endswith("error") else 1
    return f"{times * score.mean:.2f} ± {times * score.standard_error:.2f}"


def goal(row: Mapping[str, Any]) -> str:
    """Return the score that counts: among small elements the background is most of the image."""
    return "foreground_ari" if row["stimulus"] in ELEMENTS else "ari"


def averaging_suffices(row: Mapping[str, Any]) -> bool:
    """Return whether elements group as well without a network, by averaging alone."""
    name = "apart_foreground_ari"
    return name in row["values"] and _score(row, name).mean >= GOOD_ARI


def above_chance(row: Mapping[str, Any]) -> bool:
    """Return whether the share of pairs lies above a half by two standard errors."""
    share = _score(row, "advantage")
    return share.mean - 2 * share.standard_error > CHANCE


def names(rows: Any) -> str:
    """List the stimuli's names."""
    return ", ".join(row["stimulus"].replace("_", " ") for row in rows) or "none"


def _score(row: Mapping[str, Any], name: str) -> Score:
    return Score.from_values(np.array(row["values"][name], np.float64))


if __name__ == "__main__":
    main(*sys.argv[1:])
