"""Fill the page of the psychophysical curves from a folder of curves.

``napari-lns psychophysics --out curves`` first; then
``python docs/make_psychophysics_page.py curves`` writes the tables and figures of
docs/psychophysics.md.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from make_tables import fill, row_of_dashes

from napari_lns.experiments.psychophysics import names, reference

DOCS = Path(__file__).parent
PAGE = DOCS / "psychophysics.md"
PICTURES = DOCS / "pictures" / "psychophysics"
WORDS = {
    "agrees": "changes as for people",
    "disagrees": "changes the other way",
    "open": "no change beyond chance",
}

Records = Sequence[Mapping[str, Any]]


def main(folder: str) -> None:
    """Write table and figures from a folder that the command has written."""
    files = [path for name in names() if (path := Path(folder) / f"{name}.json").exists()]
    records = [json.loads(path.read_text("utf8")) for path in files]
    fill(PAGE, "summary", summary(records))
    fill(PAGE, "figures", figures(records, Path(folder)))


def summary(records: Records) -> str:
    """Say law by law whether the model does what people do."""
    header = ["law", "network", "people", "model", "exceeds its control", "fits the network"]
    lines = [f"| {' | '.join(header)} |", row_of_dashes(len(header))]
    for record in records:
        rows = record["rows"]
        above = sum(row["advantage"]["low"] > 0.5 for row in rows)
        fits = sum(row["fit"] == "fits" for row in rows)
        cells = [
            record["law"].replace("_", " "),
            f"`{record['model']['name']}`",
            reference(record["law"]).finding,
            WORDS[record["direction"]],
            f"at {above} of {len(rows)} values",
            f"at {fits} of {len(rows)} values",
        ]
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    counts = sorted({record["count"] for record in records})
    told = f"Stimuli at each value, each with its control: {', '.join(map(str, counts))}."
    return "\n".join([told, "", *lines])


def figures(records: Records, folder: Path) -> str:
    """Copy the figures and return the lines that show them."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    lines: list[str] = []
    for record in records:
        law = record["law"]
        shutil.copyfile(folder / f"{law}.png", PICTURES / f"{law}.png")
        title = law.replace("_", " ")
        known = reference(law)
        source = f"{known.finding} ({known.source}). {known.limits}"
        lines += [f"### {title.capitalize()}", "", source, ""]
        lines += [f"![The curve of {title}](pictures/psychophysics/{law}.png)", ""]
    return "\n".join(lines).rstrip()


if __name__ == "__main__":
    main(*sys.argv[1:])
