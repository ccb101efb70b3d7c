"""The demo: an illusory square in a napari window (`python -m napari_lns.viewer.demo`)."""

from __future__ import annotations

import argparse
from pathlib import Path

import napari

from napari_lns import stimuli

__all__ = ["main", "open_demo"]


def open_demo() -> napari.Viewer:
    """Open a viewer on an illusory square and the groups that are truly in it.

    Returns
    -------
    napari.Viewer
        The viewer, shown; `napari.run()` keeps it open in a script.

    Examples
    --------
    >>> viewer = open_demo()
    >>> [layer.name for layer in viewer.layers]
    ['kanizsa', 'kanizsa truth']
    >>> viewer.close()
    """
    stimulus = stimuli.draw("kanizsa", split="test")
    viewer = napari.Viewer(title="napari-lns")
    viewer.add_image(stimulus.image, name=stimulus.name, interpolation2d="nearest")
    viewer.add_labels(stimulus.labels, name=f"{stimulus.name} truth", opacity=0.4)
    return viewer


def main() -> None:
    """Open the demo and stay, or take a screenshot of it and leave."""
    parser = argparse.ArgumentParser(description="Open the demo of napari-lns.")
    parser.add_argument("--screenshot", type=Path, help="write a picture here instead of staying")
    screenshot = parser.parse_args().screenshot
    viewer = open_demo()
    if screenshot is None:
        napari.run()
    else:
        viewer.screenshot(screenshot, canvas_only=False)
        viewer.close()


if __name__ == "__main__":
    main()
