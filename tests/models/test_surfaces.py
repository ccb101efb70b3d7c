"""A decoder that paints surfaces: nearer ones hide farther ones, each in its own colour."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from napari_lns import models, stimuli
from napari_lns.models.card import Card
from napari_lns.models.derivative import derivative
from napari_lns.models.surfaces import UNITS, Grouping, Surfaces
from napari_lns.models.training.settings import Settings
from napari_lns.models.training.speed import Plan
from napari_lns.models.training.trainer import Trainer

RED = 4  # unit of a surface's colour


def surface(
    x: float = 0.0, size: float = 0.0, depth: float = 0.0, lightness: float = 0.0
) -> Tensor:
    return torch.tensor([x, 0.0, size, depth, *3 * [lightness], 0.0, 0.0])


def paint(*surfaces: Tensor) -> Tensor:
    with torch.no_grad():
        image: Tensor = Surfaces()(torch.cat(surfaces)[None])[0]
    return image


def test_a_nearer_surface_hides_a_farther_one() -> None:
    far, near = surface(size=6, lightness=-1), surface(x=-0.5, depth=2, lightness=1)
    image = paint(far, near)
    assert image.shape == (3, 64, 64)
    assert image[:, 32, 16] == pytest.approx(torch.ones(3), abs=0.1)  # rows go down
    assert image[:, 32, 63] == pytest.approx(-torch.ones(3), abs=0.1)


@given(st.lists(st.floats(-2, 2), min_size=4 * UNITS, max_size=4 * UNITS))
@settings(max_examples=25, deadline=None)
def test_the_colours_of_all_surfaces_move_a_pixel_by_one_in_all(codes: list[float]) -> None:
    """So the responses to colours are the shares that the surfaces have in a pixel."""
    paint, point = Surfaces(), torch.tensor([codes])
    shares = []
    for number in range(4):
        direction = torch.zeros_like(point)
        direction[0, number * UNITS + RED] = 1
        with torch.no_grad():
            shares.append(derivative(paint, point, direction)[0, 0])
    assert all((share >= 0).all() for share in shares)
    assert torch.allclose(sum(shares), torch.ones(64, 64), atol=1e-4)


def test_the_order_of_the_surfaces_does_not_matter() -> None:
    surfaces = [
        surface(x=-0.3, depth=1, lightness=1),
        surface(x=0.3),
        surface(size=4, lightness=-1),
    ]
    assert torch.allclose(paint(*surfaces), paint(*reversed(surfaces)), atol=1e-5)


def test_a_surface_begins_with_the_mean_place_and_colour_of_its_patches() -> None:
    torch.manual_seed(0)
    grouping = Grouping(1)
    grouping.reset_parameters()
    with torch.no_grad():
        grouping.read[-1].weight.zero_()
        codes = grouping(torch.full((1, 3, 64, 64), 0.8))
    assert torch.allclose(codes, surface(lightness=1.0)[None], atol=1e-4)


def test_networks_of_surfaces_are_saved_and_loaded_again(tmp_path: Path) -> None:
    network = models.SurfaceAutoEncoder(2 * UNITS).eval()
    models.save(network, tmp_path / "surfaces.safetensors", Card("surfaces", "surfaces"))
    loaded, images = models.load(tmp_path / "surfaces.safetensors"), torch.rand(2, 3, 64, 64)
    assert loaded.kind == "surfaces"
    with torch.no_grad():
        assert torch.allclose(loaded(images), network(images), atol=0.01)


def test_a_latent_size_that_is_no_multiple_of_nine_is_refused() -> None:
    with pytest.raises(ValueError, match=r"latent_size is 64: .* multiple of 9"):
        models.SurfaceAutoEncoder(64)


def test_training_lowers_the_error() -> None:
    wanted = Settings(("dead_leaves",), "surfaces", steps=120, batch=8, latent_size=8 * UNITS)
    trainer = Trainer(wanted, Plan())
    images = torch.from_numpy(next(stimuli.world("dead_leaves", seed=9, batch=16)))

    def error() -> float:
        with torch.no_grad():
            return float((trainer.network(images) - images).square().mean())

    before = error()
    for _ in range(wanted.steps):
        trainer.advance()
    assert error() < 0.8 * before
