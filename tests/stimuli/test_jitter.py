"""Jitter: within its ranges, a random stream of its own, and nothing at 0; which seeds matter."""

from __future__ import annotations

import inspect
import json

import default_images
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_lns import stimuli
from napari_lns.stimuli import _entries, registry
from napari_lns.stimuli._canvas import JITTER, Canvas
from napari_lns.stimuli._shapes import disc, rectangle

RECORDED = json.loads(default_images.FILE.read_text("utf8"))
JITTERED = [name for name in stimuli.names() if "jitter" in stimuli.parameters(name)]
SEEDS = st.integers(0, 2**31 - 1)
AMOUNTS = st.floats(0, 1)

each = pytest.mark.parametrize("name", JITTERED)


def where(canvas: Canvas) -> tuple[float, float, float, float]:
    """Return place (x, y), turn and zoom of the figure as its coordinates show them."""
    (u0, v0), step = (canvas.u[0, 0], canvas.v[0, 0]), 1 / canvas.size
    right = np.array([canvas.u[0, 1] - u0, canvas.v[0, 1] - v0]) / step
    down = np.array([canvas.u[1, 0] - u0, canvas.v[1, 0] - v0]) / step
    x, below = np.linalg.solve(np.column_stack([right, down]), [-u0, -v0]) + step / 2 - 0.5
    turn = np.rad2deg(np.arctan2(-right[1], right[0]))
    return x, -below, turn, 1 / np.hypot(*right)


@pytest.mark.parametrize("name", stimuli.names())
def test_without_jitter_every_image_is_the_recorded_one(name: str) -> None:
    for kind, how in default_images.variants(name).items():
        drawn = default_images.fingerprint(stimuli.draw(name, **how))
        assert drawn == RECORDED[name][kind], (kind, "tests/stimuli/default_images.py records")


@settings(deadline=None)
@given(AMOUNTS, SEEDS)
def test_jitter_stays_within_its_ranges_and_grows_in_proportion(jitter: float, seed: int) -> None:
    x, y, turn, zoom = where(Canvas(jitter=jitter, seed=seed))
    slack = 1e-9
    assert max(abs(x), abs(y)) <= JITTER.place * jitter + slack
    assert abs(turn) <= JITTER.rotation * jitter + slack
    assert abs(zoom - 1) <= JITTER.zoom * jitter + slack
    full = np.array(where(Canvas(jitter=1.0, seed=seed))) - [0, 0, 0, 1]
    assert np.allclose([x, y, turn, zoom - 1], full * jitter, atol=1e-9)


@settings(deadline=None)
@given(AMOUNTS, SEEDS, st.floats(0, 1))
def test_jitter_leaves_a_share_of_the_contrast(jitter: float, seed: int, contrast: float) -> None:
    canvas = Canvas(size=16, jitter=jitter, seed=seed, contrast=contrast)
    canvas.paint(np.full((16, 16), -1.0))
    left = float(0.5 - canvas.stimulus().image[0, 0, 0]) / 0.5
    assert contrast * (1 - JITTER.contrast * jitter) - 1e-6 <= left <= contrast + 1e-6


def test_jitter_reaches_the_ends_of_its_ranges_evenly() -> None:
    seen = np.array([where(Canvas(size=16, jitter=1.0, seed=seed)) for seed in range(400)])
    limits = np.array([JITTER.place, JITTER.place, JITTER.rotation, JITTER.zoom])
    share = (seen - [0, 0, 0, 1]) / limits
    assert np.all(np.abs(share.mean(0)) < 0.1)
    assert np.all(share.max(0) > 0.95)
    assert np.all(share.min(0) < -0.95)


@each
def test_jitter_is_the_view_of_a_figure_and_changes_no_other_random_choice(name: str) -> None:
    """What is random in the figure is the same as when its place and turn are given."""
    options = {"size": 128, "seed": 11}
    x, y, turn, zoom = where(Canvas(jitter=1e-3, **options))
    jittered = stimuli.draw(name, jitter=1e-3, **options)
    given_ = stimuli.draw(name, x=x, y=y, rotation=turn, **options)
    assert abs(zoom - 1) < 1e-4
    assert (jittered.labels == given_.labels).mean() > 0.998
    assert np.abs(jittered.image - given_.image).max() < 0.05


@each
def test_a_jittered_figure_keeps_its_labels_and_lies_near(name: str) -> None:
    plain, moved = (stimuli.draw(name, seed=5, jitter=jitter) for jitter in (0.0, 1.0))
    assert plain.label_names == moved.label_names
    assert plain.parts.keys() == moved.parts.keys()
    assert not np.array_equal(plain.image, moved.image)
    assert moved.redraw() == moved


def test_the_control_of_a_jittered_stimulus_is_jittered_alike() -> None:
    shown, turned = (
        stimuli.draw("kanizsa_figure", size=256, seed=4, jitter=1.0, **how)
        for how in ({}, stimuli.control("kanizsa_figure"))
    )
    figure = "illusory_figure"
    assert np.array_equal(shown.parts[figure], turned.parts[figure])
    assert np.unique(shown.image).tolist()[0] == pytest.approx(np.unique(turned.image).tolist()[0])


@settings(deadline=None)
@given(AMOUNTS, SEEDS)
def test_edges_stay_one_pixel_soft_and_contours_two_pixels_wide(jitter: float, seed: int) -> None:
    canvas = Canvas(jitter=jitter, seed=seed)
    edge = disc(canvas.u, canvas.v, 0.3)
    pixels = edge * where(canvas)[3] * canvas.size
    assert np.allclose(canvas.coverage(edge)[..., 0], np.clip(0.5 - pixels, 0, 1))
    unclear = np.abs(np.abs(pixels) - 1) < 1e-9
    assert np.array_equal(canvas.near(edge) | unclear, (np.abs(pixels) < 1) | unclear)


@pytest.mark.parametrize("seed", range(4))
def test_elements_drawn_in_windows_are_those_drawn_on_the_whole_canvas(seed: int) -> None:
    canvas = Canvas(jitter=1.0, seed=seed, rotation=20.0)
    centres = np.array([[0.2, 0.1], [-0.3, 0.25], [0.0, -0.4]])
    distance, owner = canvas.elements(centres, 0.1, lambda u, v: rectangle(u, v, 0.12, 0.1))
    plain = np.array([rectangle(canvas.u - x, canvas.v - y, 0.12, 0.1) for x, y in centres])
    near = plain.min(0) < 0.01
    assert np.allclose(distance[near], plain.min(0)[near])
    assert np.array_equal(owner[near], plain.argmin(0)[near])


def test_places_of_the_image_are_found_in_a_jittered_figure() -> None:
    canvas = Canvas(jitter=1.0, seed=2)
    middle = (np.arange(64) + 0.5) / 64 - 0.5
    right, up = np.meshgrid(middle, -middle)
    places = canvas.to_figure(np.column_stack([right.ravel(), up.ravel()]))
    assert np.allclose(places, np.column_stack([canvas.u.ravel(), canvas.v.ravel()]))


def test_the_description_states_the_ranges() -> None:
    description = stimuli.parameters("kanizsa_figure")["jitter"].description
    for number in (f"{JITTER.place:g}", f"{JITTER.rotation:g}°", f"{100 * JITTER.zoom:g} %"):
        assert number in description
    assert f"{100 * (1 - JITTER.contrast):g} %" in description
    assert "jitter" in inspect.signature(stimuli.kanizsa_figure).parameters


@pytest.mark.parametrize("name", [name for name in stimuli.names() if name not in JITTERED])
def test_what_is_random_already_has_no_jitter(name: str) -> None:
    assert stimuli.is_random(name)
    with pytest.raises(ValueError, match="no parameter 'jitter'"):
        stimuli.draw(name, jitter=0.0)


@pytest.mark.parametrize("name", stimuli.names())
def test_two_seeds_differ_exactly_where_the_registry_says_so(name: str) -> None:
    ways = [{}, stimuli.control(name)]
    if name in JITTERED:
        ways += [{**way, extra: 0.1} for way in ways for extra in ("jitter", "noise")]
    for way in ways:
        first, second = (stimuli.draw(name, seed=seed, **way).image for seed in (1, 2))
        assert stimuli.is_random(name, **way) == (not np.array_equal(first, second)), way


def test_a_bad_value_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="jitter is 2: it must be between 0 and 1"):
        stimuli.is_random("kanizsa_figure", jitter=2)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("kanizsa_figure", {}, "^kanizsa_figure looks the same for every seed: give jitter=1, or"),
        ("kanizsa_figure", {"corners": [3, 4]}, "^kanizsa_figure looks the same"),
        ("kanizsa_figure", {"jitter": [0.5, 0.0]}, "^kanizsa_figure with jitter=0.0 looks"),
        ("ehrenstein_figure", {"lines": ["turned", "radial"]}, "with lines=radial looks the same"),
    ],
)
def test_seeds_that_change_nothing_are_refused_in_a_sweep(name: str, values, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        stimuli.iter_sweep(name, seed=[1, 2], **values)
    assert stimuli.sweep(name, seed=[1], **values)
    assert stimuli.sweep(name, seed=[1, 2], **{**values, "jitter": 1.0})


def test_seeds_of_what_is_random_are_swept() -> None:
    assert len(stimuli.sweep("kanizsa", seed=[1, 2])) == 2
    assert len(stimuli.sweep("ehrenstein_figure", seed=[1, 2], lines="turned")) == 2
    assert len(stimuli.sweep("dot_lattice", seed=[1, 2], noise=0.1)) == 2


def test_the_refusal_names_jitter_only_where_there_is_some(monkeypatch) -> None:
    stimuli.names()
    monkeypatch.setattr(_entries, "ENTRIES", dict(_entries.ENTRIES))

    @registry.register(group="Own", random=False)
    def plain(*, seed: int = 0) -> stimuli.Stimulus:
        """Plain field: nothing is seen in it."""
        return stimuli.Stimulus(np.zeros((8, 8, 3)), np.zeros((8, 8)), {0: "background"})

    with pytest.raises(ValueError, match=r"plain looks the same for every seed: give one seed$"):
        stimuli.sweep("plain", seed=[1, 2])
