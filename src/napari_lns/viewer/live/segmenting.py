"""Segment a stimulus and measure its law, for the *Segments* box of the Stimuli widget.

This code runs off the main thread and must not use Qt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Layer
from numpy.typing import NDArray

from napari_lns.segmentation import Segmentation, segment
from napari_lns.stimuli import Stimulus
from napari_lns.viewer.layers.planning import LayerPlan, plan_layers
from napari_lns.viewer.own_models import AUTO, load_trusted_model
from napari_lns.viewer.preferences import preference

if TYPE_CHECKING:
    from napari_lns.experiments.psychophysics.visits import Visit

__all__ = ["LiveNetwork", "LiveResult", "segment_count"]

Pixel = tuple[int, int]


@dataclass(frozen=True, eq=False)
class LiveResult:
    """A segmented stimulus, the planned layers and the measure of its law.

    Parameters
    ----------
    stimulus
        The stimulus.
    layer
        The layer of its image.
    segmentation
        The result.
    plans
        The planned layers of the result.
    affinity
        The affinity of one pixel to all others, (H, W).
    has_law
        Whether a law is defined for this kind of stimulus.
    visit
        The measurement; None if there is no law, or if it has no pixels to compare.
    """

    stimulus: Stimulus
    layer: Layer
    segmentation: Segmentation
    plans: Sequence[LayerPlan]
    affinity: NDArray[np.float32]
    has_law: bool
    visit: Visit | None


class LiveNetwork:
    """A network that is loaded once and segments stimuli with the exact method.

    Parameters
    ----------
    spec
        The model specification, as `napari_lns.viewer.own_models.load_model` takes it.

    Examples
    --------
    >>> from napari_lns import stimuli
    >>> network = LiveNetwork("kanizsa-figure")
    >>> network.segment(stimuli.draw("kanizsa_figure")).clusters
    3
    """

    def __init__(self, spec: str) -> None:
        self.spec = spec

    def segment(self, stimulus: Stimulus) -> Segmentation:
        """Segment a stimulus into as many segments as its ground truth has."""
        count, device = segment_count(stimulus), preference("device")
        segmentation = segment(stimulus, self._model, method="exact", clusters=count, device=device)
        chosen = segmentation.record["model"]["name"] if self.spec == AUTO else self.spec
        return replace(segmentation, record={**segmentation.record, "chosen": chosen})

    def compute_result(self, stimulus: Stimulus, layer: Layer, pixel: Pixel | None) -> LiveResult:
        """Segment a stimulus, plan its layers and measure its law.

        Parameters
        ----------
        stimulus
            The stimulus.
        layer
            The layer of its image.
        pixel
            The pixel whose affinity is computed; the centre of the image if None.

        Returns
        -------
        LiveResult
        """
        from napari_lns.experiments.psychophysics.visits import Visit, find_law

        segmentation = self.segment(stimulus)
        truth = stimulus.labels if stimulus.labels.min() < stimulus.labels.max() else None
        score = None if truth is None else segmentation.score(truth)
        value, spec = self._measure(stimulus), segmentation.record["chosen"]
        arguments = (
            stimulus.name,
            stimulus.parameters,
            stimulus.seed,
            spec,
            segment_count(stimulus),
        )
        return LiveResult(
            stimulus,
            layer,
            segmentation,
            plan_layers({0: segmentation}, truth=truth, score=score),
            segmentation.affinity(*_clamp_pixel(pixel, stimulus.shape)),
            find_law(stimulus.name) is not None,
            None if value is None else Visit(*arguments, value),
        )

    def measure_control(self, stimulus: Stimulus) -> float | None:
        """Return the measure of the law for the control of a stimulus."""
        from napari_lns.experiments.psychophysics.visits import draw_control

        return self._measure(draw_control(stimulus))

    def _measure(self, stimulus: Stimulus) -> float | None:
        """Return the measure of the law; None if there is no law, or no pixels to compare."""
        from napari_lns.experiments.psychophysics.comparisons import measure_or_nan
        from napari_lns.experiments.psychophysics.visits import find_law
        from napari_lns.models import suggest

        if find_law(stimulus.name) is None:
            return None
        model = suggest(stimulus).model if self.spec == AUTO else self._model
        value = measure_or_nan(stimulus, model, device=preference("device"))
        return None if np.isnan(value) else value

    @cached_property
    def _model(self) -> Any:
        from napari_lns.models.running import prepare_model

        model = load_trusted_model(self.spec)
        return model if self.spec == AUTO else prepare_model(model, preference("device"))


def segment_count(stimulus: Stimulus) -> int:
    """Return the number of segments in the ground truth, at least two."""
    return max(2, len(np.unique(stimulus.labels)))


def _clamp_pixel(pixel: Pixel | None, shape: tuple[int, int]) -> Pixel:
    height, width = shape
    row, column = (height // 2, width // 2) if pixel is None else pixel
    return min(row, height - 1), min(column, width - 1)
