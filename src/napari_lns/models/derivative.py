"""Forward-mode derivatives, one thread at a time: torch counts their levels for the whole process.

Everything here that needs such a derivative takes it from this module. Without the lock, runs in
other threads fail, or return zeros.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from torch import Tensor
from torch.func import jvp, vmap

__all__ = ["derivative", "derivatives"]

_forward_mode = Lock()


def derivative(function: Callable[[Tensor], Tensor], point: Tensor, direction: Tensor) -> Tensor:
    """Return a function's derivative at a point along one direction.

    Parameters
    ----------
    function
        From tensor to tensor.
    here, direction
        The point and the direction, of one shape.

    Returns
    -------
    torch.Tensor
        In the shape of the function's result.

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
    """Return a function's derivatives at one row along many directions.

    Parameters
    ----------
    function
        From rows (n, …) to rows.
    here
        One row, (1, …).
    directions
        (n, …).

    Returns
    -------
    torch.Tensor
        (n, …), one row for each direction.
    """

    def derivative_along(direction: Tensor) -> Tensor:
        product: Tensor = jvp(function, (point,), (direction[None],))[1]
        return product[0]

    with _forward_mode:
        rows: Tensor = vmap(derivative_along)(directions)
    return rows
