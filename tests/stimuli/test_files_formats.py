"""What other programs write is read as it is meant: depths, palettes, alpha, turns, tables."""

from __future__ import annotations

import csv
import json
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps, PngImagePlugin

from napari_lns import stimuli
from napari_lns.stimuli import Stimulus
from napari_lns.stimuli.files import SUFFIXES, from_stimupy

BESIDE = Path(__file__).parents[3] / "shared" / "good_gestalt"
SHARED = Path(os.environ.get("NAPARI_LNS_GOOD_GESTALT", BESIDE))
RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (6, 9), dtype=np.uint8)
RGB = RNG.integers(0, 256, (6, 9, 3), dtype=np.uint8)
RGBA = RNG.integers(0, 256, (6, 9, 4), dtype=np.uint8)
DEEP = RNG.integers(0, 65536, (6, 9, 3), dtype=np.uint16)


def image_of(path: Path) -> np.ndarray:
    (found,) = stimuli.read(path)
    return found.image


def grey(pixels: np.ndarray, full: int = 255) -> np.ndarray:
    return np.repeat((pixels / full).astype(np.float32)[..., None], 3, axis=2)


def over_white(pixels: np.ndarray) -> np.ndarray:
    scaled = pixels / 255
    return scaled[..., :-1] * scaled[..., -1:] + 1 - scaled[..., -1:]


def sixteen_bit_png(pixels: np.ndarray) -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    height, width, channels = pixels.shape
    header = struct.pack(">IIBBBBB", width, height, 16, {3: 2, 4: 6}[channels], 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("pixels", [GREY, RGB], ids=["grey", "rgb"])
def test_eight_bits_are_read_as_255ths(suffix: str, pixels: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(pixels).save(tmp_path / f"a.{suffix}")
    expected = grey(pixels) if pixels.ndim == 2 else (pixels / 255).astype(np.float32)
    np.testing.assert_array_equal(image_of(tmp_path / f"a.{suffix}"), expected)


def test_sixteen_bits_are_read_as_65535ths(tmp_path: Path) -> None:
    expected = (DEEP / 65535).astype(np.float32)
    (tmp_path / "rgb.png").write_bytes(sixteen_bit_png(DEEP))
    tifffile.imwrite(tmp_path / "rgb.tif", DEEP, photometric="rgb")
    tifffile.imwrite(tmp_path / "big.tif", DEEP, photometric="rgb", byteorder=">")
    tifffile.imwrite(
        tmp_path / "planar.tif", np.moveaxis(DEEP, 2, 0), photometric="rgb", planarconfig="separate"
    )
    for name in ("rgb.png", "rgb.tif", "big.tif", "planar.tif"):
        np.testing.assert_array_equal(image_of(tmp_path / name), expected, name)
    for name in ("grey.png", "grey.tif"):
        Image.fromarray(DEEP[..., 0]).save(tmp_path / name)
        np.testing.assert_array_equal(image_of(tmp_path / name), grey(DEEP[..., 0], 65535), name)


def test_sixteen_bits_with_alpha_lie_over_white(tmp_path: Path) -> None:
    deep = RNG.integers(0, 65536, (6, 9, 4), dtype=np.uint16)
    (tmp_path / "a.png").write_bytes(sixteen_bit_png(deep))
    np.testing.assert_allclose(image_of(tmp_path / "a.png"), over_white(deep / 257), atol=1e-6)


@pytest.mark.parametrize("suffix", ["png", "tif"])
@pytest.mark.parametrize("pixels", [RGBA, RGBA[..., 2:]], ids=["rgba", "grey and alpha"])
def test_alpha_lies_over_white(suffix: str, pixels: np.ndarray, tmp_path: Path) -> None:
    Image.fromarray(pixels).save(tmp_path / f"a.{suffix}")
    found = image_of(tmp_path / f"a.{suffix}")
    np.testing.assert_allclose(found, np.broadcast_to(over_white(pixels), found.shape), atol=1e-6)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_a_palette_gives_its_colours(suffix: str, tmp_path: Path) -> None:
    image = Image.fromarray(RGB).quantize(16)
    image.save(tmp_path / f"a.{suffix}")
    expected = np.asarray(image.convert("RGB")) / 255
    np.testing.assert_allclose(image_of(tmp_path / f"a.{suffix}"), expected, atol=1e-6)


def test_a_transparent_colour_of_a_palette_is_white(tmp_path: Path) -> None:
    image = Image.fromarray(np.eye(4, dtype=np.uint8))
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.save(tmp_path / "a.png", transparency=0)
    np.testing.assert_array_equal(image_of(tmp_path / "a.png")[..., 1], 1 - np.eye(4))


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_one_bit_is_black_and_white(suffix: str, tmp_path: Path) -> None:
    Image.fromarray(GREY > 99).save(tmp_path / f"a.{suffix}")
    np.testing.assert_array_equal(image_of(tmp_path / f"a.{suffix}"), grey(GREY > 99, 1))


def test_a_jpeg_is_read(tmp_path: Path) -> None:
    smooth = np.tile(np.linspace(0, 255, 32, dtype=np.uint8), (16, 1))
    Image.fromarray(smooth).save(tmp_path / "a.JPG", quality=95)
    Image.fromarray(smooth).convert("CMYK").save(tmp_path / "b.jpeg", quality=95)
    for name in ("a.JPG", "b.jpeg"):
        np.testing.assert_allclose(image_of(tmp_path / name), grey(smooth), atol=0.03)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"])
def test_a_tiff_is_read_whatever_its_compression(compression: str, tmp_path: Path) -> None:
    image = Image.new("RGB", (9, 6), (51, 102, 153))
    image.save(tmp_path / "a.tif", compression=compression)
    np.testing.assert_allclose(image_of(tmp_path / "a.tif")[3, 3], [0.2, 0.4, 0.6], atol=0.02)


def test_a_tiff_in_which_zero_is_white_is_read_so(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", GREY, photometric="miniswhite")
    np.testing.assert_array_equal(image_of(tmp_path / "a.tif"), grey(255 - GREY))


def test_every_page_of_a_tiff_is_a_stimulus(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.stack([GREY, 255 - GREY]), photometric="minisblack")
    found = stimuli.read(tmp_path / "a.tif")
    np.testing.assert_array_equal(found[1].image, grey(255 - GREY))
    assert [stimulus.parameters for stimulus in found] == [{"page": 0}, {"page": 1}]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_stand_upright_as_exif_says(orientation: int, tmp_path: Path) -> None:
    picture = Image.fromarray(np.kron(GREY, np.ones((8, 8), np.uint8)))
    exif = picture.getexif()
    exif[274] = orientation
    expected = grey(np.asarray(ImageOps.exif_transpose(picture)))
    for name in ("a.png", "a.jpg", "a.tif", "lzw.tif"):
        options = {"compression": "tiff_lzw"} if name == "lzw.tif" else {}
        picture.save(tmp_path / name, exif=exif, **options)
        np.testing.assert_allclose(image_of(tmp_path / name), expected, atol=0.02, err_msg=name)


def test_labels_beside_an_image_are_read_with_it(tmp_path: Path) -> None:
    labels = GREY % 3
    Image.fromarray(RGB).save(tmp_path / "photo.png")
    Image.fromarray(labels).save(tmp_path / "photo.labels.png")
    (found,) = stimuli.read(tmp_path)
    np.testing.assert_array_equal(found.labels, labels)
    assert dict(found.label_names) == {0: "background", 1: "label 1", 2: "label 2"}
    assert found.name == "photo.png"


def test_an_image_without_labels_is_all_background(tmp_path: Path) -> None:
    Image.fromarray(RGB).save(tmp_path / "photo.png")
    (found,) = stimuli.read(tmp_path / "photo.png")
    assert not found.labels.any()


def test_other_programs_json_beside_an_image_is_ignored(tmp_path: Path) -> None:
    Image.fromarray(RGB).save(tmp_path / "photo.png")
    (tmp_path / "photo.json").write_text('{"camera": "pinhole"}')
    assert stimuli.read(tmp_path / "photo.png")[0].name == "photo.png"


def noise() -> Stimulus:
    return Stimulus(RNG.random((6, 9, 3)), GREY % 2, {0: "background", 1: "disc"}, name="noise")


def test_a_png_changed_in_an_editor_is_read_as_it_looks(tmp_path: Path) -> None:
    stimuli.write(noise(), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        info = PngImagePlugin.PngInfo()
        info.add(*picture.private_chunks[0][:2])
        changed = ImageOps.invert(picture)
    for kept in (info, None):  # whether or not the editor keeps what it does not know
        changed.save(tmp_path / "a.png", pnginfo=kept)
        expected = np.asarray(changed) / np.float32(255)
        np.testing.assert_array_equal(image_of(tmp_path / "a.png"), expected)


def test_labels_are_written_as_indexed_colours(tmp_path: Path) -> None:
    stimuli.write(noise(), tmp_path / "a.png")
    with Image.open(tmp_path / "a.labels.png") as labels:
        assert labels.mode == "P"
        np.testing.assert_array_equal(np.asarray(labels), GREY % 2)


def test_an_npz_as_good_gestalt_has_it_is_read(tmp_path: Path) -> None:
    images, masks = RNG.random((4, 3, 8, 8), np.float32), RNG.integers(0, 3, (4, 8, 8), np.uint8)
    np.savez(tmp_path / "a.npz", images=images, masks=masks > 0, detailed_masks=masks)
    found = stimuli.read(tmp_path / "a.npz")
    np.testing.assert_array_equal(found[2].image, np.moveaxis(images[2], 0, 2))
    np.testing.assert_array_equal(found[2].labels, masks[2] > 0)
    np.testing.assert_array_equal(found[2].parts["detail 2"], masks[2] == 2)
    assert found[2].record == {"name": "a.npz", "parameters": {"index": 2}, "seed": 0}


@pytest.mark.skipif(not SHARED.exists(), reason="the published sets are not here")
@pytest.mark.parametrize("name", ["kanizsa", "closure"])
def test_the_published_sets_are_read(name: str) -> None:
    with np.load(SHARED / f"{name}.npz") as published:
        images, masks = published["images"], published["masks"]
    found = stimuli.read(SHARED / f"{name}.npz")
    np.testing.assert_array_equal([s.image for s in found], np.moveaxis(images, 1, 3))
    np.testing.assert_array_equal([s.labels for s in found], masks)


def test_what_is_written_to_an_npz_reads_as_a_published_set(tmp_path: Path) -> None:
    stimuli.write([noise(), noise()], tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as written:
        assert written["images"].shape == (2, 3, 6, 9)
        assert written["images"].dtype == np.float32
        assert written["masks"].dtype == np.uint8


def test_a_mindset_folder_gives_its_columns_as_parameters(tmp_path: Path) -> None:
    (tmp_path / "notched").mkdir()
    Image.new("RGB", (224, 224), (51, 51, 51)).save(tmp_path / "notched" / "c_15.png")
    (tmp_path / "annotation.csv").write_text(
        "Path,Type,RadiusCircle,SampleId,Shift,BackgroundColor\n"
        'notched\\c_15.png,notched,20.5,007,,"(0, 0, 0)"\n'
    )
    (found,) = stimuli.read(tmp_path)
    assert found.shape == (224, 224)
    assert found.name == "notched/c_15.png"
    assert found.parameters == {
        "Type": "notched",
        "RadiusCircle": 20.5,
        "SampleId": "007",
        "Shift": None,
        "BackgroundColor": "(0, 0, 0)",
    }


def test_a_table_of_conditions_is_what_psychopy_takes(tmp_path: Path) -> None:
    parameters = {
        "ratio": 0.5,
        "colour": [0, 0.5],
        "Gap size": 3,
        "lambda": True,
        "no": None,
    }
    labels = np.zeros((4, 4))
    each = [
        Stimulus(np.zeros((4, 4, 3)), labels, {0: "background"}, {}, "disc", parameters, seed)
        for seed in range(2)
    ]
    stimuli.write(each, tmp_path / "trials.csv")
    with (tmp_path / "trials.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[1] == {
        "image_file": "0001_disc.png",
        "labels_file": "0001_disc.labels.png",
        "stimulus": "disc",
        "seed": "1",
        "ratio": "0.5",
        "colour": "[0, 0.5]",
        "Gap_size": "3",
        "lambda_": "True",
        "no": "",
    }
    assert all((tmp_path / row["image_file"]).is_file() for row in rows)


def test_a_table_whose_images_have_no_record_gives_its_cells(tmp_path: Path) -> None:
    Image.fromarray(RGB).save(tmp_path / "a.png")
    (tmp_path / "trials.csv").write_text('\ufeffimage_file,colour,side\na.png,"[0, 1]",left\n')
    (found,) = stimuli.read(tmp_path / "trials.csv")
    assert found.parameters == {"colour": [0, 1], "side": "left"}


def dictionary() -> dict[str, object]:
    target = np.pad(np.ones((2, 2), int), 2)
    return {
        "img": np.where(target, 0.5, 0.25),
        "target_mask": target,
        "bar_mask": 1 - target,
        "grating_mask": np.arange(36).reshape(6, 6),
        "distances": np.ones((6, 6)),
        "visual_size": (6.0, 6.0),
        "ppd": np.array([1.0, 1.0]),
        "intensity_target": iter([0.5]),
    }


def test_a_stimupy_dictionary_is_taken() -> None:
    found = from_stimupy(dictionary(), name="square")
    np.testing.assert_array_equal(found.labels, dictionary()["target_mask"])
    assert dict(found.label_names) == {0: "background", 1: "target 1"}
    assert list(found.parts) == ["bar"]
    assert found.parameters == {"visual_size": [6.0, 6.0], "ppd": [1.0, 1.0]}
    assert from_stimupy(dictionary(), mask="grating_mask").label_names[35] == "grating 35"


def test_a_stimupy_dictionary_without_a_target_takes_the_first_mask_that_marks_something() -> None:
    given = dictionary() | {"target_mask": np.zeros((6, 6), int)}
    assert from_stimupy(given).label_names[1] == "bar 1"


def test_what_stimupy_exports_as_json_is_read(tmp_path: Path) -> None:
    lists = {"img": [[0.0, 1.0]], "target_mask": [[0, 1]], "ppd": [10, 10]}
    (tmp_path / "a.json").write_text(json.dumps(lists))
    (found,) = stimuli.read(tmp_path / "a.json")
    assert found.labels.tolist() == [[0, 1]]


def test_what_stimupy_draws_is_taken() -> None:
    sbcs = pytest.importorskip("stimupy.stimuli.sbcs")
    drawn = sbcs.basic(visual_size=6, ppd=10, target_size=2)
    found = from_stimupy(drawn)
    np.testing.assert_array_equal(found.image[..., 0], drawn["img"].astype(np.float32))
    np.testing.assert_array_equal(found.labels, drawn["target_mask"])
    assert found.parameters["ppd"] == [10, 10]


def test_a_record_leads_to_its_image(tmp_path: Path) -> None:
    stimulus = noise()
    stimuli.write(stimulus, tmp_path / "a.png")
    assert stimuli.read(tmp_path / "a.json") == [stimulus]


def test_a_folder_is_read_file_by_file_in_the_order_of_names(tmp_path: Path) -> None:
    first, second = noise(), noise()
    stimuli.write(second, tmp_path / "b.npz")
    stimuli.write(first, tmp_path / "a.png")
    (tmp_path / ".hidden.png").write_text("")
    (tmp_path / "notes.txt").write_text("")
    assert stimuli.read(tmp_path) == [first, second]


def test_every_suffix_that_is_offered_has_a_reader() -> None:
    assert {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".npz", ".csv", ".json"} == set(SUFFIXES)
