"""Draw the thumbnails of docs/gallery.md, and write the page.

``python docs/make_gallery.py`` draws the stimuli. With ``--examples``, on a display, it also runs
the example scripts and takes a screenshot of each:
``sh scripts/under_xvfb.sh .venv/bin/python docs/make_gallery.py --examples``.
"""

from __future__ import annotations

import ast
import os
import runpy
import sys
from tempfile import mkdtemp
from typing import Any

import numpy as np
from make_stimuli_pictures import COLOURS, DOCS, slug
from PIL import Image

from napari_lns import models, segment, stimuli
from napari_lns.segmentation.clustering.tree import number_largest_first
from napari_lns.stimuli import Stimulus

PAGE, PICTURES, EXAMPLES = DOCS / "gallery.md", DOCS / "pictures" / "gallery", DOCS / "examples"
SIDE, GAP = 112, 6
SEED = 4
FIRST = """\
# Gallery

Each stimulus with its segments, and its control with the control's. The network was trained on the
world of the stimulus; the method is the exact one, with the number of segments of the stimulus's
ground truth for stimulus and control. These are single images;
[Results by stimulus](worlds-results.md) has scores over forty of each.

Left to right: stimulus, its segments, control, its segments.
"""


def thumbnail(name: str) -> tuple[np.ndarray, str]:
    """Return stimulus and control, each with its segments, and the network's name."""
    good = "split" in stimuli.parameters(name)
    how: dict[str, Any] = {"seed": SEED, **({} if good else {"size": 64})}
    shown = [stimuli.draw(name, **how)]
    if stimuli.control(name):
        shown.append(stimuli.draw(name, **how, **stimuli.control(name)))
    network = network_of(name)
    clusters = len(np.unique(shown[0].labels))
    panels = []
    for one in shown:
        panels.append(one.image)
        if network:
            panels.append(segments(one, network, clusters))
    return side_by_side(panels), network


def network_of(name: str) -> str:
    """Return the stimulus's own network, or nothing."""
    try:
        return models.for_stimulus(name)
    except ValueError:
        return ""


def segments(stimulus: Stimulus, network: str, clusters: int) -> np.ndarray:
    """Return the segments in colours, the largest first."""
    result = segment(stimulus, network, method="exact", clusters=clusters)
    palette = np.frombuffer(bytes.fromhex(COLOURS), np.uint8).reshape(-1, 3) / 255
    return palette[(number_largest_first(result.labels) - 1) % len(palette)]


def side_by_side(panels: list[np.ndarray]) -> np.ndarray:
    """Return images as one, enlarged to the same side, with white between them."""
    scaled = []
    for panel in panels:
        places = (np.arange(SIDE) * len(panel) / SIDE).astype(int)
        scaled.append(
            np.pad(panel[places][:, places], ((0, 0), (0, GAP), (0, 0)), constant_values=1)
        )
    return np.hstack(scaled)[:, :-GAP]


def page(networks: dict[str, str]) -> str:
    """The page, from the network of each stimulus."""
    parts = [FIRST]
    for law, names in stimuli.groups().items():
        parts.append(f"## {law}")
        for name in names:
            title = stimuli.title(name)
            target = f"stimuli/{slug(law)}.md#{slug(title).replace(chr(39), '')}"
            told = f"`{networks[name]}`" if networks[name] else "no network of its own yet"
            parts.append(
                f"[![{title}, its control, and the segments of both](pictures/gallery/{name}.png)]"
                f"({target})\n\n[{title}]({target}): {stimuli.description(name)} *{told}*"
            )
    parts.append(
        "## Sessions\n\nEach script opens the viewer with one question prepared: download it and "
        "run it with Python."
    )
    for script in sorted(EXAMPLES.glob("*.py")):
        said = (ast.get_docstring(ast.parse(script.read_text("utf8"))) or "").splitlines()[0]
        parts.append(
            f"[![{script.stem}](pictures/gallery/example_{script.stem}.png)]"
            f"(examples/{script.name})\n\n[{script.name}](examples/{script.name}): {said}"
        )
    return "\n\n".join(each.strip() for each in parts) + "\n"


def draw_stimuli() -> dict[str, str]:
    """Draw the thumbnail of each stimulus, and return the networks."""
    networks = {}
    for name in stimuli.names():
        pixels, networks[name] = thumbnail(name)
        shown = np.round(np.clip(pixels, 0, 1) * 255).astype(np.uint8)
        Image.fromarray(shown).save(PICTURES / f"{name}.png", optimize=True)
    return networks


def draw_examples() -> None:
    """Run each example, and take a picture of its window."""
    os.environ["NAPARI_CONFIG"] = f"{mkdtemp()}/napari.yaml"  # nobody's own settings
    import napari
    from make_pictures import breathe

    for script in sorted(EXAMPLES.glob("*.py")):
        viewer = runpy.run_path(str(script))["viewer"]
        viewer.window.resize(1280, 800)
        breathe(6)
        viewer.reset_view(margin=0.05)
        breathe(2)
        shot = Image.fromarray(viewer.screenshot(canvas_only=False)).convert("RGB")
        shot.thumbnail((640, 400))
        shot.save(PICTURES / f"example_{script.stem}.png", optimize=True)
        viewer.close()
    napari.Viewer.close_all()


def main(*options: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(draw_stimuli()), "utf8")
    if "--examples" in options:
        draw_examples()


if __name__ == "__main__":
    main(*sys.argv[1:])
