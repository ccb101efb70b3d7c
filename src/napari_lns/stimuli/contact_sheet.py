"""Contact sheets of training images."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_lns._files import explain_os_errors, write_atomically
from napari_lns._parameters import Range, check, inspect_parameters

__all__ = ["arrange", "world_sheet", "write_sheet"]

GAP = 4  # pixels


def arrange(images: ArrayLike, *, gap: int = GAP) -> NDArray[np.float32]:
    """Arrange images row by row in a nearly square grid on white.

    Parameters
    ----------
    images
        Images (n, H, W, 3) in [0, 1].
    gap
        Width of the margins between and around images, in pixels.

    Returns
    -------
    numpy.ndarray
        float32 (height, width, 3).

    Examples
    --------
    >>> arrange(np.zeros((5, 8, 8, 3)), gap=1).shape
    (19, 28, 3)
    """
    array = np.asarray(images, np.float32)
    if array.ndim != 4 or array.shape[-1] != 3 or not len(array):
        raise ValueError(f"images have the shape {array.shape}: it must be (n, height, width, 3)")
    count, height, width, _ = array.shape
    columns = int(np.ceil(np.sqrt(count)))
    rows = -(-count // columns)
    sheet = np.ones((gap + rows * (height + gap), gap + columns * (width + gap), 3), np.float32)
    for number, image in enumerate(array):
        top = gap + number // columns * (height + gap)
        left = gap + number % columns * (width + gap)
        sheet[top : top + height, left : left + width] = image
    return sheet


def world_sheet(
    name: str,
    *,
    count: Annotated[int, Range(1, 400)] = 25,
    seed: Annotated[int, Range(0, 2**31 - 1)] = 0,
) -> NDArray[np.float32]:
    """Draw the first training images of a world on one sheet.

    Parameters
    ----------
    name
        A stimulus that has a world (see `napari_lns.stimuli.world`), or the file of a scene.
    count
        Number of images.
    seed
        Random seed.

    Returns
    -------
    numpy.ndarray
        float32 (height, width, 3) in [0, 1].

    Examples
    --------
    >>> world_sheet("kanizsa_figure", count=4).shape
    (140, 140, 3)
    """
    from napari_lns.stimuli.worlds import world

    check(inspect_parameters(world_sheet), {"count": count, "seed": seed})
    if name.endswith(".json"):
        from napari_lns.stimuli.scene import Scene

        images = next(Scene.load(name).world(seed, count))
    else:
        images = next(world(name, seed=seed, batch=count))
    return arrange(np.moveaxis(images, 1, -1))


def write_sheet(
    path: str | os.PathLike[str], sheet: ArrayLike, *, scale: int = 2, overwrite: bool = False
) -> None:
    """Write a sheet into a PNG file.

    Parameters
    ----------
    path
        The file; its name ends in .png.
    sheet
        (height, width, 3) in [0, 1].
    scale
        Factor by which the sheet is enlarged.
    overwrite
        Whether to replace an existing file.

    Examples
    --------
    >>> write_sheet("grey.png", np.full((8, 8, 3), 0.5))
    """
    from PIL import Image  # only to write: the registry loads this module for its names

    target = Path(path)
    if target.suffix.lower() != ".png":
        raise ValueError(f"{target}: the suffix is {target.suffix!r}: a sheet is a .png file")
    if target.exists() and not overwrite:
        raise FileExistsError(f"{target} exists: give another name, or allow to overwrite it")
    bytes_ = (np.asarray(sheet) * 255).round().astype(np.uint8)
    large = bytes_.repeat(scale, axis=0).repeat(scale, axis=1)
    with explain_os_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with write_atomically(target) as beside:
            Image.fromarray(large).save(beside, format="PNG")
