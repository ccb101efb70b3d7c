"""`Plan`: the runs of a sweep, validated before anything is computed."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from napari_lns import models, stimuli
from napari_lns._parameters import check, complete_parameters
from napari_lns.segmentation.inputs import check_clusters, check_seed
from napari_lns.segmentation.segmenters import SEGMENTERS
from napari_lns.stimuli import Stimulus

__all__ = ["Plan", "Point"]

_SEGMENT_ARGUMENTS = ("clusters", "device", "segmenter")
_BLOCK = 16  # largest number of points that are computed and written together
_BLOCKS = 64  # blocks in a small sweep, so that all workers have some


@dataclass(frozen=True)
class Point:
    """One run of a sweep.

    Parameters
    ----------
    index
        Position in the sweep.
    values
        Values of the varied parameters of the stimulus.
    seed
        Seed of the stimulus and of the run.
    model
        Name of the model; "" for a method without one.
    method
        Further arguments of `segment`.
    """

    index: int
    values: Mapping[str, Any]
    seed: int
    model: str
    method: Mapping[str, Any]

    def draw_stimulus(self, stimulus: str) -> Stimulus:
        """Draw the stimulus of this run."""
        return stimuli.draw(stimulus, seed=self.seed, **self.values)


@dataclass(frozen=True)
class Plan:
    """All combinations of a stimulus's parameter values, models and methods.

    Parameters
    ----------
    stimulus
        Name of the stimulus.
    vary
        Lists of values by parameter of the stimulus; also ``"seed"``. `run` raises an error if
        several seeds draw the same image.
    models
        Names of models, or paths of their weights; empty for a segmenter without a model.
    methods
        Further arguments of `segment`, one mapping for each method: segmenter, method, noise,
        clusters. Without clusters, the number of segments is that of the ground truth.

    Examples
    --------
    >>> plan = Plan("kanizsa_figure", {"support_ratio": [0.2, 0.5]}, ["kanizsa-ae"])
    >>> plan.count, plan.point(1).values
    (2, {'support_ratio': 0.5})
    """

    stimulus: str
    vary: Mapping[str, Sequence[Any]]
    models: Sequence[str] = ()
    methods: Sequence[Mapping[str, Any]] = field(default_factory=lambda: ({},))

    def __post_init__(self) -> None:
        parameters = stimuli.parameters(self.stimulus)
        for name, values in self.vary.items():
            if name == "size" and len(values) > 1:
                raise ValueError(
                    "size cannot be varied, because the maps of a sweep form one stack: run a "
                    "sweep for each size"
                )
            if not values:
                raise ValueError(f"{name} has no values: give at least one")
            for value in values:
                check_seed(value) if name == "seed" else check(parameters, {name: value})
        if not self.methods:
            raise ValueError("methods are empty: give at least one mapping, which may be empty")
        for method in self.methods:
            self._check_method(method)
        for model in self.models:
            models.load(model)

    @property
    def count(self) -> int:
        """Number of runs."""
        return math.prod(map(len, self._axes))

    @property
    def block(self) -> int:
        """Number of runs that are computed and written together."""
        return max(1, min(_BLOCK, self.count // _BLOCKS))

    @property
    def blocks(self) -> int:
        """Number of blocks."""
        return -(-self.count // self.block)

    def point(self, index: int) -> Point:
        """Return one run; methods vary fastest, then models, then the last of the values."""
        places = []
        rest = index
        for axis in reversed(self._axes):
            rest, place = divmod(rest, len(axis))
            places.append(axis[place])
        *values_in_order, model, method = reversed(places)
        values = dict(zip(self.vary, values_in_order, strict=True))
        return Point(index, values, values.pop("seed", 0), model, method)

    def points(self, block: int) -> list[Point]:
        """Return the runs of one block."""
        first = block * self.block
        return [self.point(index) for index in range(first, min(first + self.block, self.count))]

    @property
    def record(self) -> dict[str, Any]:
        """The plan as a JSON-compatible record."""
        content = {
            "stimulus": self.stimulus,
            "vary": {name: list(values) for name, values in self.vary.items()},
            "models": list(self.models),
            "methods": [dict(method) for method in self.methods],
        }
        plain: dict[str, Any] = json.loads(json.dumps(content, default=_plain))
        return plain

    @cached_property
    def hash(self) -> str:
        """Hash of the record, which ties rows to this plan."""
        text = json.dumps(self.record, sort_keys=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def _axes(self) -> list[Sequence[Any]]:
        return [*self.vary.values(), self.models or ("",), self.methods]

    def _check_method(self, method: Mapping[str, Any]) -> None:
        segmenter = SEGMENTERS[method.get("segmenter", "lns")]
        own = {key: value for key, value in method.items() if key not in _SEGMENT_ARGUMENTS}
        complete_parameters(segmenter.parameters, own)
        check_clusters(method.get("clusters", "auto"))
        if segmenter.needs_model_for(own) and not self.models:
            raise ValueError(
                f"segmenter {segmenter.name!r} needs a model: name one of "
                f"{', '.join(models.names())}"
            )


def _plain(value: Any) -> Any:
    """Convert a NumPy scalar to a Python value."""
    return value.tolist()
