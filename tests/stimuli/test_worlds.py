"""Laws of the worlds: what a network is taught must not give away what it is asked later."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from napari_lns import stimuli
from napari_lns.stimuli import Stimulus, contours, textures, worlds
from napari_lns.stimuli._shapes import polar_points
from napari_lns.stimuli.worlds import (
    Scene,
    _layout,
    _registry,
    figure_ground,
    illusory_contours,
    occlusion,
    outlines,
    strings,
)
from napari_lns.stimuli.worlds._dice import ABSENT, BARELY, FAINT, RIVAL, Dice
from napari_lns.stimuli.worlds.leaves import paint_leaves

COUNT = 1000
# A label that is there only with the object that the stimulus hints at.
OBJECT = {
    "abutting_gratings": "figure",
    "common_region": "pair 1",
    "connectedness": "pair 1",
    "contour_integration": "path",
    "ehrenstein_figure": "disc",
    "fragmented_outline": "figure",
    "kanizsa_absent": "square",
    "kanizsa_figure": "figure",
    "occluded_bar": "bar",
    "occluded_disc": "disc",
    "surroundedness": "figure",
    "symmetry_pairs": "pair 1",
    "texture_regions": "texture 2",
    "transparent_overlap": "back",
    "varin_figure": "figure",
}
# And those in which it is one surface on the background.
SURFACES = ("ehrenstein_figure", "fragmented_outline", "kanizsa_figure", "varin_figure")
BLACK, GREY, LIGHT = 0.0, 0.5, 0.8

each_world = pytest.mark.parametrize("name", worlds.names())


@functools.cache
def scenes(name: str, count: int = COUNT) -> list[Stimulus]:
    return worlds.scenes(name, count, seed=11)


def area(scene: Stimulus, label: str) -> NDArray[np.bool_]:
    values = [value for value, name in scene.label_names.items() if name == label]
    return np.isin(scene.labels, values)


@each_world
def test_a_stream_can_be_taken_up_at_any_step(name: str) -> None:
    steps = list(islice(stimuli.world(name, seed=3, batch=4), 3))
    assert np.array_equal(next(stimuli.world(name, seed=3, batch=4, start=2)), steps[2])
    assert not np.array_equal(next(stimuli.world(name, seed=4, batch=4)), steps[0])
    assert not np.array_equal(steps[0], steps[1])


@each_world
def test_scenes_are_the_images_of_the_stream_with_their_ground_truth(name: str) -> None:
    streamed = next(stimuli.world(name, seed=5, batch=16))
    drawn = worlds.scenes(name, 16, seed=5)
    for image, scene in zip(streamed, drawn, strict=True):
        assert np.array_equal(image.transpose(1, 2, 0), scene.image)
        assert image.dtype == np.float32
        assert 0 <= image.min() <= image.max() <= 1
        assert set(np.unique(scene.labels)) == set(scene.label_names)  # complete, all named


def test_a_world_that_grows_begins_narrow_and_becomes_whole() -> None:
    """Paths of contour integration get their distractors last."""

    def painted(growth: int, start: int) -> float:
        images = next(stimuli.world("contour_integration", seed=3, start=start, growth=growth))
        grounds = np.median(images, axis=(1, 2, 3), keepdims=True)
        return float((np.abs(images - grounds) > 0.02).mean())

    assert painted(growth=100, start=0) < painted(growth=100, start=60) / 2
    whole, grown = (
        next(stimuli.world("contour_integration", seed=3, start=100, growth=growth))
        for growth in (0, 100)
    )
    assert np.array_equal(whole, grown)


@pytest.mark.parametrize("name", ["kanizsa_figure", "kanizsa"])
def test_growth_is_refused_by_worlds_that_do_not_grow(name: str) -> None:
    with pytest.raises(ValueError, match=rf"{name}.*does not grow.*contour_integration"):
        stimuli.world(name, growth=100)


@pytest.mark.parametrize("name", ["kanizsa", "closure"])
def test_sets_are_worlds_themselves(name: str) -> None:
    steps = list(islice(stimuli.world(name, batch=2), 2))
    assert steps[0].shape == (2, 3, 64, 64)
    assert np.array_equal(next(stimuli.world(name, batch=2, start=1)), steps[1])


@pytest.mark.parametrize("name", OBJECT)
def test_the_object_is_absent_often_enough(name: str) -> None:
    absent = np.mean([not area(scene, OBJECT[name]).any() for scene in scenes(name)])
    error = np.sqrt(0.25 / COUNT)
    assert 0.3 - 3 * error < absent < ABSENT + RIVAL + 3 * error


def lightness(name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The lightness of the object and of the background, where the object is there."""
    shown = [scene for scene in scenes(name, 4 * COUNT) if area(scene, OBJECT[name]).any()]
    return (
        np.array([np.median(each.image[area(each, OBJECT[name])]) for each in shown]),
        np.array([np.median(each.image[each.labels == 0]) for each in shown]),
    )


@pytest.mark.parametrize("name", SURFACES)
def test_about_half_of_the_objects_are_faint(name: str) -> None:
    figure, ground = lightness(name)
    barely = np.abs(figure - ground) <= BARELY[1] + 0.002
    assert FAINT - 0.06 < barely.mean() < FAINT + 0.16  # some are faint by chance


@pytest.mark.parametrize("name", SURFACES)
def test_the_objects_lightness_does_not_depend_on_the_backgrounds(name: str) -> None:
    figure, ground = lightness(name)
    strong = np.abs(figure - ground) > 0.12
    assert abs(np.corrcoef(figure[strong], ground[strong])[0, 1]) < 0.15


@each_world
def test_no_scene_is_the_stimulus(name: str) -> None:
    of = worlds.find_stimulus(name)
    jittered = {"jitter": 1.0} if "jitter" in stimuli.parameters(of) else {}
    tested = [stimuli.draw(of), *(stimuli.draw(of, seed=k, **jittered) for k in range(1, 8))]
    wanted = np.stack([each.image for each in tested])
    drawn = np.concatenate(list(islice(stimuli.world(name, seed=2, batch=250), 8)))
    drawn = drawn.transpose(0, 2, 3, 1)
    nearest = min(float(np.abs(drawn - one).mean(axis=(1, 2, 3)).min()) for one in wanted)
    assert nearest > 0.002


def holds(covered: Any, value: Any) -> bool:
    if isinstance(covered, tuple):
        low, high = covered
        return all(low <= each <= high for each in np.ravel(value))
    return value in covered


@each_world
def test_the_domain_holds_the_stimulus_its_control_and_any_jitter(name: str) -> None:
    of, domain = worlds.find_stimulus(name), worlds.domain(name)
    known = stimuli.parameters(of)
    assert set(domain) <= set(known)
    for key, covered in domain.items():
        assert holds(covered, known[key].default), key
        for value in covered:
            known[key].check((value,) * 3 if known[key].type is tuple else value)
    for key, value in stimuli.control(of).items():
        assert holds(domain[key], value), key


@pytest.mark.parametrize("name", sorted(set(worlds.names()) - {"dead_leaves", "kanizsa_absent"}))
def test_the_domain_covers_all_that_jitter_changes(name: str) -> None:
    domain, jitter = worlds.domain(name), stimuli._canvas.JITTER
    assert holds(domain["x"], jitter.place)
    assert holds(domain["y"], -jitter.place)
    assert holds(domain["rotation"], [-jitter.rotation, jitter.rotation])
    assert holds(domain["contrast"], [1 - jitter.contrast, 1])
    for key in {"figure_size", "panel_size"} & set(domain):
        known = stimuli.parameters(name)[key]
        sizes = known.default * np.array([1 - jitter.zoom, 1 + jitter.zoom])
        assert holds(domain[key], np.clip(sizes, known.minimum, known.maximum)), key


def square_over(name: str, add_inducers: illusory_contours.Inducers) -> Scene:
    scene, size = Scene(GREY), illusory_contours.FIGURE_SIZE
    centres = polar_points(size / 2, illusory_contours.OUTWARD)
    ratio = stimuli.parameters(name)["support_ratio"].default
    add_inducers(scene, centres, ratio * size * np.sin(np.pi / 4), np.zeros(4), {})
    illusory_contours.add_square(scene, GREY)
    return scene


def ehrenstein() -> Scene:
    scene, known = Scene(GREY), stimuli.parameters("ehrenstein_figure")
    gap, length = known["gap_size"].default, known["line_length"].default
    straight = np.zeros(illusory_contours.LINES)
    illusory_contours.add_lines(scene, straight, gap / 2 + length, BLACK, straight)
    scene.discs([[0.0, 0.0]], gap, GREY, "disc")
    return scene


def outline() -> Scene:
    scene, half = Scene(GREY), outlines.SIDE / 2
    scene.boxes([[0.0, 0.0]], 2 * half, 2 * half, GREY, "figure")
    gap = stimuli.parameters("fragmented_outline")["gap_fraction"].default
    for sign in outlines.SIGNS:
        scene.polygon((outlines.make_corner(gap) + half) * sign, BLACK, "figure")
    return scene


def row() -> Scene:
    scene, count = Scene(GREY), 2 * strings.PAIRS
    ratio = stimuli.parameters("proximity_row")["gap_ratio"].default
    strings.add_row(scene, ratio, np.zeros(count), np.arange(count) // 2)
    return scene


def bar() -> Scene:
    scene = Scene(GREY)
    occlusion.add_bar(scene, BLACK)
    occlusion.add_occluder(scene, LIGHT)
    return scene


def convex() -> Scene:
    scene, panel = Scene(GREY), figure_ground.PANEL
    scene.boxes([[0.0, 0.0]], panel, panel, 1.0, "ground")
    bulge = stimuli.parameters("convexity")["bulge"].default
    for middle in figure_ground.CONVEX:
        outline = figure_ground.region(middle * figure_ground.WIDTH, bulge)
        scene.polygon(outline, BLACK, "figure")
    return scene


SAME: Mapping[str, Any] = {
    "kanizsa_figure": functools.partial(square_over, "kanizsa_figure", illusory_contours.add_discs),
    "varin_figure": functools.partial(square_over, "varin_figure", illusory_contours.add_rings),
    "ehrenstein_figure": ehrenstein,
    "fragmented_outline": outline,
    "proximity_row": row,
    "occluded_bar": bar,
    "convexity": convex,
}


@pytest.mark.parametrize("name", SAME)
def test_an_object_of_the_backgrounds_lightness_makes_the_stimulus(name: str) -> None:
    image, labels = np.empty((3, 64, 64), np.float32), np.empty((64, 64), np.int32)
    SAME[name]().draw(image, labels)
    wanted = stimuli.draw(name).image.transpose(2, 0, 1)
    difference = np.abs(image - wanted).max(axis=0)
    assert difference.max() < 0.3  # at corners, and where the stimulus measures across only
    assert difference.mean() < 0.01
    assert difference[~_next_to_edge(wanted[0])].max() < 1e-5


def _next_to_edge(image: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Whether a pixel or one of its neighbours differs from the next."""
    edge = np.zeros(image.shape, bool)
    for axis in (0, 1):
        for step in (-1, 1):
            edge |= np.abs(image - np.roll(image, step, axis)) > 1e-6
    return edge


def test_a_package_can_register_a_world_of_its_own() -> None:
    @worlds.register("kanizsa_figure", support_ratio=(0.4, 0.6))
    def one_disc(dice: Dice) -> Scene:
        scene = Scene(dice.background_lightness(), dice.pose())
        scene.discs([[0.1, 0.1]], 0.3, dice.dark_lightness(), "inducers")
        return scene

    try:
        assert "one_disc" in worlds.names()
        assert worlds.find_stimulus("one_disc") == "kanizsa_figure"
        assert worlds.domain("one_disc")["support_ratio"] == (0.4, 0.6)
        assert next(stimuli.world("one_disc", batch=2)).shape == (2, 3, 64, 64)
    finally:
        del _registry._worlds["one_disc"]


def test_a_worlds_name_is_taken_once() -> None:
    def kanizsa_figure(dice: Dice) -> Scene:
        return Scene()

    with pytest.raises(ValueError, match=r"kanizsa_figure.*already registered"):
        worlds.register()(kanizsa_figure)


def test_an_unknown_world_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(ValueError, match="did you mean 'kanizsa_figure'"):
        stimuli.world("kaniza_figure")
    with pytest.raises(ValueError, match=r"batch is 0: it must be between 1"):
        stimuli.world("kanizsa_figure", batch=0)


@given(st.integers(0, 2**32 - 1), st.integers(1, 30))
@settings(max_examples=30, deadline=None)
def test_leaves_are_painted_in_tiles_as_on_whole_canvases(seed: int, count: int) -> None:
    rng, side = np.random.default_rng(seed), 20
    middles = (np.arange(side) + 0.5) / side - 0.5
    right, up = np.meshgrid(middles, -middles)
    grains, texture = np.arange(side**2).reshape(side, side), rng.normal(size=(side, side))
    leaves = rng.uniform([-0.8] * 2 + [0.0] * 8, [0.8] * 2 + [0.6] + [1.0] * 7, (count, 10))
    expected, labels = np.zeros((3, side, side)), np.zeros((side, side), int)
    for number in range(count, 0, -1):  # from the farthest, over which nearer ones are painted
        x, y, radius, *colour, rightwards, upwards, grain, shift = leaves[number - 1]
        distances = np.hypot(right - x, up - y) - radius
        shown = texture.flat[(grains + int(shift * side**2)) % side**2]
        change = rightwards * (right - x) + upwards * (up - y) + grain * shown
        painted = np.clip(np.reshape(colour, (3, 1, 1)) + change, 0, 1)
        expected += np.clip(0.5 - side * distances, 0, 1) * (painted - expected)
        labels[distances < 0] = number
    image, found = np.empty((3, side, side), np.float32), np.empty((side, side), np.int32)
    paint_leaves(image, found, leaves, texture)
    assert np.allclose(image, expected, atol=1e-5)
    assert np.array_equal(found, labels)


def test_the_leaves_of_the_world_are_like_those_of_the_stimulus() -> None:
    drawn = [stimuli.draw("dead_leaves", seed=seed) for seed in range(200)]
    made = scenes("dead_leaves", 200)
    assert all((scene.labels > 0).all() for scene in made)
    counts = [[len(np.unique(scene.labels)) for scene in several] for several in (drawn, made)]
    assert np.mean(counts[1]) == pytest.approx(np.mean(counts[0]), rel=0.1)
    for describe in (np.mean, np.std):
        values = [[describe(scene.image) for scene in several] for several in (drawn, made)]
        assert np.mean(values[1]) == pytest.approx(np.mean(values[0]), rel=0.1)


@given(st.integers(0, 2**32 - 1), st.integers(1, 60), st.integers(1, 40))
@settings(max_examples=30, deadline=None)
def test_distractors_are_accepted_in_turn_where_there_is_room(
    seed: int, thrown: int, placed: int
) -> None:
    rng = np.random.default_rng(seed)
    some, others = rng.uniform(-0.5, 0.5, (thrown, 2)), rng.uniform(-0.5, 0.5, (placed, 2))
    accepted = [*others]
    for place in some:
        if min(np.hypot(*(place - other)) for other in accepted) >= 0.1:
            accepted.append(place)
    found = _layout.scatter(some, others, 0.1)
    assert np.array_equal(found, np.reshape(accepted[placed:], (-1, 2)))


@given(st.integers(0, 2**32 - 1), st.integers(3, 12), st.floats(0, 90))
@settings(max_examples=30, deadline=None)
def test_a_path_of_a_world_is_laid_like_that_of_the_stimulus(
    seed: int, length: int, angle: float
) -> None:
    """The stimulus draws the turns to try first; the world is given those that were made."""
    places, headings = contours.draw_path(np.random.default_rng(seed), length, angle, 0.1)
    laid, directions = _layout.lay_path(headings[0], np.diff(headings), 0.1, 0.07)
    assert np.allclose(laid, places)
    assert np.allclose(directions, headings)


@given(st.integers(0, 2**32 - 1), st.integers(3, 12))
@settings(max_examples=30, deadline=None)
def test_polygons_cover_pixels_by_the_distance_of_their_middle(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    turns = np.sort(rng.uniform(0, 360, count))
    corners = polar_points(rng.uniform(0.1, 0.6, count), turns) + rng.uniform(-0.1, 0.1, 2)
    scene = Scene(0.0)
    scene.polygon(corners, 1.0, "polygon")
    image, labels = np.empty((3, 64, 64), np.float32), np.empty((64, 64), np.int32)
    scene.draw(image, labels)
    distance = _plain_distance(corners) * 64
    assert np.abs(image[0] - np.clip(0.5 - distance, 0, 1)).max() < 1e-3
    clear = np.abs(distance) > 1e-3
    assert np.array_equal(labels[clear] == 1, distance[clear] < 0)


def _plain_distance(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """The signed distance to a polygon for every pixel, from all edges."""
    middle = (np.arange(64) + 0.5) / 64 - 0.5
    points = np.stack(np.broadcast_arrays(middle, -middle[:, None]), axis=-1)
    nearest, inside = np.full((64, 64), np.inf), np.zeros((64, 64), bool)
    for start, end in zip(np.roll(corners, 1, axis=0), corners, strict=True):
        along = end - start
        share = np.clip(((points - start) @ along) / max(along @ along, 1e-12), 0, 1)
        away = points - start - share[..., None] * along
        nearest = np.minimum(nearest, np.hypot(*np.moveaxis(away, -1, 0)))
        between = (start[1] > points[..., 1]) != (end[1] > points[..., 1])
        if along[1]:
            place = start[0] + (points[..., 1] - start[1]) / along[1] * along[0]
            inside ^= between & (points[..., 0] < place)
    return np.where(inside, -nearest, nearest)


@pytest.mark.parametrize("angle", [0.0, 30.0, 135.0])
def test_the_grain_of_the_world_is_that_of_the_stimulus(angle: float) -> None:
    grain = textures.Grain(np.random.default_rng(0), 10.0, 9.0)
    right, up = np.linspace(-0.4, 0.5, 9), np.linspace(0.5, -0.3, 7)
    columns, rows = np.meshgrid(right, up)
    assert np.allclose(grain.on_grid(right, up, angle), grain(columns, rows, angle), atol=1e-5)
