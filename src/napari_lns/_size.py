"""Limits on the size of images, of networks, and of lengths on images."""

from __future__ import annotations

__all__ = [
    "MOST_PIXELS",
    "MOST_UNITS",
    "WIDEST_BORDER",
    "WIDEST_MIN_WIDTH",
    "WIDEST_NEIGHBOURHOOD",
    "check_pixels",
]

MOST_PIXELS = 2**26  # 8192 × 8192: more is a decompression bomb or a mistake
MOST_UNITS = 4096  # latent units of a network
WIDEST_NEIGHBOURHOOD, WIDEST_BORDER, WIDEST_MIN_WIDTH = 15, 5, 15  # pixels


def check_pixels(height: int, width: int) -> None:
    """Raise ValueError for an image that is too large.

    Parameters
    ----------
    height, width
        Size in pixels.

    Examples
    --------
    >>> check_pixels(10**5, 10**5)
    Traceback (most recent call last):
    ValueError: the image has 100000 × 100000 pixels: crop or shrink it to at most 67,108,864
    """
    if height * width > MOST_PIXELS:
        raise ValueError(
            f"the image has {height} × {width} pixels: crop or shrink it to at most {MOST_PIXELS:,}"
        )
