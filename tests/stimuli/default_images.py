"""Fingerprints of what every stimulus draws: record them again where an image should change.

``python tests/stimuli/default_images.py`` writes the file that the tests compare with.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from napari_lns import stimuli
from napari_lns.stimuli import Stimulus

FILE = Path(__file__).with_suffix(".json")


def variants(name: str) -> dict[str, dict[str, Any]]:
    """Return the parameters of every image of a stimulus that is recorded."""
    found: dict[str, dict[str, Any]] = {"default": {}, "seed 3": {"seed": 3}}
    if stimuli.control(name):
        found["control"] = {"seed": 3, **stimuli.control(name)}
    if "split" in stimuli.parameters(name):
        found["train"] = {"seed": 3, "split": "train"}
        found["large"] = {"seed": 3, "index": 5, "size": 256}
    return found


def fingerprint(stimulus: Stimulus) -> str:
    """Hash image and labels; levels are offset so that no common one lies on a rounding edge."""
    levels = np.floor(stimulus.image.astype(float) * 200 + 0.25).astype(np.uint8)
    pixels = levels.tobytes() + stimulus.labels.astype("<i4").tobytes()
    return hashlib.sha256(pixels).hexdigest()[:16]


def main() -> None:
    """Record what is drawn now."""
    recorded = {
        name: {kind: fingerprint(stimuli.draw(name, **how)) for kind, how in variants(name).items()}
        for name in stimuli.names()
    }
    FILE.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
