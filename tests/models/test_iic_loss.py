import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_lns.models.iic.loss import (
    clustering_loss,
    dense_loss,
    displaced_joints,
    joint_distribution,
)


def answers(seed, *shape, axis=-1, sharpness=2.0):
    generator = torch.Generator().manual_seed(seed)
    return (sharpness * torch.randn(*shape, generator=generator)).softmax(dim=axis)


def information(table, evenness=1.0):
    """The formula of the paper in plain loops, on one symmetrised joint distribution."""
    size = len(table)
    even = [[(table[i][j] + table[j][i]) / 2 for j in range(size)] for i in range(size)]
    rows = [sum(row) for row in even]
    loss = 0.0
    for i in range(size):
        for j in range(size):
            if even[i][j] > 0:
                marginals = math.log(rows[i]) + math.log(rows[j])
                loss -= even[i][j] * (math.log(even[i][j]) - evenness * marginals)
    return loss


def plain_clustering_loss(first, second, evenness=1.0):
    count, clusters = first.shape
    table = [[0.0] * clusters for _ in range(clusters)]
    for a, b in zip(first.tolist(), second.tolist(), strict=True):
        for i in range(clusters):
            for j in range(clusters):
                table[i][j] += a[i] * b[j] / count
    return information(table, evenness)


def plain_joint(first, second, mask, down, right):
    count, clusters, height, width = first.shape
    table = torch.zeros(clusters, clusters, dtype=torch.float64)
    for n in range(count):
        for row in range(height):
            for column in range(width):
                other = (row + down, column + right)
                inside = 0 <= other[0] < height and 0 <= other[1] < width
                if inside and mask[n, row, column] and mask[n, *other]:
                    table += torch.outer(first[n, :, row, column], second[n, :, *other])
    return table


def plain_dense_loss(first, second, mask, reach, evenness):
    losses = []
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            table = plain_joint(first.double(), second.double(), mask, down, right)
            if table.sum() > 0:
                losses.append(information((table / table.sum()).tolist(), evenness))
    return sum(losses) / len(losses)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 9), st.integers(2, 6), st.floats(0.5, 3))
def test_the_clustering_loss_is_that_of_a_plain_loop(seed, count, clusters, evenness):
    first, second = answers(seed, count, clusters), answers(seed + 1, count, clusters)
    expected = plain_clustering_loss(first, second, evenness)
    assert clustering_loss(first, second, evenness=evenness).item() == pytest.approx(
        expected, abs=2e-6
    )


@pytest.mark.parametrize("evenness", [1.0, 1.5])
@pytest.mark.parametrize("masked", [False, True])
def test_the_dense_loss_is_that_of_a_plain_loop(masked, evenness):
    first, second = answers(0, 2, 3, 5, 7, axis=1), answers(1, 2, 3, 5, 7, axis=1)
    mask = torch.ones(2, 5, 7, dtype=torch.bool)
    if masked:
        mask = torch.rand(2, 5, 7, generator=torch.Generator().manual_seed(2)) < 0.6
    expected = plain_dense_loss(first, second, mask, 2, evenness)
    found = dense_loss(first, second, reach=2, mask=mask if masked else None, evenness=evenness)
    assert found.item() == pytest.approx(expected, abs=2e-6)


def test_the_gradient_of_the_dense_loss_is_that_of_shifted_products():
    first = answers(3, 2, 3, 6, 5, axis=1).double().requires_grad_()
    second = answers(4, 2, 3, 6, 5, axis=1).double().requires_grad_()
    found = torch.autograd.grad(dense_loss(first, second, reach=2), (first, second))
    padded = F.pad(second, (2, 2, 2, 2))
    losses = []
    for down in range(5):
        for right in range(5):
            shifted = padded[..., down : down + 6, right : right + 5]
            table = torch.einsum("nchw,ndhw->cd", first, shifted)
            table = (table + table.T) / 2 / table.sum()
            rows = table.sum(dim=1)
            losses.append(-(table * (table / torch.outer(rows, rows)).log()).sum())
    expected = torch.autograd.grad(torch.stack(losses).mean(), (first, second))
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, atol=1e-9, rtol=1e-5)


@pytest.mark.parametrize("clusters", [2, 3, 10])
def test_equal_certain_even_answers_reach_the_lower_bound(clusters):
    certain = torch.eye(clusters).repeat(4, 1)
    loss = clustering_loss(certain, certain).item()
    assert loss == pytest.approx(-math.log(clusters), abs=1e-5)


def test_one_cluster_for_everything_carries_no_information():
    same = torch.tensor([[1.0, 0.0]]).repeat(5, 1)
    assert clustering_loss(same, same).item() == pytest.approx(0, abs=1e-5)


def test_a_case_worked_by_hand():
    first = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    second = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])
    assert joint_distribution(first, second).tolist() == [[0.25, 0.25], [0.25, 0.25]]
    assert clustering_loss(first, second).item() == pytest.approx(0, abs=1e-6)
    # three of four agree: P = [[1/2, 1/8], [1/8, 1/4]] after symmetrising, marginals 5/8 and 3/8
    second = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 0.0]])
    by_hand = -(
        0.5 * math.log(0.5 / (5 / 8) ** 2)
        + 0.25 * math.log(0.125 / (15 / 64))
        + 0.25 * math.log(0.25 / (3 / 8) ** 2)
    )
    assert clustering_loss(first, second).item() == pytest.approx(by_hand, abs=1e-6)


def test_more_evenness_adds_the_marginals_entropy():
    first, second = answers(5, 20, 4), answers(6, 20, 4)
    marginals = ((joint_distribution(first, second) + joint_distribution(second, first)) / 2).sum(
        dim=1
    )
    entropy = -(marginals * marginals.log()).sum().item()
    plain = clustering_loss(first, second).item()
    # minus λ times twice the entropy stands in the loss: once for each marginal
    assert clustering_loss(first, second, evenness=2.0).item() == pytest.approx(
        plain - 2 * entropy, abs=1e-5
    )


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 9999), st.integers(1, 30), st.integers(2, 12), st.floats(0, 20))
def test_the_loss_keeps_its_bounds(seed, count, clusters, sharpness):
    first = answers(seed, count, clusters, sharpness=sharpness)
    second = answers(seed + 1, count, clusters, sharpness=sharpness)
    for loss in (clustering_loss(first, second), clustering_loss(first, first)):
        assert -math.log(clusters) - 1e-4 <= loss.item() <= 1e-4


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9999), st.integers(0, 3))
def test_both_losses_are_symmetric_in_the_two_versions(seed, reach):
    first, second = answers(seed, 2, 3, 6, 4, axis=1), answers(seed + 1, 2, 3, 6, 4, axis=1)
    torch.testing.assert_close(
        dense_loss(first, second, reach=reach), dense_loss(second, first, reach=reach)
    )
    torch.testing.assert_close(
        clustering_loss(first[0, :, 0].T, second[0, :, 0].T),
        clustering_loss(second[0, :, 0].T, first[0, :, 0].T),
    )


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9999), st.permutations(range(4)))
def test_the_loss_ignores_the_clusters_names(seed, order):
    first, second = answers(seed, 12, 4), answers(seed + 1, 12, 4)
    torch.testing.assert_close(
        clustering_loss(first[:, order], second[:, order]), clustering_loss(first, second)
    )


def test_displacements_go_from_the_first_map_to_the_second():
    first, second = torch.zeros(1, 2, 4, 4), torch.zeros(1, 2, 4, 4)
    first[0, 0, 1, 1] = 1
    second[0, 1, 2, 0] = 1  # one row down, one column left
    found = displaced_joints(first, second, 1)
    assert found[2, 0, 0, 1].item() == pytest.approx(1)
    assert found.abs().sum().item() == pytest.approx(1, abs=1e-5)


def test_a_dense_loss_without_displacement_is_the_clustering_loss_of_the_pixels():
    first, second = answers(7, 2, 3, 4, 5, axis=1), answers(8, 2, 3, 4, 5, axis=1)
    pixels = [maps.permute(0, 2, 3, 1).reshape(-1, 3) for maps in (first, second)]
    torch.testing.assert_close(dense_loss(first, second, reach=0), clustering_loss(*pixels))


def test_masked_pixels_do_not_count():
    first, second = answers(9, 1, 3, 6, 8, axis=1), answers(10, 1, 3, 6, 8, axis=1)
    mask = torch.zeros(1, 6, 8, dtype=torch.bool)
    mask[:, :, :4] = True
    left = dense_loss(first[..., :4], second[..., :4], reach=2)
    torch.testing.assert_close(dense_loss(first, second, reach=2, mask=mask), left)


def test_displacements_that_a_mask_leaves_without_pairs_are_left_out():
    maps = answers(11, 1, 2, 6, 6, axis=1)
    mask = torch.zeros(1, 6, 6, dtype=torch.bool)
    mask[0, 2, :2] = True
    losses = [
        information((plain_joint(maps, maps, mask, 0, t) / (2 - abs(t))).tolist())
        for t in (-1, 0, 1)
    ]
    found = dense_loss(maps, maps, reach=3, mask=mask).item()
    assert found == pytest.approx(sum(losses) / 3, abs=1e-5)


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        (torch.ones(3, 4) / 4, torch.ones(2, 4) / 4, "must be equal"),
        (torch.ones(3, 4) / 4, torch.ones(3, 5) / 5, "must be equal"),
        (torch.ones(3, 1), torch.ones(3, 1), "two clusters are needed"),
        (torch.ones(0, 4), torch.ones(0, 4), "at least one sample"),
    ],
)
def test_pairs_of_different_sizes_and_one_class_are_refused(first, second, message):
    with pytest.raises(ValueError, match=message):
        clustering_loss(first, second)
    with pytest.raises(ValueError, match=message):
        dense_loss(first.T[None, :, None], second.T[None, :, None], reach=0)


def test_a_reach_beyond_the_image_and_a_useless_mask_are_refused():
    maps = answers(12, 1, 2, 4, 4, axis=1)
    with pytest.raises(ValueError, match="reach is 4: it must be from 0 to 3"):
        dense_loss(maps, maps, reach=4)
    with pytest.raises(ValueError, match="leaves no pixel"):
        dense_loss(maps, maps, reach=1, mask=torch.zeros(1, 4, 4, dtype=torch.bool))
    with pytest.raises(ValueError, match=r"it must be \(images, height, width\)"):
        dense_loss(maps, maps, reach=1, mask=torch.ones(4, 4, dtype=torch.bool))


def test_impossible_answers_give_finite_gradients():
    certain = torch.tensor([[1.0, 0.0], [0.0, 1.0]], requires_grad=True)
    clustering_loss(certain, certain).backward()
    assert certain.grad.isfinite().all()
