"""Damaged and crafted weights, cards and checkpoints: a sentence, and never a wrong network."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from napari_lns import models
from napari_lns.models import AutoEncoder, Card, Settings, iic
from napari_lns.models.iic.run import new_network
from napari_lns.models.imports import import_checkpoint
from napari_lns.models.training.checkpoint import load_tensors, save_tensors
from napari_lns.models.training.speed import Plan
from napari_lns.models.training.trainer import Trainer
from napari_lns.segmentation.lns.noise import resolve_sigma


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "mine.safetensors"
    card = Card("mine", "ae", latent_spread=2.0, relative_noise=0.1, training={"settings": {}})
    models.save(AutoEncoder(2), path, card)
    return path


def with_card(weights: Path, **values: Any) -> Path:
    card = weights.with_suffix(".json")
    card.write_text(json.dumps({**json.loads(card.read_text()), **values}))
    return weights


CUT_OFF_LATER = """
import os, sys, torch
from napari_lns.models.training.checkpoint import load_tensors, save_tensors
save_tensors(sys.argv[1], {"a": torch.ones(100_000)}, {})
tensors, _ = load_tensors(sys.argv[1])
os.truncate(sys.argv[1], 0)
print(float(tensors["a"].sum()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there a file that is open cannot be cut off")
def test_a_file_that_is_cut_off_once_it_is_read_does_not_end_the_process(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CUT_OFF_LATER, str(tmp_path / "a.safetensors")],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == "100000.0", done


def test_a_terabyte_of_nothing_after_weights_is_refused_unread(weights: Path) -> None:
    with weights.open("r+b") as file:
        file.truncate(2**40)
    with pytest.raises(ValueError, match=r"mine\.safetensors.* longer than its header says"):
        models.load(weights)


def test_whole_weights_load(weights: Path) -> None:
    assert models.load(weights).card.noise == pytest.approx(0.2)


@pytest.mark.parametrize("with_its_card", [True, False])
def test_a_flipped_bit_anywhere_in_weights_is_found(weights: Path, with_its_card: bool) -> None:
    if not with_its_card:
        weights.with_suffix(".json").unlink()
    whole = weights.read_bytes()
    start = 8 + int.from_bytes(whole[:8], "little")
    for place in np.random.default_rng(0).integers(start, len(whole), 12):
        damaged = bytearray(whole)
        damaged[place] ^= 0x40  # of an exponent, in half of them
        weights.write_bytes(damaged)
        with pytest.raises(ValueError, match="damaged"):
            models.load(weights)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"relative_noise": -1}, "relative_noise is -1: it must be greater than 0"),
        ({"relative_noise": 0}, "relative_noise is 0"),
        ({"relative_noise": float("nan")}, "relative_noise is nan"),
        ({"relative_noise": "0.1"}, "relative_noise is '0.1': it must be a valid number"),
        ({"latent_spread": -2}, "latent_spread is -2"),
        ({"error_99": "much"}, "error_99 is 'much'"),
        ({"method": "guess"}, "method is 'guess'"),
        ({"axes_power": 1e9}, "axes_power"),
        ({"axes_power": None}, "axes_power is None"),
        ({"votes": [[1.0, 2.0]]}, "votes is .*as many columns as rows"),
        ({"votes": [[-1.0]], "covariance": [[1.0]]}, "votes"),
        ({"votes": [["a"]]}, "votes"),
        ({"votes": [[1.0]], "covariance": [[1.0]]}, r"have \{1\} rows: they must have 2"),
        ({"training": {"settings": {"data": 3}}}, "training"),
        ({"training": []}, "training"),
        ({"training": {"settings": None}}, "training: settings is None"),
        ({"training": {"error": "small"}}, "training: error is 'small': it must be a valid number"),
        ({"training": {"step": -1}}, "training: step is -1"),
        ({"training": {"scene": "closure"}}, "training: scene is 'closure'"),
        ({"domain": {"support_ratio": 5}}, "domain.support_ratio is 5"),
        ({"domain": {"support_ratio": "ab"}}, "domain.support_ratio is 'ab'"),
        ({"scores": 3}, "scores is 3"),
        ({"scores": {"own draws": 3}}, "scores: own draws is 3"),
        ({"scores": {"own draws": {"mean": "x"}}}, "scores: own draws.mean is 'x'"),
        ({"name": 7}, "name is 7"),
    ],
)
def test_a_card_is_reported_by_its_field(
    weights: Path, values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=rf"mine\.json' is not a model card .*{message}"):
        models.load(with_card(weights, **values))


def test_a_card_of_other_weights_is_refused(weights: Path) -> None:
    with pytest.raises(ValueError, match=r"mine\.json is the card of other weights"):
        models.load(with_card(weights, hash="0" * 64))


def test_a_card_nested_without_end(weights: Path) -> None:
    weights.with_suffix(".json").write_text('{"scores":' + "[" * 100_000)
    with pytest.raises(ValueError, match="not a model card"):
        models.load(weights)


def test_a_cards_fields_that_are_unknown_are_ignored(weights: Path) -> None:
    assert models.load(with_card(weights, later="field")).card.name == "mine"


def test_noise_of_a_card_made_in_python_is_checked_too() -> None:
    with pytest.raises(ValueError, match="the noise of the model's card is -2"):
        resolve_sigma(Card("mine", "ae", latent_spread=2.0, relative_noise=-1), None, None)


def test_a_latent_layer_without_bounds_is_not_built(tmp_path: Path) -> None:
    save_tensors(tmp_path / "x.safetensors", {}, {"kind": "ae", "latent_size": 4_000_000})
    with pytest.raises(ValueError, match="latent_size is 4000000"):
        models.load(tmp_path / "x.safetensors")


SETTINGS = Settings(("kanizsa",), steps=4, batch=2, latent_size=2)


@pytest.mark.parametrize(
    ("notes", "message"),
    [
        ({"settings": 3}, "settings is 3"),
        ({"settings": {**SETTINGS.to_json(), "steps": "4"}}, r"settings\.steps is '4'"),
        (
            {"settings": {**SETTINGS.to_json(), "latent_size": 10**7}},
            "latent_size is 10000000",
        ),
        ({"plan": {"device": 3}}, r"plan\.device is 3"),
        ({"step": -1}, "step is -1"),
        ({"curves": []}, r"curves is \[\]"),
        ({"curves": {"error": [1]}}, r"curves\.error\.0 is 1"),
    ],
)
def test_a_checkpoint_is_reported_by_its_field(
    tmp_path: Path, notes: dict[str, Any], message: str
) -> None:
    path = tmp_path / "checkpoint.safetensors"
    Trainer(SETTINGS, Plan()).save(path)
    tensors = load_file(path)
    whole = {"settings": SETTINGS.to_json(), "plan": asdict(Plan()), "step": 0}
    save_tensors(path, tensors, whole | notes)
    with pytest.raises(ValueError, match=rf"checkpoint\.safetensors: {message}"):
        Trainer.load(path)


def test_a_checkpoint_without_curves_continues_but_is_no_model(tmp_path: Path) -> None:
    Trainer(SETTINGS, Plan()).save(tmp_path / "checkpoint.safetensors")
    with pytest.raises(ValueError, match="lacks the curves"):
        models.finish_run(tmp_path, "mine")
    assert models.train("kanizsa", out=tmp_path, steps=4, batch=2, latent_size=2).kind == "ae"


def test_text_is_no_checkpoint_of_the_authors(tmp_path: Path) -> None:
    for content in (b"some text", b"", b"{}", b"(lp0\n"):
        (tmp_path / "text.pt").write_bytes(content)
        with pytest.raises(
            ValueError, match=r"text\.pt' is damaged or not a checkpoint|holds code"
        ):
            models.import_checkpoint(tmp_path / "text.pt")


def test_a_flipped_bit_in_a_checkpoint_of_the_authors_is_found(tmp_path: Path) -> None:
    torch.save(AutoEncoder().state_dict(), tmp_path / "last.pt")
    damaged = bytearray((tmp_path / "last.pt").read_bytes())
    damaged[len(damaged) // 2] ^= 0x40
    (tmp_path / "last.pt").write_bytes(damaged)
    with pytest.raises(ValueError, match="damaged"):
        import_checkpoint(tmp_path / "last.pt")


FOREIGN: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "a number seen as a gigabyte": lambda _: torch.zeros(1, dtype=torch.float64).expand(2**27),
    "a number seen as a layer of a million units": lambda _: torch.zeros(1).expand(128, 10**6),
    "no values": lambda weight: weight.to("meta"),
    "sparse": lambda weight: weight.to_sparse(),
    "quantised": lambda weight: torch.quantize_per_tensor(weight, 0.1, 0, torch.quint8),
    "complex": lambda weight: weight + 1j,
}


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("as_zip", [True, False])
@pytest.mark.filterwarnings("ignore")  # PyTorch's own, of sparse and quantised tensors
def test_tensors_that_are_no_weights_are_refused_without_making_room_for_them(
    tmp_path: Path, kind: str, as_zip: bool
) -> None:
    weights = AutoEncoder().state_dict()
    name = "decoder.linear_1.0.weight"
    weights[name] = FOREIGN[kind](weights[name])
    torch.save(weights, tmp_path / "other.pt", _use_new_zipfile_serialization=as_zip)
    with pytest.raises(ValueError, match=r"other\.pt' holds weights of another architecture"):
        import_checkpoint(tmp_path / "other.pt")


def test_a_checkpoint_that_unpacks_to_far_more_than_it_is(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("bomb/data/0", bytes(300 * 2**20))
    with pytest.raises(ValueError, match=r"bomb\.pt'.*unpacks to 0\.3 GiB"):
        import_checkpoint(tmp_path / "bomb.pt")


@pytest.fixture
def iic_weights(tmp_path: Path) -> Path:
    path = tmp_path / "iic.safetensors"
    iic.save(new_network(iic.IICSettings(width=0.02, copies=1), (8, 8)), path)
    return path


def test_a_flipped_bit_in_iic_weights_is_found_by_their_card(iic_weights: Path) -> None:
    tensors = load_file(iic_weights)
    with safe_open(iic_weights, "pt") as file:
        notes = {"notes": file.metadata()["notes"]}  # older files have no checksum of their own
    tensors["main.layer.weight"][0] += 1
    save_file(tensors, iic_weights, notes)
    with pytest.raises(ValueError, match="SHA-256 differs"):
        iic.load(iic_weights)
    iic_weights.with_suffix(".json").unlink()
    assert iic.load(iic_weights).main.clusters == 3


@pytest.mark.parametrize(
    ("settings", "size"),
    [
        ({"width": 1e5}, [8, 8]),
        ({"clusters": 10_000, "auxiliary": 10_000, "copies": 10_000}, [8, 8]),
        ({"network": "digits"}, [60_000, 60_000]),
        ({"batch": 10**12}, [8, 8]),
        ({"width": "wide"}, [8, 8]),
        ({}, [8]),
        ({}, [8, -1]),
        ({}, [8, 10**9]),
    ],
)
def test_iic_weights_of_another_form_are_refused_before_they_are_built(
    iic_weights: Path, settings: dict[str, Any], size: list[int]
) -> None:
    tensors, notes = load_tensors(iic_weights)
    changed = {**notes, "settings": {**notes["settings"], **settings}, "size": size}
    save_tensors(iic_weights, tensors, changed)
    iic_weights.with_suffix(".json").unlink()
    with pytest.raises(ValueError, match="holds no IIC network"):
        iic.load(iic_weights)


def test_weights_without_notes_of_the_right_form(tmp_path: Path) -> None:
    save_file({"w": torch.zeros(1)}, tmp_path / "x.safetensors", metadata={"notes": "[" * 5000})
    with pytest.raises(ValueError, match=r"x\.safetensors' is damaged"):
        models.load(tmp_path / "x.safetensors")


FULL = """
import resource, sys
from napari_lns import models
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
models.save(models.AutoEncoder(2), sys.argv[1])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits are set as Unix has them")
def test_a_full_disk_is_reported_of_weights_too(tmp_path: Path) -> None:
    file = tmp_path / "full.safetensors"
    full = subprocess.run(
        [sys.executable, "-c", FULL, str(file)], capture_output=True, text=True, check=False
    )
    assert "full.safetensors: the disk is full" in full.stderr.splitlines()[-1]
    assert not [*tmp_path.iterdir()]
