"""A model's curve for a law: the measure for a sweep of stimuli and their controls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from napari_lns._progress import Report, ignore_share, report_each
from napari_lns.experiments.psychophysics.comparisons import DEFAULTS, Measure, measure
from napari_lns.experiments.psychophysics.human import reference
from napari_lns.experiments.psychophysics.laws import Law, law
from napari_lns.models import for_stimulus
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    from napari_lns.models.running import ModelLike, ReadyModel

__all__ = ["Curve", "curve"]

Values = NDArray[np.float64]
RESAMPLES = 2000


@dataclass(frozen=True, eq=False)
class Curve:
    """A model's measures for a law's sweep; arrays have the shape (values, count).

    Parameters
    ----------
    law
        Name of the law.
    model
        Name, kind and hash of the weights of the model.
    x
        The swept values.
    values, controls
        The measure for the stimuli, and for their controls.
    errors, control_errors
        Squared error of the reconstruction, mean over pixels and channels.
    levels
        Fit of most of the stimuli at each value to the network (`napari_lns.models.assess`); where
        they do not fit, the curve is not meaningful.
    parameters
        Parameters of the segmentation.
    seed
        Seed of the first stimulus.
    """

    law: str
    model: Mapping[str, Any]
    x: tuple[float, ...]
    values: Values
    controls: Values
    errors: Values
    control_errors: Values
    levels: tuple[str, ...]
    parameters: Mapping[str, Any]
    seed: int

    @classmethod
    def from_measures(
        cls,
        law: str,
        model: Mapping[str, Any],
        x: tuple[float, ...],
        measures: Sequence[Measure],
        parameters: Mapping[str, Any],
        seed: int,
    ) -> Curve:
        """Create a curve from the measures of each stimulus and its control, at each value of x."""
        (values, controls), (errors, control_errors), levels = (
            np.moveaxis(np.reshape(each, (len(x), -1, 2)), 2, 0)
            for each in (
                [each.value for each in measures],
                [each.error for each in measures],
                [each.level.value for each in measures],
            )
        )
        most = tuple(Counter(row.tolist()).most_common(1)[0][0] for row in levels[0])
        return cls(law, model, x, values, controls, errors, control_errors, most, parameters, seed)

    @property
    def advantages(self) -> Values:
        """Return whether each stimulus's measure exceeds its control's: 1, ½ for a tie, or 0.

        The mean is the model's proportion correct in discriminating the two.
        """
        advantages = (1 + np.sign(self.values - self.controls)) / 2
        return np.asarray(advantages, np.float64)

    @property
    def slopes(self) -> Values:
        """Slopes of the difference between stimulus and control along the axis, one for each seed.

        Least-squares slopes over the whole range of x; NaN for a single value.
        """
        x = np.asarray(self.x)
        if len(x) < 2:
            return np.full(self.values.shape[1], np.nan)
        centred = (x - x.mean()) / np.ptp(x)
        lead = self.values - self.controls
        slopes = centred @ lead / np.square(centred).sum()
        return np.asarray(slopes, np.float64)

    @property
    def agreement(self) -> Literal["agrees", "disagrees", "open"]:
        """Return whether the effect changes in the same direction as for people.

        The result is open if the 95% band of the mean slope contains 0.
        """
        low, high = bootstrap(self.slopes[None])[0]
        if np.isnan(low) or low <= 0 <= high:
            return "open"
        return "agrees" if (low > 0) == (reference(self.law).direction == "rises") else "disagrees"

    @property
    def record(self) -> dict[str, Any]:
        """The curve as a JSON-compatible record."""
        rows = [
            {
                "x": x,
                "fit": self.levels[k],
                **{name: _summary(each[k]) for name, each in self._columns().items()},
            }
            for k, x in enumerate(self.x)
        ]
        return {
            "law": self.law,
            "model": dict(self.model),
            "parameters": dict(self.parameters),
            "seed": self.seed,
            "count": self.values.shape[1],
            "slope": None if len(self.x) < 2 else _summary(self.slopes),
            "direction": self.agreement,
            "rows": rows,
        }

    def _columns(self) -> dict[str, Values]:
        return {
            "stimulus": self.values,
            "control": self.controls,
            "advantage": self.advantages,
            "error": self.errors,
            "control_error": self.control_errors,
        }


def curve(
    name: str,
    model: ModelLike | None = None,
    *,
    count: int = 40,
    seed: int = 0,
    values: Sequence[float] | None = None,
    report: Report = ignore_share,
    **parameters: Any,
) -> Curve:
    """Measure a model for a law's sweep of stimuli and controls.

    Parameters
    ----------
    name
        Name of the law, one of `names()`.
    model
        A model, its name or the path of its weights; by default, the shipped model trained on the
        world of the law's stimulus.
    count
        Number of stimuli at each value, each with its control.
    seed
        Seed of the first stimulus; stimuli at different values share seeds, so that they differ
        only in the swept parameter.
    values
        Values of the swept parameter; by default, those of the law.
    report
        Receives the completed share.
    **parameters
        As for `measure`: device, and those of `napari_lns.segmentation.LNSSettings`.

    Returns
    -------
    Curve

    Raises
    ------
    ValueError
        If no model is given and none ships for the law's stimulus.

    Examples
    --------
    >>> from napari_lns.models import AutoEncoder
    >>> result = curve("closure", AutoEncoder(), count=1, values=[0.4], method="exact")
    >>> result.values.shape
    (1, 1)
    """
    from napari_lns.models.running import prepare_model  # PyTorch is slow to import

    if count < 1:
        raise ValueError(f"count is {count}: give 1 or more stimuli at each value")
    law_ = law(name)
    chosen_model = for_stimulus(law_.stimulus) if model is None else model
    prepared = prepare_model(chosen_model, parameters.get("device", "auto")).without_rescaling()
    x = tuple(float(value) for value in (law_.values if values is None else values))
    side = {"size": prepared.image_size[0]} if prepared.image_size else {}
    stimuli = _stimuli(law_, x, count, seed, side)
    measures = report_each(
        _measures(stimuli, prepared, seed, parameters), 2 * len(x) * count, report
    )
    return Curve.from_measures(
        name, prepared.record, x, [*measures], {**DEFAULTS, **parameters}, seed
    )


def bootstrap(values: Values, *, level: float = 0.95, seed: int = 0) -> Values:
    """Compute a bootstrap band of each row's mean: percentiles over resampled stimuli, (rows, 2).

    Parameters
    ----------
    values
        (rows, count).
    level
        Share of resampled means within the band.
    seed
        Seed of the resampling.

    Returns
    -------
    array of float64
        Lower and upper end.

    Examples
    --------
    >>> bootstrap(np.ones((1, 5)))
    array([[1., 1.]])
    """
    picks = np.random.default_rng(seed).integers(0, values.shape[1], (RESAMPLES, values.shape[1]))
    means = np.mean(values[:, picks], axis=2)
    ends = np.quantile(means, [(1 - level) / 2, (1 + level) / 2], axis=1)
    return np.asarray(ends.T, np.float64)


def _stimuli(
    law_: Law, values: Sequence[float], count: int, seed: int, side: Mapping[str, int]
) -> Iterator[Stimulus]:
    for value in values:
        for number in range(seed, seed + count):
            for controlled in (False, True):
                yield law_.draw_stimulus(value, number, controlled=controlled, **side)


def _measures(
    stimuli: Iterable[Stimulus], model: ReadyModel, seed: int, parameters: Mapping[str, Any]
) -> Iterator[Measure]:
    """Measure stimuli in parallel, stimulus i with ``seed + i``."""
    from napari_lns.segmentation._threads import run_parallel

    calls = (
        partial(measure, stimulus, model, seed=seed + number, **parameters)
        for number, stimulus in enumerate(stimuli)
    )
    return run_parallel(calls, "curve")


def _summary(values: Values) -> dict[str, float]:
    low, high = bootstrap(values[None])[0]
    return {"mean": float(np.mean(values)), "low": float(low), "high": float(high)}
