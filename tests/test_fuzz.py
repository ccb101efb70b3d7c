"""Every loader against files that are damaged in ways nobody thought of.

A loader gives the right result or one sentence that names the file, in little time and memory. How
many files are tried is set by the profile: ``make fuzz`` tries many more than ``make test``.
"""

from __future__ import annotations

import functools
import json
import os
import random
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from loadable import LOADERS
from strange_files import CHANGED, WAYS

EXAMPLES = int(os.environ.get("NAPARI_LNS_FUZZ", "8"))  # for each loader and kind of damage
SECONDS, MEGABYTES = 5, 500
FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="NAPARI_LNS_FUZZ" not in os.environ,  # in `make fuzz` always others
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@functools.cache
def _whole(name: str) -> tuple[Path, Any]:
    """Make what a loader reads, once, and what it gives."""
    path = LOADERS[name].make(Path(tempfile.mkdtemp(prefix="fuzz-")))
    return path, LOADERS[name].load(path)


@pytest.fixture(scope="module", autouse=True)
def _cleared() -> Iterator[None]:
    yield
    for name in LOADERS:
        shutil.rmtree(_whole(name)[0].parent, ignore_errors=True)
    _whole.cache_clear()


@contextmanager
def _copied(name: str) -> Iterator[Path]:
    whole = _whole(name)[0]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "files"
        shutil.copytree(whole.parent, copy)
        yield copy / whole.name


@contextmanager
def _bounded() -> Iterator[None]:
    """Hold the block to the seconds and megabytes that a loader may take."""
    process, ended = psutil.Process(), threading.Event()
    before, most = process.memory_info().rss, 0

    def watch() -> None:
        nonlocal most
        while not ended.is_set():
            most = max(most, process.memory_info().rss)
            ended.wait(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun = time.process_time()
    try:
        yield
    finally:
        spent = time.process_time() - begun
        ended.set()
        watcher.join()
    assert spent < SECONDS
    assert most - before < MEGABYTES * 2**20


def _load(name: str, path: Path, *, right: bool) -> None:
    """Load what was damaged: a sentence, or a result; the right one where nothing may be wrong."""
    with _bounded():
        try:
            found = LOADERS[name].load(path)
        except (ValueError, OSError) as error:
            told = str(error)
        else:
            told = ""
    if told:
        assert len(told) < 2000
        named = str(path.parent) in told or repr(str(path.parent))[1:-1] in told
        assert named or "record" in told, told
    elif right and LOADERS[name].exact:
        whole = _whole(name)[1]
        assert found == whole


def _files(path: Path) -> list[Path]:
    """All files of what is loaded, and those beside it, in one order."""
    return sorted(file for file in path.parent.rglob("*") if file.is_file())


BINARY = {"a.tif", "a.jpg", "import", "drawing"}  # files without JSON, or with it in a page

each_loader = pytest.mark.parametrize("name", LOADERS)


@each_loader
@FUZZ
@given(which=st.integers(0, 99), place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_bit(name: str, which: int, place: float, bit: int) -> None:
    with _copied(name) as path:
        files = _files(path)
        file = files[which % len(files)]
        data = bytearray(file.read_bytes())
        assume(data)
        data[int(place * len(data))] ^= 1 << bit
        file.write_bytes(data)
        _load(name, path, right=True)


@each_loader
@FUZZ
@given(
    which=st.integers(0, 99),
    start=st.floats(0, 1),
    end=st.floats(0, 1),
    instead=st.one_of(st.binary(max_size=20), st.integers(1, 3).map(lambda n: b"\xff" * 10**n)),
)
def test_a_stretch_that_is_gone_or_another(
    name: str, which: int, start: float, end: float, instead: bytes
) -> None:
    with _copied(name) as path:
        files = _files(path)
        file = files[which % len(files)]
        data = file.read_bytes()
        first, last = sorted((int(start * len(data)), int(end * len(data))))
        file.write_bytes(data[:first] + instead + data[last:])
        _load(name, path, right=False)


@each_loader
@FUZZ
@given(way=st.sampled_from(sorted(WAYS.keys() - {"no right to read"})), seed=st.integers(0, 2**16))
def test_a_strange_file(name: str, way: str, seed: int) -> None:
    chance = random.Random(seed)
    with _copied(name) as path:
        file = chance.choice([file for file in _files(path) if file.stat().st_size])
        changed = WAYS[way](path, file, chance)
        assume(changed is not None)
        _load(name, changed, right=way not in CHANGED)


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["../../x", "x.py:go", "<b>", "NaN", "2) or f(", "a" * 5000]),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner)),
    max_leaves=5,
)


def _changed(value: Any, path: list[int], instead: Any) -> Any:
    """Replace one place of a JSON value, found by turns, by another value."""
    if not path or not isinstance(value, dict | list) or not value:
        return instead
    if isinstance(value, list):
        at = path[0] % len(value)
        return [*value[:at], _changed(value[at], path[1:], instead), *value[at + 1 :]]
    at = sorted(value)[path[0] % len(value)]
    return {**value, at: _changed(value[at], path[1:], instead)}


def _json_of(file: Path) -> Any:
    """Give the JSON that a file is, or holds in a format of ours; None for others."""
    if file.name.endswith((".json", ".zattrs", ".zarray", ".zgroup")):
        return json.loads(file.read_text())
    if file.suffix == ".npz":
        with np.load(file) as held:
            name = "json" if "json" in held.files else "records"
            return json.loads(str(held[name]))
    if file.suffix == ".safetensors":
        length = int.from_bytes(file.read_bytes()[:8], "little")
        return json.loads(file.read_bytes()[8 : 8 + length])
    return None


def _put_json(file: Path, value: Any) -> None:
    text = json.dumps(value)
    if file.suffix == ".npz":
        with np.load(file) as held:
            arrays = {name: held[name] for name in held.files}
        name = "json" if "json" in arrays else "records"
        np.savez(file, **{**arrays, name: np.array(text)})
    elif file.suffix == ".safetensors":
        data = file.read_bytes()
        rest = data[8 + int.from_bytes(data[:8], "little") :]
        file.write_bytes(len(text.encode()).to_bytes(8, "little") + text.encode() + rest)
    else:
        file.write_text(text)


@pytest.mark.parametrize("name", sorted(LOADERS.keys() - BINARY))
@FUZZ
@given(which=st.integers(0, 99), turns=st.lists(st.integers(0, 30), max_size=6), instead=JSON)
def test_another_value_in_a_structured_record(
    name: str, which: int, turns: list[int], instead: Any
) -> None:
    with _copied(name) as path:
        files = [file for file in _files(path) if _json_of(file) is not None]
        assume(files)
        file = files[which % len(files)]
        _put_json(file, _changed(_json_of(file), turns, instead))
        _load(name, path, right=False)


@pytest.mark.parametrize("name", ["run.npz", "a.npz"])
@FUZZ
@given(
    which=st.integers(0, 99),
    kind=st.sampled_from(["<f4", "<i4", "|b1", "<f8", "<U3", "|u1", "<c8", "<M8[s]", ">i2"]),
    shape=st.lists(st.integers(0, 9), max_size=5),
    value=st.sampled_from([0, 1, -1, 2**31 - 1, np.nan, 1e9]),
    packed=st.booleans(),
)
def test_another_array_in_an_archive(
    name: str, which: int, kind: str, shape: list[int], value: float, packed: bool
) -> None:
    with _copied(name) as path:
        with zipfile.ZipFile(path) as file:
            members = {each: file.read(each) for each in file.namelist()}
        with np.errstate(all="ignore"):
            other = np.full(shape, value).astype(kind)
        chosen = sorted(members)[which % len(members)]
        with tempfile.TemporaryFile() as stream:
            np.save(stream, other)
            stream.seek(0)
            members[chosen] = stream.read()
        how = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        with zipfile.ZipFile(path, "w", how) as file:
            for each, data in members.items():
                file.writestr(each, data)
        _load(name, path, right=False)
