"""Physical checks of proximity, similarity, region, connection and symmetry, from the picture."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from napari_lns.stimuli import (
    common_region,
    connectedness,
    dot_lattice,
    proximity_row,
    similarity_rows,
    symmetry_pairs,
)


def centres(mask: np.ndarray) -> np.ndarray:
    """Where the separate pieces of a mask lie: (n, 2), right and up, in shares of the side."""
    found, count = ndimage.label(mask)
    places = np.array(ndimage.center_of_mass(mask, found, range(1, count + 1)))
    return (places[:, ::-1] * [1, -1]) / len(mask)


def runs(line: np.ndarray) -> np.ndarray:
    """The lengths of the gaps between painted stretches of a line of pixels."""
    painted = np.flatnonzero(line)
    gaps = np.diff(painted) - 1
    return gaps[gaps > 0]


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.6, 2.0])
@pytest.mark.parametrize("angle", [60.0, 75.0, 90.0])
def test_dots_lie_on_a_lattice_of_the_given_ratio_and_angle(ratio, angle) -> None:
    drawn = dot_lattice(aspect_ratio=ratio, lattice_angle=angle, size=512)
    places = centres(drawn.parts["dots"])
    middle = places[np.argmin(np.hypot(*(places - [0.5, -0.5]).T))]
    steps = places - middle
    a, b = 0.1 / np.sqrt(ratio), 0.1 * np.sqrt(ratio)
    turn = np.deg2rad(angle)
    basis = np.array([[a, 0.0], [b * np.cos(turn), b * np.sin(turn)]])
    multiples = steps @ np.linalg.inv(basis)
    assert np.abs(multiples - np.round(multiples)).max() < 0.03
    neighbours = np.sort(np.hypot(*steps.T))[1:]
    assert neighbours[0] == pytest.approx(a, abs=0.002)


def test_the_number_of_dots_hardly_changes_with_the_ratio() -> None:
    counts = [
        len(centres(dot_lattice(aspect_ratio=r, spacing=0.06, size=512).parts["dots"]))
        for r in (1.0, 1.5, 2.0)
    ]
    assert np.ptp(counts) < 0.12 * counts[0]


def test_rotation_is_the_orientation_of_a() -> None:
    drawn = dot_lattice(aspect_ratio=2.0, rotation=30.0, size=512)
    places = centres(drawn.labels == 3)
    line = np.polyfit(*places.T, 1)
    assert np.rad2deg(np.arctan(line[0])) == pytest.approx(30, abs=0.5)


def test_rows_of_a_lattice_are_its_labels_and_gone_at_equal_distances() -> None:
    drawn = dot_lattice(aspect_ratio=1.5, size=256)
    for label in range(1, len(drawn.label_names)):
        heights = centres(drawn.labels == label)[:, 1]
        assert np.ptp(heights) < 0.005
    assert list(dot_lattice(aspect_ratio=1.0).label_names.values()) == ["background", "dots"]


@pytest.mark.parametrize("ratio", [1.0, 2.0, 5.0])
@pytest.mark.parametrize("members", [2, 3])
@pytest.mark.parametrize("element", ["disc", "square"])
def test_the_gap_ratio_is_that_of_the_gaps_between_and_within(ratio, members, element) -> None:
    drawn = proximity_row(gap_ratio=ratio, members=members, element=element, size=1024)
    gaps = runs(drawn.parts["elements"].any(axis=0))
    between = gaps[members - 1 :: members]
    within = np.delete(gaps, np.s_[members - 1 :: members])
    assert between.mean() / within.mean() == pytest.approx(ratio, rel=0.05)


def test_elements_stay_the_same_whatever_the_gap_ratio() -> None:
    widths = []
    for ratio in (1.0, 3.0, 5.0):
        columns = np.flatnonzero(proximity_row(gap_ratio=ratio, size=512).parts["elements"].any(0))
        widths.append((np.ptp(columns), len(columns)))
    assert np.ptp(widths, axis=0).max() <= 6


@pytest.mark.parametrize("cue", ["with", "against"])
def test_a_colour_cue_changes_between_groups_or_within_them(cue) -> None:
    drawn = proximity_row(colour_cue=cue, size=256)
    places = centres(drawn.parts["elements"])
    order = np.argsort(places[:, 0])
    rows, columns = (-places[order, 1] * 256).astype(int), (places[order, 0] * 256).astype(int)
    colours, groups = drawn.image[rows, columns, 0], drawn.labels[rows, columns]
    changes_colour, changes_group = np.diff(colours) != 0, np.diff(groups) != 0
    assert np.array_equal(changes_colour, changes_group if cue == "with" else ~changes_group)


def test_even_spacing_leaves_the_groups_to_the_colours() -> None:
    assert "group 1" in proximity_row(gap_ratio=1.0, colour_cue="against").label_names.values()
    assert "group 1" not in proximity_row(gap_ratio=1.0).label_names.values()


def test_similar_elements_are_evenly_spaced_along_rows_and_columns() -> None:
    places = centres(similarity_rows(feature="size", size=512).parts["elements"])
    for axis in (0, 1):
        lines = np.unique(np.round(places[:, axis], 2))
        assert np.diff(lines) == pytest.approx(np.full(5, 0.85 / 6), abs=0.011)


# six rows of exactly 48 pixels each, so that elements are drawn alike wherever they lie
EXACT = {"size": 320, "figure_size": 0.9}


@pytest.mark.parametrize("feature", ["colour", "size", "orientation", "polarity"])
def test_shuffling_keeps_every_pixels_colour(feature) -> None:
    rows, shuffled = (
        similarity_rows(feature=feature, arrangement=kind, **EXACT).image
        for kind in ("rows", "shuffled")
    )
    assert not np.array_equal(rows, shuffled)
    assert np.allclose(np.sort(rows, axis=None), np.sort(shuffled, axis=None), atol=1e-5)


@pytest.mark.parametrize(
    ("feature", "area"), [("colour", 1), ("size", 1 / 4), ("orientation", 1), ("polarity", 1)]
)
def test_alternate_rows_differ_in_the_feature_alone(feature, area) -> None:
    image = similarity_rows(feature=feature, **EXACT).image
    first, second = (image[16 + 48 * k : 64 + 48 * k, 16:64] for k in range(2))
    painted = [(np.abs(tile - 0.5).max(axis=-1) / 0.5).sum() for tile in (first, second)]
    assert painted[1] == pytest.approx(area * painted[0], rel=0.02)
    if feature == "orientation":
        assert np.allclose(first[:, ::-1], second, atol=1e-5)
    elif feature != "size":
        assert not np.allclose(first[24, 24], second[24, 24])


def test_without_difference_there_are_no_rows() -> None:
    assert "row 1" not in similarity_rows(difference=0.0).label_names.values()


@pytest.mark.parametrize("pairs", [2, 3, 4])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_every_region_encloses_two_elements_and_touches_no_other(pairs, ratio) -> None:
    drawn = common_region(pairs=pairs, gap_ratio=ratio, size=512)
    regions, count = ndimage.label(drawn.parts["regions"])
    assert count == pairs
    for region in range(1, pairs + 1):
        inside = drawn.parts["elements"] & (regions == region)
        assert ndimage.label(inside)[1] == 2


def test_regions_beside_the_row_enclose_nothing() -> None:
    drawn = common_region(regions="beside", size=256)
    assert not (drawn.parts["regions"] & drawn.parts["elements"]).any()
    around = common_region(size=256)
    drawn_area, around_area = (each.parts["drawn_regions"].sum() for each in (drawn, around))
    assert drawn_area == pytest.approx(around_area, rel=0.1)


@pytest.mark.parametrize("element", ["disc", "square"])
@pytest.mark.parametrize("pairs", [2, 3, 4])
def test_connected_pairs_are_one_piece_and_bars_beside_touch_nothing(pairs, element) -> None:
    options = {"pairs": pairs, "element": element, "size": 512}
    joined, beside = (connectedness(bars=kind, **options) for kind in ("connecting", "beside"))
    assert ndimage.label(joined.labels > 0)[1] == pairs
    assert ndimage.label(beside.labels > 0)[1] == 3 * pairs


@pytest.mark.parametrize("ratio", [0.5, 1.0, 2.0])
def test_gaps_between_and_within_pairs_have_the_ratio(ratio) -> None:
    elements = connectedness(gap_ratio=ratio, size=1024).parts["elements"]
    gaps = runs(elements.any(axis=0))
    assert gaps[1::2].mean() / gaps[::2].mean() == pytest.approx(ratio, rel=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_mirrored_pairs_have_an_axis_of_symmetry(seed) -> None:
    drawn = symmetry_pairs(size=480, figure_size=0.9, seed=seed)
    for pair in range(1, 4):
        lines = drawn.labels == pair
        columns = np.flatnonzero(lines.any(axis=0))
        part = lines[:, columns[0] : columns[-1] + 1]
        assert (part ^ part[:, ::-1]).sum() < 0.1 * part.sum()
    centre = [np.mean(np.nonzero(drawn.labels == pair)[1]) for pair in range(1, 4)]
    assert np.diff(centre) == pytest.approx(np.full(2, 0.3 * 480), abs=3)


def test_translated_lines_are_all_the_same() -> None:
    lines = symmetry_pairs(pairing="translated", size=480, figure_size=0.9).parts["lines"]
    found, count = ndimage.label(lines)
    assert count == 6
    first = found == found[240, found[240] > 0][0]
    for line in found[240, found[240] > 0]:
        shift = round(np.nonzero(found == line)[1].mean() - np.nonzero(first)[1].mean())
        assert (np.roll(first, shift, axis=1) ^ (found == line)).sum() < 0.2 * first.sum()


def test_mirrored_and_translated_lines_have_the_same_length() -> None:
    areas = [
        symmetry_pairs(pairing=kind, size=480).parts["lines"].sum()
        for kind in ("mirrored", "translated")
    ]
    assert areas[0] == pytest.approx(areas[1], rel=0.02)
