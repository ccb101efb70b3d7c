"""Forward-mode derivatives, computed by one thread at a time.

PyTorch counts the levels of forward-mode derivatives for the whole process: without the lock of
this module, runs in other threads fail or return zeros.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from torch import Tensor
from torch.func import jvp, vmap

__all__ = ["derivative", "derivatives"]

_forward_mode = Lock()


def derivative(function: Callable[[Tensor], Tensor], point: Tensor, direction: Tensor) -> Tensor:
    """Compute the derivative of a function at a point along one direction.

    Parameters
    ----------
    function
        Function from tensor to tensor.
    point, direction
        The point and the direction, tensors of the same shape.

    Returns
    -------
    torch.Tensor
        The derivative, in the shape of the function's result.

    Examples
    --------
    >>> import torch
    >>> derivative(torch.square, torch.tensor([3.0]), torch.tensor([1.0])).tolist()
    [6.0]
    """
    with _forward_mode:
        change: Tensor = jvp(function, (point,), (direction,))[1]
    return change


def derivatives(function: Callable[[Tensor], Tensor], point: Tensor, directions: Tensor) -> Tensor:
    """Compute the derivatives of a function at one point along many directions.

    Parameters
    ----------
    function
        Function from rows (n, …) to rows.
    point
        The point, one row (1, …).
    directions
        The directions (n, …).

    Returns
    -------
    torch.Tensor
        The derivatives (n, …), one row for each direction.

    Examples
    --------
    >>> import torch
    >>> derivatives(torch.square, torch.tensor([[3.0, 1.0]]), torch.eye(2)).tolist()
    [[6.0, 0.0], [0.0, 2.0]]
    """

    def derivative_along(direction: Tensor) -> Tensor:
        product: Tensor = jvp(function, (point,), (direction[None],))[1]
        return product[0]

    with _forward_mode:
        rows: Tensor = vmap(derivative_along)(directions)
    return rows
