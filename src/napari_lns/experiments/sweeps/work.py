"""Computation of a block of runs of a sweep, of which single runs may fail."""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._files import describe_error
from napari_lns._levels import read_level
from napari_lns.experiments.scoring import true_clusters
from napari_lns.experiments.sweeps.plan import Plan, Point
from napari_lns.experiments.sweeps.store import MAPS, Block, Row
from napari_lns.segmentation import segment

if TYPE_CHECKING:
    from napari_lns.models.running import ReadyModel

__all__ = ["run_block"]


def run_block(plan: Plan, number: int) -> Block:
    """Compute one block.

    Parameters
    ----------
    plan
        Plan of the sweep.
    number
        Number of the block.

    Returns
    -------
    Block
        A failed run has the reason in the ``fault`` of its row, and zeros in its maps.
    """
    runs = [_run(plan.stimulus, point) for point in plan.points(number)]
    shape = next((maps["labels"].shape for _, maps in runs if maps), None)
    stacks = {} if shape is None else {name: _stack(name, shape, runs) for name in MAPS}
    return Block(number, [row for row, _ in runs], stacks)


def _run(name: str, point: Point) -> tuple[Row, dict[str, Any]]:
    row: Row = {
        "index": point.index,
        "stimulus": name,
        **point.values,
        "seed": point.seed,
        "model": point.model,
        **{f"segment_{key}": value for key, value in point.method.items()},
    }
    start = time.perf_counter()
    try:
        stimulus = point.draw_stimulus(name)
        arguments = {"clusters": true_clusters(stimulus), **point.method}
        segmentation = segment(
            stimulus, _prepare_model(point, arguments), seed=point.seed, **arguments
        )
    except (ValueError, RuntimeError, MemoryError) as error:
        return {**row, "fault": describe_error(error)}, {}
    scores = {
        name: _finite(value) for name, value in asdict(segmentation.agreement(stimulus)).items()
    }
    row |= {
        "clusters": segmentation.clusters,
        **scores,
        "fit": read_level(segmentation.record),
        "error": _mean(segmentation.error),
        "variance": _mean(segmentation.variance),
        "seconds": round(time.perf_counter() - start, 4),
    }
    variance = (
        np.zeros(segmentation.labels.shape)
        if segmentation.variance is None
        else segmentation.variance
    )
    image = np.rint(segmentation.image * 255)
    return row, {"images": image, "labels": segmentation.labels, "variance": variance}


def _prepare_model(point: Point, arguments: dict[str, Any]) -> ReadyModel | None:
    return _load_model(point.model, arguments.get("device", "auto")) if point.model else None


@lru_cache(maxsize=4)
def _load_model(model: str, device: str) -> ReadyModel:
    """Load a model; those of the last blocks are cached."""
    from napari_lns.models.running import prepare_model

    return prepare_model(model, device)


def _stack(name: str, shape: tuple[int, ...], runs: list[tuple[Row, dict[str, Any]]]) -> Any:
    kind, pixel = MAPS[name]
    stack = np.zeros((len(runs), *shape, *pixel), kind)
    for place, (_, maps) in enumerate(runs):
        if maps:
            stack[place] = maps[name]
    return stack


def _mean(values: NDArray[np.float32] | None) -> float | None:
    return None if values is None else _finite(float(np.mean(values)))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
