"""Scenes of SVG drawings and label images, and the drawings that are refused."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from napari_lns import stimuli
from napari_lns.cli import app
from napari_lns.stimuli import Scene
from napari_lns.stimuli.scene import Ellipse, Line, Polygon

SCENES = Path(__file__).parents[2] / "sample_data" / "scenes"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" {} viewBox="0 0 300 300">{}</svg>'
KANIZSA = """<rect width="300" height="300" fill="#808080"/>
<g id="inducers" fill="#222222">
<circle cx="150" cy="70" r="40"/><circle cx="60" cy="220" r="40"/>
<circle cx="240" cy="220" r="40"/></g>
<path id="triangle" d="M150 70 L60 220 L240 220 Z" fill="#808080"/>"""


def drawing(folder: Path, inside: str, attributes: str = "") -> Path:
    file = folder / "drawing.svg"
    file.write_text(SVG.format(attributes, inside))
    return file


def test_groups_are_labels_fills_are_colours_and_equal_colours_are_tied(tmp_path: Path) -> None:
    scene = Scene.from_svg(drawing(tmp_path, KANIZSA))
    assert [surface.label for surface in scene.surfaces] == ["inducers"] * 3 + ["triangle"]
    first, second, _, triangle = scene.surfaces
    assert isinstance(first.shape, Ellipse)
    assert (first.shape.x, first.shape.width) == (0.0, pytest.approx(80 / 300, abs=1e-5))
    assert second.colour_of == first.name
    assert triangle.colour_of == "background"
    assert scene.background == pytest.approx((0.502,) * 3)
    assert [ambiguity.kind for ambiguity in scene.ambiguities] == ["illusory"]


def test_transforms_strokes_and_opacity_are_kept(tmp_path: Path) -> None:
    inside = """<g transform="translate(150 150) rotate(90)">
    <rect id="bar" x="-100" y="-10" width="200" height="20" fill="red" opacity="0.5"/></g>
    <path id="curve" d="M 50 50 C 60 10 90 10 100 50" fill="none"
    stroke="blue" stroke-width="6"/>"""
    bar, curve = Scene.from_svg(drawing(tmp_path, inside)).surfaces
    assert isinstance(bar.shape, Polygon)
    corners = np.array(bar.shape.corners)
    assert np.ptp(corners, axis=0) == pytest.approx((20 / 300, 200 / 300), abs=1e-4)
    assert (bar.opacity, bar.vary.colour) == (0.5, "any")
    assert isinstance(curve.shape, Line)
    assert curve.shape.width == pytest.approx(0.02)
    assert len(curve.shape.points) > 8


def test_a_drawing_that_is_wide_keeps_its_proportions(tmp_path: Path) -> None:
    file = tmp_path / "wide.svg"
    shape = '<circle cx="100" cy="50" r="25"/>'
    file.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100">{shape}</svg>')
    (disc,) = Scene.from_svg(file).surfaces
    assert disc.shape == Ellipse(0.25, 0.25)


OUTER, INNER, ISLAND = "M30 30H270V270H30Z", "M90 90H210V210H90Z", "M120 120H180V180H120Z"
BACKWARDS = "M90 90V210H210V90Z"
FILLED = {  # at the outer square's rim, in the inner one, and in the island
    "nonzero, all the same way round": ("nonzero", OUTER + INNER + ISLAND, (1, 1, 1)),
    "nonzero, the inner one backwards": ("nonzero", OUTER + BACKWARDS, (1, 0, 0)),
    "nonzero, an island in the hole": ("nonzero", OUTER + BACKWARDS + ISLAND, (1, 0, 1)),
    "evenodd": ("evenodd", OUTER + INNER, (1, 0, 0)),
    "evenodd, an island in the hole": ("evenodd", OUTER + INNER + ISLAND, (1, 0, 1)),
}


@pytest.mark.parametrize("case", FILLED)
def test_holes_follow_the_fill_rule(case: str, tmp_path: Path) -> None:
    rule, path, filled = FILLED[case]
    inside = f'<g fill="#000" style="fill-rule:{rule}"><path id="ring" d="{path}"/></g>'
    drawn = Scene.from_svg(drawing(tmp_path, inside)).draw(100)
    assert tuple((drawn.labels[50, [20, 35, 50]] > 0).astype(int)) == filled
    assert tuple(1 - drawn.image[50, [20, 35, 50], 0]) == filled


def test_a_letter_with_a_hole_is_kept_in_its_file(tmp_path: Path) -> None:
    letter = f'<path id="o" fill-rule="evenodd" d="{OUTER}{INNER}" fill="#222"/>'
    scene = Scene.from_svg(drawing(tmp_path, letter))
    scene.save(tmp_path / "o.json")
    assert Scene.load(tmp_path / "o.json") == scene
    (surface,) = scene.surfaces
    assert isinstance(surface.shape, Polygon)
    assert len(surface.shape.holes) == 1


def test_a_label_with_background_inside_is_a_surface_with_a_hole() -> None:
    labels = np.zeros((64, 64), int)
    labels[8:56, 8:56] = 1
    labels[24:40, 24:40] = 0
    again = Scene.from_labels(labels).draw(64)
    np.testing.assert_array_equal(again.labels > 0, labels > 0)
    labels[24:40, 24:40] = 2
    farther, nearer = Scene.from_labels(labels).surfaces
    assert isinstance(farther.shape, Polygon)
    assert (nearer.label, farther.shape.holes) == ("label 2", ())


LINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
REFUSED = {
    "a script, which is never run": ("<script>alert(1)</script>", ""),
    "it has a script": ('<circle r="9" onclick="alert(1)"/>', ""),
    "which is never loaded: embed": ('<use xlink:href="http://127.0.0.1:9/a.svg#b"/>', LINK),
    "it refers to 'file:///etc/passwd'": ('<use href="file:///etc/passwd"/>', ""),
    "its style refers to something outside": ("<style>@import 'http://127.0.0.1/a'</style>", ""),
    "which is never loaded: remove": ('<circle r="9" style="fill:url(http://127.0.0.1/#a)"/>', ""),
    "text: convert it to paths": ("<text>square</text>", ""),
    "a raster image": ('<image href="#a"/>', ""),
    "a filter": ('<circle r="9" filter="url(#blur)"/>', ""),
    "a gradient or pattern": ('<circle r="9" fill="url(#fade)"/>', ""),
    "a clipping path": ('<circle r="9" style="clip-path: url(#cut)"/>', ""),
    "an animation": ('<circle r="9"><animate/></circle>', ""),
    "no shapes that can be seen": ('<circle r="9" fill="none"/>', ""),
    "parts that cross each other": (
        '<path fill-rule="evenodd" d="M0 0H90V90H0Z M30 30H120V60H30Z"/>',
        "",
    ),
    "crosses itself": ('<path id="bow" d="M9 9L90 90H9L90 9Z"/>', ""),
    "lies outside the canvas": ('<circle cx="900" cy="10" r="9"/>', ""),
    "width is inf: it must be": ('<path d="M0 0 9 9" stroke="red" stroke-width="1e400"/>', ""),
    "an opacity is 'much'": ('<circle cx="9" cy="9" r="9" opacity="much"/>', ""),
    "more shapes than 200": ('<circle cx="9" cy="9" r="9"/>' * 201, ""),
    "a path has 201 parts": (f'<path d="{"M9 9H99V99Z" * 201}"/>', ""),
    "a path has more than 2000 points": (f'<path d="M0 0{" 1 1" * 2000}"/>', ""),
    "more than 100 deep: ungroup": ("<g>" * 200 + "</g>" * 200, ""),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_what_cannot_be_a_surface_is_refused_with_a_message(sentence: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"drawing\.svg: ") as refused:
        Scene.from_svg(drawing(tmp_path, *REFUSED[sentence]))
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def used(number: int) -> str:
    """A group that uses another one ten times."""
    return f'<g id="u{number}">' + f'<use href="#u{number - 1}"/>' * 10 + "</g>"


BOMBS = {
    "246,913,570 in all": '<g id="u0"/>' + "".join(used(n) for n in range(1, 9)),
    "used by themselves": '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
    "outlines have 1,000,003 characters": f'<path d="M0{" 1" * 500_000}0"/>',
    "attributes has 70,000 characters": f'<g transform="{"scale(1)" * 8750}"/>',
    "attributes has 90,000 characters": f"<style>{'*{} ' * 22_500}</style>",
}


@pytest.mark.parametrize("sentence", BOMBS)
def test_a_small_drawing_that_would_take_long_is_refused_at_once(
    sentence: str, tmp_path: Path
) -> None:
    file, begun = drawing(tmp_path, BOMBS[sentence]), time.process_time()
    with pytest.raises(ValueError, match=r"drawing\.svg: ") as refused:
        Scene.from_svg(file)
    assert sentence in str(refused.value)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0" encoding="nosuch"?><svg/>',
        '<?xml version="1.0" encoding="base64"?><svg/>',
        '<svg xmlns="http://other/namespace"/>',
    ],
)
def test_an_unknown_encoding_or_namespace_is_reported(text: str, tmp_path: Path) -> None:
    file = tmp_path / "drawing.svg"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"drawing\.svg: .*it is not an SVG file"):
        Scene.from_svg(file)


def test_a_long_id_becomes_a_name_that_a_scenes_file_can_hold(tmp_path: Path) -> None:
    file = drawing(
        tmp_path, f'<g id="{"g" * 900}"><circle id="{"a" * 900}" cx="99" cy="9" r="9"/></g>'
    )
    scene = Scene.from_svg(file)
    scene.save(tmp_path / "scene.json")
    assert Scene.load(tmp_path / "scene.json") == scene


def test_entities_are_never_expanded_and_other_files_are_no_drawings(tmp_path: Path) -> None:
    file = tmp_path / "bomb.svg"
    file.write_text('<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>')
    with pytest.raises(ValueError, match="declares entities, which are never expanded"):
        Scene.from_svg(file)
    file.write_text("<html/>")
    with pytest.raises(ValueError, match="first element is 'html'"):
        Scene.from_svg(file)
    file.write_text("<svg")
    with pytest.raises(ValueError, match="it is not an SVG file"):
        Scene.from_svg(file)
    with pytest.raises(FileNotFoundError, match="check the path"):
        Scene.from_svg(tmp_path / "nowhere.svg")


def test_each_label_is_a_surface_with_the_images_colours() -> None:
    drawn = Scene.load(SCENES / "two_sheets.json").draw(128)
    scene = Scene.from_labels(drawn.labels, drawn.image)
    again = scene.draw(128)
    assert {surface.label for surface in scene.surfaces} == {"label 1", "label 2"}
    assert np.abs(again.image - drawn.image).mean() < 0.02
    assert scene.background == (0.5, 0.5, 0.5)


def test_pieces_that_another_label_separates_are_completed_to_one_behind_it() -> None:
    drawn = Scene.load(SCENES / "bar_behind_disc.json").draw(128)
    apart = Scene.from_labels(drawn.labels, drawn.image)
    whole = Scene.from_labels(drawn.labels, drawn.image, hull=True)
    assert len(apart.surfaces) == 3
    assert [surface.name for surface in whole.surfaces] == ["label 1", "label 2"]
    assert [ambiguity.kind for ambiguity in whole.ambiguities] == ["occluded"]


def test_pieces_with_background_between_them_stay_apart() -> None:
    drawn = Scene.load(SCENES / "kanizsa_triangle.json").draw(128)
    scene = Scene.from_labels(drawn.labels, drawn.image, hull=True)
    assert len(scene.surfaces) == 4
    assert scene.surfaces[-1].colour_of == "background"
    assert [ambiguity.kind for ambiguity in scene.ambiguities] == ["illusory"]


WRONG_LABELS = {
    "it must be|they must be": np.zeros((3, 4, 5), int),
    "whole numbers": np.full((16, 16), -1),
    "the labels are empty": np.zeros((16, 16), int),
    "each side must have 8": np.ones((4, 16), int),
    "101 labels: 100 are the most": np.arange(1, 102).repeat(4).reshape(4, 101).repeat(3, 0),
}


@pytest.mark.parametrize("sentence", WRONG_LABELS)
def test_wrong_labels_are_refused(sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Scene.from_labels(WRONG_LABELS[sentence])


def test_the_command_makes_a_scene_of_a_drawing_and_of_labels(tmp_path: Path) -> None:
    svg, out = drawing(tmp_path, KANIZSA), tmp_path / "my.json"
    words = ["stimuli", "scene", str(svg), "--out", str(out), "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["surfaces"], report["ambiguous"]) == (4, ["illusory"])
    assert Scene.load(out) == Scene.from_svg(svg)
    assert CliRunner().invoke(app, words).exit_code == 1  # it exists
    drawn = Scene.load(SCENES / "bar_behind_disc.json").draw()
    stimuli.write(drawn, tmp_path / "bar.png")
    words = ["stimuli", "scene", str(tmp_path / "bar.png"), "--hull", "--out", str(out)]
    done = CliRunner().invoke(app, [*words, "--overwrite"])
    assert done.exit_code == 0, done.output
    assert "ambiguous: occluded" in done.stdout
