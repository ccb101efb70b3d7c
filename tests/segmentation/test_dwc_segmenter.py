"""DWC as a segmenter: from a picture to groups, re-cut at once, its sources and its refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from napari_lns.segmentation import Segmentation, iter_segment, segment, segmenters
from napari_lns.segmentation.dwc.walk_sources import similarity_walk
from napari_lns.segmentation.measures import adjusted_rand_index

SIDE = 16
QUARTERS = np.kron([[1, 2], [3, 4]], np.ones((SIDE // 2, SIDE // 2), int))
PICTURE = np.kron([[0.2, 0.4], [0.6, 0.8]], np.ones((SIDE // 2, SIDE // 2)))


class Quarters(nn.Module):
    """Each quarter's pixels follow latents of their own, and a few that they share."""

    image_size = (SIDE, SIDE)

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        weights = 0.3 * torch.randn(12, 3, SIDE, SIDE, generator=generator)
        for quarter in range(1, 5):
            weights[quarter - 1, :, torch.tensor(QUARTERS) == quarter] += 2
        self.weights = nn.Parameter(weights)

    def encode(self, images: Tensor) -> Tensor:
        return nn.functional.adaptive_avg_pool2d(images, 2).flatten(1)

    def decode(self, latents: Tensor) -> Tensor:
        return torch.einsum("nz,zchw->nchw", latents, self.weights).sigmoid()


@pytest.fixture(scope="module")
def model() -> Quarters:
    return Quarters().eval()


@pytest.fixture(scope="module")
def found(model: Quarters) -> Segmentation:
    return segment(PICTURE, model, segmenter="dwc", clusters=4)


def test_it_is_listed_with_its_parameters() -> None:
    method = segmenters()["dwc"]
    assert method.has_tree
    assert method.needs_model
    assert method.parameters["rule"].choices[0] == method.parameters["rule"].default
    assert all(parameter.description for parameter in method.parameters.values())


def test_the_groups_that_respond_alike_are_found(found: Segmentation) -> None:
    assert found.score(QUARTERS) == 1
    assert found.clusters == 4
    assert found.record["used"]["grid"] == [SIDE, SIDE]


@pytest.mark.parametrize("method", ["sampled", "smoothed", "exact"])
def test_every_estimation_method_works(model: Quarters, method: str) -> None:
    options = {"method": method, "noise": 0.1, "samples": 80, "segmenter": "dwc"}
    assert segment(PICTURE, model, clusters=4, **options).score(QUARTERS) > 0.95


@pytest.mark.parametrize("rule", ["gap", "stability", "otsu", "eigengap"])
def test_the_number_of_segments_is_estimated(model: Quarters, rule: str) -> None:
    found = segment(PICTURE, model, segmenter="dwc", clusters="auto", rule=rule)
    assert found.clusters == 4


def test_a_constant_threshold_stops_the_cutting(model: Quarters, found: Segmentation) -> None:
    costs = found.record["used"]["costs"]
    for threshold in (costs[0] / 2, costs[2] + 1e-6, 2.0):
        options = {"clusters": "auto", "rule": "constant", "threshold": threshold}
        groups = segment(PICTURE, model, segmenter="dwc", **options).clusters
        assert groups == 1 + sum(cost <= threshold for cost in costs)


@pytest.mark.parametrize("affinity", ["flow", "plain", "features"])
def test_every_affinity_works(model: Quarters, affinity: str) -> None:
    found = segment(PICTURE, model, segmenter="dwc", clusters=4, affinity=affinity)
    assert found.score(QUARTERS) > 0.9


def test_other_numbers_of_groups_are_cut_from_the_tree(
    model: Quarters, found: Segmentation
) -> None:
    for clusters in (1, 2, 3, 6):
        anew = segment(PICTURE, model, segmenter="dwc", clusters=clusters)
        assert adjusted_rand_index(anew.labels, found.cut(clusters)) == 1


def test_a_height_of_the_tree_is_two_less_the_cost(found: Segmentation) -> None:
    costs = found.record["used"]["costs"]
    for cost in costs[:4]:
        height = 2 - cost - 1e-5  # below that of the cut, so it is made
        assert found.ultrametric(height).max() == 1 + sum(2 - c > height for c in costs)


def test_features_lie_alike_where_groups_are_one(found: Segmentation) -> None:
    alike = found.affinity(2, 2)
    assert alike[QUARTERS == 1].min() > alike[QUARTERS != 1].max()


def test_it_is_the_same_each_time_and_after_saving(
    model: Quarters, found: Segmentation, tmp_path: Path
) -> None:
    again = segment(PICTURE, model, segmenter="dwc", clusters=4)
    assert np.array_equal(found.labels, again.labels)
    assert found.tree is not None
    assert np.array_equal(found.tree, again.tree)
    found.save(tmp_path / "found.npz")
    assert Segmentation.load(tmp_path / "found.npz") == found


def test_progress_rises_to_its_end_and_every_cut_can_be_seen(model: Quarters) -> None:
    seen = list(iter_segment(PICTURE, model, segmenter="dwc", clusters=4))
    shares = [progress.share for progress in seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    groups = [progress.segmentation().clusters for progress in seen[-20:]]
    assert groups == sorted(groups)
    assert groups[-1] == 4


def test_a_larger_image_gets_labels_at_its_own_size(model: Quarters) -> None:
    large = np.kron(PICTURE, np.ones((3, 2)))
    found = segment(large, model, segmenter="dwc", clusters=4)
    assert found.labels.shape == (48, 32)
    assert found.grid == (48, 32)
    assert found.score(np.kron(QUARTERS, np.ones((3, 2), int))) > 0.95


def test_features_on_more_pixels_than_a_walk_can_hold_are_taken_coarser() -> None:
    features = np.random.default_rng(0).random((100 * 80, 3))
    image, labels = np.zeros((100, 80, 3)), np.ones((100, 80), int)
    walk = similarity_walk(Segmentation(image, labels, features=features))
    assert walk.grid == (71, 57)


def test_a_image_that_makes_no_difference_to_the_model_is_one_group() -> None:
    class Deaf(Quarters):
        def decode(self, latents: Tensor) -> Tensor:
            return super().decode(0 * latents)

    found = segment(PICTURE, Deaf().eval(), segmenter="dwc", clusters=3)
    assert found.clusters == 1
    assert "3 segments were requested and 1 were made" in found.record["warnings"][-1]


def test_pixels_that_never_respond_are_one_group() -> None:
    features = np.eye(3)[QUARTERS.ravel() % 3]
    features[QUARTERS.ravel() == 1] = 0
    walk = similarity_walk(Segmentation(PICTURE, QUARTERS, features=features))
    assert walk.transition[0, QUARTERS.ravel() == 1].sum() == pytest.approx(1)


@pytest.mark.parametrize("clusters", [100, 256])
def test_where_fewer_groups_can_be_cut_than_asked_for_it_says_so(
    model: Quarters, clusters: int
) -> None:
    found = segment(PICTURE, model, segmenter="dwc", clusters=clusters)
    assert 8 < found.clusters <= 256 / 8
    assert f"{clusters} segments were requested" in found.record["warnings"][-1]


# Refusals


def test_more_groups_than_pixels_are_refused(model: Quarters) -> None:
    with pytest.raises(ValueError, match="must be between 1 and the number of pixels, 256"):
        segment(PICTURE, model, segmenter="dwc", clusters=257)


def test_lns_without_a_model_is_refused() -> None:
    with pytest.raises(ValueError, match="segmenter 'dwc' needs a model"):
        segment(PICTURE, segmenter="dwc")


@pytest.mark.parametrize("source", ["vit", "diffusion"])
def test_a_source_without_weights_asks_for_them(source: str) -> None:
    pytest.importorskip("diffusers")
    with pytest.raises(ValueError, match=f"source is '{source}': it needs weights"):
        segment(PICTURE, segmenter="dwc", source=source)
    with pytest.raises(FileNotFoundError, match="fetch them once with `hf download no/weights`"):
        segment(PICTURE, segmenter="dwc", source=source, weights="no/weights")


def test_an_unknown_parameter_is_refused(model: Quarters) -> None:
    with pytest.raises(ValueError, match="there is no parameter 'step'; did you mean 'steps'"):
        segment(PICTURE, model, segmenter="dwc", step=3)


# A network of one's own


def test_a_vision_transformer_segments_without_a_model(tmp_path: Path) -> None:
    transformers: Any = pytest.importorskip("transformers")
    torch.manual_seed(0)
    config = transformers.ViTConfig(
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        image_size=64,
        patch_size=8,
    )
    transformers.ViTModel(config).save_pretrained(tmp_path)
    found = segment(PICTURE, segmenter="dwc", source="vit", weights=str(tmp_path), clusters=3)
    assert found.labels.shape == (SIDE, SIDE)
    assert found.clusters == 3
    assert found.record["model"] is None
    assert found.record["used"]["grid"] == [8, 8]


@pytest.mark.parametrize(("source", "load"), [("vit", "_vit"), ("diffusion", "_pipeline")])
def test_a_wrong_device_is_reported_before_gigabytes_of_weights_are_read(
    source: str, load: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"napari_lns.segmentation.dwc.walk_sources.{load}", pytest.fail)
    with pytest.raises(ValueError, match="device is 'gpu'"):
        segment(PICTURE, segmenter="dwc", source=source, weights=str(tmp_path), device="gpu")
