"""What a segmentation must keep, whatever the picture, the model and the order of the pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from small_models import Small
from torch import Tensor

from napari_lns.segmentation import Segmentation, segment
from napari_lns.segmentation.clustering.tree import is_nested, number_largest_first
from napari_lns.segmentation.measures import adjusted_rand_index

few = settings(max_examples=25, deadline=None)
seeds = st.integers(0, 2**32 - 1)
methods = st.sampled_from(["sampled", "smoothed", "exact"])
pictures = arrays(np.float32, (8, 8, 3), elements=st.floats(0, 1, width=32))


class Shuffled(Small):
    """A small model whose pixels are shown in another order."""

    def __init__(self, order: np.ndarray) -> None:
        super().__init__()
        self.order = order

    def decode(self, latents: Tensor) -> Tensor:
        return super().decode(latents).flatten(2)[..., self.order].reshape(-1, 3, 8, 8)


@few
@given(image=pictures, method=methods, seed=seeds, k=st.integers(1, 64))
def test_labels_are_numbered_from_the_largest_group_ties_by_first_pixel(
    image: np.ndarray, method: str, seed: int, k: int
) -> None:
    found = segment(image, Small(), method=method, seed=seed, clusters=k, samples=10)
    assert found.labels.dtype == np.int32
    assert found.labels.shape == (8, 8)
    assert np.array_equal(np.unique(found.labels), np.arange(1, k + 1))
    assert np.array_equal(found.labels, number_largest_first(found.labels))


@few
@given(image=pictures, method=methods, seed=seeds)
def test_each_cut_lies_inside_the_coarser_one(image: np.ndarray, method: str, seed: int) -> None:
    found = segment(image, Small(), method=method, seed=seed, samples=10)
    for k in range(2, 12):
        assert found.cut(k).max() == k
        assert is_nested(found.cut(k), found.cut(k - 1))
    assert np.array_equal(found.cut(found.clusters), found.labels)


@few
@given(order=st.permutations(range(64)), method=methods)
def test_shuffled_pixels_are_grouped_alike(order: list[int], method: str) -> None:
    image = np.full((8, 8), 0.5)
    plain = segment(image, Small(), method=method, noise=0.1, samples=12)
    shuffled = segment(image, Shuffled(np.array(order)), method=method, noise=0.1, samples=12)
    expected = plain.labels.ravel()[order].reshape(8, 8)
    assert adjusted_rand_index(expected, shuffled.labels) == 1
    assert np.allclose(shuffled.variance.ravel(), plain.variance.ravel()[order], rtol=1e-4)


@few
@given(names=st.permutations(range(1, 4)), seed=seeds)
def test_the_score_does_not_depend_on_the_names_of_the_true_groups(
    names: list[int], seed: int
) -> None:
    found = segment(np.full((8, 8), 0.5), Small(), method="exact")
    truth = np.random.default_rng(seed).integers(0, 3, (8, 8))
    assert found.score(np.array(names)[truth]) == pytest.approx(found.score(truth))


@few
@given(image=pictures, sigma=st.floats(1e-6, 1e3))
def test_the_scale_of_the_noise_changes_nothing_in_the_exact_limit_but_the_variance(
    image: np.ndarray, sigma: float
) -> None:
    one = segment(image, Small(), method="exact", noise=1.0)
    other = segment(image, Small(), method="exact", noise=sigma)
    assert np.allclose(other.features, one.features, atol=1e-5)
    assert np.allclose(other.variance, sigma**2 * one.variance, rtol=1e-3)
    assert adjusted_rand_index(one.labels, other.labels) == 1


@few
@given(image=pictures, seed=seeds, row=st.integers(0, 7), column=st.integers(0, 7))
def test_affinity_is_the_mean_of_the_channels_cosines(
    image: np.ndarray, seed: int, row: int, column: int
) -> None:
    found = segment(image, Small(), seed=seed, samples=9, noise=0.1)
    channels = found.features.reshape(8, 8, 3, 8)
    cosines = (channels * channels[row, column]).sum(3)
    affinity = found.affinity(row, column)
    assert np.allclose(affinity, cosines.mean(2), atol=1e-5)
    assert affinity[row, column] == pytest.approx(1, abs=1e-5)
    assert np.abs(affinity).max() <= 1 + 1e-5
    assert affinity[0, 0] == pytest.approx(found.affinity(0, 0)[row, column], abs=1e-5)


@few
@given(image=pictures, method=methods, share=st.floats(0, 1))
def test_cutting_at_a_height_leaves_the_boundaries_above_it(
    image: np.ndarray, method: str, share: float
) -> None:
    found = segment(image, Small(), method=method, samples=10)
    threshold = float(np.quantile(found.boundaries, share))
    labels = found.ultrametric(threshold)
    differs = np.zeros((8, 8), bool)
    differs[:, :-1] |= labels[:, :-1] != labels[:, 1:]
    differs[:, 1:] |= labels[:, :-1] != labels[:, 1:]
    differs[:-1] |= labels[:-1] != labels[1:]
    differs[1:] |= labels[:-1] != labels[1:]
    clear = np.abs(found.boundaries - threshold) > 1e-5
    assert np.array_equal(differs[clear], (found.boundaries > threshold)[clear])


@few
@given(image=pictures, method=methods, seed=seeds, suffix=st.sampled_from([".npz", ".zarr"]))
def test_a_saved_segmentation_is_loaded_equal(
    image: np.ndarray, method: str, seed: int, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    found = segment(image, Small(), method=method, seed=seed, samples=8, keep_outputs=True)
    path = tmp_path_factory.mktemp("saved") / f"found{suffix}"
    found.save(path)
    loaded = Segmentation.load(path)
    assert loaded == found
    assert np.array_equal(loaded.cut(4), found.cut(4))


@few
@given(image=pictures, method=methods, seed=seeds)
def test_a_record_makes_the_same_segmentation_again(
    image: np.ndarray, method: str, seed: int
) -> None:
    found = segment(image, Small(), method=method, seed=seed, samples=8)
    again = segment(
        image, Small(), segmenter=found.record["segmenter"], **found.record["parameters"]
    )
    for name in ("labels", "features", "tree", "variance", "reconstruction"):
        assert np.array_equal(getattr(again, name), getattr(found, name))
    same = ("stimulus", "model", "parameters", "versions", "used", "warnings")
    assert all(again.record[key] == found.record[key] for key in same)
