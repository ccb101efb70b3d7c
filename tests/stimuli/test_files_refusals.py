"""Bad files and places get one sentence with name and fix; nothing is half written."""

from __future__ import annotations

import io
import os
import pickle
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import tifffile
from PIL import Image

from napari_lns import stimuli
from napari_lns.stimuli import Stimulus
from napari_lns.stimuli.files import from_stimupy

IMAGES = np.zeros((2, 3, 8, 8), np.float32)


def grey(value: float = 0.5, side: int = 8, name: str = "grey") -> Stimulus:
    labels = np.zeros((side, side))
    return Stimulus(np.full((side, side, 3), value), labels, {0: "background"}, name=name)


def refused(path: Path, fix: str) -> None:
    with pytest.raises((ValueError, OSError), match=fix) as caught:
        stimuli.read(path)
    sentence = str(caught.value)
    assert path.name in sentence
    assert "\n" not in sentence
    assert not sentence.startswith("[Errno")


def png(width: int, height: int) -> bytes:
    """A PNG whose header promises that many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels)


# Broken, empty and misnamed files


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".npz", ".csv", ".json"])
def test_an_empty_file_is_refused_by_name(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"empty{suffix}"
    path.touch()
    refused(path, "it is empty: copy or export it again")


@pytest.mark.parametrize("suffix", [".png", ".tif", ".npz"])
def test_a_truncated_file_is_refused_by_name(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"cut{suffix}"
    rng = np.random.default_rng(0)
    noise = Stimulus(rng.random((32, 32, 3)), np.zeros((32, 32)), {0: "background"})
    stimuli.write(noise, path)
    path.write_bytes(path.read_bytes()[:-2000])
    refused(path, "copy or export it again")


def test_a_truncated_jpeg_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    Image.effect_noise((64, 64), 50).save(path)
    path.write_bytes(path.read_bytes()[:-500])
    refused(path, "damaged or not a valid PNG or JPEG .*: copy or export it again")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif", ".npz"])
@pytest.mark.parametrize("content", [b"just a text", b"PK\x03\x04 no archive", b"\x00" * 100])
def test_a_wrong_type_under_a_right_name_is_refused(
    suffix: str, content: bytes, tmp_path: Path
) -> None:
    path = tmp_path / f"wrong{suffix}"
    path.write_bytes(content)
    refused(path, "damaged or not a valid")


def test_a_gif_named_png_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "wrong.png"
    Image.new("L", (8, 8)).save(path, format="GIF")
    refused(path, "damaged or not a valid PNG or JPEG")


def test_an_unknown_suffix_is_refused_with_those_that_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    path.write_bytes(b"GIF89a")
    refused(path, r"the suffix '.gif' is unknown: use .png, .*.npz")


def test_a_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no.png: there is no such file"):
        stimuli.read(tmp_path / "no.png")


# Sizes


def test_a_png_without_pixels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "none.png"
    path.write_bytes(png(0, 8))
    refused(path, "copy or export it again")


@pytest.mark.parametrize("side", [9_000, 100_000], ids=["9,000 px", "100,000 px"])
def test_a_decompression_bomb_is_refused_before_it_unpacks(side: int, tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(side, side))
    refused(path, "crop")


def test_a_tiff_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    path = tmp_path / "bomb.tif"
    tifffile.imwrite(path, np.zeros((8, 8), np.uint8))
    with tifffile.TiffFile(path, mode="r+") as file:
        for name in ("ImageWidth", "ImageLength"):
            file.pages[0].tags[name].overwrite(20_000)
    refused(path, "20000 × 20000 pixels: crop or shrink it")


def test_an_npz_bomb_is_refused_before_it_unpacks(tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("images.npy", b"\0" * 1000)
    promised, message = struct.pack("<I", 1000), struct.pack("<I", 2**32 - 2)
    path.write_bytes(path.read_bytes().replace(promised, message))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("more.npy", b"\0" * 1000)
    refused(path, "unpacks to 4.0 GiB: split it")


@pytest.mark.parametrize("shape", [(0, 3, 8, 8), (2, 3, 0, 8)])
def test_an_npz_without_pixels_is_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    np.savez(tmp_path / "none.npz", images=np.zeros(shape))
    refused(tmp_path / "none.npz", "there must be some")


# Values


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        (np.nan, "NaN or infinite values: replace them"),
        (np.inf, "NaN or infinite values: replace them"),
        (255.0, r"values from 0 to 255: .*they must lie in \[0, 1\]"),
        (-0.5, r"values from -0.5 to 0: .*they must lie in \[0, 1\]"),
    ],
)
@pytest.mark.parametrize("suffix", [".tif", ".npz"])
def test_values_that_are_no_intensities_are_refused(
    value: float, fix: str, suffix: str, tmp_path: Path
) -> None:
    images = IMAGES.copy()
    images[1, 0, 0, 0] = value
    path = tmp_path / f"bad{suffix}"
    if suffix == ".npz":
        np.savez(path, images=images)
    else:
        tifffile.imwrite(path, images[1, 0])
    refused(path, fix)


def test_whole_numbers_over_255_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "bad.npz", images=np.full((1, 3, 4, 4), 256))
    refused(tmp_path / "bad.npz", r"values from 256 to 256: .*they must lie in \[0, 255\]")


def test_values_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "bad.npz", images=np.full((1, 3, 4, 4), "a"))
    refused(tmp_path / "bad.npz", "save it as numbers")


def test_intensities_of_stimupy_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"stimupy: the image has values from -1 to 1"):
        from_stimupy({"img": np.array([[-1.0, 1.0]])})


def test_a_stimupy_mask_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match=r"stimupy: it has no 'bar_mask' but img"):
        from_stimupy({"img": np.zeros((2, 2))}, mask="bar_mask")


# Labels and records


def test_labels_of_another_shape_are_refused(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    Image.new("L", (8, 9)).save(tmp_path / "a.labels.png")
    refused(tmp_path / "a.png", r"labels have the shape \(9, 8\): the image's is \(8, 8\)")
    np.savez(tmp_path / "a.npz", images=IMAGES, masks=np.zeros((2, 8, 9)))
    refused(tmp_path / "a.npz", r"masks has the shape .*it must be \(2, 8, 8\)")


def test_labels_in_colour_are_refused(tmp_path: Path) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    Image.new("RGB", (8, 8)).save(tmp_path / "a.labels.png")
    with pytest.raises(ValueError, match=r"a\.labels\.png: it has several channels: save labels"):
        stimuli.read(tmp_path / "a.png")


def test_missing_labels_of_a_record_are_named(tmp_path: Path) -> None:
    stimuli.write(grey(), tmp_path / "a.png")
    (tmp_path / "a.labels.png").unlink()
    with pytest.raises(FileNotFoundError, match=r"a\.labels\.png: there is no such file"):
        stimuli.read(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("{", "it is not valid JSON"),
        ("[" * 100_000, "it is not valid JSON"),
        ("\udcff", "it is not valid JSON"),
        ('{"napari-lns": "1"}', "its record lacks 'label_names': write the stimulus again"),
        (
            '{"napari-lns": "1", "name": "", "parameters": 3, "seed": 0, "label_names": {},'
            '"parts": []}',
            "its record is damaged .*: write it again",
        ),
    ],
)
def test_a_broken_record_is_named(text: str, fix: str, tmp_path: Path) -> None:
    stimuli.write(grey(), tmp_path / "a.png")
    (tmp_path / "a.json").write_text(text, errors="surrogateescape")
    with pytest.raises(ValueError, match=rf"a\.json: {fix}"):
        stimuli.read(tmp_path / "a.png")


def test_a_record_without_its_image_is_refused(tmp_path: Path) -> None:
    stimuli.write(grey(), tmp_path / "a.png")
    (tmp_path / "a.png").unlink()
    refused(tmp_path / "a.json", "no image of this name .*: put the image back")


def test_a_tiff_that_lacks_its_last_pages_is_refused(tmp_path: Path) -> None:
    stimuli.write(grey(), tmp_path / "whole.tif")
    with tifffile.TiffFile(tmp_path / "whole.tif") as whole:
        description = whole.pages[0].description
    pixels = np.zeros((8, 8, 3), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", pixels, description=description, metadata=None)
    refused(tmp_path / "a.tif", "labels or parts are missing")


# npz


class Trap:
    """What a pickle can do: call anything."""

    def __reduce__(self) -> tuple[Callable[..., None], tuple[str, ...]]:
        return os.mkdir, ("sprung",)


@pytest.fixture
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "sprung").exists()


@pytest.mark.usefixtures("_here")
def test_an_npz_with_pickled_objects_is_never_loaded(tmp_path: Path) -> None:
    np.savez(tmp_path / "trap.npz", images=np.array([Trap()], object))
    refused(tmp_path / "trap.npz", "'images' holds Python objects, .*never loaded: save it as")


@pytest.mark.usefixtures("_here")
def test_a_pickle_named_npz_is_never_loaded(tmp_path: Path) -> None:
    (tmp_path / "trap.npz").write_bytes(pickle.dumps(Trap()))
    refused(tmp_path / "trap.npz", "damaged or not a valid npz")


def test_an_npz_without_images_is_refused_with_what_it_has(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", stimuli=IMAGES)
    refused(tmp_path / "a.npz", "no array 'images' but stimuli: give the stack of images this name")


def test_an_npz_with_images_of_another_order_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", images=np.moveaxis(IMAGES, 1, 3))
    refused(tmp_path / "a.npz", r"images has the shape \(2, 8, 8, 3\): it must be \(count, 3")


def test_an_npy_named_npz_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, IMAGES)
    (tmp_path / "a.npz").write_bytes(buffer.getvalue())
    refused(tmp_path / "a.npz", "one array without a name")


def test_an_npz_whose_arrays_do_not_belong_together_is_refused(tmp_path: Path) -> None:
    stimuli.write([grey(), grey()], tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as whole:
        arrays = dict(whole)
    np.savez(tmp_path / "a.npz", **arrays | {"images": IMAGES[:1], "masks": np.zeros((1, 8, 8))})
    refused(tmp_path / "a.npz", "do not belong together")


# Tables and folders


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        (
            b"File,Type\na.png,1\n",
            "no column 'image_file' or 'Path' but File, Type: give the column",
        ),
        (b"Path,Type\n", "no rows under its header"),
        (b"Path,Type\na.png,1,2\n", "row 2 has more cells than the header"),
        (b"Path\nb.png\na.png\nc.png\n", "2 of its 3 images are missing, first .*b.png: put them"),
        (b"Path\n\xff\xfe\n", "damaged or not a valid CSV table in UTF-8"),
    ],
)
def test_a_table_that_does_not_lead_to_images_is_refused(
    text: bytes, fix: str, tmp_path: Path
) -> None:
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    (tmp_path / "annotation.csv").write_bytes(text)
    refused(tmp_path / "annotation.csv", fix)


def test_a_broken_image_of_a_table_is_named_itself(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    (tmp_path / "annotation.csv").write_text("Path\na.png\n")
    with pytest.raises(ValueError, match=r"^\S*a\.png: it is damaged"):
        stimuli.read(tmp_path)


def test_a_folder_without_stimuli_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(ValueError, match=r"holds no stimuli: it needs conditions\.csv"):
        stimuli.read(tmp_path)


# Places


def test_a_file_that_exists_is_kept_unless_overwriting(tmp_path: Path) -> None:
    stimuli.write(grey(0.0), tmp_path / "a.png")
    with pytest.raises(FileExistsError, match=r"a\.png exists: give another name, or allow"):
        stimuli.write(grey(1.0), tmp_path / "a.png")
    assert stimuli.read(tmp_path / "a.png") == [grey(0.0)]
    stimuli.write(grey(1.0), tmp_path / "a.png", overwrite=True)
    assert stimuli.read(tmp_path / "a.png") == [grey(1.0)]


def test_a_file_beside_it_that_exists_is_kept_unless_overwriting(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("mine")
    with pytest.raises(FileExistsError, match=r"a\.json exists"):
        stimuli.write(grey(), tmp_path / "a.png")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_where_a_file_belongs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(IsADirectoryError, match=r"a\.png: it is a folder: give the name of a"):
        stimuli.write(grey(), tmp_path / "a.png", overwrite=True)


def test_a_file_where_a_folder_belongs_is_refused(tmp_path: Path) -> None:
    (tmp_path / "study").touch()
    with pytest.raises(OSError, match=r"study: .*(not a folder|already exists)"):
        stimuli.write(grey(), tmp_path / "study" / "a.png")
    with pytest.raises(OSError, match=r"study"):
        stimuli.write([grey()], tmp_path / "study")


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("a.jpg", r"the suffix '\.jpg' is unknown: use \.png, .*, or a folder"),
        ("a.png", r"a PNG holds one stimulus: write several to a folder, \.tif or \.npz"),
        ("a.npz", r"an npz holds images of one size, not 4 × 4 and 8 × 8: write \.tif or a"),
    ],
)
def test_a_format_that_cannot_hold_them_is_refused(name: str, fix: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=rf"{name}: {fix}"):
        stimuli.write([grey(), grey(side=4)], tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_labels_that_a_png_cannot_hold_are_refused(tmp_path: Path) -> None:
    many = Stimulus(np.zeros((1, 1, 3)), np.full((1, 1), 65536), {65536: "last"})
    with pytest.raises(ValueError, match=r"labels up to 65535, not 65536: write \.tif or \.npz"):
        stimuli.write(many, tmp_path / "a.png")


def test_nothing_to_write_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there are no stimuli to write: draw some first"):
        stimuli.write([], tmp_path / "a.tif")


def interrupted() -> Iterator[Stimulus]:
    yield grey()
    raise KeyboardInterrupt


@pytest.mark.parametrize("name", ["a.tif", "a.npz", "a.csv", "new/folder", "a.png"])
def test_what_is_interrupted_leaves_nothing(name: str, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        stimuli.write(interrupted(), tmp_path / name)
    assert not list(tmp_path.iterdir())


WRITES = """
import resource, sys
import numpy as np
from napari_lns import stimuli
from napari_lns.stimuli import Stimulus
image = np.random.default_rng(0).random((64, 64, 3))
noise = Stimulus(image, np.zeros((64, 64)), {0: "background"})
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    stimuli.write([noise], sys.argv[1])
except OSError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits are set as Unix has them")
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.npz", "a.csv", "folder"])
def test_a_full_disk_leaves_nothing(
    name: str, tmp_path: Path, run_python: Callable[..., str]
) -> None:
    output = run_python("-c", WRITES, str(tmp_path / name))
    assert "the disk is full: free some space, or write elsewhere" in output
    assert str(tmp_path) in output
    assert not list(tmp_path.iterdir())


OPENS = """
import os, sys
from napari_lns.stimuli import Stimulus, read, write
point = Stimulus([[[0, 0, 0]]], [[0]], {0: "background"})
if os.geteuid() == 0:
    os.seteuid(65534)
for action in (lambda: read(sys.argv[1]), lambda: write(point, sys.argv[2])):
    try:
        action()
    except PermissionError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="rights are set as Unix has them")
def test_a_folder_without_rights_is_refused_by_name(run_python: Callable[..., str]) -> None:
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        locked = Path(folder) / "locked"
        locked.mkdir(mode=0o000)
        output = run_python("-c", OPENS, str(locked), str(locked / "a.png")).splitlines()
    fix = "permission is denied: change its permissions, or use another folder"
    assert output == [f"{locked}: {fix}", f"{locked / 'a.png'}: {fix}"]
