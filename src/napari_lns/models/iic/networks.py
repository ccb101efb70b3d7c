"""The networks of invariant information clustering: for digits, photographs and pixels."""

from __future__ import annotations

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from napari_lns.models.iic.transforms import GREY

__all__ = ["DigitNetwork", "Heads", "IICNetwork", "PhotoNetwork", "PixelNetwork", "edges"]

_SOBEL = ((-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), (-1.0, 0.0, 1.0))


class Heads(nn.Module):
    """Independent copies of a last layer, each of which returns cluster probabilities.

    Parameters
    ----------
    features
        Number of input channels.
    clusters
        Number of clusters C.
    copies
        Number of independent sub-heads, 5 in the paper.

    Examples
    --------
    >>> Heads(8, 3, copies=5)(torch.zeros(2, 8, 4, 4)).shape
    torch.Size([5, 2, 3, 4, 4])
    """

    losses: Tensor

    def __init__(self, features: int, clusters: int, copies: int = 1) -> None:
        super().__init__()
        if clusters < 2:
            raise ValueError(f"clusters is {clusters}: give 2 or more")
        self.clusters, self.copies = clusters, copies
        self.layer = nn.Conv2d(features, copies * clusters, 1)
        # large initial weights: uniform probabilities would collapse into few clusters
        nn.init.normal_(self.layer.weight, std=2.4 / features**0.5)
        nn.init.zeros_(cast(Tensor, self.layer.bias))
        self.register_buffer("losses", torch.zeros(copies))

    @property
    def best(self) -> int:
        """Index of the copy with the lowest training loss."""
        return int(self.losses.argmin())

    @torch.no_grad()
    def update_losses(self, losses: Tensor, momentum: float = 0.95) -> None:
        """Update the moving averages of the copies' losses after a training step."""
        self.losses.lerp_(losses.float(), 1 - momentum)

    def forward(self, features: Tensor) -> Tensor:
        """Return probabilities (copies, n, C, h, w) for features (n, channels, h, w)."""
        scores: Tensor = self.layer(features)
        count, _, height, width = scores.shape
        split = scores.view(count, self.copies, self.clusters, height, width)
        return split.softmax(dim=2).transpose(0, 1)


class IICNetwork(nn.Module):
    """A trunk with a main head, and an auxiliary head with more clusters for training.

    Parameters
    ----------
    trunk
        Module from images (n, channels, H, W), with 3 channels if `sobel`, to features
        (n, features, h, w).
    features
        Number of channels that the trunk returns.
    clusters
        Number of clusters C of the main head.
    auxiliary
        Number of clusters of the auxiliary head; 0 for none.
    copies
        Number of sub-heads of each head.
    sobel
        Whether the trunk receives grey values and their Sobel responses in place of colour.

    Attributes
    ----------
    card
        Settings, curve and scores of a trained network.
    """

    def __init__(
        self,
        trunk: nn.Module,
        features: int,
        *,
        clusters: int,
        auxiliary: int = 0,
        copies: int = 1,
        sobel: bool = False,
    ) -> None:
        super().__init__()
        self.card: dict[str, Any] = {}
        self.trunk, self.features, self.sobel = trunk, features, sobel
        self.main = Heads(features, clusters, copies)
        self.auxiliary = Heads(features, auxiliary, copies) if auxiliary else None

    @property
    def heads(self) -> list[Heads]:
        """The heads that training alternates between."""
        return [self.main] if self.auxiliary is None else [self.auxiliary, self.main]

    def extract_features(self, images: Tensor) -> Tensor:
        """Return the features (n, features, h, w) of images (n, channels, H, W)."""
        features: Tensor = self.trunk(edges(images) if self.sobel else images)
        return features

    def forward(self, images: Tensor, head: Heads | None = None) -> Tensor:
        """Return the probabilities (copies, n, C, h, w) of a head; the default is the main head."""
        probabilities: Tensor = (head or self.main)(self.extract_features(images))
        return probabilities


class DigitNetwork(IICNetwork):
    """Four 5 × 5 convolutions with 64, 128, 256 and 512 channels: the paper's network for digits.

    Parameters
    ----------
    size
        Height and width of the images (n, 1, H, W) in pixels, at least 8.
    clusters, auxiliary, copies
        As in `IICNetwork`.
    width
        A factor on all numbers of channels.

    Examples
    --------
    >>> DigitNetwork((8, 8), width=0.125)(torch.zeros(4, 1, 8, 8)).shape
    torch.Size([1, 4, 10, 1, 1])
    """

    def __init__(
        self,
        size: tuple[int, int],
        *,
        clusters: int = 10,
        auxiliary: int = 0,
        copies: int = 1,
        width: float = 1.0,
    ) -> None:
        if min(size) < 8:
            raise ValueError(f"the images have {size[0]} × {size[1]} pixels: 8 × 8 are needed")
        a, b, c, d = _channels(width, 64, 128, 256, 512)
        trunk = nn.Sequential(
            _convolution(1, a, 5),
            nn.MaxPool2d(2),
            _convolution(a, b, 5),
            nn.MaxPool2d(2),
            _convolution(b, c, 5),
            nn.MaxPool2d(2),
            _convolution(c, d, 5),
            nn.Flatten(),
            nn.Unflatten(1, (-1, 1, 1)),
        )
        features = d * (size[0] // 8) * (size[1] // 8)
        super().__init__(trunk, features, clusters=clusters, auxiliary=auxiliary, copies=copies)


class PhotoNetwork(IICNetwork):
    """A small residual network for whole photographs, on grey values and Sobel responses.

    Parameters
    ----------
    clusters, auxiliary, copies
        As in `IICNetwork`.
    width
        A factor on all numbers of channels.

    Examples
    --------
    >>> PhotoNetwork(clusters=4, width=0.125)(torch.zeros(2, 3, 32, 32)).shape
    torch.Size([1, 2, 4, 1, 1])
    """

    def __init__(
        self, *, clusters: int, auxiliary: int = 0, copies: int = 1, width: float = 1.0
    ) -> None:
        a, b, c, d = _channels(width, 64, 128, 256, 512)
        trunk = nn.Sequential(
            _convolution(3, a, 3),
            _Residual(a, a, stride=1),
            _Residual(a, b, stride=2),
            _Residual(b, c, stride=2),
            _Residual(c, d, stride=2),
            nn.AdaptiveAvgPool2d(1),
        )
        super().__init__(
            trunk, d, clusters=clusters, auxiliary=auxiliary, copies=copies, sobel=True
        )


class PixelNetwork(IICNetwork):
    """The paper's net10a: cluster probabilities for every pixel of images (n, 3, H, W).

    Parameters
    ----------
    clusters, auxiliary, copies, sobel
        As in `IICNetwork`.
    width
        A factor on all numbers of channels.

    Examples
    --------
    >>> PixelNetwork(clusters=3, width=0.125)(torch.zeros(2, 3, 20, 30)).shape
    torch.Size([1, 2, 3, 20, 30])
    """

    def __init__(
        self,
        *,
        clusters: int,
        auxiliary: int = 0,
        copies: int = 1,
        width: float = 1.0,
        sobel: bool = False,
    ) -> None:
        a, b, c, d = _channels(width, 64, 128, 256, 512)
        trunk = nn.Sequential(
            _convolution(3, a, 3),
            _convolution(a, b, 3),
            nn.MaxPool2d(2),
            _convolution(b, c, 3),
            _convolution(c, c, 3),
            _convolution(c, d, 3, dilation=2),
            _convolution(d, d, 3, dilation=2),
        )
        super().__init__(
            trunk, d, clusters=clusters, auxiliary=auxiliary, copies=copies, sobel=sobel
        )

    def forward(self, images: Tensor, head: Heads | None = None) -> Tensor:
        """Return probabilities (copies, n, C, H, W), resized to the images' size."""
        probabilities = super().forward(images, head)
        size = (int(images.shape[-2]), int(images.shape[-1]))
        larger = F.interpolate(probabilities.flatten(0, 1), size=size, mode="bilinear")
        return larger.view(*probabilities.shape[:3], *size)


class _Residual(nn.Module):
    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _convolution(before, after, 3, stride=stride),
            nn.Conv2d(after, after, 3, padding=1, bias=False),
            nn.BatchNorm2d(after),
        )
        same = before == after and stride == 1
        self.short = nn.Identity() if same else nn.Conv2d(before, after, 1, stride, bias=False)

    def forward(self, images: Tensor) -> Tensor:
        return F.relu(self.body(images) + self.short(images))


def edges(images: Tensor) -> Tensor:
    """Return grey values and both Sobel responses: (n, c, H, W) to (n, 3, H, W).

    Examples
    --------
    >>> edges(torch.linspace(0, 1, 5).expand(1, 3, 5, 5))[0, :, 2, 2].tolist()  # a ramp along x
    [0.5, 0.25, 0.0]
    """
    weights = images.new_tensor(GREY) if images.shape[1] == 3 else images.new_ones(1)
    grey = torch.einsum("nchw,c->nhw", images, weights)[:, None]
    across = images.new_tensor(_SOBEL)[None, None] / 8
    filters = torch.cat([across, across.transpose(2, 3)])
    return torch.cat([grey, F.conv2d(F.pad(grey, (1, 1, 1, 1), mode="replicate"), filters)], dim=1)


def _convolution(
    before: int, after: int, kernel: int, *, stride: int = 1, dilation: int = 1
) -> nn.Sequential:
    padding = dilation * (kernel // 2)
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, padding, dilation, bias=False),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )


def _channels(width: float, *numbers: int) -> list[int]:
    if not 0 < width <= 8:
        raise ValueError(f"width is {width}: it must be more than 0 and at most 8")
    return [max(1, round(width * number)) for number in numbers]
