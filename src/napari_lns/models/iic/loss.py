"""The two losses of invariant information clustering: for whole images, and for pixels."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = [
    "clustering_loss",
    "dense_loss",
    "displaced_joints",
    "information_loss",
    "joint_distribution",
]

_SMALLEST = 1e-12  # probabilities are clamped here, so that logarithms stay finite


def clustering_loss(first: Tensor, second: Tensor, *, evenness: float = 1.0) -> Tensor:
    """Compute minus the mutual information of cluster probabilities for two versions of samples.

    Parameters
    ----------
    first, second
        Cluster probabilities (..., n, C) for n samples and for other versions of them.
    evenness
        λ, the weight of the marginals' entropy: 1 for mutual information, more for even clusters.

    Returns
    -------
    torch.Tensor
        The loss (...). With an evenness of 1 it lies between -log C (perfect agreement) and 0
        (independence).

    Examples
    --------
    >>> answers = torch.eye(2).repeat(3, 1)
    >>> round(float(clustering_loss(answers, answers)), 4)  # two even clusters: -log 2
    -0.6931
    """
    return information_loss(joint_distribution(first, second), evenness=evenness)


def dense_loss(
    first: Tensor,
    second: Tensor,
    *,
    reach: int = 10,
    mask: Tensor | None = None,
    evenness: float = 1.0,
) -> Tensor:
    """Compute minus the mutual information of pixels and their neighbours in another version.

    Parameters
    ----------
    first, second
        Maps of cluster probabilities (n, C, H, W) for two versions of n images, in the same frame.
    reach
        T: each pixel is paired with pixels up to T rows and T columns away, including itself.
    mask
        Pixels (n, H, W) that both versions show. The default is all pixels.
    evenness
        λ, the weight of the marginals' entropy: 1 for mutual information, more for even clusters.

    Returns
    -------
    torch.Tensor
        The mean loss over all displacements, a scalar.

    Examples
    --------
    >>> halves = torch.eye(2)[None, :, :, None].repeat(1, 1, 1, 4).repeat_interleave(4, dim=2)
    >>> round(float(dense_loss(halves, halves, reach=0)), 4)
    -0.6931
    """
    if mask is not None:
        _check_mask(mask, first)
        shown = mask[:, None].to(first.dtype)
        first, second = first * shown, second * shown
    joints = displaced_joints(first, second, reach)
    totals = joints.sum(dim=(-2, -1), keepdim=True)
    paired = totals[..., 0, 0] > 0.5  # a mask can leave a displacement without any pair
    return information_loss(joints[paired] / totals[paired], evenness=evenness).mean()


def information_loss(joints: Tensor, *, evenness: float = 1.0) -> Tensor:
    """Compute minus the mutual information of symmetrised joint distributions (..., C, C).

    Parameters
    ----------
    joints
        Joint distributions (..., C, C) that sum to 1.
    evenness
        λ, the weight of the marginals' entropy.

    Returns
    -------
    torch.Tensor
        The loss (...).

    Examples
    --------
    >>> float(information_loss(torch.full((2, 2), 0.25)).abs() < 1e-6)  # independent
    1.0
    """
    even = ((joints + joints.transpose(-2, -1)) / 2).clamp(min=_SMALLEST)
    log_marginals = even.sum(dim=-1).log()
    independent = log_marginals[..., :, None] + log_marginals[..., None, :]
    return -(even * (even.log() - evenness * independent)).sum(dim=(-2, -1))


def joint_distribution(first: Tensor, second: Tensor) -> Tensor:
    """Compute the joint distribution (..., C, C) of cluster probabilities (..., n, C).

    Examples
    --------
    >>> joint_distribution(torch.eye(2), torch.eye(2)).tolist()
    [[0.5, 0.0], [0.0, 0.5]]
    """
    _check_pair(first, second, clusters=first.shape[-1])
    return first.transpose(-2, -1) @ second / first.shape[-2]


def displaced_joints(first: Tensor, second: Tensor, reach: int) -> Tensor:
    """Sum the products of cluster probabilities of pixels and displaced pixels.

    The sums for all displacements are a cross-correlation of the two maps, which is computed by
    Fourier transforms padded by `reach`.

    Parameters
    ----------
    first, second
        Maps (n, C, H, W).
    reach
        The largest displacement T in pixels, along both axes.

    Returns
    -------
    torch.Tensor
        The sums (2T + 1, 2T + 1, C, C), indexed by the displacement in rows and in columns, the
        cluster in `first` and the cluster in `second`.

    Examples
    --------
    >>> displaced_joints(torch.ones(1, 2, 3, 3), torch.ones(1, 2, 3, 3), 1)[1, :, 0, 0].tolist()
    [6.0, 9.0, 6.0]
    """
    _check_pair(first, second, clusters=first.shape[1] if first.ndim == 4 else 0)
    height, width = first.shape[-2:]
    if not 0 <= reach < min(height, width):
        raise ValueError(
            f"reach is {reach}: it must be from 0 to {min(height, width) - 1}, "
            f"less than the maps' {height} × {width} pixels"
        )
    size = (height + reach, width + reach)
    spectra = torch.einsum(
        "nchw,ndhw->cdhw", torch.fft.rfft2(first, s=size).conj(), torch.fft.rfft2(second, s=size)
    )
    sums: Tensor = torch.fft.irfft2(spectra, s=size).roll((reach, reach), dims=(-2, -1))
    return sums[..., : 2 * reach + 1, : 2 * reach + 1].permute(2, 3, 0, 1)


def _check_pair(first: Tensor, second: Tensor, clusters: int) -> None:
    if first.shape != second.shape:
        raise ValueError(
            f"the probabilities of the two versions have the shapes {tuple(first.shape)} and "
            f"{tuple(second.shape)}: they must be equal"
        )
    if clusters < 2 or 0 in first.shape:
        raise ValueError(
            f"the probabilities have the shape {tuple(first.shape)}: at least one sample and two "
            "clusters are needed, since one cluster carries no information"
        )


def _check_mask(mask: Tensor, maps: Tensor) -> None:
    if mask.shape != (maps.shape[0], *maps.shape[2:]):
        raise ValueError(
            f"mask has the shape {tuple(mask.shape)} beside maps of {tuple(maps.shape)}: "
            "it must be (images, height, width)"
        )
    if not mask.any():
        raise ValueError("mask leaves no pixel that both versions show: use a milder transform")
