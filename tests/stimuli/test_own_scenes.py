"""Scenes of one's own: the file, the drawing, the control, the world, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_lns import stimuli
from napari_lns.stimuli import Scene, Stimulus
from napari_lns.stimuli.scene import Ellipse, Line, Polygon, Rectangle, Surface, Vary, VaryAll
from napari_lns.stimuli.worlds._dice import ABSENT, RIVAL

SCENES = Path(__file__).parents[2] / "sample_data" / "scenes"
FILES = sorted(SCENES.glob("*.json"))
STILL = Vary(place=0, size=0, rotation=0)
DISC = Surface("disc", Ellipse(0.4, 0.4), (0.1, 0.1, 0.1), vary=STILL)
SQUARE = Surface("square", Rectangle(0.3, 0.3, x=0.15, y=0.15), colour_of="background", vary=STILL)
each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


@each_file
def test_a_scene_that_is_saved_and_loaded_is_the_same(file: Path, tmp_path: Path) -> None:
    scene = Scene.load(file)
    scene.save(tmp_path / "again.json")
    assert Scene.load(tmp_path / "again.json") == scene


@each_file
def test_a_scenes_stimulus_is_drawn_again_from_its_record(file: Path) -> None:
    drawn = Scene.load(file).draw(80, seed=3, jitter=0.5, control=True)
    assert drawn.redraw() == drawn
    assert Stimulus.from_record(json.loads(json.dumps(drawn.record))) == drawn


@pytest.mark.parametrize("size", [64, 100, 1024])
def test_a_drawing_is_anti_aliased_and_has_its_ground_truth_at_every_size(size: int) -> None:
    drawn = Scene((DISC,)).draw(size)
    assert drawn.shape == (size, size)
    area = np.pi * 0.2**2
    assert np.isclose((drawn.labels == 1).mean(), area, atol=2 / size)
    assert np.isclose(((0.5 - drawn.image[..., 0]) / 0.4).mean(), area, atol=1e-3)
    assert len(np.unique(drawn.image)) > 2


def test_a_tied_surface_has_the_others_colour() -> None:
    other = Surface("other", Ellipse(0.2, 0.2, x=-0.3), (1.0, 0.0, 0.0), colour_of="disc")
    drawn = Scene((DISC, other, SQUARE)).draw()
    assert np.allclose(drawn.image[32, 13], 0.1)
    assert np.allclose(drawn.image[20, 42], 0.5)  # the square, invisible over the background
    assert drawn.labels[20, 42] == 3


QUESTIONS = {
    "kanizsa_triangle": ("illusory", {"illusory_figure", "illusory_contour", "inducers"}),
    "bar_behind_disc": ("occluded", {"left piece", "right piece", "occluder"}),
    "broken_star": ("outline", {"inside", "gaps", "fragments"}),
    "two_sheets": ("transparent", {"back", "front", "overlap"}),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_ambiguous_is_found_and_its_parts_are_marked(name: str) -> None:
    kind, parts = QUESTIONS[name]
    scene = Scene.load(SCENES / f"{name}.json")
    assert [ambiguity.kind for ambiguity in scene.ambiguities] == [kind]
    for control in (False, True):
        drawn = scene.draw(control=control)
        assert set(drawn.parts) == parts
        assert all(mask.any() for mask in drawn.parts.values())


def test_the_control_rotates_inducers_in_place() -> None:
    scene = Scene.load(SCENES / "kanizsa_triangle.json")
    shown, control = scene.draw(256), scene.draw(256, control=True)
    areas = [(each.image < 0.3).all(axis=-1).sum() for each in (shown, control)]
    assert areas[1] == pytest.approx(areas[0], rel=0.02)
    assert not np.array_equal(shown.image, control.image)
    assert "triangle" not in control.label_names.values()


def test_the_control_pulls_the_pieces_of_a_hidden_bar_away() -> None:
    scene = Scene.load(SCENES / "bar_behind_disc.json")
    shown, control = scene.draw(256), scene.draw(256, control=True)
    for name in ("left piece", "right piece"):
        areas = [each.parts[name].sum() for each in (shown, control)]
        assert areas[1] == pytest.approx(areas[0], rel=0.02)
    assert set(control.label_names.values()) == {"background", "bar piece 1", "bar piece 2", "disc"}


def test_a_scene_without_ambiguity_has_no_control_and_says_so() -> None:
    scene = Scene((DISC,), "plain")
    assert not scene.has_control
    with pytest.raises(ValueError, match=r"'plain' has no control.*tie a colour"):
        scene.draw(control=True)


@each_file
def test_a_world_is_the_same_from_any_step_on(file: Path) -> None:
    scene = Scene.load(file)
    steps = scene.world(seed=5, batch=3)
    next(steps)
    second = next(steps)
    assert second.shape == (3, 3, 64, 64)
    assert second.dtype == np.float32
    np.testing.assert_array_equal(second, next(scene.world(seed=5, batch=3, start=1)))
    assert not np.array_equal(second, next(scene.world(seed=6, batch=3, start=1)))


def test_what_is_suggested_is_absent_or_faint_as_often_as_in_the_built_in_worlds() -> None:
    scenes = Scene.load(SCENES / "kanizsa_triangle.json").scenes(600, seed=1)
    present = [each for each in scenes if "triangle" in each.label_names.values()]
    assert len(present) / 600 == pytest.approx(1 - ABSENT - RIVAL, abs=0.06)
    faint = 0
    for each in present:
        value = next(v for v, name in each.label_names.items() if name == "triangle")
        inside = np.median(each.image[each.labels == value])
        faint += abs(inside - np.median(each.image[each.labels == 0])) < 0.065
    assert faint / len(present) == pytest.approx(0.57, abs=0.08)  # some others are near by chance


def test_a_hidden_bar_is_two_things_of_their_own_in_its_rivals() -> None:
    scenes = Scene.load(SCENES / "bar_behind_disc.json").scenes(300)
    apart = sum("bar piece 1" in each.label_names.values() for each in scenes)
    assert apart / 300 == pytest.approx(ABSENT + RIVAL, abs=0.08)


def test_surfaces_of_one_object_move_as_one_and_tied_ones_have_one_colour() -> None:
    vary = Vary(place=0.1, rotation=0)
    left = Surface("left", Ellipse(0.1, 0.1, x=-0.2), label="dots", vary=vary)
    right = replace(left, name="right", shape=Ellipse(0.1, 0.1, x=0.2), colour_of="left")
    still = VaryAll(place=0, size=0, rotation=0)
    for each in Scene((left, right), vary=still).scenes(20):
        columns = np.flatnonzero((each.labels == 1).any(axis=0))
        assert np.ptp(columns) == pytest.approx(0.5 * 64, abs=4)
        left_half, right_half = each.image[:, :32], each.image[:, 32:]
        one, other = (each.labels == 1)[:, :32], (each.labels == 1)[:, 32:]
        assert np.median(left_half[one]) == pytest.approx(np.median(right_half[other]), abs=0.02)


def test_presence_decides_how_often_a_surface_is_there() -> None:
    rare = replace(DISC, vary=replace(STILL, presence=0.25))
    shown = sum(1 in each.label_names for each in Scene((rare,)).scenes(400))
    assert shown / 400 == pytest.approx(0.25, abs=0.07)


def test_a_scene_without_rivals_has_none() -> None:
    scene = replace(Scene.load(SCENES / "bar_behind_disc.json"), rivals=False)
    names = {name for each in scene.scenes(100) for name in each.label_names.values()}
    assert names == {"background", "bar", "disc"}


def test_the_schema_names_what_a_file_must_hold() -> None:
    schema = Scene.schema()
    assert schema["properties"]["version"] == {"const": 1}
    assert {"format", "version", "surfaces"} <= set(schema["required"])


CROSSED = ((-0.2, -0.2), (0.2, 0.2), (0.2, -0.2), (-0.2, 0.2))
SQUARED = ((-0.2, -0.2), (0.2, -0.2), (0.2, 0.2), (-0.2, 0.2))
INSIDE = ((-0.1, -0.1), (0.1, -0.1), (0.0, 0.1))
AWAY = ((0.1, 0.0), (0.3, 0.0), (0.1, 0.1))
WRONG_SURFACES = {
    "crosses itself": lambda: Surface("bow", Polygon(CROSSED)),
    "is empty: its area": lambda: Surface("dust", Ellipse(0.005, 0.005)),
    "is empty: its points": lambda: Surface("point", Line(((0.0, 0.0), (0.0, 0.0)), 0.1)),
    "lies outside the canvas": lambda: Surface("far", Ellipse(0.2, 0.2, x=1.0)),
    "only filled shapes": lambda: Surface(
        "bent", Line(((0.0, 0.0), (0.1, 0.0), (0.1, 0.1)), 0.1), opacity=0.5
    ),
    "the name of the background": lambda: Surface("background", Ellipse(0.2, 0.2)),
    "width is nan": lambda: Surface("none", Ellipse(float("nan"), 0.2)),
    "corners.0.0 is inf": lambda: Surface("far", Polygon(((float("inf"), 0.0),) * 3)),
    "width is 90": lambda: Surface("wide", Line(((0.0, 0.0), (0.1, 0.0)), 90.0)),
    "outside of": lambda: Surface("pale", Ellipse(0.2, 0.2), (0.0, 0.0, float("nan"))),
    "a name of 300 letters": lambda: Surface("a" * 100, Ellipse(0.2, 0.2), label="b" * 300),
    "has a hole that crosses or leaves": lambda: Surface("ring", Polygon(SQUARED, (AWAY,))),
    "meets another hole": lambda: Surface("ring", Polygon(SQUARED, (INSIDE, INSIDE))),
}


@pytest.mark.parametrize("sentence", WRONG_SURFACES)
def test_a_surface_that_cannot_be_drawn_is_refused_with_its_name(sentence: str) -> None:
    with pytest.raises(ValueError, match=rf"surface '\w+…?'?:? .*{sentence}"):
        WRONG_SURFACES[sentence]()


def test_a_ring_is_drawn_without_its_hole_in_the_world_too() -> None:
    ring = Surface("ring", Polygon(SQUARED, (INSIDE,)), (0.1, 0.1, 0.1), vary=STILL)
    drawn = Scene((ring,)).draw()
    assert (drawn.labels[32, [22, 32]] == [1, 0]).all()
    still = VaryAll(place=0, size=0, rotation=0)
    for scene in Scene((ring,), vary=still).scenes(3):
        assert (scene.labels[32, [22, 32]] == [1, 0]).all()


def test_a_hole_stays_open_in_the_rivals_and_controls_of_a_hidden_ring() -> None:
    hole = tuple((x / 2, y / 2) for x, y in SQUARED)
    ring = Surface("ring", Polygon(SQUARED, (hole,)), (0.1, 0.1, 0.1))
    cover = Surface("cover", Rectangle(0.1, 0.1, x=0.2), (0.9, 0.9, 0.9))
    scene = Scene((ring, cover))
    (ambiguity,) = scene.ambiguities
    (piece,) = ambiguity.pieces
    assert (ambiguity.kind, len(piece.rings)) == ("occluded", 2)
    assert scene.draw(control=True).labels[32, 30] == 0


def test_a_file_without_holes_is_read_as_before() -> None:
    contents = Scene((Surface("square", Polygon(SQUARED)),)).to_json()
    del contents["surfaces"][0]["shape"]["holes"]
    assert Scene.from_json(contents).surfaces[0].shape == Polygon(SQUARED)


def test_ties_in_a_circle_are_refused() -> None:
    one = replace(DISC, colour_of="square")
    two = replace(SQUARE, colour_of="disc")
    with pytest.raises(ValueError, match=r"tied in a circle \(disc → square → disc\)"):
        Scene((one, two))


def test_a_tie_to_nothing_names_what_comes_near() -> None:
    with pytest.raises(ValueError, match="did you mean 'background'"):
        Scene((replace(DISC, colour_of="backgroud"),))


def test_names_that_occur_twice_and_empty_scenes_are_refused() -> None:
    with pytest.raises(ValueError, match="two surfaces have the name 'disc'"):
        Scene((DISC, DISC))
    with pytest.raises(ValueError, match="no surfaces: add one"):
        Scene(())


def test_more_objects_than_a_network_can_hold_are_refused_before_the_world_is_drawn() -> None:
    many = [replace(DISC, name=f"disc {n}", label="", object="") for n in range(13)]
    with pytest.raises(ValueError, match=r"13 objects.*a network can represent 12"):
        Scene(tuple(many)).world()
    with pytest.raises(ValueError, match="201 surfaces: 200 are the most"):
        Scene(tuple(replace(DISC, name=f"{n}") for n in range(201)))


def contents(**changes: object) -> dict[str, object]:
    return {**Scene((DISC,)).to_json(), **changes}


WRONG_FILES = {
    "version is 2: this napari-lns reads version 1": contents(version=2),
    "format is 'other'": contents(format="other"),
    "…: it must be 'napari-lns scene'": contents(format="other" * 1000),
    "it lacks surfaces": {"format": "napari-lns scene", "version": 1},
    "has no surfaces": contents(surfaces=[]),
    "surfaces.0": contents(surfaces=[{**Scene((DISC,)).to_json()["surfaces"][0], "opacity": 2}]),
    "extra": contents(extra=1),
    "background": contents(background=[0.5, 0.5]),
}


@pytest.mark.parametrize("sentence", WRONG_FILES)
def test_a_damaged_file_is_refused_with_a_message_that_names_it(
    sentence: str, tmp_path: Path
) -> None:
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(WRONG_FILES[sentence]))
    with pytest.raises(ValueError, match=r"mine\.json") as refused:
        Scene.load(file)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


@given(
    st.lists(
        st.tuples(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6), st.floats(0.02, 0.6)),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([0.5, 1.0]),
    st.booleans(),
)
def test_any_scene_is_drawn_with_its_world_and_its_control(
    places: list[tuple[float, float, float]], opacity: float, ghost: bool
) -> None:
    surfaces = [
        Surface(f"surface {n}", Rectangle(width, 0.3, x, y), opacity=opacity if n == 1 else 1.0)
        for n, (x, y, width) in enumerate(places)
        if abs(x) < 0.5 and abs(y) < 0.5
    ]
    if not surfaces:
        return
    if ghost:
        surfaces[-1] = replace(surfaces[-1], colour_of="background")
    scene = Scene(tuple(surfaces))
    assert stimuli.Stimulus.from_record(scene.draw().record) == scene.draw()
    if scene.has_control:
        scene.draw(control=True)
    for each in scene.scenes(4):
        assert np.isfinite(each.image).all()
