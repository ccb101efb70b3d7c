"""Export of results for other programs: labels as PNG, the record as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from napari_lns._files import write_atomically
from napari_lns.segmentation.segmentation import Segmentation

__all__ = ["write_labels", "write_record"]


def write_labels(segmentation: Segmentation, path: str | os.PathLike[str]) -> None:
    """Write labels as a grey PNG whose values are the labels, with 8 bits, or 16 above 255.

    Parameters
    ----------
    segmentation
        The result.
    path
        The file to write.
    """
    from PIL import Image

    kind = np.uint8 if segmentation.clusters < 256 else np.uint16
    if segmentation.clusters > np.iinfo(np.uint16).max:
        raise ValueError(
            f"there are {segmentation.clusters} segments, but a PNG can store only 65,535: save an "
            "npz file"
        )
    with write_atomically(path) as beside:
        Image.fromarray(segmentation.labels.astype(kind)).save(beside, format="PNG")


def write_record(
    segmentation: Segmentation, path: str | os.PathLike[str], extra: Mapping[str, Any] | None = None
) -> None:
    """Write the record as JSON, with further information about the result.

    Parameters
    ----------
    segmentation
        The result.
    path
        The file to write.
    extra
        Further entries to write with the record, such as scores.
    """
    content = {"segments": segmentation.clusters, **(extra or {}), **segmentation.record}
    with write_atomically(path) as beside:
        beside.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
