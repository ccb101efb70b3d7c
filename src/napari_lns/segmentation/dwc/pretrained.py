"""What the large networks share: pictures brought to their size, weights found on this computer.

Nothing is ever downloaded from here: these weights are gigabytes, and fetching them is a decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

__all__ = ["as_batch", "weights_at_hand"]


def as_batch(
    image: NDArray[np.floating[Any]],
    size: tuple[int, int],
    mean: tuple[float, ...] = (0.5,),
    deviation: tuple[float, ...] = (0.5,),
) -> Tensor:
    """Bring a picture to a network's size and range.

    Parameters
    ----------
    image
        (H, W, 3) in [0, 1].
    size
        Height and width wanted.
    mean, deviation
        Of each channel; values become (image - mean) / deviation.

    Examples
    --------
    >>> as_batch(np.ones((4, 4, 3)), (2, 2)).tolist()[0][0]
    [[1.0, 1.0], [1.0, 1.0]]
    """
    given = torch.tensor(np.asarray(image), dtype=torch.float32).permute(2, 0, 1)[None]
    resized = torch.nn.functional.interpolate(
        given, size, mode="bicubic", align_corners=False, antialias=True
    ).clamp(0, 1)
    return (resized - torch.tensor(mean).view(-1, 1, 1)) / torch.tensor(deviation).view(-1, 1, 1)


@contextmanager
def weights_at_hand(weights: str) -> Iterator[None]:
    """Say in one sentence how to come by weights that could not be loaded.

    Parameters
    ----------
    weights
        The folder or the hub's name that they are loaded from.

    Examples
    --------
    >>> with weights_at_hand("some/model"):
    ...     raise OSError
    Traceback (most recent call last):
    FileNotFoundError: the weights of 'some/model' are not on this computer: fetch them once with
    `hf download some/model`, or give the folder that holds them
    """
    try:
        yield
    except (OSError, ValueError) as error:
        if Path(weights).is_dir():
            reason = str(error).strip().splitlines()[0] if str(error).strip() else "unreadable"
            raise FileNotFoundError(
                f"the folder {weights!r} holds no model that can be loaded from safetensors: "
                f"{reason}"
            ) from error
        raise FileNotFoundError(
            f"the weights of {weights!r} are not on this computer: fetch them once with "
            f"`hf download {weights}`, or give the folder that holds them"
        ) from error
