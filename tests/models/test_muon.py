"""What the optimiser does with matrices, and with everything else."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from napari_lns.models.training.muon import Muon


def stepped(parameter: nn.Parameter, gradient: torch.Tensor, **settings: float) -> torch.Tensor:
    before = parameter.detach().clone()
    parameter.grad = gradient
    Muon([parameter], **{"lr": 1e-3, **settings}).step()
    return before - parameter.detach()


@given(rows=st.integers(2, 20), columns=st.integers(2, 20), seed=st.integers(0, 99))
def test_a_step_is_about_equally_long_in_every_direction_of_a_matrix(rows, columns, seed):
    torch.manual_seed(seed)
    step = stepped(nn.Parameter(torch.zeros(rows, columns)), torch.randn(rows, columns))
    values = torch.linalg.svdvals(step)
    strong = values[: max(1, min(rows, columns) // 2)]
    assert values.max() < 1.3 * 1e-3 * 0.2 * max(rows, columns) ** 0.5
    assert strong.min() > 0.5 * values.max()


def test_the_size_of_a_gradient_does_not_count():
    torch.manual_seed(0)
    gradient = torch.randn(4, 6)
    small = stepped(nn.Parameter(torch.zeros(4, 6)), 1e-3 * gradient)
    large = stepped(nn.Parameter(torch.zeros(4, 6)), 1e3 * gradient)
    torch.testing.assert_close(small, large)


def test_a_kernel_moves_as_the_matrix_that_it_is():
    torch.manual_seed(0)
    gradient = torch.randn(4, 3, 2, 2)
    kernel = stepped(nn.Parameter(torch.zeros(4, 3, 2, 2)), gradient)
    matrix = stepped(nn.Parameter(torch.zeros(4, 12)), gradient.flatten(1))
    torch.testing.assert_close(kernel.flatten(1), matrix)


def test_kernels_with_the_channels_last_in_memory_move_as_any_other():
    torch.manual_seed(0)
    gradient = torch.randn(4, 3, 2, 2)
    plain = stepped(nn.Parameter(torch.zeros(4, 3, 2, 2)), gradient)
    last = nn.Parameter(torch.zeros(4, 3, 2, 2).to(memory_format=torch.channels_last))
    torch.testing.assert_close(stepped(last, gradient.to(memory_format=torch.channels_last)), plain)


def test_biases_move_as_with_adamw():
    gradient = torch.tensor([1.0, -2.0, 0.0])
    own = stepped(nn.Parameter(torch.ones(3)), gradient, weight_decay=0.1)
    bias = nn.Parameter(torch.ones(3))
    bias.grad = gradient
    torch.optim.AdamW([bias], lr=1e-3, weight_decay=0.1).step()
    torch.testing.assert_close(own, 1 - bias.detach())


def test_weights_decay_by_rate_times_decay():
    weights = nn.Parameter(torch.ones(2, 2))
    stepped(weights, torch.zeros(2, 2), lr=0.1, weight_decay=0.5)
    torch.testing.assert_close(weights.detach(), torch.full((2, 2), 0.95))


def test_a_network_without_a_matrix_or_without_a_bias_can_be_trained():
    for parameter in (nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3, 3))):
        assert stepped(parameter, torch.ones_like(parameter)).abs().max() > 0


@pytest.mark.parametrize("ndim", [1, 2, 4])
def test_a_parameter_without_a_gradient_stays(ndim):
    parameter = nn.Parameter(torch.ones((2,) * ndim))
    Muon([parameter], lr=1e-3).step()
    assert (parameter == 1).all()
