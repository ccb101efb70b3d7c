"""The latents' axes: pictures stay, and noise follows what pixels answer to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from napari_lns import models, segment
from napari_lns.models import AutoEncoder, Card, VariationalAutoEncoder, rescale_latents
from napari_lns.models.rescaling import response_second_moment
from napari_lns.models.running import prepare_model

torch.manual_seed(0)
IMAGES = torch.rand(6, 3, 64, 64)
KINDS = (AutoEncoder, VariationalAutoEncoder)


def spread_out(seed: int) -> Tensor:
    """Give a symmetric matrix of trace 15, far from alike in all directions."""
    generator = torch.Generator().manual_seed(seed)
    rows = torch.randn(15, 40, generator=generator).double()
    rows *= torch.logspace(-1, 0.5, 15).double()[:, None]
    turn = torch.linalg.qr(torch.randn(15, 15, generator=generator).double())[0]
    matrix = turn @ rows @ rows.T @ turn.T
    return matrix * (15 / matrix.trace())


VOTES = spread_out(0)


def a_network(kind: type[AutoEncoder] = AutoEncoder, power: float = 0.0) -> AutoEncoder:
    """Give a network that knows its votes, its axes rescale_latents by a power."""
    torch.manual_seed(1)
    network = kind().eval().requires_grad_(False)
    rows = {"votes": VOTES.tolist(), "covariance": spread_out(1).tolist()}
    card = Card("mine", network.kind, latent_spread=1.0, **rows)
    network.card = card
    return rescale_latents(network, power) if power else network


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=5, deadline=None)
@given(power=st.floats(0, 1))
def test_a_rescaled_network_reconstructs_alike(kind: type[AutoEncoder], power: float) -> None:
    network = a_network(kind)
    other = rescale_latents(network, power)
    torch.testing.assert_close(other(IMAGES), network(IMAGES), atol=1e-4, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_a_power_is_counted_from_the_network_as_it_was_trained(kind: type[AutoEncoder]) -> None:
    once, twice = rescale_latents(a_network(kind), 0.5), rescale_latents(a_network(kind, 0.75), 0.5)
    torch.testing.assert_close(twice.encode(IMAGES), once.encode(IMAGES), rtol=1e-3, atol=1e-3)
    assert twice.card is not None
    assert twice.card.axes_power == 0.5
    back = rescale_latents(twice, 0)
    torch.testing.assert_close(back.encode(IMAGES), a_network(kind).encode(IMAGES))


def test_the_network_itself_stays_as_it_is() -> None:
    network = a_network()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    rescale_latents(network, 0.5)
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(tensor, before[name], rtol=0, atol=0)


def test_equal_noise_after_half_a_power_is_noise_with_the_second_moment_as_covariance_before() -> (
    None
):
    first = "decoder.linear_1.0.weight"
    weights, changed = (
        one.state_dict()[first].double() for one in (a_network(), a_network(power=0.5))
    )
    torch.testing.assert_close(
        changed @ changed.T, weights @ VOTES @ weights.T, rtol=1e-4, atol=1e-4
    )


def test_every_pixel_and_channel_weighs_equally_in_the_second_moment() -> None:
    network = a_network()
    found = response_second_moment(network, IMAGES[:2])
    expected = torch.zeros(15, 15, dtype=torch.float64)
    for latents in network.encode(IMAGES[:2]):
        rows = torch.func.jacfwd(lambda one: network.decode(one[None]).flatten())(latents)
        rows = torch.nn.functional.normalize(rows, dim=1).double()
        expected += rows.T @ rows
    torch.testing.assert_close(found, expected * (15 / expected.trace()), rtol=1e-2, atol=2e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_the_card_states_the_spread_of_the_rescaled_latents(kind: type[AutoEncoder]) -> None:
    network = a_network(kind)
    latents = network.encode(IMAGES).double()
    assert network.card is not None
    network.card = replace(network.card, covariance=latents.T.cov().tolist())
    other = rescale_latents(network, 0.5)
    assert other.card is not None
    expected = float(other.encode(IMAGES).var(dim=0).mean().sqrt())
    assert other.card.latent_spread == pytest.approx(expected, rel=1e-3)


def test_a_variational_networks_variances_are_those_of_its_rescaled_units() -> None:
    means, log_variances = a_network(VariationalAutoEncoder).moments(IMAGES[:1])  # type: ignore[attr-defined]
    generator = torch.Generator().manual_seed(2)
    draws = means + (log_variances / 2).exp() * torch.randn(200_000, 15, generator=generator)
    values, axes = torch.linalg.eigh(VOTES)
    moved = draws.double() @ ((axes * values**-0.5) @ axes.T)
    moments = a_network(VariationalAutoEncoder, 0.5).moments(IMAGES[:1])  # type: ignore[attr-defined]
    torch.testing.assert_close(moments[0][0].double(), moved.mean(0), rtol=0.02, atol=0.02)
    torch.testing.assert_close(moments[1][0].exp().double(), moved.var(0), rtol=0.02, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_a_rescaled_network_comes_back_from_its_file(
    kind: type[AutoEncoder], tmp_path: Path
) -> None:
    network = a_network(kind, 0.75)
    models.save(network, tmp_path / "mine.safetensors", network.card)
    loaded = models.load(tmp_path / "mine.safetensors")
    plain = models.load(f"{tmp_path / 'mine.safetensors'}:as-trained")
    assert loaded.card is not None
    assert plain.card is not None
    assert (loaded.card.axes_power, plain.card.axes_power) == (0.75, 0)
    assert plain.card.name == "mine:as-trained"
    torch.testing.assert_close(loaded.encode(IMAGES), network.encode(IMAGES), rtol=0.02, atol=0.02)
    torch.testing.assert_close(
        plain.encode(IMAGES), a_network(kind).encode(IMAGES), rtol=0.02, atol=0.02
    )


def test_a_run_states_along_which_axes_its_noise_was_equal() -> None:
    assert prepare_model(a_network(power=0.5)).record["axes_power"] == 0.5
    assert prepare_model(a_network()).record["axes_power"] == 0


def test_dwc_takes_a_network_as_it_was_trained() -> None:
    image = np.random.default_rng(0).random((64, 64, 3))
    asked = {"segmenter": "dwc", "clusters": 2, "method": "exact", "relative_noise": 0.1}
    plain, other = (segment(image, a_network(power=power), **asked) for power in (0, 0.75))
    np.testing.assert_array_equal(other.labels, plain.labels)
    assert other.record["used"]["axes_power"] == 0


def test_a_rescaled_network_goes_to_another_precision_and_back_with_its_variances() -> None:
    network = a_network(VariationalAutoEncoder, 0.5)
    assert network.to(torch.float64).moments(IMAGES.double())[1].dtype == torch.float64  # type: ignore[attr-defined]


def test_a_network_without_second_moment_is_refused_with_the_fix() -> None:
    with pytest.raises(ValueError, match="finish its training run again"):
        rescale_latents(AutoEncoder(), 0.5)
