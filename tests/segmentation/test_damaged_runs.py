"""Crafted and damaged runs: a sentence, in little time and memory, and nothing of them runs."""

from __future__ import annotations

import json
import os
import shutil
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_models import Small

from napari_lns import Segmentation, segment
from napari_lns.segmentation import saving
from napari_lns.segmentation.clustering.tree import check_tree, heights_between

IMAGE = np.random.default_rng(0).random((8, 8, 3)).astype(np.float32)
REFUSED = "is damaged or not a saved segmentation"


@pytest.fixture(scope="module")
def found() -> Segmentation:
    return segment(IMAGE, Small(), samples=4, keep_outputs=True, repeats=2)


def crafted(
    found: Segmentation, path: Path, notes: dict[str, Any] | None = None, **arrays: Any
) -> Path:
    """Save a run with other arrays and notes, its checksums right."""
    found.save(path)
    with np.load(path) as file:
        held = {name: file[name] for name in file.files}
    kept = json.loads(str(held.pop("json"))) | (notes or {})
    held |= arrays
    kept["checksums"] = saving._checksums(held)
    np.savez(path, **held, json=np.array(json.dumps(kept)))
    return path


def with_row(tree: np.ndarray, row: int, *values: float) -> np.ndarray:
    other = tree.copy()
    other[row, : len(values)] = values
    return other


TREES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "index far out": lambda tree: with_row(tree, 5, 1e9),
    "negative": lambda tree: with_row(tree, 5, -1),
    "cycle": lambda tree: with_row(tree, 5, len(tree) + 1 + 5),
    "twice": lambda tree: with_row(tree, 5, *tree[4, :2]),
    "NaN": lambda tree: with_row(tree, 5, *tree[5, :2], np.nan),
    "falling": lambda tree: with_row(tree, 5, *tree[5, :2], 1e9),
    "size": lambda tree: with_row(tree, 5, *tree[5, :3], 60),
    "half": lambda tree: with_row(tree, 5, tree[5, 0] + 0.5),
    "short": lambda tree: tree[:-1],
    "flat": lambda tree: tree.ravel(),
}


@pytest.mark.parametrize("damage", TREES)
def test_what_is_no_merge_tree_never_reaches_compiled_code(
    found: Segmentation, tmp_path: Path, damage: str
) -> None:
    tree = TREES[damage](np.array(found.tree))
    with pytest.raises(ValueError, match=REFUSED):
        Segmentation.load(crafted(found, tmp_path / "crafted.npz", tree=tree))
    with pytest.raises(ValueError, match="tree"):
        Segmentation(IMAGE, found.labels, tree=tree).boundaries  # noqa: B018
    if tree.shape == found.tree.shape:
        with pytest.raises(ValueError, match="tree"):
            heights_between(tree, [0], [1])


def test_a_merge_tree_passes(found: Segmentation) -> None:
    check_tree(np.array(found.tree), 64)


@pytest.mark.parametrize(
    "arrays",
    [
        {"labels": np.full((8, 8), 300_000_000, np.int32)},
        {"labels": np.full((8, 8), -1, np.int32)},
        {"labels": np.ones((4, 8), np.int32)},
        {"labels": np.ones((8, 8))},
        {"image": np.zeros((8, 8), np.float32)},
        {"image": np.full((8, 8, 3), np.nan, np.float32)},
        {"features": np.zeros((63, 3), np.float32)},
        {"variance": np.zeros((8, 9), np.float32)},
        {"outputs": np.zeros((4, 8, 8), np.float32)},
        {"alternatives": np.full((2, 8, 8), 2**31 - 1, np.int32)},
        {"another": np.zeros(3)},
        {"variance": np.array("text")},
    ],
)
def test_arrays_that_do_not_belong_together(
    found: Segmentation, tmp_path: Path, arrays: dict[str, Any]
) -> None:
    with pytest.raises(ValueError, match=REFUSED):
        Segmentation.load(crafted(found, tmp_path / "crafted.npz", **arrays))


@pytest.mark.parametrize(
    ("notes", "told"),
    [
        ({"grid": [8, -8]}, r"grid\.1 is -8"),
        ({"grid": 64}, "grid is 64"),
        ({"record": {"model": "x.py:go"}}, r"record\.model is 'x\.py:go'"),
        ({"record": {"model": {"name": 3}}}, r"record\.model\.name is 3"),
        ({"record": {"chosen": ["a"]}}, r"record\.chosen"),
        ({"record": {"cut": {"clusters": "2) or f("}}}, r"record\.cut\.clusters is '2\) or"),
        ({"record": {"parameters": {"x=1, y": 2}}}, r"record\.parameters"),
        ({"record": {"warnings": "<b>"}}, r"record\.warnings is '<b>'"),
        ({"record": {"stimulus": []}}, r"record\.stimulus"),
        ({"version": 2}, "version is 2"),
    ],
)
def test_a_record_that_is_none_is_reported_by_its_field(
    found: Segmentation, tmp_path: Path, notes: dict[str, Any], told: str
) -> None:
    with pytest.raises(ValueError, match=f"{REFUSED}.*{told}"):
        Segmentation.load(crafted(found, tmp_path / "crafted.npz", notes))


def test_notes_nested_without_end(found: Segmentation, tmp_path: Path) -> None:
    path = crafted(found, tmp_path / "deep.npz")
    np.savez(path, json=np.array("[" * 100_000), image=IMAGE, labels=found.labels)
    with pytest.raises(ValueError, match=REFUSED):
        Segmentation.load(path)


def npy(shape: str, data: bytes = b"") -> bytes:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data


def test_shapes_are_checked_before_anything_is_read(found: Segmentation, tmp_path: Path) -> None:
    path = crafted(found, tmp_path / "bomb.npz")
    with zipfile.ZipFile(path) as file:
        held = {name: file.read(name) for name in file.namelist()}
    with zipfile.ZipFile(path, "w") as file:
        for name, data in (held | {"outputs.npy": npy("(1000000000000, 8, 8, 3)")}).items():
            file.writestr(name, data)
    with pytest.raises(ValueError, match="cut off"):
        Segmentation.load(path)


def test_a_file_that_unpacks_to_far_more_than_it_is(found: Segmentation, tmp_path: Path) -> None:
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file, file.open("a.npy", "w") as part:
        for _ in range(300):
            part.write(bytes(2**20))
    with pytest.raises(ValueError, match=r"unpacks to 0\.3 GiB: split it"):
        Segmentation.load(path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(ValueError, match="device or pipe"):
        Segmentation.load(tmp_path / "pipe.npz")


def test_a_zarr_folder_larger_than_memory_is_not_read(tmp_path: Path, found: Segmentation) -> None:
    import zarr

    path = tmp_path / "huge.zarr"
    found.save(path)
    group = zarr.open_group(str(path), mode="r+")
    shutil.rmtree(path / "variance")
    group.create_array("variance", shape=(50_000, 50_000), dtype="f4")
    with pytest.raises(ValueError, match="unpacks to"):
        Segmentation.load(path)
    node = json.loads((path / "variance" / "zarr.json").read_text())
    node["shape"] = [2**39] * 32  # more than any float
    node["chunk_grid"]["configuration"]["chunk_shape"] = [2**39] * 32
    (path / "variance" / "zarr.json").write_text(json.dumps(node))
    with pytest.raises(ValueError, match="unpacks to"):
        Segmentation.load(path)


@pytest.mark.parametrize("field", ["filters", "compressor"])
def test_a_zarr_folder_that_names_pickle_is_never_opened(
    tmp_path: Path, found: Segmentation, field: str
) -> None:
    path = tmp_path / "pickled.zarr"
    path.mkdir()
    (path / ".zgroup").write_text('{"zarr_format": 2}')
    (path / "image").mkdir()
    array = {"zarr_format": 2, "shape": [8, 8, 3], "chunks": [8, 8, 3], "dtype": "<f4"}
    coded: dict[str, object] = {"filters": None, "compressor": None, "order": "C", "fill_value": 0}
    coded[field] = [{"id": "pickle"}] if field == "filters" else {"id": "pickle"}
    (path / "image" / ".zarray").write_text(json.dumps(array | coded))
    with pytest.raises(ValueError, match=f"{REFUSED}.*(filters is|coded by 'pickle')"):
        Segmentation.load(path)


def test_a_zarr_3_folder_with_a_foreign_codec_is_never_opened(
    tmp_path: Path, found: Segmentation
) -> None:
    path = tmp_path / "coded.zarr"
    found.save(path)
    file = path / "image" / "zarr.json"
    node = json.loads(file.read_text())
    node["codecs"].insert(0, {"name": "numcodecs.pickle", "configuration": {}})
    file.write_text(json.dumps(node))
    with pytest.raises(ValueError, match=r"coded by 'numcodecs\.pickle', which is never run"):
        Segmentation.load(path)


@pytest.mark.parametrize("name", ["foreign.zarr", "foreign.npz"])
def test_what_is_no_run_of_ours_is_never_replaced(
    tmp_path: Path, found: Segmentation, name: str
) -> None:
    import zarr

    path = tmp_path / name
    if path.suffix == ".zarr":
        zarr.open_group(str(path), mode="w")["labels"] = np.ones(1000)
    else:
        np.savez(path, labels=np.ones(1000))
    before = sorted(path.rglob("*")) if path.is_dir() else path.read_bytes()
    with pytest.raises(FileExistsError, match="exists and is not a saved segmentation"):
        found.save(path)
    assert before == (sorted(path.rglob("*")) if path.is_dir() else path.read_bytes())


def test_a_run_with_the_users_own_files_in_it_is_not_replaced(
    tmp_path: Path, found: Segmentation
) -> None:
    found.save(tmp_path / "run.zarr")
    (tmp_path / "run.zarr" / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="exists and is not a saved segmentation"):
        found.save(tmp_path / "run.zarr")


def compressed(codec: str) -> bytes:
    """A gigabyte of zeros, in less than a megabyte."""
    numcodecs = pytest.importorskip("numcodecs")
    with_size = numcodecs.Zstd(1) if codec == "zstd" else numcodecs.Blosc("zstd", 1)
    packed: bytes = with_size.encode(np.zeros(2**30, np.uint8))
    assert len(packed) < 2**20
    return packed


def chunk_of(path: Path, name: str) -> Path:
    (chunk,) = (file for file in (path / name).rglob("*") if file.is_file() and "c" in file.parts)
    return chunk


@pytest.mark.parametrize("codec", ["zstd", "blosc"])
def test_a_small_chunk_that_unpacks_to_a_gigabyte_is_not_unpacked(
    found: Segmentation, tmp_path: Path, codec: str
) -> None:
    path = tmp_path / "bomb.zarr"
    found.save(path)
    node = json.loads((path / "image" / "zarr.json").read_text())
    node["codecs"][-1]["name"] = codec
    (path / "image" / "zarr.json").write_text(json.dumps(node))
    chunk_of(path, "image").write_bytes(compressed(codec))
    with pytest.raises(ValueError, match=f"{REFUSED}.*is larger than a chunk of 768 bytes"):
        Segmentation.load(path)


@pytest.mark.parametrize("name", ["image/c/0/0/0", "image/.zattrs", ".zgroup"])
def test_a_part_of_a_zarr_folder_that_is_a_gigabyte_is_not_read(
    found: Segmentation, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "large.zarr"
    found.save(path)
    with (path / name).open("ab") as file:
        file.truncate(2**30)
    with pytest.raises(ValueError, match=f"{REFUSED}.*{name}"):
        Segmentation.load(path)


def test_a_zarr_folders_second_copy_of_its_metadata_is_not_believed(
    found: Segmentation, tmp_path: Path
) -> None:
    """It could name other codecs and sizes than those that were checked."""
    import zarr

    path = tmp_path / "consolidated.zarr"
    found.save(path)
    with warnings.catch_warnings(action="ignore"):
        zarr.consolidate_metadata(str(path))
    group = json.loads((path / "zarr.json").read_text())
    node = group["consolidated_metadata"]["metadata"]["image"]
    node["shape"] = [50_000, 50_000, 3]
    (path / "zarr.json").write_text(json.dumps(group))
    assert Segmentation.load(path) == found


def test_a_run_without_all_of_its_codecs_once_is_never_opened(
    found: Segmentation, tmp_path: Path
) -> None:
    path = tmp_path / "coded.zarr"
    found.save(path)
    file = path / "image" / "zarr.json"
    node = json.loads(file.read_text())
    node["codecs"].append(node["codecs"][-1])
    file.write_text(json.dumps(node))
    with pytest.raises(ValueError, match=r"coded by 'zstd', which is never run"):
        Segmentation.load(path)


def overlapping(count: int, content: bytes) -> bytes:
    """Make an archive in which a member's data hold the header and the data of the one before."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    data, header = packer.compress(content) + packer.flush(), b""
    members = []
    for number in range(count):
        content = header + content
        if header:  # as a block of its own that is not compressed
            data = struct.pack("<BHH", 0, len(header), 65535 - len(header)) + header + data
        name = f"a{number}.npy".encode()
        sizes = (zlib.crc32(content), len(data), len(content), len(name))
        fields = struct.pack("<5H3L2H", 20, 0, 8, 0, 33, *sizes, 0)
        header = b"PK\3\4" + fields + name
        members.append((fields, name, len(header + data)))
    whole = header + data
    listed = b"".join(
        b"PK\1\2\x14\0" + fields + struct.pack("<3H2L", 0, 0, 0, 0, len(whole) - length) + name
        for fields, name, length in members
    )
    end = struct.pack("<4H2LH", 0, 0, count, count, len(listed), len(whole), 0)
    return whole + listed + b"PK\5\6" + end


def test_an_archive_whose_parts_overlap_is_not_unpacked(tmp_path: Path) -> None:
    """Their sizes on disk, added up, are larger than the file: a limit by them would not hold."""
    path = tmp_path / "overlapping.npz"
    path.write_bytes(overlapping(50, np.random.default_rng(0).bytes(2**16) + bytes(2**23)))
    with zipfile.ZipFile(path) as file:
        assert sum(member.compress_size for member in file.infolist()) > 40 * path.stat().st_size
    with pytest.raises(ValueError, match="unpacks to"):
        Segmentation.load(path)
