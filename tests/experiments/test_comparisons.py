"""The pixels compared in each stimulus: alike in controls, and right for ideal observers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from napari_lns import models, segment, stimuli
from napari_lns.experiments.control import compare
from napari_lns.experiments.psychophysics import comparisons, edges, grouping, strength
from napari_lns.experiments.psychophysics.measures import Pairs
from napari_lns.experiments.worlds import FIRST_SEED, draws, evaluate
from napari_lns.segmentation import Segmentation
from napari_lns.stimuli import Stimulus

each_compared = pytest.mark.parametrize("name", comparisons.names())
EDGES = ("occluded_disc", "convexity", "relative_area", "surroundedness", "lower_region")
LAYERED = {"rubin_vase", "gradient_occlusion", "transparent_overlap", *EDGES}


def observer(*features: np.ndarray) -> Segmentation:
    """A segmentation whose pixels respond as the given maps (H, W) say."""
    rows = np.stack(features, axis=-1)
    height, width, _ = rows.shape
    flat = rows.reshape(-1, rows.shape[2])
    return Segmentation(np.zeros((height, width, 3)), np.ones((height, width)), features=flat)


def of_labels(stimulus: Stimulus) -> Segmentation:
    return observer(*(stimulus.labels == value for value in np.unique(stimulus.labels)))


def of_surfaces(*surfaces: np.ndarray) -> Segmentation:
    """An observer to whom each surface, from the front to the back, has a place of its own.

    Its responses are the derivatives of an image in which each surface is shifted to the right or
    up, or made lighter. All are seen whole where none lies in front of them.
    """
    maps = []
    seen = np.ones(surfaces[0].shape)
    for surface in surfaces:
        alpha = ndimage.gaussian_filter(surface.astype(float), 0.7)
        down, across = np.gradient(alpha)
        maps += [seen * across, seen * down, 0.1 * seen * alpha]
        seen = seen * (1 - alpha)
    return observer(*maps)


def of_figures_and_ground(stimulus: Stimulus, *, swapped: bool) -> Segmentation:
    """An observer to whom the figures lie in front, or what is ground to people."""
    if stimulus.name == "occluded_disc":
        piece, occluder = stimulus.parts["visible"], stimulus.parts["occluder"]
        whole = piece | stimulus.parts["hidden"]
        return of_surfaces(piece, occluder) if swapped else of_surfaces(occluder, whole)
    panel = stimulus.parts["panel"]
    figure = panel & (stimulus.labels == 1)  # in a control: the region that stands for it
    front = panel & ~figure if swapped else figure
    if stimulus.name != "convexity":
        return of_surfaces(front, panel)
    numbered, count = ndimage.label(ndimage.binary_opening(front))
    return of_surfaces(*(numbered == number for number in range(1, count + 1)), panel)


def test_all_stimuli_with_a_control_have_pixels_to_compare() -> None:
    assert set(comparisons.names()) == {name for name in stimuli.names() if stimuli.control(name)}


@each_compared
def test_every_draw_leaves_pixels_to_compare_in_stimulus_and_control(name: str) -> None:
    for drawn in draws(name, 4):
        for stimulus in drawn:
            pairs = comparisons.find_pairs(stimulus)
            for kind in (pairs.together, pairs.apart):
                assert any(one.any() and other.any() for one, other in kind)


@each_compared
def test_the_two_regions_of_a_pair_share_no_pixel(name: str) -> None:
    for stimulus in next(draws(name, 1)):
        pairs = comparisons.find_pairs(stimulus)
        assert not any((one & other).any() for one, other in (*pairs.together, *pairs.apart))


@pytest.mark.parametrize(
    "name", sorted(set(comparisons.names()) - LAYERED - {"transparent_overlap"})
)
def test_an_observer_who_sees_the_true_segments_has_the_full_measure(name: str) -> None:
    stimulus = next(draws(name, 1))[0]
    assert grouping(of_labels(stimulus), comparisons.find_pairs(stimulus)) == pytest.approx(
        1, abs=0.05
    )


@each_compared
def test_an_observer_to_whom_all_is_one_measures_nothing(name: str) -> None:
    for stimulus in next(draws(name, 1)):
        alike = observer(np.ones(stimulus.shape))
        assert grouping(alike, comparisons.find_pairs(stimulus)) == pytest.approx(0)


def test_an_observer_who_sees_one_sheet_through_the_other_has_the_full_measure() -> None:
    stimulus = stimuli.draw("transparent_overlap", jitter=1.0, seed=5)
    sheets = observer(stimulus.parts["back"], stimulus.parts["front"])
    pieces = observer(*(stimulus.parts["overlap"] == inside for inside in (False, True)))
    assert grouping(sheets, comparisons.find_pairs(stimulus)) == pytest.approx(np.sqrt(0.5))
    assert grouping(pieces, comparisons.find_pairs(stimulus)) == pytest.approx(-1)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", EDGES)
def test_a_border_is_of_the_surface_that_it_moves_with(name: str, seed: int) -> None:
    stimulus = stimuli.draw(name, jitter=1.0, seed=seed)
    measures = [
        grouping(of_figures_and_ground(stimulus, swapped=swapped), comparisons.find_pairs(stimulus))
        for swapped in (False, True)
    ]
    assert measures[0] > 0.1
    assert measures[1] < measures[0] - 0.3


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("name", sorted(set(EDGES) - {"occluded_disc"}))
def test_the_shape_of_the_border_alone_makes_no_difference_to_a_control(
    name: str, swapped: bool
) -> None:
    of_draws = [
        grouping(of_figures_and_ground(each, swapped=swapped), comparisons.find_pairs(each))
        for drawn in draws(name, 4)
        for each in drawn
    ]
    stimulus, control = np.reshape(of_draws, (4, 2)).mean(axis=0)
    assert stimulus == pytest.approx(control, abs=0.2)


def test_the_profiles_of_rubins_vase_are_of_the_vase_or_of_the_faces() -> None:
    stimulus = stimuli.draw("rubin_vase", jitter=1.0, seed=3)
    vase, left, right = (stimulus.labels == value for value in (1, 2, 3))
    panel = stimulus.parts["panel"]
    assert grouping(of_surfaces(vase, panel), comparisons.find_pairs(stimulus)) < -0.1
    assert grouping(of_surfaces(left, right, panel), comparisons.find_pairs(stimulus)) > 0.1


def test_the_sign_of_a_response_counts_within_surfaces_and_not_along_edges() -> None:
    left, right = np.eye(2, dtype=bool).reshape(2, 1, 2)
    found = observer(np.array([[1.0, -1.0]]), np.array([[0.0, 0.0]]))
    alone = observer(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
    for segmentation, apart in ((found, 1), (alone, 0)):
        assert (
            grouping(segmentation, Pairs([(left, left)], [(left, right)], edges=True)) == 1 - apart
        )
    assert grouping(found, Pairs([(left, left)], [(left, right)])) == 2


def test_lobes_that_change_in_opposite_directions_are_averaged_over_their_element() -> None:
    """Three elements of two lobes move independently; the lightness of the first two is one."""
    moves = [[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]
    lightness = [[0.2, 0]] * 4 + [[0, 0.2]] * 2
    features = np.hstack([moves, lightness]).astype(np.float32)
    segmentation = Segmentation(np.zeros((1, 6, 3)), np.ones((1, 6), int), features=features)
    one, two, three = np.repeat(np.eye(3, dtype=bool), 2, axis=1)[:, None]
    pairs = {"together": [(one, two)], "apart": [(one, three)]}
    assert grouping(segmentation, Pairs(**pairs, averaged=True)) == pytest.approx(1)
    assert grouping(segmentation, Pairs(**pairs)) < 0.1


def test_strength_is_in_units_of_the_image_and_has_no_sign_along_edges() -> None:
    left, right = np.eye(2, dtype=bool).reshape(2, 1, 2)
    responses = np.zeros((1, 2, 3, 4), np.float32)
    responses[0, 0, :, 2], responses[0, 1, :, 2] = 0.05, -0.05
    assert strength(responses, Pairs([], [(left, right)])) == pytest.approx(0.1)
    assert strength(responses, Pairs([], [(left, right)], edges=True)) == pytest.approx(0)


def test_an_element_is_paired_in_the_frame_of_a_turned_figure() -> None:
    upright, turned = (
        comparisons.find_pairs(stimuli.draw("common_region", rotation=angle))
        for angle in (0.0, 90.0)
    )
    assert len(upright.together) == len(turned.together) == 3
    assert len(upright.apart) == len(turned.apart) == 2
    within = [
        np.argwhere(one).mean(0) - np.argwhere(other).mean(0) for one, other in turned.together
    ]
    assert all(abs(step[0]) > 5 > abs(step[1]) for step in within)


def test_the_place_of_the_absent_figure_is_that_of_the_same_seed_and_index() -> None:
    shown, gone = (
        stimuli.draw("kanizsa", seed=4, index=7, variant=variant)
        for variant in ("stimulus", "control")
    )
    square = edges.outline(shown.labels == 2)
    for stimulus in (shown, gone):
        ((band, outside),) = comparisons.find_pairs(stimulus).apart
        assert (ndimage.binary_dilation(square, iterations=6) & band).sum() == band.sum()
        assert (band <= (shown.labels == 2)).all()
        assert not (outside & (shown.labels == 2)).any()


def test_a_stimulus_without_control_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="no stimulus with a measure 'dead_leaves'"):
        comparisons.find_pairs(stimuli.draw("dead_leaves"))


def test_rescaled_latents_and_the_cards_neighbourhood_leave_the_measure_as_it_is() -> None:
    stimulus = stimuli.draw("dot_lattice", seed=2)
    for name in ("kanizsa-figure", "dot-lattice"):
        rescaled, trained = models.load(name), models.load(f"{name}:as-trained")
        assert comparisons.measure(stimulus, rescaled).value == pytest.approx(
            comparisons.measure(stimulus, trained).value, abs=1e-4
        )


def test_the_measure_is_that_of_a_segmentation_by_the_network_as_trained() -> None:
    stimulus = stimuli.draw("kanizsa_figure", seed=2)
    found = segment(stimulus, "kanizsa-figure:as-trained", method="exact", clusters=5)
    measure = comparisons.measure(stimulus, "kanizsa-figure")
    assert measure.value == pytest.approx(
        grouping(found, comparisons.find_pairs(stimulus)), abs=1e-5
    )
    assert found.error is not None
    assert measure.error == pytest.approx(found.error.mean(), rel=1e-4)


def test_a_stimulus_by_hand_beside_its_control_and_in_the_table_has_one_measure() -> None:
    stimulus = stimuli.draw("kanizsa_figure", jitter=1.0, seed=FIRST_SEED)
    compared = compare(stimulus, "auto", method="sampled", samples=4, clusters=2)
    table = evaluate("kanizsa_figure", "kanizsa-figure", count=1).values
    assert compared.measures == (table["measure"][0], table["control_measure"][0])


def test_where_nothing_can_be_compared_there_is_no_measure() -> None:
    leaves = stimuli.draw("dead_leaves")
    assert np.isnan(comparisons.measure_or_nan(leaves, "kanizsa-figure"))
    assert np.isnan(comparisons.measure_or_nan(stimuli.draw("kanizsa_figure"), None))


def test_a_stimulus_fits_the_network_as_trained_as_it_fits_the_rescaled_one() -> None:
    stimulus = stimuli.draw("kanizsa_figure")
    level = segment(stimulus, "kanizsa-figure", method="exact").record["fit"]["level"]
    assert comparisons.measure(stimulus, "kanizsa-figure").level == level == "fits"
