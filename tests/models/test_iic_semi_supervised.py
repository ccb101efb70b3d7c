import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from napari_lns.models.iic import DigitNetwork, assign_classes, choose_labelled, fine_tune
from napari_lns.models.iic.data import digits
from napari_lns.models.iic.settings import Transform


def network():
    torch.manual_seed(0)
    return DigitNetwork((8, 8), width=0.125)


def test_fine_tuning_learns_few_labels_and_leaves_the_network_as_it_was():
    pixels, shown = digits()
    known = choose_labelled(shown, 100)
    before = network()
    weights = {name: tensor.clone() for name, tensor in before.state_dict().items()}
    still = Transform(zoom=(0.9, 1.1), flip=False)
    classifier = fine_tune(before, pixels[known], shown[known], transform=still, steps=60)
    assert np.mean(classifier.classify(pixels) == shown) > 0.6
    assert all(torch.equal(weights[name], each) for name, each in before.state_dict().items())


def test_fine_tuning_is_repeatable():
    pixels, shown = digits()
    one, other = (
        fine_tune(network(), pixels[:40], shown[:40], steps=3, seed=4).head.weight for _ in range(2)
    )
    assert torch.equal(one, other)


def test_overclusters_are_named_by_few_labels():
    truth = np.repeat([0, 1, 2], 100)
    answers = 2 * truth + np.arange(300) % 2
    known = choose_labelled(truth, 30)
    assert np.array_equal(assign_classes(answers, truth, known), truth)


def test_only_the_known_labels_are_used():
    truth = np.array([0, 0, 1, 1])
    hidden = np.array([0, -5, 1, -5])
    known = np.array([True, False, True, False])
    assert assign_classes([0, 0, 1, 1], hidden, known).tolist() == truth.tolist()


@given(st.integers(1, 60), st.integers(0, 99))
def test_labels_are_spread_evenly_over_the_classes(count, seed):
    truth = np.repeat([0, 1, 2], 20)
    chosen = choose_labelled(truth, count, seed)
    assert len(set(chosen.tolist())) == count
    sizes = np.bincount(truth[chosen], minlength=3)
    assert sizes.max() - sizes.min() <= 1


def test_too_few_classes_or_labels_are_refused():
    pixels = np.zeros((3, 1, 8, 8), np.float32)
    with pytest.raises(ValueError, match="3 labels of 1 classes"):
        fine_tune(network(), pixels, [1, 1, 1])
    with pytest.raises(ValueError, match="3 images with 2 labels"):
        fine_tune(network(), pixels, [1, 0])
    with pytest.raises(ValueError, match="count is 4: it must be from 1 to the 3 samples"):
        choose_labelled([0, 1, 2], 4)
