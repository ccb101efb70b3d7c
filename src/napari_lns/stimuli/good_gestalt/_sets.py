"""The six sets by name, and the scene or control of any index."""

from __future__ import annotations

from napari_lns.stimuli.good_gestalt._chance import Chance
from napari_lns.stimuli.good_gestalt._scene import Drawing, Scene, Split
from napari_lns.stimuli.good_gestalt.closure import Closure
from napari_lns.stimuli.good_gestalt.continuity import Continuity
from napari_lns.stimuli.good_gestalt.gradient_occlusion import GradientOcclusion
from napari_lns.stimuli.good_gestalt.illusory_occlusion import IllusoryOcclusion
from napari_lns.stimuli.good_gestalt.kanizsa import Kanizsa
from napari_lns.stimuli.good_gestalt.proximity import Proximity

__all__ = ["SETS", "control", "scene"]

SETS: dict[str, type[Scene]] = {
    "kanizsa": Kanizsa,
    "closure": Closure,
    "continuity": Continuity,
    "proximity": Proximity,
    "gradient_occlusion": GradientOcclusion,
    "illusory_occlusion": IllusoryOcclusion,
}


def scene(name: str, split: Split, seed: int, index: int) -> Scene:
    """Return the scene `index` of a seed, independent of other scenes."""
    return SETS[name].choose(Chance(name, split, seed, index), split)


def control(name: str, seed: int, index: int) -> Drawing:
    """Return the control of the test scene `index`, with random choices of its own."""
    chance = Chance(name, "control", seed, index)
    return scene(name, "test", seed, index).control(chance)
