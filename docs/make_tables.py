"""Fill the tables that depend on the shipped models into the pages.

Run from anywhere, with the name of a table: ``python docs/make_tables.py dwc 12`` scores 12 images
of each Good Gestalt set and writes the table of docs/contributing-dwc.md; ``iic-sets 100`` that
of docs/iic.md. What takes long is computed by a command first, whose JSON is given:
``iic-digits digits.json``, ``iic-labels labels.json``, and ``methods scores/benchmark.json`` for
docs/experiments.md.
``criteria 20`` asks on as many images of each set how often the number of segments is right.
``fit fit/fit.md`` shows in docs/limits.md how well the fit predicts right segmentations.
``models list``, ``axes list``, ``borders list`` and ``given given/benchmark.json`` write those of
docs/contributing-training.md: what the cards say, and the scores on the authors' test set.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from napari_lns import models
from napari_lns.experiments import Score, iic
from napari_lns.experiments.calibration import BORDERS, MIN_WIDTHS, POWERS
from napari_lns.experiments.cuts import compare_cuts
from napari_lns.experiments.paper import PAPER
from napari_lns.experiments.scoring import card_method, score_criterion, scores
from napari_lns.segmentation.clustering.number import CRITERIA
from napari_lns.stimuli import good_gestalt

DOCS = Path(__file__).parent
OWN_SEED = 1
RULES = ("stability", "gap", "otsu", "eigengap")
STEPS = (1, 2, 4)


def main(name: str, given: str) -> None:
    """Make a table and write it into its page."""
    page, make = TABLES[name]
    fill(DOCS / page, name, make(given))


def fill(page: Path, name: str, table: str) -> None:
    """Replace what stands between a table's marks in a page."""
    text = page.read_text("utf8")
    begin, end = f"<!-- table {name} -->", "<!-- end of table -->"
    marked = re.compile(rf"{re.escape(begin)}.*?{re.escape(end)}", re.S)
    if not marked.search(text):
        raise ValueError(f"{page} has no marks {begin} … {end}")
    page.write_text(marked.sub(lambda _: f"{begin}\n\n{table.strip()}\n\n{end}", text), "utf8")


def dwc(count: str) -> str:
    """DWC beside Ward on the same features: each set, step of the walk, and rule."""
    lines = [f"{count} images of each set:", ""]
    lines += [f"| set | k | Ward, K given | K given | {' | '.join(RULES)} |", row_of_dashes(8)]
    for name in good_gestalt.NAMES:
        shipped = f"{name.replace('_', '-')}-ae"
        if shipped in models.names():
            model = f"{shipped}:as-trained"  # as DWC takes them
            drawn = good_gestalt.draw(name, count=int(count), seed=OWN_SEED)
            ward, *cuts = compare_cuts(name, drawn, model, steps=STEPS, rules=RULES, method="exact")
            across = len(RULES) + 1
            for place, steps in enumerate(STEPS):
                fits = (str(each.score) for each in cuts[place * across : (place + 1) * across])
                cells = (name.replace("_", " "), str(steps), str(ward.score), *fits)
                lines.append(f"| {' | '.join(cells)} |")
                print(lines[-1], flush=True)
    return "\n".join(lines)


def criteria(count: str) -> str:
    """How often each criterion finds the true number, and what its groups score then."""
    lines = [f"| set | K given | {' | '.join(CRITERIA)} |", row_of_dashes(2 + len(CRITERIA))]
    for name in good_gestalt.NAMES:
        model = models.load(f"{name.replace('_', '-')}-ae")
        drawn = good_gestalt.draw(name, count=int(count), seed=OWN_SEED)
        told = Score.from_values(scores(drawn, model, **card_method(model)))
        cells = [name.replace("_", " "), str(told)]
        for criterion in CRITERIA:
            right, score = score_criterion(criterion, drawn, model)
            cells.append(f"{right:.0%}: {score}")
        lines.append(f"| {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    return "\n".join([f"{count} images of each set:", "", *lines])


def iic_sets(count: str) -> str:
    """IIC's shipped networks on both splits of the six sets, beside LNS."""
    table = iic.as_markdown(list(iic.score_sets(int(count)))).replace("_", " ")
    return f"{count} images of each set and split:\n\n{table}"


def lines_of(file: str) -> str:
    """What `napari-lns iic … --json` printed."""
    told = json.loads(Path(file).read_text("utf8"))
    return iic.as_markdown(
        [iic.Line(each["data"], each["method"], Score(**each["score"])) for each in told]
    )


def methods(file: str) -> str:
    """What `napari-lns benchmark` wrote: a row for each method and K, a column for each set."""
    rows = json.loads(Path(file).read_text("utf8"))
    sets = list(dict.fromkeys(row["set"] for row in rows))
    head = " | ".join(["method", "K", *(name.replace("_", " ") for name in sets), "s per image"])
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        told = ", ".join(f"{key} {value}" for key, value in row["parameters"].items())
        kind = row["model"].rpartition("-")[2]
        method = row["segmenter"] + (f" ({told})" if told else "") + (f", {kind}" if kind else "")
        lines.setdefault((method, row["clusters"]), {})[row["set"]] = row
    cells = ([*key, *scored(each, sets)] for key, each in lines.items())
    return "\n".join(
        [f"| {head} |", row_of_dashes(len(sets) + 3), *(f"| {' | '.join(row)} |" for row in cells)]
    )


def shipped(_: str) -> str:
    """Return the shipped models' table, from their cards."""
    names = ("model", "steps", "error", "rescaling", "method", "σ / latent SD", "ARI", "images")
    lines = [f"| {' | '.join(names)} |", row_of_dashes(len(names))]
    for name in models.names():
        card = models.load(name).card
        assert card is not None
        own = card.scores.get("own draws")
        cells = (
            name,
            f"{card.training['step']:,}",
            f"{card.training['error']:.5f}",
            f"{card.axes_power:g}",
            card.method if own else "",
            "" if card.method == "exact" or not own else str(card.relative_noise),
            str(Score(**own)) if own else "",
            str(own["count"]) if own else "",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def axes(_: str) -> str:
    """What stretching the latents' axes does to each shipped model, by the exact method."""
    cards = {name: card for name in models.names() if (card := models.load(name).card) is not None}
    lines = [f"| model | {' | '.join(f'{power:g}' for power in POWERS)} |"]
    lines.append(row_of_dashes(len(POWERS) + 1))
    for name, card in cards.items():
        used = [row for row in card.scores["axes"] if _width(row) == card.border_width]
        lines.append(f"| {name} | {' | '.join(map(_score, used))} |")
    return "\n".join(lines)


def borders(_: str) -> str:
    """What reassigning pixels at borders does to each network, at its best power."""
    lines = [f"| model | {' | '.join(f'{width} px' for width in BORDERS)} |"]
    lines.append(row_of_dashes(len(BORDERS) + 1))
    for name in models.names():
        card = models.load(name).card
        if card is None or len({_width(row) for row in card.scores["axes"]}) == 1:
            continue
        by_width = ([row for row in card.scores["axes"] if _width(row) == each] for each in BORDERS)
        best = (max(rows, key=lambda row: float(row["mean"])) for rows in by_width)
        cells = (f"{_score(row)} ({row['power']:g})" for row in best)
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def min_widths(_: str) -> str:
    """What dissolving slivers does to the networks that it does anything to."""
    lines = [f"| model | {' | '.join(f'{width} px' for width in MIN_WIDTHS)} |"]
    lines.append(row_of_dashes(len(MIN_WIDTHS) + 1))
    for name in models.names():
        card = models.load(name).card
        rows = card.scores.get("min_widths", []) if card is not None else []
        if len({row["mean"] for row in rows}) > 1:
            lines.append(f"| {name} | {' | '.join(map(_score, rows))} |")
    return "\n".join(lines)


def _width(row: Mapping[str, Any]) -> int:
    return int(row.get("border_width", 0))


def _score(row: Mapping[str, Any]) -> str:
    return str(Score(row["mean"], row["standard_error"], row["count"]))


def given(file: str) -> str:
    """What `napari-lns benchmark` found on the paper's images, beside own draws and the paper."""
    rows = [row for row in json.loads(Path(file).read_text("utf8")) if row["clusters"] == "given"]
    best: dict[str, tuple[float, list[str]]] = {}
    for row in rows:
        card = models.load(row["model"]).card
        assert card is not None
        own = Score(**card.scores["own draws"])
        cells = [row["set"].replace("_", " "), row["model"], str(own), str(Score(**row["score"]))]
        if own.mean > best.get(row["set"], (-1.0, []))[0]:
            best[row["set"]] = own.mean, [*cells, f"{PAPER[row['set']]:.3g}"]
    names = (
        "set",
        "best model on held-out images",
        "held-out images",
        "authors' test set",
        "the paper",
    )
    lines = [f"| {' | '.join(cells)} |" for _, cells in best.values()]
    return "\n".join([f"| {' | '.join(names)} |", row_of_dashes(len(names)), *lines])


def scored(rows: dict[str, Any], sets: Iterable[str]) -> list[str]:
    scores = [str(Score(**rows[name]["score"])) if name in rows else "" for name in sets]
    seconds = sum(row["seconds"] for row in rows.values()) / len(rows)
    return [*scores, f"{seconds:.2f}"]


def row_of_dashes(columns: int) -> str:
    return "|" + "---|" * columns


def as_it_is(file: str) -> str:
    """A table that a command has written in Markdown."""
    return Path(file).read_text("utf8")


TABLES = {
    "criteria": ("segmentation.md", criteria),
    "dwc": ("contributing-dwc.md", dwc),
    "iic-sets": ("iic.md", iic_sets),
    "iic-digits": ("iic.md", lines_of),
    "iic-labels": ("iic.md", lines_of),
    "fit": ("limits.md", as_it_is),
    "methods": ("experiments.md", methods),
    "models": ("contributing-training.md", shipped),
    "axes": ("contributing-training.md", axes),
    "borders": ("contributing-training.md", borders),
    "widths": ("contributing-training.md", min_widths),
    "given": ("contributing-training.md", given),
}

if __name__ == "__main__":
    main(*sys.argv[1:])
