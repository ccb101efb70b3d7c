import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_lns.models.iic.networks import edges
from napari_lns.models.iic.settings import Transform
from napari_lns.models.iic.transforms import draw_geometry, recolour, unwarp, warp


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def smooth_images(count, size):
    rows = torch.linspace(0, math.pi, size[0])[:, None]
    columns = torch.linspace(0, math.pi, size[1])
    wave = 0.5 + 0.25 * (rows.sin() * columns.cos() + (rows / 2).cos())
    return wave.expand(count, 1, *size).clone()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9999), st.floats(0.4, 1.3), st.floats(0, 40), st.booleans())
def test_undoing_a_transform_brings_every_shown_pixel_back(seed, zoom, turn, flip):
    size = (48, 32)
    transform = Transform(zoom=(zoom, zoom), turn=turn, flip=flip)
    images = smooth_images(2, size)
    geometry = draw_geometry(transform, 2, size, generator(seed))
    back, mask = unwarp(warp(images, geometry), geometry)
    inner = torch.zeros_like(mask)
    inner[:, 3:-3, 3:-3] = True  # a turned version mixes the black border into the image's rim
    assert mask.any()
    assert (back - images)[:, 0][mask & inner].abs().max() < 0.06


def test_a_flip_is_undone_exactly():
    images = torch.rand(3, 2, 5, 6, generator=generator())
    mirror = torch.tensor([[-1.0, 0, 0], [0, 1, 0]]).expand(3, 2, 3)
    assert torch.allclose(warp(images, mirror), images.flip(3), atol=1e-6)
    back, mask = unwarp(images.flip(3), mirror)
    assert mask.all()
    assert torch.allclose(back, images, atol=1e-6)


def test_a_crop_shows_its_window_and_masks_the_rest():
    images = torch.arange(64.0).reshape(1, 1, 8, 8)
    window = torch.tensor([[[0.5, 0, -0.5], [0, 0.5, 0.5]]])  # the lower left quarter
    _, mask = unwarp(warp(images, window), window)
    expected = torch.zeros(8, 8, dtype=torch.bool)
    expected[4:, :4] = True
    assert torch.equal(mask[0], expected)


def test_half_of_the_versions_are_mirrored_and_none_without_flip():
    plain = draw_geometry(Transform(zoom=(1, 1), flip=False), 100, (8, 8), generator())
    flipped = draw_geometry(Transform(zoom=(1, 1), flip=True), 100, (8, 8), generator())
    assert torch.allclose(plain, torch.eye(2, 3).expand(100, 2, 3))
    assert 35 < (flipped[:, 0, 0] < 0).sum() < 65


def test_a_turn_keeps_lengths_in_pixels_when_the_image_is_no_square():
    size = (30, 60)
    geometry = draw_geometry(Transform(zoom=(1, 1), turn=30, flip=False), 20, size, generator())
    scale = torch.diag(torch.tensor([60.0, 30.0]))
    in_pixels = scale @ geometry[:, :, :2] @ torch.linalg.inv(scale)
    assert torch.allclose(
        in_pixels @ in_pixels.transpose(1, 2), torch.eye(2).expand(20, 2, 2), atol=1e-5
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_new_colours_stay_in_range_and_differ_between_images(channels):
    images = torch.full((5, channels, 4, 4), 0.5)
    changed = recolour(Transform(jitter=0.4), images, generator())
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert len({round(float(value), 4) for value in changed[:, 0, 0, 0]}) == 5


def test_without_jitter_colours_stay():
    images = torch.rand(2, 3, 4, 4, generator=generator())
    changed = recolour(Transform(jitter=0), images, generator())
    assert torch.allclose(changed, images, atol=1e-5)


def test_grey_keeps_its_hue():
    images = torch.rand(4, 1, 4, 4, generator=generator()).expand(4, 3, 4, 4)
    changed = recolour(Transform(jitter=0.4), images, generator())
    assert torch.allclose(changed[:, 0], changed[:, 1], atol=1e-5)


def test_the_same_seed_gives_the_same_versions():
    transform = Transform(turn=20)
    one, other = (draw_geometry(transform, 4, (8, 8), generator(3)) for _ in range(2))
    assert torch.equal(one, other)


@pytest.mark.parametrize("zoom", [(0, 1), (1, 0.5), (0.5, 3)])
def test_an_impossible_zoom_is_refused(zoom):
    with pytest.raises(ValueError, match="zoom is"):
        Transform(zoom=zoom)


def test_an_impossible_jitter_is_refused():
    with pytest.raises(ValueError, match="jitter is 1"):
        Transform(jitter=1)


def test_sobel_responses_are_the_slopes():
    ramp = torch.linspace(0, 0.7, 8)
    down = edges(ramp[:, None].expand(1, 1, 8, 8))
    assert torch.allclose(down[0, 2, 1:-1, 1:-1], torch.tensor(0.1))
    assert torch.allclose(down[0, 1], torch.tensor(0.0), atol=1e-6)
    assert torch.allclose(down[0, 0], ramp[:, None].expand(8, 8))
