"""Runs: step by step, cancelled, repeated, in batches and in many threads, on any picture."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from small_models import Constant, Convolutional, Halves, Small
from torch import Tensor

from napari_lns import models
from napari_lns.models import Card
from napari_lns.models.running import prepare_model
from napari_lns.segmentation import iter_segment, segment, segment_many, segmenters
from napari_lns.segmentation.clustering import CLUSTERERS
from napari_lns.segmentation.clustering.number import CRITERIA
from napari_lns.stimuli import Stimulus

IMAGE = np.random.default_rng(1).random((8, 8, 3)).astype(np.float32)
METHODS = ["sampled", "smoothed", "exact"]


def halves(seed: int) -> Stimulus:
    image = np.random.default_rng(seed).random((8, 8, 3)).astype(np.float32)
    labels = np.repeat([[0] * 4 + [1] * 4], 8, axis=0)
    return Stimulus(image, labels, {0: "left", 1: "right"}, name="halves", seed=seed)


class OutOfMemory(Small):
    """A device with room for four images."""

    room = 4

    def decode(self, latents: Tensor) -> Tensor:
        if len(latents) > self.room:
            raise torch.OutOfMemoryError("out of memory")
        return super().decode(latents)


@pytest.mark.parametrize("method", METHODS)
def test_the_last_step_is_the_full_result(method: str) -> None:
    steps = list(iter_segment(IMAGE, Small(), method=method, samples=10, batch=2))
    assert [step.done for step in steps] == ([2, 4] if method == "exact" else [2, 4, 6, 8, 10])
    assert {step.total for step in steps} == {4 if method == "exact" else 10}
    whole = segment(IMAGE, Small(), method=method, samples=10, batch=2)
    assert np.array_equal(steps[-1].segmentation().labels, whole.labels)
    assert np.array_equal(steps[-1].variance, whole.variance)
    assert steps[-1].share == 1


@pytest.mark.parametrize("method", METHODS)
def test_what_has_come_so_far_can_be_grouped_even_when_the_run_went_on(method: str) -> None:
    steps = iter_segment(IMAGE, Small(), method=method, samples=12, batch=4)
    first = next(steps)
    before = first.segmentation()
    list(steps)
    after = first.segmentation()
    assert np.array_equal(before.features, after.features)
    assert np.array_equal(before.variance, first.variance)
    if method == "sampled":
        alone = segment(IMAGE, Small(), samples=4, batch=4)
        assert np.array_equal(before.features, alone.features)


@pytest.mark.parametrize("taken", range(1, 6))
def test_a_run_closed_at_any_step_leaves_nothing_running(taken: int) -> None:
    before = threading.active_count()
    steps = iter_segment(IMAGE, Small(), samples=6, batch=2, repeats=3)
    for _ in range(taken):
        last = next(steps)
    steps.close()
    assert threading.active_count() == before
    assert last.segmentation().labels.shape == (8, 8)
    with pytest.raises(StopIteration):
        next(steps)


def test_many_closed_early_leave_nothing_running() -> None:
    before = threading.active_count()
    found = segment_many(iter([IMAGE] * 20), Small(), samples=6)
    next(found)
    found.close()
    assert threading.active_count() == before


def test_many_are_drawn_a_few_ahead() -> None:
    taken = []

    def endless() -> Iterator[np.ndarray]:
        while True:
            taken.append(1)
            yield IMAGE

    found = segment_many(endless(), Small(), method="exact")
    for _ in range(3):
        next(found)
    assert len(taken) <= 6
    found.close()


def test_many_are_what_one_gives_with_the_following_seeds() -> None:
    stack = np.random.default_rng(0).random((4, 8, 8, 3)).astype(np.float32)
    found = list(segment_many(stack, Small(), seed=5, samples=10))
    for number, each in enumerate(found):
        alone = segment(stack[number], Small(), seed=5 + number, samples=10)
        assert np.array_equal(each.labels, alone.labels)
        assert each.record["parameters"] == alone.record["parameters"]


@pytest.mark.parametrize("images", [np.zeros((3, 8, 8)), np.zeros((3, 8, 8, 3)), [halves(0)] * 3])
def test_stacks_and_lists_are_many_images(images: object) -> None:
    assert len(list(segment_many(images, Small(), method="exact"))) == 3


@pytest.mark.parametrize("method", METHODS)
def test_seeded_runs_repeat_bit_for_bit(method: str) -> None:
    one, other = (segment(IMAGE, Small(), method=method, seed=3, samples=10) for _ in "ab")
    for name in ("labels", "features", "tree", "variance", "reconstruction"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


def test_another_seed_gives_other_noise() -> None:
    one, other = (segment(IMAGE, Small(), seed=seed, samples=10) for seed in (0, 1))
    assert not np.array_equal(one.features, other.features)


def test_at_another_batch_size_the_noise_is_the_same() -> None:
    one, other = (
        segment(IMAGE, Small(), samples=23, noise=0.1, batch=batch, keep_outputs=True)
        for batch in (5, 23)
    )
    assert np.allclose(one.outputs, other.outputs, atol=1e-5, rtol=0)


@pytest.mark.parametrize("method", METHODS)
def test_threads_give_what_one_thread_gives(method: str) -> None:
    model = Small().train()

    def labels(seed: int) -> np.ndarray:
        return segment(IMAGE, model, method=method, seed=seed, samples=10).labels

    with ThreadPoolExecutor(4) as pool:
        assert all(
            np.array_equal(one, other)
            for one, other in zip(pool.map(labels, range(8)), map(labels, range(8)), strict=True)
        )


def test_the_given_model_is_left_as_it_was() -> None:
    model = Small().train().requires_grad_(True).double()
    found = segment(IMAGE, model, method="exact")
    assert model.training
    assert all(weight.requires_grad for weight in model.parameters())
    assert {weight.dtype for weight in model.parameters()} == {torch.float64}
    assert "training mode" in found.record["warnings"][0]


def test_many_images_let_go_of_in_a_worker_end_without_a_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As happens when memory is cleared there while nobody holds the iterator any more."""
    held: list[Iterator[object]] = []
    first_came, faults = threading.Event(), []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: faults.append(told.exc_value))

    class LettingGo(Small):
        def encode(self, images: Tensor) -> Tensor:
            if images.max() > 0:  # not the first picture
                first_came.wait(60)
                held.clear()
            return super().encode(images)

    held.append(segment_many([0 * IMAGE, IMAGE, IMAGE], LettingGo(), method="exact"))
    next(held[0])
    first_came.set()
    for thread in threading.enumerate():
        if thread.name.startswith("segment_many"):
            thread.join(60)
    assert not held
    assert not faults


def test_a_model_that_learns_on_leaves_the_run_under_way_alone() -> None:
    model = Small().requires_grad_(True)
    ready = prepare_model(model, "cpu")
    before = segment(IMAGE, ready, method="exact").features
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(2)
    assert np.array_equal(segment(IMAGE, ready, method="exact").features, before)


def test_frozen_weights_are_shared_with_the_model() -> None:
    model = Small().requires_grad_(False)
    shared = {weight.data_ptr() for weight in model.parameters() if weight.ndim != 4}
    ready = prepare_model(model, "cpu").network
    assert shared <= {weight.data_ptr() for weight in ready.parameters()}


def test_where_memory_is_short_batches_become_smaller_and_the_record_says_so() -> None:
    found = segment(IMAGE, OutOfMemory(), samples=20, batch=20, noise=0.1)
    plain = segment(IMAGE, Small(), samples=20, batch=20, noise=0.1)
    assert np.allclose(found.features, plain.features, atol=1e-4)
    told = "memory was low, so images were decoded in smaller batches"
    assert found.record["warnings"] == [told]
    exact = segment(IMAGE, OutOfMemory(), method="exact")
    assert exact.record["warnings"] == []


def test_without_memory_for_one_image_the_error_says_what_to_do() -> None:
    class NoRoom(OutOfMemory):
        room = 0

    with pytest.raises(MemoryError, match="too little memory for even one image: close"):
        segment(IMAGE, NoRoom(), samples=4)


@pytest.mark.parametrize("method", METHODS)
def test_a_decoder_of_constant_output_gives_one_group(method: str) -> None:
    found = segment(IMAGE, Constant(), method=method, samples=10)
    assert (found.labels == 1).all()
    assert (found.cut(5) == 1).all()
    assert (found.features == 0).all()
    assert (found.variance == 0).all()
    assert (found.affinity(2, 3) == 0).all()
    assert "does not depend on the noise" in found.record["warnings"][0]


def test_a_constant_image_runs_as_any_other() -> None:
    found = segment(np.full((8, 8), 0.5), Small(), method="exact")
    assert found.clusters == 3
    assert found.record["warnings"] == []


@pytest.mark.parametrize("shape", [(5, 7), (16, 16), (30, 9), (1, 3)])
@pytest.mark.parametrize("fit", ["resize", "pad"])
def test_labels_come_back_at_the_images_own_size(shape: tuple[int, int], fit: str) -> None:
    image = np.random.default_rng(0).random((*shape, 3))
    found = segment(image, Small(), method="exact", fit=fit, clusters=2)
    for values in (found.labels, found.variance, found.boundaries, found.affinity(0, 0)):
        assert values.shape == shape
    assert found.reconstruction.shape == found.embedding.shape == (*shape, 3)
    assert np.array_equal(np.unique(found.labels), np.arange(1, found.clusters + 1))
    done = {"resize": "it was resized", "pad": "padded"}[fit]
    told = f"the image is {shape[0]} × {shape[1]} and the network takes 8 × 8: "
    assert found.record["warnings"][0].startswith(told)
    assert done in found.record["warnings"][0]


def test_a_padded_image_keeps_its_pixels() -> None:
    image = np.random.default_rng(0).random((5, 7, 3))
    found = segment(image, Small(), method="exact", fit="pad")
    assert found.grid == (5, 7)
    assert len(found.features) == 35


def test_a_convolutional_model_runs_at_any_size() -> None:
    image = np.random.default_rng(0).random((24, 12, 3))
    for method in METHODS:
        found = segment(image, Convolutional(), method=method, samples=80, noise=0.1)
        assert found.labels.shape == (24, 12)
        assert found.record["warnings"] == []


@pytest.mark.slow
def test_a_convolutional_model_is_grouped_at_256_pixels_a_side() -> None:
    row, column = np.mgrid[:256, :256] / 256
    image = np.stack([row, column, (np.hypot(row - 0.5, column - 0.5) < 0.3)], axis=2)
    asked = {"samples": 6, "noise": 0.1, "clusterer": "approximate_ward"}
    found = segment(image, Convolutional(), **asked)
    assert found.labels.shape == (256, 256)
    assert len(found.features) == len(found.tree) + 1 == 256 * 256
    assert found.cut(7).max() == 7
    assert 0 < found.record["used"]["tree_error"] < 1
    assert found.affinity(128, 128).shape == found.boundaries.shape == (256, 256)


@pytest.mark.parametrize("clusters", [3, "auto"])
def test_the_approximate_tree_of_few_pixels_is_the_exact_one(clusters: int | str) -> None:
    asked = {"method": "exact", "clusters": clusters}
    exactly = segment(IMAGE, Small(), **asked)
    found = segment(IMAGE, Small(), clusterer="approximate_ward", **asked)
    assert np.array_equal(found.labels, exactly.labels)
    assert np.array_equal(found.tree, exactly.tree)
    assert found.record["used"]["tree_error"] == 0
    assert "tree_error" not in exactly.record["used"]


def test_an_image_that_the_model_can_hardly_reconstruct_is_out_of_distribution() -> None:
    model = Small()
    model.card = Card("small", "ae", latent_spread=1.0, error_99=1e-6, relative_noise=0.1)
    found = segment(IMAGE, model, method="exact")
    assert found.record["fit"]["level"] == "out of distribution"
    assert "the 99th percentile" in found.record["fit"]["sentence"]
    model.card = Card("small", "ae", error_99=10.0)
    assert segment(IMAGE, model, method="exact").record["fit"]["level"] == "unknown"
    assert found.record["warnings"] == []


def test_noise_is_given_absolute_or_relative_or_by_the_card_or_the_papers() -> None:
    def sigma(model: Small, **given: float) -> float:
        return segment(IMAGE, model, method="exact", **given).record["used"]["sigma"]

    model = Small()
    assert sigma(model) == 0.001
    model.card = Card("small", "ae", latent_spread=2.0, relative_noise=0.1)
    assert sigma(model) == pytest.approx(0.2)
    assert sigma(model, noise=0.3) == 0.3
    assert sigma(model, relative_noise=0.3) == pytest.approx(0.6)
    model.card = Card("of unknown spread", "ae", relative_noise=0.1)
    assert sigma(model) == 0.001


def test_uncertainty_counts_the_repeats_that_differ() -> None:
    steps = list(iter_segment(IMAGE, Small(), samples=6, batch=6, noise=0.1, repeats=4))
    assert [step.done for step in steps] == [6, 7, 8, 9, 10]
    found = steps[-1].segmentation()
    assert found.alternatives.shape == (4, 8, 8)
    assert set(np.unique(found.uncertainty)) <= {0, 0.25, 0.5, 0.75, 1}
    assert 0 < found.uncertainty.mean() < 1
    assert 0 < found.entropy.mean() < 1


def test_the_bootstrap_agrees_more_the_more_samples_there_are() -> None:
    def mean(samples: int) -> float:
        options = {"noise": 0.1, "repeats": 8, "repeat_over": "samples"}
        return float(segment(IMAGE, Small(), samples=samples, **options).uncertainty.mean())

    assert mean(400) < mean(6)


def test_uint8_grey_and_float_images_are_the_same_image() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (8, 8), dtype=np.uint8)
    colour = np.repeat(grey[..., None], 3, axis=2)
    found = [
        segment(image, Small(), method="exact").labels
        for image in (grey, colour, grey / 255, (colour / 255).astype(np.float32))
    ]
    assert all(np.array_equal(found[0], each) for each in found)


def test_a_stimulus_is_in_the_record() -> None:
    found = segment(halves(3), Small(), method="exact")
    assert found.record["stimulus"] == halves(3).record
    assert found.score(halves(3)) == found.score(halves(3).labels)
    json.dumps(found.record, allow_nan=False)


def test_a_model_may_be_given_by_its_name() -> None:
    name = models.names()[0]
    found = segment(np.zeros((64, 64)), name, method="exact")
    assert found.record["model"]["name"] == name
    assert found.record["model"]["hash"] == models.load(name).card.hash


@pytest.mark.parametrize("clusterer", list(CLUSTERERS))
def test_every_clusterer_can_be_chosen(clusterer: str) -> None:
    assert clusterer in segmenters()["lns"].parameters["clusterer"].choices
    found = segment(IMAGE, Small(), method="exact", clusterer=clusterer, clusters=2)
    assert 1 <= found.clusters <= 2


@pytest.mark.parametrize("criterion", list(CRITERIA))
@pytest.mark.parametrize("clusterer", ["ward", "kmeans"])
def test_the_number_of_segments_can_be_estimated(criterion: str, clusterer: str) -> None:
    assert criterion in segmenters()["lns"].parameters["criterion"].choices
    asked = {"clusters": "auto", "criterion": criterion, "clusterer": clusterer}
    found = segment(IMAGE, Halves(), method="smoothed", noise=0.1, samples=8, **asked)
    assert found.clusters == 2
    assert found.record["parameters"]["clusters"] == "auto"
    assert found.record["used"]["clusters"] == 2
    assert found.record["warnings"] == []


def test_of_alike_pixels_one_group_is_found() -> None:
    found = segment(IMAGE, Constant(), method="exact", clusters="auto")
    assert (found.labels == 1).all()


def test_every_parameter_stands_on_its_page(repository: Path) -> None:
    page = (repository / "docs" / "segmentation.md").read_text("utf8")
    for name, parameter in segmenters()["lns"].parameters.items():
        assert f"| `{name}` |" in page
        assert all(f'"{choice}"' in page for choice in parameter.choices)


def test_results_without_a_tree_say_so() -> None:
    found = segment(IMAGE, Small(), method="exact", clusterer="kmeans")
    assert found.tree is None
    for ask in (lambda: found.cut(2), lambda: found.ultrametric(1.0), lambda: found.boundaries):
        with pytest.raises(ValueError, match=r"needs a merge tree.*clusterer='ward'"):
            ask()


def test_the_embedding_is_the_features_principal_components() -> None:
    found = segment(IMAGE, Small(), method="exact")
    embedding = found.embedding.reshape(64, 3).astype(float)
    centred = found.features - found.features.mean(0)
    strengths = np.linalg.svd(centred, compute_uv=False)[:3]
    assert np.allclose(np.linalg.norm(embedding, axis=0), strengths, rtol=1e-4)
    assert np.allclose(embedding.T @ embedding, np.diag(strengths**2), atol=1e-3)
