"""Attack the package with damaged files, and count what comes of it; needs Linux.

    python scripts/attack.py                    # everything, as often as given below
    python scripts/attack.py --flip 300 --only run.npz weights

Good outcomes are a sentence that names the file, and the right result. All others are printed with
what brings them back: ``--replay KIND NUMBER NAME``. Kinds of damage: one flipped bit, stretches
that are lost or repeated at random, single fields that hold something else, what file systems and
formats allow and few expect, and files that another process changes while they are read.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import select
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from loadable import LOADERS
from strange_files import CHANGED
from strange_files import WAYS as STRANGE

SECONDS, MEGABYTES = 5, 500  # that a loader may take
BATCH = 40  # cases of one process
GOOD = {"a sentence", "the right result", "unchanged", "accepted: no checksum covers it"}
NASTY: list[Any] = [
    None, True, 0, -1, 1, 2**31, 2**53 + 1, 2**64, 10**400, -0.0, 1e308, float("nan"),
    float("inf"), "", "x", "NaN", "../../etc/passwd", "/dev/zero", "os.py:system", "<b>x</b>",
    "__import__('os')", "\u0000", "\ud800", "é" * 3000, "con.png", "a\nb", [], {}, [[]], [None] * 9,
    {"": 1}, {"a": {"a": {"a": []}}}, [1e400] * 3, "9" * 5000, [0] * 100_000,
]  # fmt: skip


def flip(file: Path, chance: random.Random) -> None:
    """Flip one bit."""
    data = bytearray(file.read_bytes())
    if data:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        file.write_bytes(data)


def harm(file: Path, chance: random.Random) -> None:
    """Damage a file in one of the ways in which disks, networks and programs do."""
    data = file.read_bytes()
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    part = data[start:end]
    ways: list[Callable[[], bytes]] = [
        lambda: data[:start],
        lambda: data[start:],
        lambda: data[:start] + data[end:],
        lambda: data[:start] + bytes(len(part)) + data[end:],
        lambda: data[:start] + part * 2 + data[end:],
        lambda: data[:start] + chance.randbytes(len(part)) + data[end:],
        lambda: data[:start] + b"\xff" * chance.randrange(1, 9) + data[start:],
        lambda: data.replace(b"\n", b"\r\n"),
        lambda: b"",
        lambda: b"\xef\xbb\xbf" + data,
        lambda: b"".join(chance.sample([data[:start], part, data[end:]], 3)),
        lambda: data + b"\x00" * chance.choice([1, 4096]),
    ]
    file.write_bytes(chance.choice(ways)())


def aim(file: Path, chance: random.Random) -> None:
    """Put another value into one field of what is structured in a file: JSON, arrays, headers."""
    data = file.read_bytes()
    if file.suffix == ".npz":
        aim_at_archive(file, chance)
    elif file.suffix == ".safetensors":
        length = struct.unpack("<Q", data[:8])[0]
        text = other_json(data[8 : 8 + length].decode(), chance)
        file.write_bytes(struct.pack("<Q", len(text.encode())) + text.encode() + data[8 + length :])
    elif data[:1] in (b"{", b"["):
        file.write_text(other_json(data.decode(), chance), encoding="utf-8")
    elif file.suffix == ".csv":
        cells = data.decode().split(",")
        cells[chance.randrange(len(cells))] = str(chance.choice(NASTY))[:9999]
        file.write_bytes(",".join(cells).encode(errors="surrogatepass"))
    else:  # a number of a header
        place = chance.randrange(max(1, min(len(data), 2048) - 4))
        number = struct.pack("<I", chance.choice([0, 1, 2**31 - 1, 2**32 - 1, 65535, len(data)]))
        file.write_bytes(data[:place] + number + data[place + 4 :])


def aim_at_archive(file: Path, chance: random.Random) -> None:
    """Put another array, or other JSON, into an npz."""
    import numpy as np

    with zipfile.ZipFile(file) as held:
        members = {name: held.read(name) for name in held.namelist()}
    name = chance.choice(sorted(members))
    with np.load(file) as arrays:
        old = arrays[name.removesuffix(".npy")]
    if old.dtype.kind == "U" and chance.random() < 0.8:
        new = np.array(other_json(str(old), chance).encode(errors="replace").decode())
    else:
        shape = chance.choice([old.shape, old.shape[:-1], (*old.shape, 1), (0,), (2,) * old.ndim])
        kind = chance.choice(["<f4", ">f8", "<i8", "|b1", "<U3", "<c8", "<M8[s]", old.dtype])
        with np.errstate(all="ignore"):
            new = np.full(shape, chance.choice([0, 1, -1, 7, 2**31 - 1, np.nan, 1e30])).astype(kind)
    stream = io.BytesIO()
    np.save(stream, new)
    members[name] = stream.getvalue()
    with zipfile.ZipFile(file, "w", chance.choice([0, zipfile.ZIP_DEFLATED])) as held:
        for each, content in members.items():
            held.writestr(each, content)


def other_json(text: str, chance: random.Random) -> str:
    """Replace one value of JSON; or write a key twice, or nest it deep."""
    value = json.loads(text)
    places: list[tuple[Any, Any]] = []

    def walk(inside: Any) -> None:
        keys = inside if isinstance(inside, dict) else range(len(inside))
        for key in list(keys)[:200]:
            places.append((inside, key))
            if isinstance(inside[key], dict | list):
                walk(inside[key])
            elif isinstance(inside[key], str) and inside[key][:1] == "{":  # notes within notes
                inside[key] = other_json(inside[key], chance) if chance.random() < 0.7 else ""

    if isinstance(value, dict | list):
        walk(value)
    way = chance.random()
    if not places or way < 0.03:
        return chance.choice(["[" * 100_000, "{}", "[]", "null", '"x"', "{", "1e999", "-"])
    inside, key = chance.choice(places)
    if way < 0.1 and isinstance(inside, dict):
        inside[f"{key}\u202e"] = inside.pop(key)
    elif way < 0.15 and isinstance(inside, dict):
        return f'{text.rstrip()[:-1]}, "{next(iter(value), "x")}": 0}}'
    else:
        inside[key] = chance.choice(NASTY)
    return json.dumps(value)


WAYS = {"flip": flip, "random": harm, "aimed": aim}
KINDS = (*WAYS, "strange", "busy")
NOBODY = 65534


@contextmanager
def changing(file: Path, chance: random.Random) -> Iterator[None]:
    """Let another process cut off, damage and restore a file again and again."""
    data = file.read_bytes()
    child = os.fork()
    if not child:
        while True:
            os.truncate(file, chance.randrange(len(data)))
            file.write_bytes(data[: chance.randrange(len(data))] + chance.randbytes(9))
            file.write_bytes(data)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@contextmanager
def another_user(folder: Path) -> Iterator[None]:
    """Take away the rights of the superuser, for whom no file is closed."""
    if os.geteuid():
        yield
        return
    for each in [folder, *folder.rglob("*")]:
        os.chown(each, NOBODY, NOBODY, follow_symlinks=False)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def strange(path: Path, file: Path, chance: random.Random) -> tuple[Path, str]:
    """Make a file strange in one of the ways that fit it; return what to load, and the way."""
    for name in chance.sample(sorted(STRANGE), len(STRANGE)):
        if (found := STRANGE[name](path, file, chance)) is not None:
            return found, name
    raise AssertionError("a_link_to_nothing fits every file")


def outcome(kind: str, number: int, name: str, whole: Path, right: Any, *, show: bool) -> str:
    """Damage a copy of a file and read it; say in a few words what came of it."""
    chance = random.Random(f"{kind} {number} {name}")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "a folder"
        shutil.copytree(whole.parent, copy)
        files = sorted(file for file in copy.rglob("*") if file.is_file() and file.stat().st_size)
        file = chance.choice(files)
        before = file.read_bytes()
        path = copy / whole.name
        if kind == "busy":
            with changing(file, chance):
                return judged(name, path, right, exact=True, show=show)
        if kind == "strange":
            path, way = strange(path, file, chance)
            if show:
                print(f"{way}: {file.relative_to(copy)}, {len(before)} bytes")
            Path(folder).chmod(0o755)
            user = another_user(Path(folder)) if way == "no right to read" else nullcontext()
            told = judged(name, path, right, exact=way not in CHANGED, show=show, user=user)
            return told if told in GOOD else f"{way}: {told}"
        WAYS[kind](file, chance)
        if file.read_bytes() == before:
            return "unchanged"
        if show:
            print(f"damaged: {file.relative_to(copy)}, {len(before)} bytes")
        return judged(name, path, right, exact=kind != "aimed", show=show)


def judged(
    name: str,
    path: Path,
    right: Any,
    *,
    exact: bool,
    show: bool,
    user: AbstractContextManager[None] = nullcontext(),  # noqa: B008
) -> str:
    """Read a file, perhaps as another user, and judge what comes."""
    Path("/proc/self/clear_refs").write_text("5")  # memory's peak is measured anew
    before, begun = memory("VmRSS"), time.process_time()
    try:
        with user:
            found = LOADERS[name].load(path)
    except (ValueError, OSError) as error:
        told = str(error)
        if show:
            print(told)
        named = str(path.parent) in told or repr(str(path.parent))[1:-1] in told
        whole = named and "\n" not in told and len(told) < 1500
        result = "a sentence" if whole else f"poor sentence: {type(error).__name__} {told[:100]!r}"
    except BaseException as error:
        if show:
            traceback.print_exc()
        last = traceback.extract_tb(error.__traceback__)[-1]
        result = (
            f"traceback: {type(error).__name__} {str(error)[:80]!r} {last.filename}:{last.lineno}"
        )
    else:
        noticed = exact and LOADERS[name].exact
        accepted = "accepted but wrong" if noticed else "accepted: no checksum covers it"
        result = "the right result" if found == right else accepted
    if time.process_time() - begun > SECONDS:
        return f"slow, {time.process_time() - begun:.1f} s: {result}"
    if memory("VmHWM") - before > MEGABYTES:
        return f"large, {memory('VmHWM') - before} MB: {result}"
    return result


def memory(field: str) -> int:
    """Return this process's memory, or the most that it was, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(field))


def in_child(cases: list[tuple[str, int]], name: str, whole: Path, right: Any) -> list[str]:
    """Judge cases in a process of their own, and go on in another where one ends or hangs it."""
    results: list[str] = []
    while len(results) < len(cases):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            for kind, number in cases[len(results) :]:
                told = outcome(kind, number, name, whole, right, show=False)
                os.write(writing, told.replace("\n", " ")[:3000].encode(errors="replace") + b"\n")
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as lines:
            while select.select([lines], [], [], 120)[0] and (line := lines.readline()):
                results.append(line.rstrip("\n"))
            hung = bool(not select.select([lines], [], [], 0)[0])
        if hung:
            os.kill(child, signal.SIGKILL)
        status = os.waitpid(child, 0)[1]
        if len(results) < len(cases):
            results.append("hang" if hung else f"crash of the process: {status}")
    return results


def main() -> None:
    """Run the attack and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--random", type=int, default=324)
    parser.add_argument("--aimed", type=int, default=646)
    parser.add_argument("--flip", type=int, default=12_056)
    parser.add_argument("--strange", type=int, default=1200)
    parser.add_argument("--busy", type=int, default=420)
    parser.add_argument("--only", nargs="+", default=[*LOADERS], choices=LOADERS)
    parser.add_argument("--replay", nargs=3, metavar=("KIND", "NUMBER", "NAME"))
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in KINDS}
    for name in [asked.replay[2]] if asked.replay else asked.only:
        with tempfile.TemporaryDirectory() as folder:
            whole = LOADERS[name].make(Path(folder))
            right = LOADERS[name].load(whole)
            if asked.replay:
                print(outcome(asked.replay[0], int(asked.replay[1]), name, whole, right, show=True))
                return
            for kind in KINDS:
                count = -(-vars(asked)[kind] // len(asked.only))
                cases = [(kind, number) for number in range(count)]
                for first in range(0, count, BATCH):
                    part = cases[first : first + BATCH]
                    for (_, number), told in zip(
                        part, in_child(part, name, whole, right), strict=True
                    ):
                        counts[kind][told.partition(":")[0] if told not in GOOD else told] += 1
                        if told not in GOOD:
                            print(f"{kind} {number} {name}: {told}", flush=True)
        print(f"-- {name}: {dict(counts)}", flush=True)
    for kind, count in counts.items():
        print(f"{kind}: {sum(count.values())} files: {dict(count.most_common())}")
    sys.exit(any(set(count) - GOOD for count in counts.values()))


if __name__ == "__main__":
    main()
