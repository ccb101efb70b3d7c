"""Evaluation of IIC on scikit-learn's digits: unsupervised clusters, and few labels."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_lns._progress import Report, ignore_share, split_report
from napari_lns.experiments.iic.lines import Line, summarise
from napari_lns.models import iic
from napari_lns.models.iic.data import digits
from napari_lns.models.iic.run import new_network

__all__ = ["score_digits", "score_labels"]

TEST_DIGITS = 500
OVERCLUSTERS = 50
TUNING_COST = 1 / 16  # relative to one training run, to estimate the remaining time


def score_digits(
    repetitions: int = 5,
    runs: int = 3,
    settings: iic.IICSettings = iic.DIGITS,
    out: str | os.PathLike[str] | None = None,
    report: Report = ignore_share,
) -> Iterator[Line]:
    """Score clusters of scikit-learn's digits against their classes, and those of k-means.

    Parameters
    ----------
    repetitions
        Number of repetitions, each with other seeds.
    runs
        Number of training runs per repetition, of which the one with the lowest loss is scored.
    settings
        Settings of IIC training.
    out
        Folder in which runs are saved, so that a second call resumes.
    report
        Receives the completed share.

    Yields
    ------
    Line
        Accuracy by the best one-to-one assignment, over all 1,797 digits.
    """
    from sklearn.cluster import KMeans

    pixels, classes = digits()
    flat = pixels.reshape(len(pixels), -1)
    plain = [KMeans(10, n_init=10, random_state=seed) for seed in range(repetitions)]
    yield summarise(
        "digits", "k-means", [iic.accuracy(classes, each.fit_predict(flat)) for each in plain]
    )
    accuracies = []
    for repetition, part in enumerate(split_report(report, [1] * repetitions)):
        run_settings = replace(settings, seed=repetition * runs)
        best = iic.train_best_of(run_settings, runs, out=out, report=part)
        accuracies.append(iic.accuracy(classes, iic.cluster(best, pixels)))
    yield summarise("digits", f"IIC, best of {runs} by loss", accuracies)


def score_labels(
    counts: Sequence[int] = (10, 20, 50, 130, 400, 1297),
    repetitions: int = 3,
    steps: int = 300,
    settings: iic.IICSettings = iic.DIGITS,
    out: str | os.PathLike[str] | None = None,
    report: Report = ignore_share,
) -> Iterator[Line]:
    """Score both semi-supervised settings on held-out digits, and supervised learning.

    Parameters
    ----------
    counts
        Numbers of labels; 1,297 are all of the training digits, 130 are 10 % of them.
    repetitions
        Number of repetitions, each with other seeds and other labels.
    steps
        Number of steps of each supervised training.
    settings
        Settings of IIC training, which excludes the 500 test digits.
    out
        Folder in which runs are saved, so that a second call resumes.
    report
        Receives the completed share.

    Yields
    ------
    Line
        Accuracy over the test digits.
    """
    data = _Digits.split()
    part = split_report(report, [1, 1, *[TUNING_COST] * 2 * len(counts)] * repetitions)
    values: dict[tuple[int, str], list[float]] = {}
    for seed in range(repetitions):
        run_settings = replace(settings, seed=seed)
        untrained = new_network(run_settings, (8, 8))
        training_pixels = data.pixels[data.train]
        features = iic.train_best_of(
            run_settings, 1, training_pixels, out=_subfolder(out, "clusters"), report=next(part)
        )
        over = replace(run_settings, clusters=OVERCLUSTERS)
        many = iic.train_best_of(
            over, 1, training_pixels, out=_subfolder(out, "overclusters"), report=next(part)
        )
        for count in counts:
            known = data.train[iic.choose_labelled(data.classes[data.train], count, seed)]
            for method, score in {
                "supervised alone": data.score_fine_tuned(
                    untrained, known, steps, run_settings, next(part)
                ),
                "IIC, fine-tuned": data.score_fine_tuned(
                    features, known, steps, run_settings, next(part)
                ),
                "IIC, overclusters named": data.score_named_clusters(many, known),
            }.items():
                values.setdefault((count, method), []).append(score)
    for (count, method), each in values.items():
        yield summarise(f"{count} labels", method, each)


def _subfolder(out: str | os.PathLike[str] | None, name: str) -> Path | None:
    return None if out is None else Path(out) / name


@dataclass(frozen=True)
class _Digits:
    """The digits, with indices of training and test images."""

    pixels: NDArray[np.float32]
    classes: NDArray[np.int64]
    train: NDArray[np.int64]
    test: NDArray[np.int64]

    @classmethod
    def split(cls) -> _Digits:
        pixels, classes = digits()
        order = np.random.default_rng(0).permutation(len(classes))
        return cls(pixels, classes, order[TEST_DIGITS:], order[:TEST_DIGITS])

    def score_fine_tuned(
        self,
        network: iic.IICNetwork,
        known: NDArray[np.int64],
        steps: int,
        settings: iic.IICSettings,
        report: Report,
    ) -> float:
        """Return the accuracy after supervised fine-tuning of a network."""
        images, classes = self.pixels[known], self.classes[known]
        tuned = iic.fine_tune(
            network,
            images,
            classes,
            transform=settings.transform,
            steps=steps,
            seed=settings.seed,
        )
        report(1)
        return float(np.mean(tuned.classify(self.pixels[self.test]) == self.classes[self.test]))

    def score_named_clusters(self, network: iic.IICNetwork, known: NDArray[np.int64]) -> float:
        """Return the accuracy of clusters named by the known labels."""
        answers = iic.cluster(network, self.pixels)
        classes = iic.assign_classes(answers, self.classes, known, network.main.clusters)
        return float(np.mean(classes[self.test] == self.classes[self.test]))
