"""IIC's dense loss, with its gradient: one cross-correlation against a plain loop.

Run `python benchmarks/iic.py`. The loop takes one displacement after another; `conv2d` is the same
cross-correlation with the maps as kernels; the package does it by Fourier transforms.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from napari_lns.models.iic.loss import displaced_joints, information_loss

CASES = ((16, 3, 64, 5), (16, 10, 64, 5), (16, 10, 64, 10), (4, 10, 96, 10))
REPEATS = 3


def loop(first: Tensor, second: Tensor, reach: int) -> Tensor:
    """Give the joint matrices (2T + 1, 2T + 1, C, C), one displacement after another."""
    height, width = first.shape[2:]
    padded = F.pad(second, (reach,) * 4)
    span = range(2 * reach + 1)
    rows = [
        [
            torch.einsum(
                "nchw,ndhw->cd", first, padded[..., row : row + height, column : column + width]
            )
            for column in span
        ]
        for row in span
    ]
    return torch.stack([torch.stack(row) for row in rows])


def convolution(first: Tensor, second: Tensor, reach: int) -> Tensor:
    """Give the same by one convolution with the maps as kernels."""
    sums = F.conv2d(second.transpose(0, 1), first.transpose(0, 1), padding=reach)
    return sums.permute(2, 3, 1, 0)


def main() -> None:
    """Print times of one loss with its gradient, and how many times faster than the loop."""
    torch.set_num_threads(1)
    print("| images | clusters | side | T | loop | conv2d | ours | loop / ours |")
    print("|" + "---|" * 8)
    for count, clusters, side, reach in CASES:
        maps = [torch.randn(count, clusters, side, side).softmax(dim=1) for _ in range(2)]
        ways = (loop, convolution, displaced_joints)
        expected = loop(*maps, reach)
        for way in ways:
            torch.testing.assert_close(way(*maps, reach), expected, rtol=1e-4, atol=1e-2)
        plain, convolved, ours = (_seconds(way, maps, reach) for way in ways)
        print(
            f"| {count} | {clusters} | {side} | {reach} | {1e3 * plain:.0f} ms | "
            f"{1e3 * convolved:.0f} ms | {1e3 * ours:.0f} ms | {plain / ours:.0f} × |"
        )


def _seconds(way: Callable[[Tensor, Tensor, int], Tensor], maps: list[Tensor], reach: int) -> float:
    best = float("inf")
    for _ in range(REPEATS):
        given = [each.clone().requires_grad_() for each in maps]
        start = time.process_time()  # one thread: the processor's time, whatever else runs
        joints = way(given[0], given[1], reach)
        information_loss(joints / joints.sum(dim=(-2, -1), keepdim=True)).mean().backward()
        best = min(best, time.process_time() - start)
    return best


if __name__ == "__main__":
    main()
