"""The features of pixels: held to a plain transcription, to their limits, and to their laws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from plain_lns import plain_features, plain_labels, plain_outputs
from small_models import Convolutional, Halves, Small
from torch.func import jacrev
from torch.nn.functional import avg_pool2d

from napari_lns.models import AutoEncoder, load
from napari_lns.segmentation import segment
from napari_lns.segmentation.measures import adjusted_rand_index

IMAGE = np.random.default_rng(1).random((8, 8, 3)).astype(np.float32)


def noise(seed: int, sigma: float, samples: int, units: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    return np.float32(sigma) * generator.standard_normal((samples, units), np.float32)


def jacobian(model: Small) -> torch.Tensor:
    """(3, 8, 8, 4), by reverse mode: another way than the engine's."""
    latents = model.encode(torch.tensor(IMAGE).permute(2, 0, 1)[None])
    return jacrev(lambda z: model.decode(z[None])[0])(latents[0])


def similarities(features: np.ndarray) -> np.ndarray:
    return features @ features.T / 3


@pytest.mark.parametrize("seed", [0, 7])
def test_sampled_features_are_those_of_the_seven_steps(seed: int) -> None:
    model = Small()
    found = segment(IMAGE, model, noise=0.1, samples=21, seed=seed, batch=8)
    plain = plain_features(plain_outputs(model, IMAGE, noise(seed, 0.1, 21, 4)))
    assert np.allclose(found.features, plain, atol=1e-4)
    for k in range(1, 8):
        assert adjusted_rand_index(plain_labels(plain, k).reshape(8, 8), found.cut(k)) == 1


@pytest.mark.slow
def test_the_papers_network_is_segmented_as_by_the_seven_steps() -> None:
    torch.manual_seed(0)
    model = AutoEncoder().eval()
    image = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32)
    found = segment(image, model, noise=0.1, samples=40)
    outputs = plain_outputs(model, image, noise(0, 0.1, 40, 15))
    plain = plain_features(outputs)
    assert np.allclose(found.features, plain, atol=2e-3)
    assert np.allclose(found.variance, outputs.var(0, ddof=1).mean(0), rtol=1e-3, atol=1e-9)
    labels = plain_labels(plain, 3).reshape(64, 64)
    assert adjusted_rand_index(labels, found.labels) > 0.999


def test_variance_is_that_of_the_outputs() -> None:
    found = segment(IMAGE, Small(), noise=0.2, samples=30, batch=7, keep_outputs=True)
    assert np.allclose(found.variance, found.outputs.var(0, ddof=1).mean(2), rtol=1e-4)


def test_exact_features_are_the_jacobians_directions() -> None:
    model = Small()
    rows = jacobian(model).permute(1, 2, 0, 3)
    rows = rows / rows.norm(dim=3, keepdim=True)
    found = segment(IMAGE, model, method="exact")
    assert np.allclose(found.features, rows.reshape(64, 12), atol=1e-5)


def test_exact_variance_is_sigma_squared_times_the_channels_mean_of_the_jacobian() -> None:
    model = Small()
    expected = jacobian(model).square().sum(3).mean(0)
    found = segment(IMAGE, model, method="exact", noise=0.01)
    assert np.allclose(found.variance, 1e-4 * expected, rtol=1e-4)


def test_sampled_similarities_come_nearer_to_the_exact_ones_by_the_root_of_the_samples() -> None:
    model = Small()
    limit = similarities(segment(IMAGE, model, method="exact").features)

    def distance(samples: int) -> float:
        errors = [
            similarities(segment(IMAGE, model, noise=0.01, samples=samples, seed=seed).features)
            - limit
            for seed in range(4)
        ]
        return float(np.sqrt(np.mean(np.square(errors))))

    few, more, most = distance(50), distance(200), distance(800)
    assert few / more == pytest.approx(2, rel=0.25)
    assert more / most == pytest.approx(2, rel=0.25)


def test_sampled_variance_comes_nearer_to_the_exact_one_by_the_root_of_the_samples() -> None:
    model = Small()
    limit = segment(IMAGE, model, method="exact", noise=0.01).variance

    def distance(samples: int) -> float:
        found = [
            segment(IMAGE, model, noise=0.01, samples=samples, seed=seed).variance / limit - 1
            for seed in range(8)
        ]
        return float(np.sqrt(np.mean(np.square(found))))

    assert distance(50) / distance(800) == pytest.approx(4, rel=0.4)
    assert distance(800) < 0.06


@pytest.mark.parametrize("samples", [8, 20, 80])
def test_smoothed_features_tend_to_the_exact_ones_for_small_noise(samples: int) -> None:
    model = Small()
    limit = segment(IMAGE, model, method="exact").features

    def distance(sigma: float) -> float:
        found = segment(IMAGE, model, method="smoothed", noise=sigma, samples=samples)
        return float(np.abs(found.features - limit).max())

    assert distance(0.003) < 0.02
    assert distance(0.003) < distance(0.3)


def test_for_a_linear_decoder_smoothed_and_exact_are_equal_under_any_noise() -> None:
    model = Small(linear=True)
    limit = segment(IMAGE, model, method="exact").features
    for sigma in (0.1, 3.0):
        found = segment(IMAGE, model, method="smoothed", noise=sigma, samples=12)
        assert np.allclose(found.features, limit, atol=1e-4)


def test_smoothed_features_do_not_depend_on_the_batch() -> None:
    one, other = (
        segment(IMAGE, Small(), method="smoothed", noise=0.5, samples=20, batch=batch)
        for batch in (2, 20)
    )
    assert np.allclose(one.features, other.features, atol=1e-4)
    assert np.allclose(one.variance, other.variance, rtol=1e-4)


@pytest.mark.parametrize("method", ["sampled", "smoothed", "exact"])
def test_pixels_that_follow_one_unit_are_one_group(method: str) -> None:
    found = segment(np.zeros((8, 8)), Halves(), method=method, clusters=2, noise=0.1, samples=40)
    halves = np.repeat([[1] * 4 + [2] * 4], 8, axis=0)
    assert np.array_equal(found.labels, halves)
    assert found.score(halves) == 1


def test_unit_scale_weighs_the_units() -> None:
    first_only = segment(IMAGE, Small(), method="exact", unit_scale=[1, 0, 0, 0]).features
    assert np.allclose(np.abs(first_only).reshape(64, 3, 4), [1, 0, 0, 0], atol=1e-6)


@pytest.mark.parametrize("kind", ["gaussian", "uniform", "poisson"])
@pytest.mark.parametrize("layer", ["latent", "linear_1", "bend", "output"])
def test_noise_of_every_kind_goes_into_every_layer(kind: str, layer: str) -> None:
    found = segment(IMAGE, Small(), noise=0.1, noise_kind=kind, noise_layer=layer, samples=6)
    assert found.features.shape == (64, 18 if layer == "output" else 15)
    assert np.isfinite(found.features).all()
    assert found.variance.max() > 0


def test_noise_in_a_linear_layer_is_passed_on_as_its_weights_tell() -> None:
    model = Small(linear=True)
    weight = model.decoder.linear_2.weight.reshape(3, 64, 16)
    expected = 0.01 * weight.square().sum(2).mean(0).reshape(8, 8)
    found = segment(IMAGE, model, noise=0.1, noise_layer="linear_1", samples=4000, batch=1000)
    assert np.allclose(found.variance, expected, rtol=0.15)


def test_noise_on_the_output_leaves_the_reconstruction_plus_noise() -> None:
    found = segment(IMAGE, Small(), noise=0.1, noise_layer="output", samples=500, batch=500)
    copies = found.features.reshape(8, 8, 3, 500)
    assert np.allclose(copies.mean(3), found.reconstruction, atol=0.03)
    assert np.allclose(found.variance, 0.01, rtol=0.3)


def test_a_decoder_without_named_layers_takes_noise_at_its_ends_only() -> None:
    with pytest.raises(ValueError, match="there is no layer 'first'; there are latent, output"):
        segment(IMAGE, Convolutional(), noise_layer="first")


def test_a_neighbourhood_compares_averaged_outputs() -> None:
    """A blurred reconstruction's pixels, at the border the mean of the neighbours there are."""

    class Blurred(Small):
        def decode(self, latents: torch.Tensor) -> torch.Tensor:
            images = super().decode(latents)
            return avg_pool2d(images, 3, stride=1, padding=1, count_include_pad=False)

    plain, blurred = Small(), Blurred()
    blurred.load_state_dict(plain.state_dict())
    for how in ({"method": "exact"}, {"samples": 8}):
        one = segment(IMAGE, plain, neighbourhood=3, **how)
        assert np.allclose(one.features, segment(IMAGE, blurred, **how).features, atol=1e-5)


def test_the_card_sets_the_neighbourhood() -> None:
    model = load("kanizsa-figure")
    model.card = replace(model.card, neighbourhood=5)
    found = [segment(np.eye(64), model, method="exact", neighbourhood=size) for size in (None, 5)]
    assert np.array_equal(found[0].features, found[1].features)
    assert found[0].record["used"]["neighbourhood"] == 5


class Overwriting(Small):
    """Its decoder's second layer overwrites what the first one gave."""

    def __init__(self) -> None:
        super().__init__()
        self.decoder.bend = torch.nn.ReLU(inplace=True)


@pytest.mark.parametrize("layer", ["latent", "linear_1", "bend"])
def test_layers_that_overwrite_their_input_change_nothing(layer: str) -> None:
    plain = Small()
    plain.decoder.bend = torch.nn.ReLU()
    one, other = (
        segment(IMAGE, model, noise=0.1, noise_layer=layer, samples=20)
        for model in (plain, Overwriting())
    )
    assert np.array_equal(one.features, other.features)
    exact = segment(IMAGE, Overwriting(), method="exact")
    assert np.array_equal(exact.features, segment(IMAGE, plain, method="exact").features)
    assert not plain.decoder.bend.inplace


def test_noise_before_a_relu_is_not_cut_off_beforehand() -> None:
    model = Overwriting()
    draws = noise(0, 0.1, 20, 16)
    with torch.no_grad():
        first = model.decoder.linear_1(model.encode(torch.tensor(IMAGE).permute(2, 0, 1)[None]))
        outputs = [model.decoder[1:](first + torch.tensor(draw))[0].numpy() for draw in draws]
    found = segment(IMAGE, model, noise=0.1, noise_layer="linear_1", samples=20)
    assert np.allclose(found.features, plain_features(np.stack(outputs)), atol=1e-4)
