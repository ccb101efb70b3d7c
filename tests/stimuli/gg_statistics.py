"""Summary statistics of images of a Good Gestalt set: numbers that tell its distribution.

``python tests/stimuli/gg_statistics.py FOLDER`` writes those of the given images, never the images
themselves, to `good_gestalt_statistics.json` beside this file.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_lns.stimuli import Stimulus
from napari_lns.stimuli.good_gestalt import NAMES

GIVEN_STATISTICS = Path(__file__).with_name("good_gestalt_statistics.json")
SHARES = (0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 1.0)


class Images(NamedTuple):
    """A set as the given files hold it; without detailed masks the masks stand for them."""

    images: NDArray[np.float32]
    masks: NDArray[np.uint8]
    details: NDArray[np.uint8]


def given(path: Path) -> Images:
    """Read one of the given files."""
    with np.load(path, allow_pickle=False) as file:
        masks = file["masks"]
        return Images(file["images"], masks, file.get("detailed_masks", masks))


def drawn(stimuli: list[Stimulus]) -> Images:
    """Lay drawn stimuli out as the given files are."""
    masks = np.array([each.labels for each in stimuli], np.uint8)
    details = masks.copy()
    if stimuli[0].parts:
        details[:] = 0
        for number, each in enumerate(stimuli):
            for value, part in enumerate(each.parts.values(), start=1):
                details[number][part] = value
    return Images(np.array([each.image.transpose(2, 0, 1) for each in stimuli]), masks, details)


def values(images: Images) -> dict[str, list[float]]:
    """Collect every statistic's values, one for each image that has it."""
    found: dict[str, list[float]] = defaultdict(list)
    for image, mask, detail in zip(*images, strict=True):
        for key, value in _of_one(image * 255, mask, detail).items():
            found[key].append(float(value))
    return dict(found)


def summed_up(images: Images) -> dict[str, dict[str, int | list[float]]]:
    """Sum up every statistic by the number of its values and by their quantiles at `SHARES`."""
    summary = {}
    for key, sample in sorted(values(images).items()):
        at = np.quantile(sample, SHARES, method="inverted_cdf")
        summary[key] = {"count": len(sample), "quantiles": np.round(at, 3).tolist()}
    return summary


def _of_one(
    levels: NDArray[np.float32], mask: NDArray[np.uint8], detail: NDArray[np.uint8]
) -> dict[str, float]:
    one: dict[str, float] = {"labels": len(np.unique(mask))}
    plain = np.zeros_like(levels)
    background = np.median(levels[:, detail == 0], axis=1)
    for value in np.unique(detail).tolist():
        region = detail == value
        colour = np.median(levels[:, region], axis=1)
        plain[:, region] = colour[:, None]
        rows, columns = np.nonzero(region)
        one |= {f"{value} channel {c}": level for c, level in enumerate(colour.tolist())}
        one |= {
            f"{value} area": region.sum(),
            f"{value} top": rows.min(),
            f"{value} left": columns.min(),
            f"{value} height": np.ptp(rows) + 1,
            f"{value} width": np.ptp(columns) + 1,
            f"{value} contrast": np.abs(colour - background).max(),
        }
    one |= {f"label {value} area": (mask == value).sum() for value in np.unique(mask).tolist()}
    unlike = np.abs(levels - plain).max(0) > 0.01  # distractors, breaks, a run of colour
    one |= {"unlike area": unlike.sum(), "unlike pieces": ndimage.label(unlike)[1]}
    one["colours"] = len(np.unique(np.tensordot((1.0, 1e3, 1e6), levels, 1)))
    return one


def main(folder: str) -> None:
    """Sum up the given images."""
    sets = []
    for name in NAMES:
        summary = summed_up(given(Path(folder) / f"{name}.npz"))
        lines = [f"  {json.dumps(key)}: {json.dumps(numbers)}" for key, numbers in summary.items()]
        sets.append(f" {json.dumps(name)}: {{\n" + ",\n".join(lines) + "\n }")
    GIVEN_STATISTICS.write_text("{\n" + ",\n".join(sets) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
