"""Train the models that ship, each by the project's own command, several side by side.

Run it with ``python scripts/train_shipped.py --jobs 2``; a call that was stopped goes on. A network
that begins with another's weights waits until that one is whole.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from napari_lns.models.kinds import COMPACT

RUNS = Path("runs")


@dataclass(frozen=True)
class Recipe:
    """What `napari-lns train` is told of one model."""

    data: tuple[str, ...]
    steps: int
    kind: str = ""  # that at the end of the name if not given
    start: str = ""
    chroma: float = 30.0
    geco_speed: float = 10.0
    latent_size: int = 15
    dropout: float = 0.0
    beta: float = 0.0
    growth: float = 0.0
    batch: int = 16
    weight_decay: float = 0.3
    colour_head: bool = False  # also where it begins with another's weights

    def options(self, name: str) -> list[str]:
        """Return the options of `napari-lns train` for a network of this name."""
        kind = self.kind or name.rsplit("-", 1)[1]
        told = [word for name in self.data for word in ("--data", name)]
        told += ["--kind", kind, "--steps", str(self.steps)]
        told += ["--latent-size", str(self.latent_size), "--dropout", str(self.dropout)]
        told += ["--beta", str(self.beta), "--batch", str(self.batch)]
        told += ["--weight-decay", str(self.weight_decay)]
        if kind in COMPACT:
            told += ["--contrast-power", "0"]
        if self.growth:
            told += ["--growth", str(self.growth)]
        told += ["--chroma-weight", str(self.chroma), "--geco-speed", str(self.geco_speed)]
        if self.start:
            told += ["--start", str(weights(self.start))]
        if not self.colour_head and (self.start or kind in COMPACT):
            told += ["--colour-weight", "0"]
        return told


def _world(
    name: str, steps: int, latent_size: int, beta: float = 0.3, kind: str = "compact", **more: Any
) -> Recipe:
    """Return the recipe of a compact network for a world."""
    size = {"latent_size": latent_size, "beta": beta, "batch": 32, "chroma": 30.0}
    return Recipe((name,), steps, kind, **size, **more)


WORLDS = (  # dots and lines are small: a lower β keeps their lightness
    _world("kanizsa_figure", 4000, 16),
    _world("varin_figure", 14000, 16),
    _world("ehrenstein_figure", 13000, 20),
    _world("abutting_gratings", 9000, 16),
    _world("fragmented_outline", 3000, 20),
    _world("dot_lattice", 8000, 32, 0.1),
    _world("proximity_row", 5000, 20, 0.1),
    _world("similarity_rows", 3000, 32, 0.1, colour_head=True),
    _world("texture_regions", 4000, 96, 1.0, start="first-texture-regions"),
    _world("common_region", 3000, 24, 0.1),
    _world("connectedness", 3500, 24, 0.1),
    _world("symmetry_pairs", 3000, 24, 0.1),
    _world("contour_integration", 18000, 32, 0.02, "waves", growth=0.75),
    _world("occluded_bar", 8000, 20),
    _world("occluded_disc", 7000, 16),
    _world("transparent_overlap", 7000, 20, colour_head=True),
    _world("convexity", 14000, 24, start="first-convexity"),
    _world("relative_area", 13000, 16),
    _world("surroundedness", 11000, 16),
    _world("lower_region", 14000, 24),
    _world("rubin_vase", 8000, 16),
    _world("kanizsa_absent", 9000, 20, colour_head=True),
)
RECIPES = {recipe.data[0].replace("_", "-"): recipe for recipe in WORLDS}
RECIPES |= {  # those named "first", "second" and so on are begun with only, and do not ship
    "first-texture-regions": _world("texture_regions", 3000, 96, 0.02),
    "first-convexity": _world("convexity", 15000, 24),
    "kanizsa-ae": Recipe(("kanizsa",), 9000, chroma=1),
    "closure-ae": Recipe(("closure",), 9000, chroma=1),
    "continuity-ae": Recipe(("continuity",), 15000, chroma=1),
    "proximity-ae": Recipe(("proximity",), 9000, chroma=1),
    "first-gradient-occlusion-ae": Recipe(("gradient_occlusion",), 9000),
    "second-gradient-occlusion-ae": Recipe(
        ("gradient_occlusion",), 15000, start="first-gradient-occlusion-ae"
    ),
    "gradient-occlusion-vae": Recipe(
        ("gradient_occlusion",), 12000, start="second-gradient-occlusion-ae"
    ),
    "third-gradient-occlusion-ae": Recipe(
        ("gradient_occlusion",), 12000, start="gradient-occlusion-vae"
    ),
    "gradient-occlusion-ae": Recipe(
        ("gradient_occlusion",), 12000, start="third-gradient-occlusion-ae", colour_head=True
    ),
    "first-illusory-occlusion-ae": Recipe(("illusory_occlusion",), 9000, chroma=1),
    "illusory-occlusion-ae": Recipe(
        ("illusory_occlusion",), 9000, start="first-illusory-occlusion-ae"
    ),
    "illusory-occlusion-vae": Recipe(
        ("illusory_occlusion",), 9000, start="first-illusory-occlusion-ae"
    ),
    "dead-leaves": Recipe(
        ("dead_leaves",), 27000, "surfaces", latent_size=126, beta=0.01, weight_decay=0.05
    ),
    "first-kanizsa-ae": Recipe(("kanizsa",), 8000),
    "first-kanizsa-vae": Recipe(("kanizsa",), 12000, start="first-kanizsa-ae"),
    "second-kanizsa-vae": Recipe(("kanizsa",), 14000, start="first-kanizsa-vae"),
    "kanizsa-vae": Recipe(("kanizsa",), 14000, start="second-kanizsa-vae"),
    "closure-vae": Recipe(("closure",), 10000, start="closure-ae"),
    "first-continuity-vae": Recipe(("continuity",), 16000, chroma=1, geco_speed=0.3),
    "second-continuity-vae": Recipe(
        ("continuity",), 20000, start="first-continuity-vae", chroma=1, geco_speed=0.3
    ),
    "continuity-vae": Recipe(
        ("continuity",), 14000, start="second-continuity-vae", chroma=1, geco_speed=0.3, dropout=0.3
    ),
    "first-proximity-vae": Recipe(("proximity",), 6000, start="proximity-ae"),
    "second-proximity-vae": Recipe(("proximity",), 9000, start="first-proximity-vae"),
    "proximity-vae": Recipe(("proximity",), 9000, start="second-proximity-vae"),
}


def weights(name: str) -> Path:
    """Give the place of a finished model."""
    return RUNS / f"{name}.safetensors"


def make(name: str, wanted: argparse.Namespace, before: Future[None] | None) -> None:
    """Train one model to its end, or to the end of the time, and finish it."""
    if before is not None:
        before.result()
    if weights(name).exists():
        return
    recipe = RECIPES[name]
    if recipe.start and not weights(recipe.start).exists():
        print(f"{name} waits: {recipe.start}, which it begins with, is not whole yet")
        return
    run = RUNS / name
    limits = ["--device", wanted.device, "--minutes", str(wanted.minutes), "--threads", "1"]
    call(["train", *recipe.options(name), "--out", str(run), *limits])
    if json.loads((run / "record.json").read_text())["step"] == recipe.steps:
        told = ["--name", name, "--out", str(weights(name)), "--calibrate", str(wanted.calibrate)]
        call(["models", "finish", str(run), *told])


def call(words: list[str]) -> None:
    """Run one command of the project, whose output goes to the terminal."""
    command = [str(Path(sys.executable).with_name("napari-lns")), *words]
    subprocess.run(command, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


def main() -> None:
    """Train what is asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(RECIPES)}; all if left out")
    parser.add_argument("--jobs", type=int, default=2, help="models trained side by side")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps")
    parser.add_argument("--minutes", type=float, default=0, help="stop each after so long")
    parser.add_argument("--calibrate", type=int, default=24, help="own test images to choose on")
    wanted = parser.parse_args()
    unknown = set(wanted.names) - set(RECIPES)
    if unknown:
        parser.error(f"no recipe for {', '.join(sorted(unknown))}")
    RUNS.mkdir(exist_ok=True)
    futures: dict[str, Future[None]] = {}
    with ThreadPoolExecutor(wanted.jobs) as pool:
        for name in RECIPES:  # those that others begin with come first
            if not wanted.names or name in wanted.names:
                futures[name] = pool.submit(make, name, wanted, futures.get(RECIPES[name].start))
    for future in futures.values():
        future.result()


if __name__ == "__main__":
    main()
