"""Every kind of file that the package reads: a small one of each, and how it is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from napari_lns import Segmentation, models, segment, stimuli
from napari_lns.experiments import sweeps
from napari_lns.experiments.observers.answers import Answer, read_answers, write_answers
from napari_lns.experiments.observers.plan import Plan as Observation
from napari_lns.experiments.observers.plan import Source, read_plan
from napari_lns.experiments.observers.recording import open_table
from napari_lns.experiments.observers.trials import trials
from napari_lns.experiments.sweeps import store
from napari_lns.models import AutoEncoder, Card, Settings, iic
from napari_lns.models.iic.run import new_network
from napari_lns.models.imports import import_checkpoint
from napari_lns.models.training import folder as image_folder
from napari_lns.models.training.scenes import scene_settings
from napari_lns.models.training.speed import Plan, plan_for_option
from napari_lns.models.training.trainer import Trainer
from napari_lns.stimuli import Scene, Stimulus
from napari_lns.stimuli.scene import Rectangle, Surface
from napari_lns.viewer.layers.readers import find_reader
from napari_lns.viewer.script import make_script

__all__ = ["LOADERS", "Loadable"]

IMAGE = np.random.default_rng(0).random((8, 8, 3)).astype(np.float32)
LABELS = np.kron(np.array([[0, 1], [2, 1]], np.int32), np.ones((4, 4), np.int32))
STIMULUS = Stimulus(IMAGE, LABELS, {0: "a", 1: "b", 2: "c"}, {"part": LABELS == 1}, "n", {"x": 1})


@dataclass(frozen=True)
class Loadable:
    """A kind of file.

    Parameters
    ----------
    make
        Writes one into a folder and returns its path; other files may lie beside it.
    load
        Reads it, and returns something that can be compared.
    exact
        Whether any flipped bit must be noticed, since a checksum covers the whole.
    """

    make: Callable[[Path], Path]
    load: Callable[[Path], Any]
    exact: bool


SCENE = Scene((Surface("bar", Rectangle(0.8, 0.1)), Surface("box", Rectangle(0.3, 0.5))), "boxes")
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 48">
<rect width="64" height="48" fill="#808080"/>
<g id="both" transform="rotate(10 32 24)"><circle cx="20" cy="20" r="9" fill="red"/>
<path d="M 40 10 L 60 10 C 60 20 50 30 40 30 Z" fill="#00f" stroke="black" fill-opacity="0.5"/></g>
<polyline points="2,40 20,44 60,38" fill="none" stroke="white" stroke-width="2"/>
</svg>
"""


def _run(folder: Path, suffix: str) -> Path:
    torch.manual_seed(0)
    found = segment(np.zeros((12, 10)), AutoEncoder(2), samples=4, repeats=1, device="cpu")
    found.save(folder / f"run{suffix}")
    return folder / f"run{suffix}"


def _weights(folder: Path) -> Path:
    torch.manual_seed(0)
    square = [[1.0, 0.0], [0.0, 1.0]]
    card = Card(
        "w", "ae", 2.0, 0.1, 0.1, axes_power=0.5, votes=square, covariance=square, training={}
    )
    models.save(AutoEncoder(2), folder / "w.safetensors", card)
    return folder / "w.safetensors"


def _iic_weights(folder: Path) -> Path:
    settings = iic.IICSettings(clusters=2, auxiliary=2, copies=1, width=0.02)
    iic.save(new_network(settings, (8, 8)), folder / "i.safetensors")
    return folder / "i.safetensors"


def _checkpoint(folder: Path) -> Path:
    settings = Settings(("kanizsa",), steps=4, batch=2, latent_size=2)
    Trainer(settings, Plan()).save(folder / "c.safetensors", {"curves": {"error": [[1, 0.1]]}})
    return folder / "c.safetensors"


def _foreign_checkpoint(folder: Path) -> Path:
    torch.manual_seed(0)
    states = {"model_states": {"net": AutoEncoder().state_dict()}}
    torch.save(states, folder / "last.pt")
    return folder / "last.pt"


def _sweep(folder: Path) -> Path:
    plan = sweeps.Plan("kanizsa_figure", {"seed": [0, 1]}, (), [{"segmenter": "baseline"}])
    results = store.prepare_folder(plan, folder / "sweep")
    for number in range(plan.blocks):
        points = plan.points(number)
        rows = [{"index": point.index, "stimulus": plan.stimulus} for point in points]
        maps = {
            name: np.ones((len(points), 64, 64, *pixel), kind)
            for name, (kind, pixel) in store.MAPS.items()
        }
        results.write_block(store.Block(number, rows, maps))
    return folder / "sweep"


def _answers(folder: Path) -> Path:
    plan = Observation("rating", (Source("kanizsa_figure"),))
    write_answers(folder / "a.csv", plan, "ab", [Answer(0, "7", 1.5), Answer(1, "1", 0.5)])
    return folder / "a.csv"


def _observation(folder: Path) -> Path:
    Observation("rating", (Source("kanizsa_figure"),)).write(folder / "plan.json")
    return folder / "plan.json"


def _training_plan(folder: Path) -> Path:
    (folder / "plan.json").write_text(json.dumps(Plan().to_json()))
    return folder / "plan.json"


def _training_run(folder: Path) -> Path:
    settings = scene_settings(SCENE, folder / "run", steps=4)
    Trainer(replace(settings, latent_size=2), Plan()).save(
        folder / "run" / "checkpoint.safetensors", {"curves": {"error": [[1, 0.1]]}}
    )
    (folder / "run" / "record.json").write_text(json.dumps({"settings": settings.to_json()}))
    return folder / "run"


def _scene(folder: Path) -> Path:
    SCENE.save(folder / "scene.json")
    return folder / "scene.json"


def _drawing(folder: Path) -> Path:
    (folder / "drawing.svg").write_text(DRAWING)
    return folder / "drawing.svg"


def _images(folder: Path) -> Path:
    stimuli.write([STIMULUS] * image_folder.FEWEST, folder / "images")
    return folder / "images"


def _stimuli(name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        stimuli.write([STIMULUS], folder / name)
        return folder / name

    return make


def _jpeg(folder: Path) -> Path:
    Image.fromarray(np.full((8, 8, 3), 99, np.uint8)).save(folder / "a.jpg")
    return folder / "a.jpg"


def _stimupy(folder: Path) -> Path:
    held = {"img": IMAGE[..., 0].tolist(), "target_mask": LABELS.tolist(), "ppd": 10}
    (folder / "s.json").write_text(json.dumps(held))
    return folder / "s.json"


def _opened(path: Path) -> Any:
    """What the viewer does with a run: its layers, each cut, and the script."""
    found = Segmentation.load(path)
    reader = find_reader(str(path))
    if reader is not None:  # it takes a run by its suffix
        reader(str(path))
    found.cut(min(3, found.labels.size))
    try:
        make_script(found)
    except ValueError as error:  # it has no file to name
        raise ValueError(f"{path}: {error}") from error
    return found


def _swept(path: Path) -> Any:
    results = sweeps.Results.open(path)
    maps = [results.map(name).compute(scheduler="synchronous").tobytes() for name in store.MAPS]
    return [*results.rows()], [*results.missing_blocks()], maps


def _weighed(path: Path) -> Any:
    network = models.load(path)
    return network.card, _bytes(network)


def _iic_weighed(path: Path) -> Any:
    network = iic.load(path)
    return network.card, _bytes(network)


def _resumed(path: Path) -> Any:
    trainer, notes = Trainer.load(path)
    return trainer.settings, notes, _bytes(trainer.learner)


def _observed(path: Path) -> Any:
    plan = read_plan(path)
    return plan, trials(plan)


def _recorded(path: Path) -> Any:
    with open_table(path, Observation("rating", (Source("kanizsa_figure"),)), "ab") as table:
        return table.rows, table.next


def _scene_drawn(path: Path) -> Any:
    scene = Scene.from_svg(path) if path.suffix == ".svg" else Scene.load(path)
    return scene, scene.draw()


def _trained_on(path: Path) -> Any:
    return next(image_folder.stream(path, batch=4)).tobytes()


def _imported(path: Path) -> Any:
    return _bytes(import_checkpoint(path))


def _bytes(network: nn.Module) -> dict[str, bytes]:
    return {name: t.numpy().tobytes() for name, t in network.state_dict().items()}


LOADERS = {
    "run.npz": Loadable(lambda folder: _run(folder, ".npz"), _opened, True),
    "run.zarr": Loadable(lambda folder: _run(folder, ".zarr"), _opened, False),
    "weights": Loadable(_weights, _weighed, False),
    "iic": Loadable(_iic_weights, _iic_weighed, False),
    "checkpoint": Loadable(_checkpoint, _resumed, True),
    "import": Loadable(_foreign_checkpoint, _imported, False),
    "sweep": Loadable(_sweep, _swept, False),
    "answers": Loadable(_answers, read_answers, False),
    "recording": Loadable(_answers, _recorded, False),
    "plan": Loadable(_observation, _observed, False),
    "training plan": Loadable(
        _training_plan, lambda path: plan_for_option(str(path), "cpu"), False
    ),
    "training run": Loadable(_training_run, lambda path: scene_settings(SCENE, path), False),
    "images": Loadable(_images, _trained_on, False),
    "scene": Loadable(_scene, _scene_drawn, False),
    "drawing": Loadable(_drawing, _scene_drawn, False),
    "stimupy": Loadable(_stimupy, stimuli.read, False),
    "a.jpg": Loadable(_jpeg, stimuli.read, False),
    "a.tif": Loadable(_stimuli("a.tif"), stimuli.read, True),
    "a.npz": Loadable(_stimuli("a.npz"), stimuli.read, True),
    "a.png": Loadable(_stimuli("a.png"), stimuli.read, False),
    "table": Loadable(_stimuli("conditions.csv"), stimuli.read, False),
}
