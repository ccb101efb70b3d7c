"""Responses in image units: what they are for a linear network, and what does not change them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from small_models import Halves

from napari_lns import models
from napari_lns.models import Card
from napari_lns.segmentation.responses import responses


def variance(found: np.ndarray) -> np.ndarray:
    """The variance of the image (H, W, 3) under the variation of the latents."""
    return np.square(found).sum(axis=-1)


def test_a_pixel_responds_by_the_standard_deviation_of_what_it_follows() -> None:
    network = Halves()
    network.card = Card("halves", "own", covariance=[[0.04, 0.0], [0.0, 0.09]])
    found = np.sqrt(variance(responses(np.zeros((8, 8)), network)))
    np.testing.assert_allclose(found[:, :4], 0.2, atol=1e-6)
    np.testing.assert_allclose(found[:, 4:], 0.3, atol=1e-6)


def test_latents_that_vary_as_one_move_the_pixels_as_one() -> None:
    network = Halves()
    network.card = Card("halves", "own", covariance=[[0.04, 0.06], [0.06, 0.09]])
    found = responses(np.zeros((8, 8)), network)
    left, right = found[0, 0].ravel(), found[0, 7].ravel()
    assert left @ right == pytest.approx(np.linalg.norm(left) * np.linalg.norm(right), rel=1e-4)


def test_without_a_card_every_latent_counts_alike() -> None:
    np.testing.assert_allclose(variance(responses(np.zeros((8, 8)), Halves())), 1, atol=1e-6)


def test_rescaled_latents_change_nothing() -> None:
    image = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32)
    one, other = (
        responses(image, models.load(name)) for name in ("proximity-ae", "proximity-ae:as-trained")
    )
    np.testing.assert_allclose(variance(one), variance(other), rtol=1e-3, atol=1e-6)


def test_they_predict_how_far_the_image_moves() -> None:
    torch.manual_seed(0)
    network = models.CompactAutoEncoder(3).eval()
    network.card = Card("small", "compact", covariance=(1e-6 * np.eye(3)).tolist())
    image = torch.rand(1, 3, 64, 64)
    found = responses(image[0].permute(1, 2, 0).numpy(), network)
    with torch.no_grad():
        latents = network.encode(image)
        step = 1e-3 * torch.eye(3)
        moved = (network.decode(latents + step) - network.decode(latents - step)) / 2
    expected = moved.square().sum(0).permute(1, 2, 0).numpy()
    # its layers bend at single pixels
    assert np.median(np.abs(variance(found) / expected - 1)) < 0.05
