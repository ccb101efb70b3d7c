"""The noise lens: what it shows about a pixel, and how holding its key begins and ends it."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from app_model.types import KeyBinding

from napari_lns import Segmentation, segment, stimuli
from napari_lns.viewer.inspect.lens import STEP, Lens, make_lens
from napari_lns.viewer.inspect.widget import InspectWidget
from napari_lns.viewer.layers.placing import put
from napari_lns.viewer.layers.planning import plan_layers
from napari_lns.viewer.layers.stimulus import add_stimulus

PATIENCE = 60_000  # milliseconds
PIXEL = (32, 32)  # inside the illusory square


@pytest.fixture(scope="module")
def found() -> Segmentation:
    image = stimuli.draw("kanizsa_figure")
    return segment(image, "kanizsa-figure", method="exact", clusters=3, device="cpu")


@pytest.fixture(scope="module")
def lens(found: Segmentation) -> Lens:
    return make_lens(found)


def test_the_film_is_seen_in_a_disc_and_its_changes_are_amplified(lens: Lens) -> None:
    frame = lens.noisy_disc(3, 10, 20)
    alpha = frame[:, :, 3]
    rows, columns = np.nonzero(alpha)
    assert frame.shape == (64, 64, 4)
    assert (round(rows.mean()), round(columns.mean())) == (10, 20)
    assert 0 < alpha.mean() < 0.2
    assert lens.gain > 1
    assert not np.array_equal(frame, lens.noisy_disc(4, 10, 20))


def test_no_direction_changes_the_pixel_more_than_its_axis(lens: Lens) -> None:
    pixel = lens.jacobian[:, :, 32, 32].numpy()
    axis = lens.latent_axis(*PIXEL).numpy()
    assert np.linalg.norm(axis @ pixel) == pytest.approx(1, abs=1e-3)
    for other in np.random.default_rng(0).normal(size=(50, len(axis))):
        same_length = other * np.linalg.norm(axis) / np.linalg.norm(other)
        assert np.linalg.norm(same_length @ pixel) <= 1.001


def test_the_wheel_moves_the_pixel_and_what_covaries_with_it(
    lens: Lens, found: Segmentation
) -> None:
    still, moved = (
        lens.image_along_axis(*PIXEL, 0)[:, :, :3],
        lens.image_along_axis(*PIXEL, 2)[:, :, :3],
    )
    assert np.allclose(still, np.clip(lens.reconstruction, 0, 1), atol=1e-5)
    change = np.abs(moved - still).sum(axis=-1)
    assert change[PIXEL] > STEP / 2
    affinity = found.affinity(*PIXEL)
    assert change[affinity > 0.9].mean() > 3 * change[affinity < 0.3].mean()


class Turn:
    """A turn of the wheel as napari's canvas gives it."""

    delta = (0, 1)


def test_holding_the_key_shows_the_lens_and_releasing_it_leaves_no_trace(
    make_napari_viewer_proxy: Any, qtbot: Any, found: Segmentation
) -> None:
    viewer = make_napari_viewer_proxy(show=True)
    image, _ = add_stimulus(viewer, stimuli.draw("kanizsa_figure"))
    put(viewer, plan_layers({0: found}), image.name, over=image)
    widget = InspectWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Inspect")
    widget.show()
    qtbot.waitUntil(lambda: "W" in {str(key) for key in viewer.keymap}, timeout=PATIENCE)
    assert inspect.isgeneratorfunction(viewer.keymap[KeyBinding.from_str("W")])
    before = [layer.name for layer in viewer.layers]
    name = "kanizsa_figure noise lens"
    widget.inspection.pixel = PIXEL
    widget.lens.press()
    assert "Preparing" in widget.message.text()
    assert widget.message.isVisible()  # whatever page is open
    qtbot.waitUntil(lambda: name in {each.name for each in viewer.layers}, timeout=PATIENCE)
    assert not viewer.scene.camera.mouse_zoom
    for callback in viewer.mouse_wheel_callbacks[-1:]:
        callback(viewer, Turn())
    lens = widget.lens._lens[1]
    wanted = lens.image_along_axis(*PIXEL, 1)
    qtbot.waitUntil(lambda: np.array_equal(viewer.layers[name].data, wanted), timeout=PATIENCE)
    widget.lens.release()
    assert [layer.name for layer in viewer.layers] == before
    assert viewer.scene.camera.mouse_zoom


def test_a_method_without_noise_has_no_lens(make_napari_viewer_proxy: Any) -> None:
    viewer = make_napari_viewer_proxy()
    bare = segment(stimuli.draw("kanizsa_figure"), segmenter="baseline", clusters=2)
    put(viewer, plan_layers({0: bare}), "bare")
    widget = InspectWidget(viewer)
    viewer.window.add_dock_widget(widget, name="Inspect")
    widget.lens.press()
    assert "no noise" in widget.message.text()
    widget.lens.release()
    widget.inspection.hovered.emit(*PIXEL)
    assert widget.message.text() == ""
