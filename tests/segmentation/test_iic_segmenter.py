import numpy as np
import pytest

from napari_lns import iter_segment, segment, segmenters, stimuli
from napari_lns.models import iic
from napari_lns.segmentation import Segmentation
from napari_lns.stimuli import good_gestalt

QUICK = {"segmenter": "iic", "source": "this image", "width": 0.0625, "copies": 1}


def picture(height=24, width=20):
    image = np.zeros((height, width, 3), np.float32)
    image[:, : width // 2] = (0.9, 0.2, 0.1)
    return image


def test_iic_is_among_the_segmenters_and_says_that_it_has_no_tree():
    method = segmenters()["iic"]
    assert (method.has_tree, method.needs_model) == (False, False)
    assert all(parameter.description for parameter in method.parameters.values())


@pytest.mark.parametrize("name", good_gestalt.NAMES)
def test_a_network_ships_for_every_set_and_runs_at_once(name):
    stimulus = good_gestalt.draw(name, count=1)[0]
    found = segment(stimulus, segmenter="iic", source=name, clusters="auto")
    assert found.labels.shape == (64, 64)
    assert 1 <= found.clusters <= found.record["used"]["outputs"]
    assert found.record["used"]["settings"]["data"] == name
    assert len(found.record["used"]["hash"]) == 64


def test_the_shipped_networks_are_small():
    for name in iic.names():
        assert sum(each.numel() for each in iic.load(name).parameters()) < 100_000


def test_another_number_of_clusters_is_refused_with_the_way_out():
    with pytest.raises(ValueError, match="has 3 outputs, and no merge tree"):
        segment(stimuli.draw("kanizsa"), segmenter="iic", clusters=4)


def test_a_result_cannot_be_cut_again_and_has_no_variance():
    found = segment(stimuli.draw("kanizsa"), segmenter="iic")
    assert found.tree is None
    assert found.variance is None
    with pytest.raises(ValueError, match="cut needs a merge tree"):
        found.cut(2)


def test_pixels_are_as_alike_as_their_probabilities():
    found = segment(stimuli.draw("kanizsa"), segmenter="iic")
    alike = found.affinity(32, 32)
    assert alike[32, 32] == pytest.approx(1)
    assert alike.min() >= 0
    same = found.labels == found.labels[32, 32]
    assert alike[same].mean() > alike[~same].mean()


def test_two_textures_of_one_image_are_found():
    stimulus = stimuli.draw("texture_regions", size=48, frequency=8.0, seed=1)
    found = segment(stimulus, clusters=2, steps=60, seed=1, sobel=True, **QUICK)
    assert found.score(stimulus) > 0.9


def test_training_reports_as_it_goes_and_can_be_left():
    steps = iter_segment(picture(), clusters=2, steps=45, **QUICK)
    first = next(steps)
    assert (first.done, first.total) == (20, 45)
    assert first.segmentation().labels.shape == (24, 20)
    assert [step.done for step in steps] == [40, 45]
    left = iter_segment(picture(), clusters=2, steps=45, **QUICK)
    next(left)
    left.close()


def test_the_same_seed_gives_the_same_labels():
    one, other = (segment(picture(), clusters=3, steps=3, seed=5, **QUICK) for _ in range(2))
    assert np.array_equal(one.labels, other.labels)
    assert one.record["used"] == other.record["used"]


def test_clusters_that_do_not_occur_are_reported():
    found = segment(np.full((16, 16), 0.5), segmenter="iic", source="kanizsa")
    if found.clusters < 3:
        assert "of the network's 3 clusters occur" in found.record["warnings"][-1]
    assert found.record["used"]["clusters"] == found.clusters


def test_a_result_comes_back_from_a_file(tmp_path):
    found = segment(picture(), clusters=2, steps=2, **QUICK)
    found.save(tmp_path / "found.npz")
    assert Segmentation.load(tmp_path / "found.npz") == found


def test_ones_own_network_is_taken_from_its_run(tmp_path):
    iic.train(picture(), clusters=4, steps=2, batch=2, width=0.0625, out=tmp_path)
    found = segment(
        picture(), segmenter="iic", source="file", weights=str(tmp_path), clusters="auto"
    )
    assert found.record["used"]["outputs"] == 4


def test_an_image_of_any_size_is_taken():
    assert segment(picture(100, 37), segmenter="iic").labels.shape == (100, 37)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            {"source": "this image", "clusters": 1},
            "clusters is 1: the number of segments is the network",
        ),
        (
            {"source": "this image", "clusters": "auto"},
            "clusters is 'auto': the number of segments is",
        ),
        ({"source": "file", "weights": "none.safetensors"}, "there is no IIC network"),
        ({"source": "kaniza"}, "source is 'kaniza': it must be one of"),
        ({"steps": 0}, "steps is 0"),
        ({"device": "abacus"}, "device is 'abacus'"),
    ],
)
def test_what_cannot_be_is_refused_with_a_message(asked, told):
    with pytest.raises(ValueError, match=told):
        segment(picture(), segmenter="iic", **asked)


def test_a_tiny_image_is_refused():
    with pytest.raises(ValueError, match="image has 5 × 9 pixels: IIC needs at least 8 × 8"):
        segment(np.zeros((5, 9)), segmenter="iic")
