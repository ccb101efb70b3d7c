"""Worlds: endless training scenes in which nothing is ambiguous, one world for each stimulus.

A scene consists of surfaces in depth order, with lightnesses and places of their own. The object
that the stimulus only suggests is present in its own lightness, hardly differs from what it covers,
or is absent. In a few scenes something else causes the same image elements. The stimulus itself is
practically never drawn, so that no network is tested on its training images.
"""

from __future__ import annotations

from napari_lns.stimuli.worlds._dice import Dice
from napari_lns.stimuli.worlds._registry import (
    domain,
    find_stimulus,
    names,
    register,
    scenes,
    world,
)
from napari_lns.stimuli.worlds._scene import Pose, Scene

__all__ = [
    "Dice",
    "Pose",
    "Scene",
    "domain",
    "find_stimulus",
    "names",
    "register",
    "scenes",
    "world",
]
