"""Ways in which files are strange: what archives, JSON, text and file systems allow and few expect.

Each way changes one file of what a loader reads, and returns the path to load; None where it does
not fit that file.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import shutil
import socket
import struct
import sys
import warnings
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["CHANGED", "WAYS"]

Members = Sequence[tuple[zipfile.ZipInfo | str, bytes]]
Way = Callable[[Path, Path, random.Random], Path | None]
WAYS: dict[str, Way] = {}
CHANGED: set[str] = set()  # ways that change what a file says, so that another result may be right
TEXTS = (".json", ".jsonl", ".csv", ".svg", ".zattrs", ".zarray", ".zgroup")


def way(*, changes: bool = False) -> Callable[[Way], Way]:
    """Register a way by the name of its function."""

    def register(function: Way) -> Way:
        name = function.__name__.replace("_", " ").strip()
        WAYS[name] = function
        if changes:
            CHANGED.add(name)
        return function

    return register


def _is_text(file: Path) -> bool:
    return file.name.endswith(TEXTS)


# Archives


def _members(file: Path) -> list[tuple[zipfile.ZipInfo, bytes]] | None:
    if file.suffix not in (".npz", ".pt"):
        return None
    with zipfile.ZipFile(file) as held:
        return [(member, held.read(member)) for member in held.infolist()]


def _rewritten(
    file: Path, members: list[tuple[zipfile.ZipInfo | str, bytes]], how: int = 0
) -> None:
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(file, "w", how) as held:
        for name, content in members:
            held.writestr(name.filename if isinstance(name, zipfile.ZipInfo) else name, content)


@way()
def a_member_twice(path: Path, file: Path, chance: random.Random) -> Path | None:
    if (members := _members(file)) is None:
        return None
    name, content = chance.choice(members)
    _rewritten(file, [*members, (name, content[:-1] + b"\x01")])
    return path


@way()
def members_with_paths(path: Path, file: Path, chance: random.Random) -> Path | None:
    if (members := _members(file)) is None:
        return None
    begin = chance.choice(["/etc/", "../", "C:\\", "\\\\host\\", "./", "a\n", "\udc80"])
    which = chance.randrange(len(members))
    named = [
        (f"{begin}{each.filename}" if n == which else each, content)
        for n, (each, content) in enumerate(members)
    ]
    try:
        _rewritten(file, named)
    except UnicodeEncodeError:
        return None
    return path


@way()
def another_compression(path: Path, file: Path, chance: random.Random) -> Path | None:
    if (members := _members(file)) is None:
        return None
    _rewritten(file, members, chance.choice([zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]))
    return path


@way()
def something_before_the_archive(path: Path, file: Path, chance: random.Random) -> Path | None:
    if file.suffix != ".npz":
        return None
    file.write_bytes(chance.randbytes(chance.choice([1, 9, 5000])) + file.read_bytes())
    return path


@way()
def an_encrypted_member(path: Path, file: Path, chance: random.Random) -> Path | None:
    if file.suffix != ".npz":
        return None
    data = bytearray(file.read_bytes())
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        data[data.index(mark) + flags] |= 1
    file.write_bytes(data)
    return path


@way(changes=True)
def a_header_that_promises_more(path: Path, file: Path, chance: random.Random) -> Path | None:
    if file.suffix != ".npz" or (members := _members(file)) is None:
        return None
    shape = chance.choice([(2**40,), (2**20, 2**20, 3), (-1,), (2**64,), (0,) * 40, (10**30, 1)])
    kind = chance.choice(["<f4", "|O", "<U1000000", "|V9", "<c16", "(2,2)<f4", ">f16"])
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    version = chance.choice([b"\1\0", b"\2\0", b"\3\0", b"\7\7"])
    length = struct.pack("<H" if version == b"\1\0" else "<I", len(header))
    which = chance.randrange(len(members))
    members[which] = (members[which][0], b"\x93NUMPY" + version + length + header + bytes(64))
    _rewritten(file, members)
    return path


@way(changes=True)
def a_bomb(path: Path, file: Path, chance: random.Random) -> Path | None:
    if file.suffix != ".npz" or (members := _members(file)) is None:
        return None
    stream = io.BytesIO()
    np.save(stream, np.zeros((2**27,), np.uint8))
    more = [(f"more{number}.npy", stream.getvalue()) for number in range(chance.choice([1, 4]))]
    _rewritten(file, [*members, *more], zipfile.ZIP_DEFLATED)
    return path


# safetensors


@way(changes=True)
def another_tensor_header(path: Path, file: Path, chance: random.Random) -> Path | None:
    if file.suffix != ".safetensors":
        return None
    data = file.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header, rest = json.loads(data[8 : 8 + length]), data[8 + length :]
    name = chance.choice([key for key in header if key != "__metadata__"])
    entry = header[name]
    change: dict[str, Any] = chance.choice(
        [
            {"shape": [2**40, 2**40]},
            {"shape": [-1]},
            {"shape": []},
            {"dtype": "F128"},
            {"dtype": "BOOL"},
            {"dtype": "I64"},
            {"data_offsets": [0, 2**62]},
            {"data_offsets": [-8, 8]},
            {"data_offsets": [0, 0]},
            {"data_offsets": list(reversed(entry["data_offsets"]))},
            {"dtype": None},
            {"shape": "x"},
        ]
    )
    header[name] = {**entry, **change}
    if chance.random() < 0.3:
        header["__metadata__"] = chance.choice([None, [], {"notes": 3}, {"notes": "["}, {}])
    text = json.dumps(header).encode()
    size = chance.choice([len(text), len(text), len(text), 2**63, 2**64 - 1, 0, len(text) - 1])
    file.write_bytes(size.to_bytes(8, "little") + text + rest)
    return path


@way(changes=True)
def numbers_that_are_none(path: Path, file: Path, chance: random.Random) -> Path | None:
    if file.suffix != ".safetensors":
        return None
    data = bytearray(file.read_bytes())
    first = 8 + int.from_bytes(data[:8], "little")
    data[first:] = chance.choice([b"\xff", b"\x7c\x00", b"\x00"]) * (len(data) - first)
    file.write_bytes(data[: file.stat().st_size])
    return path


@way(changes=True)
def the_card_of_another_network(path: Path, file: Path, chance: random.Random) -> Path | None:
    from napari_lns.models.zoo import SHIPPED

    if path.suffix != ".safetensors":
        return None
    cards = sorted(SHIPPED.glob("*.json"))
    shutil.copy(chance.choice(cards), path.with_suffix(".json"))
    return path


# JSON and other text


@way(changes=True)
def another_encoding(path: Path, file: Path, chance: random.Random) -> Path | None:
    if not _is_text(file):
        return None
    text = file.read_text(encoding="utf-8")
    file.write_bytes(
        text.encode(chance.choice(["utf-16", "utf-16-be", "utf-32", "utf-8-sig", "cp500"]))
    )
    return path


@way(changes=True)
def other_line_ends(path: Path, file: Path, chance: random.Random) -> Path | None:
    if not _is_text(file):
        return None
    end = chance.choice([b"\r\n", b"\r", "\u2028".encode(), b"\x0b", b"\n\n", b"\0\n", b"\x1a\n"])
    file.write_bytes(file.read_bytes().replace(b"\n", end))
    return path


@way(changes=True)
def a_strange_number(path: Path, file: Path, chance: random.Random) -> Path | None:
    if not _is_text(file):
        return None
    text = file.read_text(encoding="utf-8")
    places = [*re.finditer(r"-?\d+(\.\d+)?", text)]
    if not places:
        return None
    found = chance.choice(places)
    other = chance.choice(
        ["NaN", "Infinity", "-Infinity", "1e999", "-0", "1e-999", "9" * 5000, "0x10", "01", "1_0",
         "\u00b2", "\u0663", "1,5", "+1", ".5", "1e400", "-1", "1.0", "true", "null", "nan", "inf"]
    )  # fmt: skip
    file.write_text(text[: found.start()] + other + text[found.end() :], encoding="utf-8")
    return path


@way(changes=True)
def a_strange_string(path: Path, file: Path, chance: random.Random) -> Path | None:
    if not _is_text(file):
        return None
    text = file.read_text(encoding="utf-8")
    places = [*re.finditer(r'(?<=")[^"\\]*(?=")', text)]
    if not places:
        return None
    found = chance.choice(places)
    other = chance.choice(
        ["\\ud800", "\\u0000", "\\udfff\\ud800", "\\x00", "\\", "\u202e", "a" * 200_000, "%s%n",
         "{0.__class__}", "../../../etc/passwd", "$(reboot)", "<img src=x>", "CON", "\\n", "=1"]
    )  # fmt: skip
    file.write_text(text[: found.start()] + other + text[found.end() :], encoding="utf-8")
    return path


@way(changes=True)
def keys_twice_comments_and_more(path: Path, file: Path, chance: random.Random) -> Path | None:
    if not file.name.endswith((".json", ".zattrs", ".zarray", ".zgroup")):
        return None
    text = file.read_text(encoding="utf-8").strip()
    other = chance.choice(
        [
            f"{text[:-1]},{text[1:]}",
            f"// a comment\n{text}",
            f"{text[:-1]},{text[-1]}",
            text + text,
            text.replace('"', "'"),
            f"{text}\0",
            f"[{text}]",
            '{"a":' * 100_000,
            "[" * 500 + "]" * 500,
            " " * 10_000_000 + text,
            text[:-1] + "".join(f', "k{n}": 0' for n in range(200_000)) + text[-1],
        ]
    )
    file.write_text(other, encoding="utf-8")
    return path


@way(changes=True)
def a_table_with_strange_cells(path: Path, file: Path, chance: random.Random) -> Path | None:
    if file.suffix != ".csv":
        return None
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    which = chance.randrange(len(lines))
    cells = lines[which].split(",")
    cells[chance.randrange(len(cells))] = chance.choice(
        ['"', '""', '"\n', "\0", "=cmd()", "." * 300_000, ".", "", "a.png/", "/dev/zero", "~", "*",
         "image_file", ",", ";", "\ufeff", "con"]
    )  # fmt: skip
    lines[which] = ",".join(cells)
    file.write_text("".join(lines), encoding="utf-8")
    return path


@way(changes=True)
def a_drawing_that_grows(path: Path, file: Path, chance: random.Random) -> Path | None:
    if file.suffix != ".svg":
        return None
    text = file.read_text(encoding="utf-8")
    entity = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    other = chance.choice(
        [
            f"{entity}]>{text.replace('both', '&j;')}",
            '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
            + text.replace("both", "&x;"),
            text.replace("<g ", '<g><use href="#both"/></g><g '),
            text.replace('viewBox="0 0 64 48"', 'viewBox="0 0 1e300 1e-300"'),
            text.replace('viewBox="0 0 64 48"', 'viewBox="0 0 nan inf"'),
            text.replace("rotate(10 32 24)", "scale(1e308) " * 50),
            text.replace("rotate(10 32 24)", "matrix(0 0 0 0 0 0)"),
            text.replace("M 40 10", "M 40 10 " + "l 1 1 " * 200_000),
            text.replace("</svg>", "<g>" * 20_000 + "</g>" * 20_000 + "</svg>"),
            text.replace("</svg>", '<circle r="9" fill="red"/>' * 20_000 + "</svg>"),
            text.replace("M 40 10", "M 40 10 A 1e-300 1e300 0 1 1 1e300 0"),
            text.replace("<path ", '<path stroke-width="1e300" stroke-dasharray="1e-9" '),
            text.replace("svg", "html"),
        ]
    )
    file.write_text(other, encoding="utf-8")
    return path


# File systems


@way()
def an_empty_file(path: Path, file: Path, chance: random.Random) -> Path | None:
    file.write_bytes(b"")
    return path


@way()
def a_folder_where_a_file_was(path: Path, file: Path, chance: random.Random) -> Path | None:
    file.unlink()
    file.mkdir()
    if chance.random() < 0.5:
        (file / file.name).write_bytes(b"x")
    return path


@way()
def a_circle_of_links(path: Path, file: Path, chance: random.Random) -> Path | None:
    file.unlink()
    other = file.with_name("other link")
    other.symlink_to(file)
    file.symlink_to(other)
    return path


@way()
def a_link_to_nothing(path: Path, file: Path, chance: random.Random) -> Path | None:
    file.unlink()
    file.symlink_to(file.with_name("nowhere"))
    return path


@way()
def a_link_to_a_device(path: Path, file: Path, chance: random.Random) -> Path | None:
    file.unlink()
    file.symlink_to(chance.choice(["/dev/zero", "/dev/null", "/dev/urandom", "/proc/self/mem"]))
    return path


@way()
def a_pipe(path: Path, file: Path, chance: random.Random) -> Path | None:
    file.unlink()
    os.mkfifo(file)
    return path


@way()
def a_socket(path: Path, file: Path, chance: random.Random) -> Path | None:
    file.unlink()
    before = Path.cwd()
    os.chdir(file.parent)  # a socket's path must be short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(file.name)
    finally:
        os.chdir(before)
    return path


@way()
def a_terabyte_of_nothing(path: Path, file: Path, chance: random.Random) -> Path | None:
    with file.open("r+b") as opened:
        opened.truncate(2**40)
    return path


@way()
def a_gigabyte_of_nothing(path: Path, file: Path, chance: random.Random) -> Path | None:
    with file.open("r+b") as opened:
        opened.truncate(2**30 + 1)
    return path


@way()
def a_folder_within_itself(path: Path, file: Path, chance: random.Random) -> Path | None:
    (file.parent / "again").symlink_to(file.parent)
    return path


@way()
def no_right_to_read(path: Path, file: Path, chance: random.Random) -> Path | None:
    file.chmod(0)
    return path


@way()
def a_strange_name(path: Path, file: Path, chance: random.Random) -> Path | None:
    """Another name for the folder: a record may name the files beside it."""
    name = chance.choice(["a\nb", "\udcff", "\u202egnp", "-rf", "a'b\"c", "%s", " ", "é" * 80])
    other = path.parent.with_name(name)
    path.parent.rename(other)
    return other / path.name


@way(changes=True)
def another_suffix(path: Path, file: Path, chance: random.Random) -> Path | None:
    if not path.is_file():
        return None
    suffixes = [
        ".npz",
        ".png",
        ".tif",
        ".json",
        ".csv",
        ".svg",
        ".zarr",
        ".safetensors",
        ".PNG",
        "",
    ]
    other = path.with_suffix(chance.choice(suffixes))
    if other.exists():
        return None
    path.rename(other)
    return other


@way()
def two_files_swapped(path: Path, file: Path, chance: random.Random) -> Path | None:
    others = [
        each
        for each in path.parent.rglob(f"*{file.suffix}")
        if each.is_file() and each.read_bytes() != file.read_bytes()
    ]
    if not others:
        return None
    other = chance.choice(sorted(others))
    first, second = file.read_bytes(), other.read_bytes()
    file.write_bytes(second)
    other.write_bytes(first)
    return path


@way()
def a_file_gone(path: Path, file: Path, chance: random.Random) -> Path | None:
    file.unlink()
    return path


if sys.platform == "win32":
    WAYS = {
        name: one
        for name, one in WAYS.items()
        if not re.search("link|pipe|socket|strange name|right|device|within", name)
    }
