"""Another device: everything up to the features stays there, and nothing is rounded.

The device is torch's own ``meta``, which knows shapes and places but holds no numbers, so that no
machine needs a GPU for it; a tensor left on the CPU is refused as by any other device.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from small_models import Small

from napari_lns.models import devices, running
from napari_lns.segmentation import segment
from napari_lns.segmentation.lns import source
from napari_lns.segmentation.lns.averaging import Average, average_elements, average_neighbours
from napari_lns.segmentation.lns.features import resample_differences
from napari_lns.segmentation.lns.fitting import fit_image
from napari_lns.segmentation.lns.method import METHODS, Sampling
from napari_lns.segmentation.lns.noise import Noise

IMAGE = np.random.default_rng(0).random((5, 7, 3)).astype(np.float32)
META = torch.device("meta")


def average_over(size: int) -> Average:
    return partial(average_neighbours, size=size)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> running.ReadyModel:
    """A model on the other device, whose numbers cannot be looked at."""
    monkeypatch.setattr(devices, "_devices", lambda: ["meta", "cpu"])
    monkeypatch.setattr(source, "_check_finite", lambda values, *_: values)
    monkeypatch.setattr(source, "_check_equal", lambda *_: None)
    return running.prepare_model(Small(), "meta")


def test_a_model_on_another_device_is_copied_there_and_the_record_says_so(
    away: running.ReadyModel,
) -> None:
    assert away.device == META
    assert {weight.device for weight in away.network.parameters()} == {META}
    assert away.warnings == ("the model was on cpu: a copy on meta was used",)


@pytest.mark.parametrize("kind", ["gaussian", "uniform", "poisson"])
@pytest.mark.parametrize("layer", ["latent", "linear_1", "output"])
def test_sampling_stays_on_the_device(away: running.ReadyModel, layer: str, kind: str) -> None:
    generator = np.random.default_rng(0)
    picture = fit_image(IMAGE, away.image_size, "pad")
    given = source.prepare_source(away, picture, layer)
    scale = (1.0, 2.0, 3.0, 4.0) if layer == "latent" else None
    *_, last = METHODS["sampled"].estimates(
        given, Noise(0.1, kind, scale), Sampling(8, 3, generator)
    )
    features = last.features(average_over(1))
    assert features.shape == (35, 24 if layer == "output" else 21)
    assert features.device == last.variance.device == last.outputs.device == META
    assert last.features(average_over(3)).device == META
    elements = np.arange(35).reshape(5, 7) // 3
    assert last.features(partial(average_elements, elements=elements)).device == META
    assert resample_differences(features, generator).device == META


@pytest.mark.parametrize("method", ["smoothed", "exact"])
def test_regressing_and_deriving_stay_on_the_device(away: running.ReadyModel, method: str) -> None:
    given = source.prepare_source(away, fit_image(IMAGE, away.image_size, "resize"), "latent")
    generator = np.random.default_rng(0)
    *_, last = METHODS[method].estimates(given, Noise(0.1), Sampling(8, 2, generator))
    assert last.features(average_over(1)).shape == (64, 12)
    assert last.features(average_over(1)).device == last.variance.device == META


@pytest.mark.parametrize("method", ["sampled", "smoothed", "exact"])
def test_a_wish_for_quick_products_rounds_nothing_and_stays(method: str) -> None:
    asked: dict[str, Any] = {"method": method, "noise": 0.001, "samples": 10}
    plain = segment(IMAGE, Small(), **asked)
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("medium")
    try:
        found = segment(IMAGE, Small(), **asked)
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(before)
    assert np.array_equal(found.features, plain.features)


def test_a_gpus_convolutions_are_repeatable_and_unrounded_while_it_decodes() -> None:
    with running.disable_reduced_precision():
        assert torch.backends.cudnn.deterministic
        assert not torch.backends.cudnn.allow_tf32
        assert not torch.backends.cudnn.benchmark
    assert not torch.backends.cudnn.deterministic
