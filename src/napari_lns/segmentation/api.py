"""`segment`, `iter_segment` and `segment_many`: from images and a model to segments."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import napari_lns
from napari_lns._parameters import completed
from napari_lns.segmentation.inputs import (
    checked_clusters,
    checked_picture,
    checked_seed,
    each_picture,
)
from napari_lns.segmentation.progress import Progress
from napari_lns.segmentation.segmentation import Segmentation
from napari_lns.segmentation.segmenters import SEGMENTERS, Segmenter
from napari_lns.stimuli import Stimulus

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from napari_lns.models import Suggestion
    from napari_lns.segmentation.inputs import ImageLike
    from napari_lns.segmentation.ready import ModelLike, ReadyModel

__all__ = ["iter_segment", "segment", "segment_many"]

AUTO = "auto"  # the model that is suggested for the image


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
        A model with `encode` and `decode`, the name of a shipped one, the path of weights, or
        ``"auto"``: what `napari_lns.models.suggest` suggests for the image; the record's
        ``suggestion`` says how well it fits. A model is never changed: a copy is run, in
        evaluation mode, on the device.
    clusters
        Number of segments; ``"auto"`` estimates it.
    seed
        Random seed.
    device
        ``"auto"`` is the GPU where there is one.
    segmenter
        A name in `segmenters`.
    **parameters
        The segmenter's own: for ``"lns"``, see `napari_lns.segmentation.LNSSettings`: method,
        noise, relative_noise, samples and others.

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
    return _finished(steps)


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
    """Segment an image step by step; each step holds the result so far.

    Closing the iterator ends the run. Parameters are those of `segment`.

    Yields
    ------
    Progress
        The last one's `segmentation` is the full result.

    Examples
    --------
    >>> import numpy as np
    >>> from napari_lns.models import AutoEncoder
    >>> steps = iter_segment(np.zeros((64, 64)), AutoEncoder(), samples=10, batch=4)
    >>> [step.done for step in steps]
    [4, 8, 10]
    """
    picture = checked_picture(image)
    method = SEGMENTERS[segmenter]
    asked: dict[str, Any] = {
        "clusters": checked_clusters(clusters, picture.pixels),
        "seed": checked_seed(seed),
        "device": device,
        **completed(method.parameters, parameters),
    }
    suggestion = None
    if isinstance(model, str) and model == AUTO and method.needs_model_for(parameters):
        suggestion = _suggested(image if isinstance(image, Stimulus) else picture.image)
        model = suggestion.model
    ready = _ready(method, model, device, parameters)
    steps = method.iter_segment(picture.image, ready, **asked)
    record = {
        "segmenter": method.name,
        "stimulus": picture.record,
        "model": None if ready is None else ready.record,
        "parameters": asked,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": dict(_versions()),
    }
    warnings = [] if ready is None else [*ready.warnings]
    if suggestion is not None:
        record["suggestion"] = suggestion.record
        warnings += [] if suggestion.fits else [str(suggestion)]
    return _recorded(steps, record, tuple(warnings))


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
    """Segment many images in parallel, one to a core; a few are in memory at a time.

    Image i is segmented with ``seed + i``: `segment` with that seed returns the same result.

    Parameters
    ----------
    images
        A list or an iterator of what `segment` takes, or a stack (n, H, W) or (n, H, W, 3).
    model, clusters, device, segmenter, **parameters
        As for `segment`.
    seed
        Seed of the first image.

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
    each = isinstance(model, str) and model == AUTO  # every image has a network of its own
    ready = model if each else _ready(method, model, device, parameters)
    asked = {"clusters": clusters, "device": device, "segmenter": segmenter, **parameters}
    return _many(each_picture(images), ready, checked_seed(seed), asked)


def _many(
    images: Iterator[ImageLike],
    model: ModelLike | None,
    seed: int,
    parameters: Mapping[str, Any],
) -> Iterator[Segmentation]:
    from napari_lns.segmentation._threads import in_parallel  # PyTorch is slow to import

    each = (
        partial(_finished, iter_segment(image, model, seed=seed + number, **parameters))
        for number, image in enumerate(images)
    )
    return in_parallel(each, "segment_many")


def _suggested(image: Stimulus | NDArray[np.float32]) -> Suggestion:
    from napari_lns.models import suggest

    return suggest(image)


def _finished(steps: Iterator[Progress]) -> Segmentation:
    *_, last = steps
    return last.segmentation()


def _ready(
    method: Segmenter, model: ModelLike | None, device: str, parameters: Mapping[str, Any]
) -> ReadyModel | None:
    if not method.needs_model_for(parameters):
        return None
    if model is None:
        raise ValueError(
            f"segmenter {method.name!r} needs a model: give one, or the name of a shipped "
            "one (see napari_lns.models.names())"
        )
    from napari_lns.segmentation.ready import made_ready

    return made_ready(model, device)


def _recorded(
    steps: Iterator[Progress], record: Mapping[str, Any], warnings: tuple[str, ...]
) -> Iterator[Progress]:
    for progress in steps:
        yield replace(progress, finish=partial(_completed, progress, record, warnings))


def _completed(
    progress: Progress, record: Mapping[str, Any], warnings: tuple[str, ...]
) -> Segmentation:
    found = progress.segmentation()
    told = [*warnings, *found.record.get("warnings", ())]
    return replace(found, record={**record, **found.record, "warnings": told})


@cache
def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in ("torch", "numpy", "scipy", "scikit-learn")}
    return {
        "napari-lns": napari_lns.__version__,
        "python": platform.python_version(),
        **packages,
    }
