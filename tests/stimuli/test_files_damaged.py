"""Damaged and crafted stimulus files: a sentence, or what was written, and never something else."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tifffile

from napari_lns import stimuli
from napari_lns.stimuli import Stimulus
from napari_lns.stimuli.files import from_stimupy, read, write

LABELS = np.kron(np.array([[0, 1], [2, 1]], np.int32), np.ones((8, 8), np.int32))
EXACT = Stimulus(
    np.random.default_rng(0).random((16, 16, 3), np.float32),
    LABELS,
    {0: "ground", 1: "one", 2: "two"},
    {"left": LABELS == 2, "right": LABELS == 1},
    "noise",
    {"a": 1},
    3,
)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.npz"])
def test_a_flipped_bit_is_found_or_changes_nothing(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write(EXACT, path)
    whole = path.read_bytes()
    found = 0
    for place in np.random.default_rng(1).integers(0, 8 * len(whole), 150):
        damaged = bytearray(whole)
        damaged[place // 8] ^= 1 << (place % 8)
        path.write_bytes(damaged)
        try:
            assert read(path) == [EXACT]
        except ValueError as error:
            assert name in str(error)  # noqa: PT017
            found += 1
    assert found > 100


@pytest.mark.parametrize("size", [2**30, 2**40])
@pytest.mark.parametrize("name", ["a.png", "a.labels.png"])
def test_an_image_file_with_a_terabyte_of_nothing_is_refused_unread(
    tmp_path: Path, name: str, size: int
) -> None:
    write(EXACT, tmp_path / "a.png")
    with (tmp_path / name).open("r+b") as file:
        file.truncate(size)
    with pytest.raises(ValueError, match=rf"{name}: it has [\d,]+ MB: at most 512 MB are read"):
        read(tmp_path / "a.png")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Linux has such a file")
def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path) -> None:
    write(EXACT, tmp_path / "a.png")
    (tmp_path / "a.labels.png").unlink()
    (tmp_path / "a.labels.png").symlink_to("/proc/self/mem")
    with pytest.raises(OSError, match=r"a\.labels\.png: the disk failed, or it is not a file"):
        read(tmp_path / "a.png")


def tiff(*entries: tuple[int, int, int, int], after: int = 0) -> bytes:
    tags = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + tags + struct.pack("<I", after)


SQUARE = [(256, 3, 1, 8), (257, 3, 1, 8), (258, 3, 1, 8), (262, 3, 1, 1), (277, 3, 1, 1)]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (tiff(*SQUARE, after=8), "where an earlier one lies"),
        (tiff(*SQUARE, after=10**6), "a page lies at byte 1000000"),
        (tiff((256, 3, 2, 8), *SQUARE[1:]), "2 values for its width"),
        (tiff(*SQUARE, (273, 4, 2**31, 8)), "larger than the file"),
        (b"II*\0\xff", "ends within"),
        (b"II", "not a valid TIFF"),
        (b"II*\0" + struct.pack("<IH", 8, 60000), "60,000 tags"),
    ],
)
def test_a_tiff_whose_directories_are_wrong(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "a.tif").write_bytes(data)
    with pytest.raises(ValueError, match=rf"a\.tif: .*{message}"):
        read(tmp_path / "a.tif")


def packed(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return file.getvalue()


def saved(array: object) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("code", [273, 279], ids=["places", "byte counts"])
@pytest.mark.parametrize("instead", [0, 5, 2**31 - 1])
def test_a_tiff_whose_strips_are_nowhere_or_cut_off(
    tmp_path: Path, compression: str | None, code: int, instead: int
) -> None:
    image = np.random.default_rng(0).integers(1, 255, (64, 64, 3), np.uint8)
    path = tmp_path / "strips.tif"
    options = {"rowsperstrip": 16, "photometric": "rgb", "metadata": None}
    tifffile.imwrite(path, image, compression=compression, **options)
    whole = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        tag = file.pages[0].tags[code]
    form = {3: "<H", 4: "<I"}[tag.dtype]
    struct.pack_into(form, whole, tag.valueoffset, min(instead, 65535 if form == "<H" else instead))
    path.write_bytes(whole)
    message = ""
    try:
        (found,) = read(path)
    except ValueError as error:
        message = str(error)
    assert "strips.tif: " in message or np.array_equal(np.round(found.image * 255), image)


def test_an_npz_with_a_part_that_is_no_array(tmp_path: Path) -> None:
    data = packed(images=saved(np.zeros((1, 3, 8, 8))), masks=b"text")
    (tmp_path / "a.npz").write_bytes(data)
    with pytest.raises(ValueError, match=r"a\.npz: its part 'masks' is not an array"):
        read(tmp_path / "a.npz")


def test_an_npz_with_parts_that_are_nobodys(tmp_path: Path) -> None:
    write(EXACT, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        held = {name: file[name] for name in file.files}
    np.savez(tmp_path / "a.npz", **{**held, "parts": np.zeros((9, 16, 16), bool)})
    with pytest.raises(ValueError, match="its parts are not those of its records"):
        read(tmp_path / "a.npz")


def test_an_npz_with_parts_whose_record_is_missing(tmp_path: Path) -> None:
    write(EXACT, tmp_path / "a.npz")
    with np.load(tmp_path / "a.npz") as file:
        held = {name: file[name] for name in file.files if name != "records"}
    np.savez(tmp_path / "a.npz", **held)
    with pytest.raises(ValueError, match="the record of its parts is missing"):
        read(tmp_path / "a.npz")


def test_an_npz_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        with file.open("parts.npy", "w") as part:
            for _ in range(300):
                part.write(bytes(2**20))
        file.writestr("images.npy", saved(np.zeros((1, 3, 8, 8))))
    with pytest.raises(ValueError, match="unpacks to"):
        read(path)


@pytest.mark.parametrize(
    "image", [[[1, [2]], [3]], "text", 3, [1, 2], [["a"]], {"a": 1}, None, [[[[0]]]]]
)
@pytest.mark.parametrize("key", ["img", "target_mask"])
def test_a_stimupy_dictionary_whose_arrays_are_none(image: object, key: str) -> None:
    with pytest.raises(ValueError, match=f"{key}'"):
        from_stimupy({"img": np.zeros((2, 2)), key: image})


@pytest.mark.parametrize("name", ["a.png", "a.json", "a.npz", "a.tif", "conditions.csv"])
def test_a_pipe_is_not_waited_for(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(ValueError, match="device or pipe"):
        read(tmp_path / name)


def test_a_pipe_beside_an_image_is_not_waited_for(tmp_path: Path) -> None:
    for beside in ("a.json", "a.labels.png"):
        write(EXACT, tmp_path / "a.png", overwrite=True)
        (tmp_path / beside).unlink()
        os.mkfifo(tmp_path / beside)
        with pytest.raises(ValueError, match="device or pipe"):
            read(tmp_path / "a.png")
        (tmp_path / beside).unlink()


@pytest.mark.parametrize("place", ["../secret.png", "..\\secret.png", "/etc/a.png", "C:\\a.png"])
def test_a_table_reads_nothing_outside_its_folder(tmp_path: Path, place: str) -> None:
    write(EXACT, tmp_path / "secret.png")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "conditions.csv").write_text(f"image_file\n{place}\n")
    with pytest.raises(ValueError, match="must lie in its own folder"):
        read(tmp_path / "in")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"seed": "3"}, "seed is '3'"),
        ({"seed": -1}, "seed is -1"),
        ({"parts": ["left", "left"]}, "parts"),
        ({"parameters": []}, r"parameters is \[\]"),
        ({"label_names": {"x": "a"}}, "label_names"),
        ({"other": 3}, "other is 3"),
    ],
)
def test_a_record_is_reported_by_its_field(
    tmp_path: Path, values: dict[str, object], message: str
) -> None:
    write(EXACT, tmp_path / "a.png")
    record = json.loads((tmp_path / "a.json").read_text())
    (tmp_path / "a.json").write_text(json.dumps({**record, **values}))
    with pytest.raises(ValueError, match=rf"a\.json: its record is damaged \(in it: {message}"):
        read(tmp_path / "a.png")


def test_a_masked_array_is_refused() -> None:
    masked = np.ma.masked_array(np.zeros((4, 4, 3)), np.eye(4, dtype=bool)[..., None].repeat(3, 2))
    with pytest.raises(ValueError, match=r"masked array: give image\.filled"):
        Stimulus(masked, np.zeros((4, 4)), {0: "ground"})


def test_a_drawn_stimulus_is_still_read_whole(tmp_path: Path) -> None:
    drawn = [stimuli.draw("kanizsa", seed=seed) for seed in range(3)]
    for name in ("a.tif", "a.npz", "folder"):
        write(drawn, tmp_path / name)
        assert read(tmp_path / name) == drawn


@pytest.mark.parametrize("parameters", [3, ["size"], {"seed": 1}, {"name": "closure"}])
def test_a_record_whose_parameters_are_none_draws_nothing(parameters: object) -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        Stimulus.from_record({"name": "kanizsa", "seed": 0, "parameters": parameters})
