"""Physical checks of occlusion, transparency, figure and ground, measured in the picture."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from napari_lns.stimuli import (
    convexity,
    lower_region,
    occluded_bar,
    occluded_disc,
    relatable,
    relative_area,
    rubin_vase,
    surroundedness,
    transparent_overlap,
)


def middle_line(mask: np.ndarray) -> tuple[float, float]:
    """Slope in degrees, and height in the picture's middle, of a piece; up is positive."""
    rows, columns = np.nonzero(mask)
    places = np.column_stack([columns + 0.5, -(rows + 0.5)]) / len(mask) - [0.5, -0.5]
    centre, axis = places.mean(axis=0), np.linalg.eigh(np.cov(places.T))[1][:, -1]
    slope = axis[1] / axis[0]
    return float(np.rad2deg(np.arctan(slope))), float(centre[1] - slope * centre[0])


@pytest.mark.parametrize("angle", [0.0, 20.0, 60.0])
@pytest.mark.parametrize("offset", [0.0, 0.5, 1.0])
def test_the_pieces_of_a_bar_have_the_given_angle_and_offset(angle, offset) -> None:
    drawn = occluded_bar(angle=angle, offset=offset, occluder="disc", bar_width=0.2, size=512)
    left, right = (middle_line(drawn.parts[name]) for name in ("left piece", "right piece"))
    assert left[0] - right[0] == pytest.approx(angle, abs=1.5)
    assert right[1] - left[1] == pytest.approx(offset * 0.2 * 0.3, abs=0.006)


@pytest.mark.parametrize(
    ("offset", "angle", "one"),
    [
        (0.0, 0.0, True),
        (0.9, 0.0, False),
        (0.0, 80.0, True),
        (0.9, 80.0, True),
        (0.0, 120.0, False),
    ],
)
def test_pieces_are_one_bar_while_they_are_relatable(offset, angle, one) -> None:
    drawn = occluded_bar(offset=offset, angle=angle)
    assert ("bar" in drawn.label_names.values()) is one
    assert drawn.parts["hidden"].any() == one


def test_relatability_needs_extensions_that_meet_behind_the_occluder() -> None:
    assert relatable(0.0, 90.0, 0.1)
    assert not relatable(0.0, 90.5, 0.1)
    assert relatable(0.099, 60.0, 0.1)
    assert not relatable(0.101, 60.0, 0.1)
    assert not relatable(1e-9, 0.0, 0.1)


@pytest.mark.parametrize("occluder", ["disc", "square"])
@pytest.mark.parametrize("draw", [occluded_bar, occluded_disc])
def test_without_t_junctions_the_same_area_lies_apart(draw, occluder) -> None:
    options = {"occluder": occluder, "size": 512}
    joined, apart = (draw(junctions=kind, **options) for kind in ("T", "removed"))
    black = [(np.abs(drawn.image).max(axis=-1) < 0.25).sum() for drawn in (joined, apart)]
    assert black[1] == pytest.approx(black[0], rel=0.01)
    touching = [
        (
            ndimage.binary_dilation(drawn.parts["occluder"], iterations=2)
            & (drawn.labels > 0)
            & ~drawn.parts["occluder"]
        ).any()
        for drawn in (joined, apart)
    ]
    assert touching == [True, False]
    assert not apart.parts["hidden"].any()


@pytest.mark.parametrize("overlap", [0.2, 0.5, 0.8])
def test_visible_and_hidden_parts_make_the_whole_disc(overlap) -> None:
    drawn = occluded_disc(overlap=overlap, size=512)
    whole = drawn.parts["visible"] | drawn.parts["hidden"]
    assert whole.sum() == pytest.approx(np.pi * (0.2 * 512) ** 2, rel=0.005)
    assert np.ptp(np.nonzero(whole)[0]) == pytest.approx(0.4 * 512, abs=2)
    assert np.ptp(np.nonzero(drawn.parts["hidden"])[1]) == pytest.approx(overlap * 204.8, abs=2)
    assert not (drawn.parts["visible"] & drawn.parts["hidden"]).any()


@pytest.mark.parametrize("transmittance", [0.0, 0.3, 0.7, 1.0])
def test_the_transparent_surface_obeys_metelli(transmittance) -> None:
    drawn = transparent_overlap(transmittance=transmittance, size=256)
    inner = {name: ndimage.binary_erosion(mask, iterations=2) for name, mask in drawn.parts.items()}
    back_only = drawn.image[inner["back"] & ~drawn.parts["front"]][0]
    front_only = drawn.image[inner["front"] & ~drawn.parts["back"]]
    front_only = np.median(front_only, axis=0)
    both, ground = drawn.image[inner["overlap"]][0], drawn.image[0, 0]
    # alpha from the four colours alone, as Metelli solves it
    assert (front_only - both) == pytest.approx(transmittance * (ground - back_only), abs=1e-5)


def test_the_pieces_of_the_transparency_keep_their_areas_and_lose_their_crossings() -> None:
    crossing, apart = (transparent_overlap(junctions=kind, size=512) for kind in ("X", "removed"))
    assert ndimage.label(crossing.labels > 0)[1] == 1
    assert ndimage.label(apart.labels > 0)[1] == 3
    for part, without in (("back", "front"), ("front", "back"), ("overlap", None)):
        here = crossing.parts[part] & ~(crossing.parts[without] if without else False)
        assert apart.parts[part].sum() == pytest.approx(here.sum(), rel=0.02)


@pytest.mark.parametrize("bulge", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("regions", [2, 3, 4])
@pytest.mark.parametrize("lobes", [1, 4])
def test_convex_and_concave_regions_have_the_same_area(bulge, regions, lobes) -> None:
    drawn = convexity(bulge=bulge, regions=regions, lobes=lobes, size=512)
    first, second = ((drawn.labels == label).sum() for label in (1, 2))
    assert first == pytest.approx(second, rel=0.02)
    assert ndimage.label(drawn.labels == 1)[1] == regions


def test_borders_bulge_out_of_the_convex_regions() -> None:
    drawn = convexity(regions=1 + 1, lobes=1, bulge=0.6, size=512)
    found, _ = ndimage.label(drawn.labels == 1)
    one = found == 1
    widths = one.sum(axis=1)[one.any(axis=1)]
    second = np.diff(np.convolve(widths, np.ones(40) / 40, "valid")[20:-20:40], 2)
    assert (second <= 1).all()  # as wide as a lens, nowhere waisted
    assert widths[len(widths) // 2] > 1.5 * widths[5]


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
@pytest.mark.parametrize("sectors", [3, 4, 8])
def test_sectors_take_their_share_of_the_area(share, sectors) -> None:
    drawn = relative_area(area_share=share, sectors=sectors, size=512)
    first = (drawn.labels == 1).sum() / drawn.parts["panel"].sum()
    assert first == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize("surround", ["closed", "open"])
@pytest.mark.parametrize("shape", ["disc", "square"])
@pytest.mark.parametrize("share", [0.1, 0.25, 0.6])
def test_the_inner_region_has_its_share_and_is_surrounded_or_not(surround, shape, share) -> None:
    drawn = surroundedness(surround=surround, shape=shape, area_share=share, size=512)
    inner = drawn.labels == 1
    assert inner.sum() / drawn.parts["panel"].sum() == pytest.approx(share, abs=0.006)
    touches_outside = (ndimage.binary_dilation(inner) & (drawn.labels == 0)).any()
    assert touches_outside == (surround == "open")


@pytest.mark.parametrize("division", ["upper-lower", "left-right"])
@pytest.mark.parametrize("seed", range(3))
def test_the_regions_of_a_divided_panel_have_the_same_area(division, seed) -> None:
    drawn = lower_region(division=division, seed=seed, size=480, panel_size=0.8)
    first, second = drawn.labels == 1, drawn.labels == 2
    assert first.sum() == pytest.approx(second.sum(), rel=0.01)
    axis = 0 if division == "upper-lower" else 1
    low, high = (np.nonzero(region)[axis].mean() for region in (second, first))
    assert (low < high) == (division == "upper-lower")


def test_the_control_of_the_lower_region_is_the_same_image_turned() -> None:
    level, upright = (
        lower_region(division=division, size=480, seed=2)
        for division in ("upper-lower", "left-right")
    )
    assert (np.rot90(level.labels, -1) == upright.labels).mean() > 0.99


@pytest.mark.parametrize("relief", [0.3, 1.0])
def test_the_vase_is_symmetric_and_keeps_its_area(relief) -> None:
    vase = rubin_vase(relief=relief, size=512).parts["vase"]
    assert np.array_equal(vase, vase[:, ::-1])
    bar = rubin_vase(profile="straight", size=512).parts["bar"]
    assert vase.sum() == pytest.approx(bar.sum(), rel=0.01)


def test_the_faces_nose_stands_out_furthest() -> None:
    drawn = rubin_vase(size=512)
    widths = (drawn.labels == 1).sum(axis=1)
    rows = np.flatnonzero(widths)
    nose = rows[np.argmin(widths[rows])]
    assert nose / 512 == pytest.approx(0.5, abs=0.03)
    assert set(drawn.label_names.values()) == {"background", "vase", "left face", "right face"}
