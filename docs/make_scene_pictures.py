"""Draw the image of the page on stimuli of one's own: scene, control and world of the samples.

Run it with ``python docs/make_scene_pictures.py``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from napari_lns.stimuli import Scene
from napari_lns.stimuli.contact_sheet import arrange, write_sheet

REPOSITORY = Path(__file__).parents[1]
WORLD = 7  # scenes of each world


def main() -> None:
    """Draw a row for each scene: the scene, its control, and scenes of its world."""
    rows = []
    for file in sorted((REPOSITORY / "sample_data" / "scenes").glob("*.json")):
        scene = Scene.load(file)
        drawn = [scene.draw(), scene.draw(control=True), *scene.scenes(WORLD, seed=4)]
        framed = [np.pad(each.image, ((0, 4), (0, 4), (0, 0)), constant_values=1) for each in drawn]
        rows.append(np.concatenate(framed, axis=1))
    sheet = arrange(np.concatenate(rows)[None])
    write_sheet(REPOSITORY / "docs" / "pictures" / "own_scenes.png", sheet, overwrite=True)


if __name__ == "__main__":
    main()
