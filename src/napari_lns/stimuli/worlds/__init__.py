"""Worlds: endless training scenes of which a stimulus is one ambiguous view.

In a scene, surfaces of their own lightness and place lie in depth order. The object that the
stimulus only hints at is there in its own lightness, or hardly differs from what it covers, or is
absent; and now and then something else causes the same image elements. The stimulus itself is
practically never drawn: nothing is trained on what is tested.
"""

from __future__ import annotations

from napari_lns.stimuli.worlds._dice import Dice
from napari_lns.stimuli.worlds._registry import (
    domain,
    names,
    register,
    scenes,
    stimulus_of,
    world,
)
from napari_lns.stimuli.worlds._scene import Pose, Scene

__all__ = [
    "Dice",
    "Pose",
    "Scene",
    "domain",
    "names",
    "register",
    "scenes",
    "stimulus_of",
    "world",
]
