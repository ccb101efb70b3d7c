"""`segment`, `iter_segment` and `segment_many`: segment images by name of method and model."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import napari_lns
from napari_lns._parameters import complete_parameters
from napari_lns.segmentation.inputs import (
    check_clusters,
    check_image,
    check_seed,
    iter_images,
)
from napari_lns.segmentation.progress import Progress
from napari_lns.segmentation.segmentation import Segmentation
from napari_lns.segmentation.segmenters import SEGMENTERS, Segmenter
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_lns.models import Suggestion
    from napari_lns.models.running import ModelLike, ReadyModel
    from napari_lns.segmentation.inputs import ImageLike

__all__ = ["iter_segment", "segment", "segment_many"]

AUTO = "auto"  # name that stands for the model suggested for the image


def segment(
    image: ImageLike,
    model: ModelLike | None = None,
    *,
    clusters: int | str = 3,
    seed: int = 0,
    device: str = "auto",
    segmenter: str = "lns",
    **parameters: object,
) -> Segmentation:
    """Segment an image.

    Parameters
    ----------
    image
        (H, W, 3) or grey (H, W), float in [0, 1] or uint8, or a `Stimulus`.
    model
        A model with `encode` and `decode`, the name of a shipped model, the path of weights, or
        ``"auto"`` for the model that `napari_lns.models.suggest` suggests for the image; the
        record's ``suggestion`` then describes how well it fits. The model is never changed: a
        copy runs in evaluation mode on the device.
    clusters
        Number of segments; ``"auto"`` estimates it.
    seed
        Random seed.
    device
        ``"auto"`` is the GPU if there is one.
    segmenter
        Name of a method in `segmenters`.
    **parameters
        Parameters of the method; for ``"lns"``, those of `napari_lns.segmentation.LNSSettings`:
        method, noise, relative_noise, samples and others.

    Returns
    -------
    Segmentation

    Examples
    --------
    >>> import numpy as np
    >>> from napari_lns.models import AutoEncoder
    >>> segment(np.zeros((64, 64)), AutoEncoder(), method="exact").labels.shape
    (64, 64)
    """
    steps = iter_segment(
        image,
        model,
        clusters=clusters,
        seed=seed,
        device=device,
        segmenter=segmenter,
        **parameters,
    )
    return _run_to_end(steps)


def iter_segment(
    image: ImageLike,
    model: ModelLike | None = None,
    *,
    clusters: int | str = 3,
    seed: int = 0,
    device: str = "auto",
    segmenter: str = "lns",
    **parameters: object,
) -> Iterator[Progress]:
    """Segment an image step by step and yield intermediate results.

    Closing the iterator ends the run. The parameters are those of `segment`.

    Yields
    ------
    Progress
        The `segmentation` of the last one is the full result.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_lns.models import AutoEncoder
    >>> steps = iter_segment(np.zeros((64, 64)), AutoEncoder(), samples=10, batch=4)
    >>> [step.done for step in steps]
    [4, 8, 10]
    """
    checked = check_image(image)
    method = SEGMENTERS[segmenter]
    arguments: dict[str, Any] = {
        "clusters": check_clusters(clusters, checked.pixels),
        "seed": check_seed(seed),
        "device": device,
        **complete_parameters(method.parameters, parameters),
    }
    suggestion = None
    if isinstance(model, str) and model == AUTO and method.needs_model_for(parameters):
        suggestion = _suggest_model(image if isinstance(image, Stimulus) else checked.image)
        model = suggestion.model
    prepared = _prepare_model(method, model, device, parameters)
    steps = method.iter_segment(checked.image, prepared, **arguments)
    record = {
        "segmenter": method.name,
        "stimulus": checked.record,
        "model": None if prepared is None else prepared.record,
        "parameters": arguments,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": dict(_versions()),
    }
    warnings = [] if prepared is None else [*prepared.warnings]
    if suggestion is not None:
        record["suggestion"] = suggestion.record
        warnings += [] if suggestion.fits else [str(suggestion)]
    return _add_record(steps, record, tuple(warnings))


def segment_many(
    images: Iterable[ImageLike],
    model: ModelLike | None = None,
    *,
    clusters: int | str = 3,
    seed: int = 0,
    device: str = "auto",
    segmenter: str = "lns",
    **parameters: object,
) -> Iterator[Segmentation]:
    """Segment many images in parallel, one per core, keeping only a few in memory.

    Image i is segmented with ``seed + i``; `segment` with that seed returns the same result.

    Parameters
    ----------
    images
        A list or iterator of images as for `segment`, or a stack (n, H, W) or (n, H, W, 3).
    model, clusters, device, segmenter, **parameters
        As for `segment`.
    seed
        Random seed for the first image.

    Yields
    ------
    Segmentation

    Examples
    --------
    >>> import numpy as np
    >>> from napari_lns.models import AutoEncoder
    >>> len(list(segment_many(np.zeros((2, 64, 64)), AutoEncoder(), method="exact")))
    2
    """
    method = SEGMENTERS[segmenter]
    suggest_each = isinstance(model, str) and model == AUTO  # each image may have another network
    prepared = model if suggest_each else _prepare_model(method, model, device, parameters)
    arguments = {"clusters": clusters, "device": device, "segmenter": segmenter, **parameters}
    return _segment_all(iter_images(images), prepared, check_seed(seed), arguments)


def _segment_all(
    images: Iterator[ImageLike],
    model: ModelLike | None,
    seed: int,
    parameters: Mapping[str, Any],
) -> Iterator[Segmentation]:
    from napari_lns.segmentation._threads import run_parallel  # PyTorch is slow to import

    runs = (
        partial(_run_to_end, iter_segment(image, model, seed=seed + number, **parameters))
        for number, image in enumerate(images)
    )
    return run_parallel(runs, "segment_many")


def _suggest_model(image: Stimulus | NDArray[np.float32]) -> Suggestion:
    from napari_lns.models import suggest

    return suggest(image)


def _run_to_end(steps: Iterator[Progress]) -> Segmentation:
    *_, last = steps
    return last.segmentation()


def _prepare_model(
    method: Segmenter, model: ModelLike | None, device: str, parameters: Mapping[str, Any]
) -> ReadyModel | None:
    if not method.needs_model_for(parameters):
        return None
    if model is None:
        raise ValueError(
            f"segmenter {method.name!r} needs a model: give one, or the name of a shipped "
            "one (see napari_lns.models.names())"
        )
    from napari_lns.models.running import prepare_model

    return prepare_model(model, device)


def _add_record(
    steps: Iterator[Progress], record: Mapping[str, Any], warnings: tuple[str, ...]
) -> Iterator[Progress]:
    for progress in steps:
        yield replace(progress, finish=partial(_finish_segmentation, progress, record, warnings))


def _finish_segmentation(
    progress: Progress, record: Mapping[str, Any], warnings: tuple[str, ...]
) -> Segmentation:
    segmentation = progress.segmentation()
    all_warnings = [*warnings, *segmentation.record.get("warnings", ())]
    return replace(segmentation, record={**record, **segmentation.record, "warnings": all_warnings})


@cache
def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in ("torch", "numpy", "scipy", "scikit-learn")}
    return {
        "napari-lns": napari_lns.__version__,
        "python": platform.python_version(),
        **packages,
    }
