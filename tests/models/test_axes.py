"""The latents' axes: pictures stay, and noise follows what pixels answer to."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from napari_lns import models
from napari_lns.models import AutoEncoder, Card, VariationalAutoEncoder
from napari_lns.models.axes import answered, stretched

torch.manual_seed(0)
IMAGES = torch.rand(6, 3, 64, 64)
KINDS = (AutoEncoder, VariationalAutoEncoder)


def votes(seed: int = 0) -> Tensor:
    """Give some votes, far from alike in all directions."""
    directions = torch.randn(15, 40, generator=torch.Generator().manual_seed(seed)).double()
    directions *= torch.logspace(-1, 1, 15).double()[:, None]
    found = directions @ directions.T
    return found * (15 / found.trace())


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=5, deadline=None)
@given(power=st.floats(0, 1))
def test_a_stretched_network_redraws_alike(kind: type[AutoEncoder], power: float) -> None:
    torch.manual_seed(1)
    network = kind().eval().requires_grad_(False)
    other = stretched(network, votes(), power, IMAGES)
    torch.testing.assert_close(other(IMAGES), network(IMAGES), atol=1e-4, rtol=0)


def test_power_zero_changes_no_latent() -> None:
    network = AutoEncoder().eval()
    other = stretched(network, votes(), 0, IMAGES)
    torch.testing.assert_close(other.encode(IMAGES), network.encode(IMAGES))


def test_the_network_itself_stays_as_it_is() -> None:
    network = AutoEncoder().eval()
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    stretched(network, votes(), 0.5, IMAGES)
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(tensor, before[name], rtol=0, atol=0)


def test_equal_noise_after_half_a_power_is_noise_with_the_votes_as_covariance_before() -> None:
    network = AutoEncoder().eval()
    other = stretched(network, votes(), 0.5, IMAGES)
    first = "decoder.linear_1.0.weight"
    weights, changed = (one.state_dict()[first].double() for one in (network, other))
    expected = weights @ votes() @ weights.T
    torch.testing.assert_close(changed @ changed.T, expected, rtol=1e-4, atol=1e-4)


def test_every_pixel_and_channel_has_one_vote_for_the_direction_it_answers_to() -> None:
    torch.manual_seed(3)
    network = AutoEncoder().eval().requires_grad_(False)
    found = answered(network, IMAGES[:2])
    expected = torch.zeros(15, 15, dtype=torch.float64)
    for latents in network.encode(IMAGES[:2]):
        rows = torch.func.jacfwd(lambda one: network.decode(one[None]).flatten())(latents)
        rows = torch.nn.functional.normalize(rows, dim=1).double()
        expected += rows.T @ rows
    torch.testing.assert_close(found, expected * (15 / expected.trace()), rtol=1e-2, atol=2e-3)


def test_a_variational_networks_variances_follow_its_axes() -> None:
    torch.manual_seed(2)
    network = VariationalAutoEncoder().eval().requires_grad_(False)
    axis_aligned = torch.diag(torch.logspace(-1, 1, 15)).double()
    other = stretched(network, axis_aligned, 0.5, IMAGES)
    stretch = (axis_aligned.diagonal() ** -0.5).float()
    torch.testing.assert_close(
        other.moments(IMAGES)[1],
        network.moments(IMAGES)[1] + 2 * stretch.log(),
        rtol=1e-3,
        atol=1e-3,
    )


def test_variants_share_pictures_and_tell_their_own_spread() -> None:
    network = AutoEncoder().eval().requires_grad_(False)
    card = Card("mine", "ae", training={"settings": {"data": ["kanizsa"]}})
    plain, other = itertools.islice(models.with_axes(network, card, (0.0, 0.5)), 2)
    assert plain.card is not None
    assert other.card is not None
    assert (plain.card.axes_power, other.card.axes_power) == (0.0, 0.5)
    assert plain.card.latent_spread != other.card.latent_spread
    torch.testing.assert_close(other(IMAGES), plain(IMAGES), atol=1e-3, rtol=0)
