"""`Muon`: an optimiser whose steps have equal size in every direction of a weight matrix."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.optim import AdamW, Optimizer

__all__ = ["Muon"]

MOMENTUM = 0.95
# p(x) = a x + b x³ + c x⁵, five times over, brings every singular value from 0.001 to 1 near 1
COEFFICIENTS = (3.4445, -4.7750, 2.0315)
TIMES = 5
ADAM_SIZE = 0.2  # root mean square of AdamW's usual step, so that one rate serves both


class Muon(Optimizer):
    """Orthogonalised momentum for weight matrices and kernels, and AdamW for other parameters.

    A few strong directions dominate a gradient, and hide the small contributions of low contrast
    and colour. Muon (Jordan et al. 2024) replaces the singular values of the momentum by ones, so
    that all directions are learned at the same rate. Kernels are treated as matrices with one row
    for each output channel.

    Parameters
    ----------
    parameters
        The parameters to train.
    lr
        Learning rate, on the scale of AdamW.
    weight_decay
        Decoupled weight decay.
    dtype
        Data type of the products that orthogonalise the momentum.

    Examples
    --------
    >>> from torch import nn
    >>> layer = nn.Linear(3, 2)
    >>> optimizer = Muon(layer.parameters(), lr=1e-3)
    >>> layer(torch.ones(1, 3)).sum().backward()
    >>> optimizer.step()
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        lr: float,
        weight_decay: float = 0.0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        parameters = list(parameters)
        matrices = [parameter for parameter in parameters if parameter.ndim >= 2]
        others = [parameter for parameter in parameters if parameter.ndim < 2]
        self._dtype = dtype
        super().__init__([{"params": matrices}], {"lr": lr, "weight_decay": weight_decay})
        self._adam = AdamW([{"params": others}], lr=lr, weight_decay=weight_decay)
        self._adam.state = self.state
        self.param_groups += self._adam.param_groups

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Update the parameters by one step."""
        matrices = self.param_groups[0]
        for parameter in matrices["params"]:
            if parameter.grad is not None:
                lookahead = self._momentum(parameter, parameter.grad)
                direction = _orthogonalise(lookahead, self._dtype)
                parameter.mul_(1 - matrices["lr"] * matrices["weight_decay"])
                parameter.add_(direction, alpha=-matrices["lr"])
        self._adam.step()

    def _momentum(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        state = self.state[parameter]
        if not state:
            state["momentum"] = torch.zeros_like(parameter)
        momentum: Tensor = state["momentum"].lerp_(gradient, 1 - MOMENTUM)
        return gradient.lerp(momentum, MOMENTUM)


def _orthogonalise(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    """Replace the singular values of a matrix by about 1, scaled to the size of AdamW's steps."""
    matrix = tensor.flatten(1).to(dtype)
    wide = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    wide = wide / (wide.norm() + 1e-7)
    a, b, c = COEFFICIENTS
    for _ in range(TIMES):
        gram = wide @ wide.T
        wide = a * wide + (b * gram + c * gram @ gram) @ wide
    matrix = wide if matrix.shape[0] <= matrix.shape[1] else wide.T
    step: Tensor = ADAM_SIZE * max(matrix.shape) ** 0.5 * matrix.to(tensor.dtype)
    return step.view(tensor.shape)
