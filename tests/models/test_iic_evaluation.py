import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_lns.models.iic.evaluation import (
    accuracy,
    contingency_table,
    majority_classes,
    one_to_one_classes,
)

labellings = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30)


@given(labellings)
def test_the_one_to_one_accuracy_is_the_best_of_all_matchings(pairs):
    truth, answers = map(list, zip(*pairs, strict=True))
    table = np.zeros((4, 4), int)
    np.add.at(table, (answers, truth), 1)
    best = max(
        sum(table[cluster, each] for cluster, each in enumerate(order))
        for order in itertools.permutations(range(4))
    )
    assert accuracy(truth, answers) == pytest.approx(best / len(pairs))


@given(labellings)
def test_many_to_one_is_never_worse_than_one_to_one(pairs):
    truth, answers = map(np.array, zip(*pairs, strict=True))
    assert (
        np.mean(majority_classes(truth, answers)[answers] == truth)
        >= accuracy(truth, answers) - 1e-12
    )


def test_clusters_left_over_count_as_wrong():
    assert one_to_one_classes([0, 0, 0, 1], [0, 0, 1, 2]).tolist() == [0, -1, 1]
    assert accuracy([0, 0, 0, 1], [0, 0, 1, 2]) == 0.75


def test_a_cluster_without_labelled_samples_gets_the_usual_class():
    assert majority_classes([1, 1, 1, 0], [0, 0, 0, 2], clusters=4).tolist() == [1, 1, 0, 1]


@pytest.mark.parametrize(
    ("truth", "answers", "message"),
    [
        ([0, 1], [0], "2 classes beside 1 predictions"),
        ([], [], "at least one"),
        ([0.5], [0], "ground_truth must be whole numbers"),
        ([0], [-1], "predictions must be whole numbers"),
    ],
)
def test_labels_that_do_not_fit_are_refused(truth, answers, message):
    with pytest.raises(ValueError, match=message):
        contingency_table(truth, answers)


def test_a_cluster_beyond_their_number_is_refused():
    with pytest.raises(ValueError, match="cluster 3: there are only 2"):
        majority_classes([0], [3], clusters=2)
