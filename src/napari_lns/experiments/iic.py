"""What IIC is worth here: digits, textures, few labels, and the Good Gestalt sets.

Runs and sub-heads are chosen by their loss alone; labels only score.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_lns import models, stimuli
from napari_lns._parameters import unknown
from napari_lns._share import Report, counted, parts, silent
from napari_lns.experiments.scoring import Score, of_card, scores
from napari_lns.models import iic
from napari_lns.models.iic.data import as_batch, digits
from napari_lns.models.iic.run import new_network
from napari_lns.stimuli import good_gestalt

__all__ = [
    "SETS",
    "Line",
    "as_markdown",
    "score_digits",
    "score_labels",
    "score_sets",
    "score_textures",
    "train_set",
]

TEST_DIGITS = 500
OVERCLUSTERS = 50
HELD_OUT = 1_000_000  # a seed that no training run has
TUNING_COST, LNS_COST = 1 / 16, 20  # of a training, and of an image of IIC: for the time left

# as many outputs as the set's images have groups at the most
SETS = {
    "kanizsa": 3,
    "closure": 2,
    "continuity": 2,
    "proximity": 4,
    "gradient_occlusion": 3,
    "illusory_occlusion": 2,
}
GESTALT = replace(iic.PIXELS, steps=200, batch=8, copies=3, reach=2)


@dataclass(frozen=True)
class Line:
    """One line of a table: what was scored, and its score.

    Parameters
    ----------
    data
        On what.
    method
        How.
    score
        Mean, standard error and number of repetitions or images.
    """

    data: str
    method: str
    score: Score


def score_digits(
    repetitions: int = 5,
    runs: int = 3,
    settings: iic.IICSettings = iic.DIGITS,
    out: str | os.PathLike[str] | None = None,
    report: Report = silent,
) -> Iterator[Line]:
    """Score clusters of scikit-learn's digits against their classes, beside k-means.

    Parameters
    ----------
    repetitions
        How often everything is repeated from other seeds.
    runs
        Each repetition is the run with the lowest loss of so many.
    settings
        How IIC is trained.
    out
        A folder that keeps the runs, so that a second call goes on.
    report
        Receives the share that is done.

    Yields
    ------
    Line
        Accuracy by the best one-to-one assignment, over all 1,797 digits.
    """
    from sklearn.cluster import KMeans

    pixels, shown = digits()
    flat = pixels.reshape(len(pixels), -1)
    plain = [KMeans(10, n_init=10, random_state=seed) for seed in range(repetitions)]
    yield _line(
        "digits", "k-means", [iic.accuracy(shown, each.fit_predict(flat)) for each in plain]
    )
    found = []
    for repetition, part in enumerate(parts(report, [1] * repetitions)):
        own = replace(settings, seed=repetition * runs)
        best = iic.best_of(own, runs, out=out, report=part)
        found.append(iic.accuracy(shown, iic.cluster(best, pixels)))
    yield _line("digits", f"IIC, best of {runs} by loss", found)


def score_textures(
    regions: Sequence[int] = (2, 3),
    repetitions: int = 5,
    steps: int = 60,
    report: Report = silent,
) -> Iterator[Line]:
    """Score IIC trained on one image of oriented textures, for images of 2 and 3 regions.

    Parameters
    ----------
    regions
        How many textures the images have.
    repetitions
        How many images of each.
    steps
        Of the training on each image.
    report
        Receives the share that is done.

    Yields
    ------
    Line
        Accuracy over pixels, one-to-one, beside k-means on the pixels' colours.
    """
    from sklearn.cluster import KMeans

    each = parts(report, [1] * len(regions) * repetitions)
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
            network = iic.best_of(settings, 1, as_batch(stimulus.image), report=next(each))
            answers = iic.probabilities(network, stimulus.image).argmax(axis=0)
            values.append(iic.accuracy(stimulus.labels, answers))
            colours = KMeans(number, n_init=3, random_state=seed)
            colours.fit(stimulus.image.reshape(-1, 3))
            plain.append(iic.accuracy(stimulus.labels, colours.labels_))
        yield _line(f"{number} textures", "k-means on colour", plain)
        yield _line(f"{number} textures", f"IIC, {steps} steps on the image", values)


def score_labels(
    counts: Sequence[int] = (10, 20, 50, 130, 400, 1297),
    repetitions: int = 3,
    steps: int = 300,
    settings: iic.IICSettings = iic.DIGITS,
    out: str | os.PathLike[str] | None = None,
    report: Report = silent,
) -> Iterator[Line]:
    """Score both semi-supervised settings on held-out digits, beside plain supervised learning.

    Parameters
    ----------
    counts
        Numbers of labels; 1,297 are all of the training digits, 130 are 10 % of them.
    repetitions
        How often everything is repeated, with other seeds and other labels.
    steps
        Length of each training with labels.
    settings
        How IIC is trained; it never sees the 500 test digits.
    out
        A folder that keeps the runs, so that a second call goes on.
    report
        Receives the share that is done.

    Yields
    ------
    Line
        Accuracy over the test digits.
    """
    data = _Digits.split()
    part = parts(report, [1, 1, *[TUNING_COST] * 2 * len(counts)] * repetitions)
    values: dict[tuple[int, str], list[float]] = {}
    for seed in range(repetitions):
        own = replace(settings, seed=seed)
        untrained = new_network(own, (8, 8))
        seen = data.pixels[data.train]
        features = iic.best_of(own, 1, seen, out=_within(out, "clusters"), report=next(part))
        over = replace(own, clusters=OVERCLUSTERS)
        many = iic.best_of(over, 1, seen, out=_within(out, "overclusters"), report=next(part))
        for count in counts:
            known = data.train[iic.labelled(data.shown[data.train], count, seed)]
            for method, score in {
                "supervised alone": data.tuned(untrained, known, steps, own, next(part)),
                "IIC, fine-tuned": data.tuned(features, known, steps, own, next(part)),
                "IIC, overclusters named": data.named(many, known),
            }.items():
                values.setdefault((count, method), []).append(score)
    for (count, method), each in values.items():
        yield _line(f"{count} labels", method, each)


def score_sets(count: int = 100, report: Report = silent) -> Iterator[Line]:
    """Score the shipped IIC networks on new images of the six sets, beside LNS.

    Parameters
    ----------
    count
        Images of each split.
    report
        Receives the share that is done.

    Yields
    ------
    Line
        Adjusted Rand index. In the *test* split colour no longer tells objects apart.
    """
    part = parts(report, [1, 1, LNS_COST] * len(SETS))
    for name in SETS:
        yield from _scored(name, count, part, source=name)
        model = models.load(f"{name.replace('_', '-')}-ae")
        held_out = good_gestalt.draw(name, "test", count, HELD_OUT)
        found = scores(counted(held_out, count, next(part)), model, **of_card(model))
        yield Line(name, "LNS, test split", Score.of(found))


def train_set(
    name: str, out: str | os.PathLike[str], runs: int = 1, report: Report = silent
) -> Path:
    """Train the network that ships for a Good Gestalt set, and write it with its card.

    Parameters
    ----------
    name
        The set.
    out
        The folder to write to.
    runs
        The one with the lowest loss of so many is taken.
    report
        Receives the share that is done.

    Returns
    -------
    pathlib.Path
        The weights' file.
    """
    if name not in SETS:
        raise unknown("Good Gestalt set", name, SETS)
    training, *scoring = parts(report, [2 * runs, 1, 1])
    network = iic.best_of(replace(GESTALT, data=name, clusters=SETS[name]), runs, report=training)
    path = Path(out) / f"{name}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    iic.save(network, path)
    found = {
        line.method: str(line.score)
        for line in _scored(name, 100, iter(scoring), source="file", weights=str(path))
    }
    iic.save(network, path, scores=found)
    return path


def as_markdown(lines: Sequence[Line]) -> str:
    """Return a table in Markdown: a row for each method, a column for each kind of data.

    Examples
    --------
    >>> print(as_markdown([Line("digits", "k-means", Score(0.79, 0.01, 5))]))
    | | digits |
    |---|---|
    | k-means | 0.790 ± 0.010 |
    """
    columns = list(dict.fromkeys(line.data for line in lines))
    cells = {(line.method, line.data): str(line.score) for line in lines}
    rows = [
        " | ".join([f"| {method}", *(cells.get((method, data), "") for data in columns)]) + " |"
        for method in dict.fromkeys(line.method for line in lines)
    ]
    head = " | ".join(["| ", *columns]).replace("|  |", "| |", 1) + " |"
    return "\n".join([head, "|" + "---|" * (len(columns) + 1), *rows])


def _scored(
    name: str, count: int, part: Iterator[Report], source: str, weights: str = ""
) -> Iterator[Line]:
    for split in ("train", "test"):
        held_out = counted(good_gestalt.draw(name, split, count, HELD_OUT), count, next(part))
        found = scores(held_out, segmenter="iic", clusters="auto", source=source, weights=weights)
        yield Line(name, f"IIC, {split} split", Score.of(found))


def _within(out: str | os.PathLike[str] | None, name: str) -> Path | None:
    return None if out is None else Path(out) / name


def _line(data: str, method: str, values: Sequence[float]) -> Line:
    return Line(data, method, Score.of(np.array(values)))


@dataclass(frozen=True)
class _Digits:
    """The digits, and which of them are for training and for the test."""

    pixels: NDArray[np.float32]
    shown: NDArray[np.int64]
    train: NDArray[np.int64]
    test: NDArray[np.int64]

    @classmethod
    def split(cls) -> _Digits:
        pixels, shown = digits()
        order = np.random.default_rng(0).permutation(len(shown))
        return cls(pixels, shown, order[TEST_DIGITS:], order[:TEST_DIGITS])

    def tuned(
        self,
        network: iic.IICNetwork,
        known: NDArray[np.int64],
        steps: int,
        settings: iic.IICSettings,
        report: Report,
    ) -> float:
        """Return the accuracy after supervised training from a network's features."""
        images, classes = self.pixels[known], self.shown[known]
        tuned = iic.fine_tune(
            network,
            images,
            classes,
            transform=settings.transform,
            steps=steps,
            seed=settings.seed,
        )
        report(1)
        return float(np.mean(tuned.classify(self.pixels[self.test]) == self.shown[self.test]))

    def named(self, network: iic.IICNetwork, known: NDArray[np.int64]) -> float:
        """Return the accuracy of clusters that the known labels name."""
        answers = iic.cluster(network, self.pixels)
        classes = iic.named(answers, self.shown, known, network.main.clusters)
        return float(np.mean(classes[self.test] == self.shown[self.test]))
