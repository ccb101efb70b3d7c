"""IIC trained on one image of oriented textures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from napari_lns import stimuli
from napari_lns._progress import Report, ignore_share, split_report
from napari_lns.experiments.iic.lines import Line, summarise
from napari_lns.models import iic
from napari_lns.models.iic.data import as_batch

__all__ = ["score_textures"]


def score_textures(
    regions: Sequence[int] = (2, 3),
    repetitions: int = 5,
    steps: int = 60,
    report: Report = ignore_share,
) -> Iterator[Line]:
    """Score IIC trained on one image of oriented textures, for images of 2 and 3 regions.

    Parameters
    ----------
    regions
        Number of textures in each image.
    repetitions
        Number of images for each number of textures.
    steps
        Number of training steps on each image.
    report
        Receives the completed share.

    Yields
    ------
    Line
        Accuracy over pixels after one-to-one matching, and that of k-means on the pixels' colours.
    """
    from sklearn.cluster import KMeans

    each = split_report(report, [1] * len(regions) * repetitions)
    for number in regions:
        values, plain = [], []
        for seed in range(repetitions):
            stimulus = stimuli.draw(
                "texture_regions", regions=number, difference=180 / number, seed=seed
            )
            settings = replace(
                iic.PIXELS,
                clusters=number,
                seed=seed,
                steps=steps,
                batch=8,
                sobel=True,
                transform=iic.Transform(flip=False, jitter=0.2),
            )
            network = iic.train_best_of(settings, 1, as_batch(stimulus.image), report=next(each))
            answers = iic.probabilities(network, stimulus.image).argmax(axis=0)
            values.append(iic.accuracy(stimulus.labels, answers))
            colours = KMeans(number, n_init=3, random_state=seed)
            colours.fit(stimulus.image.reshape(-1, 3))
            plain.append(iic.accuracy(stimulus.labels, colours.labels_))
        yield summarise(f"{number} textures", "k-means on colour", plain)
        yield summarise(f"{number} textures", f"IIC, {steps} steps on the image", values)
