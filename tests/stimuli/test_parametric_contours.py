"""Physical checks of illusory contours, closure and good continuation, measured in the picture."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from napari_lns.stimuli import (
    abutting_gratings,
    contour_integration,
    control,
    draw,
    ehrenstein_figure,
    fragmented_outline,
    kanizsa_figure,
    varin_figure,
)


def painted(drawn) -> float:
    """The area that black takes of a grey picture, shares of pixels included."""
    return float((1 - drawn.image[..., 0] / 0.5).sum())


def rim_of(mask: np.ndarray) -> np.ndarray:
    return ndimage.binary_dilation(mask) & ~mask


@pytest.mark.parametrize("corners", [3, 4, 5, 8])
@pytest.mark.parametrize("ratio", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_the_support_ratio_is_the_share_of_the_figures_edge_along_inducers(corners, ratio) -> None:
    drawn = kanizsa_figure(corners=corners, support_ratio=ratio, size=512)
    rim = rim_of(drawn.parts["illusory_figure"])
    specified = drawn.parts["inducers"][rim].mean() if ratio else 0.0
    assert specified == pytest.approx(ratio, abs=0.02)


@pytest.mark.parametrize("ratio", [0.25, 0.5, 0.75])
def test_the_illusory_contour_is_the_rest_of_the_edge(ratio) -> None:
    drawn = kanizsa_figure(support_ratio=ratio, size=512)
    side = 0.6 * np.sqrt(0.5) * 512
    assert drawn.parts["illusory_contour"].sum() / (2 * 4 * side) == pytest.approx(
        1 - ratio, abs=0.02
    )
    assert not (drawn.parts["illusory_contour"] & drawn.parts["inducers"]).any()


@pytest.mark.parametrize("figure", [kanizsa_figure, varin_figure])
@pytest.mark.parametrize("corners", [3, 4, 6])
def test_turned_inducers_have_the_same_area(figure, corners) -> None:
    facing, turned = (
        figure(corners=corners, inducers=kind, size=256) for kind in ("facing", "turned")
    )
    assert painted(turned) == pytest.approx(painted(facing), rel=0.005)
    assert "figure" not in turned.label_names.values()


@pytest.mark.parametrize("figure", [kanizsa_figure, varin_figure, ehrenstein_figure])
def test_an_illusory_figure_has_the_backgrounds_colour(figure) -> None:
    drawn = figure(size=256, background=(0.3, 0.6, 0.9))
    inside = ndimage.binary_erosion(drawn.parts["illusory_figure"], iterations=2)
    assert np.allclose(drawn.image[inside], (0.3, 0.6, 0.9))


def test_mixed_polarity_alternates_darker_and_lighter_inducers() -> None:
    image = kanizsa_figure(polarity="mixed", size=256).image[..., 0]
    assert (image > 0.99).sum() == pytest.approx((image < 0.01).sum(), rel=0.01)
    assert image[80, 64] != image[80, 192]


def test_ehrensteins_lines_end_on_one_circle_and_turned_ones_on_none() -> None:
    spread = {}
    for kind in ("radial", "turned"):
        lines, count = ndimage.label(ehrenstein_figure(lines=kind, size=512, seed=4).parts["lines"])
        v, u = np.mgrid[:512, :512] - 255.5
        ends = ndimage.minimum(np.hypot(u, v) / 512, lines, range(1, count + 1))
        spread[kind] = np.ptp(ends)
        if kind == "radial":
            assert np.mean(ends) == pytest.approx(0.125, abs=0.003)
    assert spread["radial"] < 0.004 < 0.02 < spread["turned"]


@pytest.mark.parametrize("shift", [0.0, 45.0, 90.0, 180.0])
def test_abutting_gratings_differ_by_the_phase_shift_alone(shift) -> None:
    lines = abutting_gratings(shape="line", phase_shift=shift, size=800).parts["lines"]
    left, right = lines[:, 100], lines[:, 700]
    moved = [int((left == np.roll(right, k)).sum()) for k in range(80)]
    assert 800 - max(moved) <= 4
    assert (np.argmax(moved) % 80) / 80 * 360 == pytest.approx(shift % 360, abs=5)
    assert lines.mean() == pytest.approx(0.3, abs=0.01)


def test_gratings_in_phase_run_on() -> None:
    image = abutting_gratings(phase_shift=0.0).image
    assert (image == image[:, :1]).all()


SHAPES = ("circle", "triangle", "square", "hexagon", "star")


@pytest.mark.parametrize("gaps", ["on sides", "at corners"])
@pytest.mark.parametrize("fraction", [0.0, 0.2, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_gap_fraction_is_the_missing_share_of_the_outline(shape, fraction, gaps) -> None:
    drawn = fragmented_outline(
        shape=shape, gap_fraction=fraction, gaps=gaps, size=512, line_width=0.01
    )
    missing = drawn.parts["gaps"].sum() / drawn.parts["rim"].sum()
    assert missing == pytest.approx(fraction, abs=0.025)
    assert not (drawn.parts["gaps"] & drawn.parts["fragments"]).any()


@pytest.mark.parametrize("shape", SHAPES)
def test_gaps_at_corners_leave_the_sides_and_gaps_on_sides_the_corners(shape) -> None:
    on_sides, at_corners = (
        fragmented_outline(shape=shape, gap_fraction=0.5, gaps=gaps, size=256).parts["fragments"]
        for gaps in ("on sides", "at corners")
    )
    assert (on_sides & at_corners).sum() < 0.03 * on_sides.sum()


def test_an_outline_without_gaps_separates_inside_and_outside() -> None:
    drawn = fragmented_outline(gap_fraction=0.0, shape="star", size=128)
    _, regions = ndimage.label(~drawn.parts["fragments"])
    assert regions == 2


@pytest.mark.parametrize("gaps", ["on sides", "at corners"])
@pytest.mark.parametrize("shape", SHAPES)
def test_misaligned_fragments_have_the_same_number_and_area(shape, gaps) -> None:
    options = {"shape": shape, "gaps": gaps, "gap_fraction": 0.6, "line_width": 0.02, "size": 512}
    aligned, misaligned = (
        fragmented_outline(fragments=kind, **options) for kind in ("aligned", "misaligned")
    )
    assert painted(misaligned) == pytest.approx(painted(aligned), rel=0.01)
    pieces = [ndimage.label(drawn.parts["fragments"])[1] for drawn in (aligned, misaligned)]
    assert pieces[0] == pieces[1]


def path_elements(drawn) -> tuple[np.ndarray, np.ndarray]:
    """Centres and orientations of the path's elements, measured from their pixels."""
    found, count = ndimage.label(drawn.parts["path"])
    centres, angles = [], []
    for element in range(1, count + 1):
        rows, columns = np.nonzero(found == element)
        places = np.column_stack([columns, -rows]).astype(float)
        centres.append(places.mean(axis=0))
        axis = np.linalg.eigh(np.cov(places.T))[1][:, -1]
        angles.append(np.rad2deg(np.arctan2(axis[1], axis[0])))
    return np.array(centres) / drawn.shape[0], np.array(angles)


def along_the_path(centres: np.ndarray, step: float) -> list[int]:
    """The elements in the path's order: each is one step from the one before."""
    distances = np.hypot(*(centres[:, None] - centres).transpose(2, 0, 1))
    neighbours = np.abs(distances - step) < 0.1 * step
    order = [int(np.argmin(neighbours.sum(axis=1)))]
    while len(order) < len(centres):
        following = [k for k in np.nonzero(neighbours[order[-1]])[0] if k not in order]
        order.append(int(following[0]))
    return order


@pytest.mark.parametrize("angle", [0.0, 15.0, 30.0])
@pytest.mark.parametrize("seed", range(3))
def test_neighbours_in_a_path_differ_by_exactly_the_path_angle(angle, seed) -> None:
    drawn = contour_integration(
        element="line", path_angle=angle, path_length=5, size=768, seed=seed
    )
    centres, angles = path_elements(drawn)
    assert len(centres) == 5
    step = 0.12 * np.cos(np.deg2rad(angle / 2))
    order = along_the_path(centres, step)
    turns = np.abs((np.diff(angles[order]) + 90) % 180 - 90)
    assert turns == pytest.approx(np.full(4, angle), abs=1.5)
    steps = np.hypot(*np.diff(centres[order], axis=0).T)
    assert steps == pytest.approx(np.full(4, step), abs=0.002)


def test_path_elements_lie_along_the_path_across_it_or_anyhow_in_the_same_places() -> None:
    found = {
        kind: path_elements(
            contour_integration(
                element="line", path_angle=0.0, path_length=5, alignment=kind, size=512
            )
        )
        for kind in ("aligned", "orthogonal", "random")
    }
    centres, aligned = found["aligned"]
    for kind in ("orthogonal", "random"):
        assert np.allclose(found[kind][0], centres, atol=0.004)
    across = (found["orthogonal"][1] - aligned) % 180
    assert across == pytest.approx(np.full(5, 90), abs=2)
    assert np.std((found["random"][1] - aligned) % 180) > 10


def test_a_path_is_no_denser_than_its_surround() -> None:
    nearest = {"path": [], "distractors": []}
    for seed in range(6):
        drawn = contour_integration(
            element="line", path_angle=0.0, path_length=5, seed=seed, size=512
        )
        found, count = ndimage.label(drawn.parts["elements"])
        places = np.array(ndimage.center_of_mass(found > 0, found, range(1, count + 1))) / 512
        inner = np.abs(places - 0.5).max(axis=1) < 0.4
        distances = np.hypot(*(places[:, None] - places).transpose(2, 0, 1))
        np.fill_diagonal(distances, np.inf)
        for k in np.nonzero(inner)[0]:
            row, column = (places[k] * 512).astype(int)
            on_path = drawn.parts["path"][row, column]
            nearest["path" if on_path else "distractors"].append(distances[k].min())
    assert np.mean(nearest["path"]) > 0.95 * np.mean(nearest["distractors"])


def test_gabors_keep_the_mean_and_reach_full_contrast() -> None:
    image = contour_integration(size=512).image
    assert image.mean() == pytest.approx(0.5, abs=0.002)
    assert image.min() == pytest.approx(0, abs=0.01)
    assert image.max() == pytest.approx(1, abs=0.01)


def test_the_polarity_of_gabors_does_not_tell_the_path_from_distractors() -> None:
    drawn = contour_integration(size=512)
    patches, count = ndimage.label(drawn.parts["elements"])
    image, number = drawn.image[..., 0], np.arange(1, count + 1)
    sides = [  # darker to the left or right: the columns of a patch, weighted by its contrast
        (np.indices(image.shape)[1] - ndimage.center_of_mass(patches == each)[1])[patches == each]
        @ (image[patches == each] - 0.5)
        for each in number
    ]
    assert 0.35 < np.mean(np.array(sides) > 0) < 0.65


def test_distractor_density_is_the_share_kept() -> None:
    counts = [
        ndimage.label(contour_integration(distractor_density=d, size=256).parts["elements"])[1] - 7
        for d in (0.0, 0.5, 1.0)
    ]
    assert counts[0] == 0
    assert counts[1] == pytest.approx(counts[2] / 2, rel=0.25)


@pytest.mark.parametrize(
    "name", ["kanizsa_figure", "varin_figure", "ehrenstein_figure", "fragmented_outline"]
)
@pytest.mark.parametrize("contrast", [-1.0, -0.1, 0.1, 1.0])
def test_an_illusory_figure_has_a_physical_version(name: str, contrast: float) -> None:
    """Its own surface differs from the background by the contrast, in the control as well."""
    illusory = draw(name)
    inside = illusory.parts["inside" if name == "fragmented_outline" else "illusory_figure"]
    for variant in ({}, control(name)):
        physical = draw(name, figure_contrast=contrast, **variant)
        middle = physical.image[32, 32]
        assert np.allclose(middle, 0.5 - 0.5 * contrast, atol=1e-6)
        if not variant:
            assert np.array_equal(physical.labels[inside], illusory.labels[inside])
