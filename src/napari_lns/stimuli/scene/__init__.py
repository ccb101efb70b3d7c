"""Scenes: your own stimuli as lists of surfaces, with controls and training images.

`Scene` reads and writes a JSON format, draws the stimulus and its control with ground truth, and
streams the training images of its world.
"""

from __future__ import annotations

from napari_lns.stimuli.scene.scene import Scene
from napari_lns.stimuli.scene.shapes import Ellipse, Line, Polygon, Rectangle
from napari_lns.stimuli.scene.surface import Surface, Vary, VaryAll

__all__ = ["Ellipse", "Line", "Polygon", "Rectangle", "Scene", "Surface", "Vary", "VaryAll"]
