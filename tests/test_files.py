"""Writing whole files: what a killed process left goes, rights are the user's, in any thread."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from napari_lns._compile import compile_function
from napari_lns._files import write_atomically, write_together
from napari_lns._lock import hold_lock
from napari_lns.stimuli import read

PACKAGE = Path(__file__).parents[1] / "src" / "napari_lns"

KILLED = """
import os, sys
from pathlib import Path
from napari_lns._files import write_together, write_atomically
with write_atomically(Path(sys.argv[1]) / "a.txt") as beside:
    with write_together(Path(sys.argv[1]), last="b") as folder:
        beside.write_text("half")
        (folder / "b").write_text("half")
        os._exit(9)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there a file that is open stays")
def test_what_a_killed_process_left_goes_with_the_next_start(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert len([*tmp_path.iterdir()]) == 2
    (tmp_path / ".mine-1-2.txt").write_text("the user's")
    with write_atomically(tmp_path / "a.txt") as beside:
        assert beside.parent == tmp_path
    assert sorted(file.name for file in tmp_path.iterdir()) == [".mine-1-2.txt", "a.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="rights are as Unix has them")
def test_files_have_the_rights_that_the_umask_leaves_and_it_is_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.umask(0o027)
    try:
        with monkeypatch.context() as patch:
            patch.delattr(os, "umask")
            with write_atomically(tmp_path / "a.txt") as beside:
                beside.write_text("whole")
    finally:
        os.umask(before)
    assert (tmp_path / "a.txt").stat().st_mode & 0o777 == 0o640


def test_two_writers_in_one_process_do_not_meet(tmp_path: Path) -> None:
    with write_atomically(tmp_path / "a") as one, write_atomically(tmp_path / "a") as other:
        assert one != other
    with write_together(tmp_path, last="b") as one, write_together(tmp_path, last="c") as other:
        assert one != other


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_circle_of_links_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.png").symlink_to("b.png")
    (tmp_path / "b.png").symlink_to("a.png")
    with pytest.raises(OSError, match=r"a\.png: its links form a circle"):
        read(tmp_path / "a.png")


def test_a_lock_that_cannot_be_written_is_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdopen", full)
        with pytest.raises(OSError, match="the disk is full"), hold_lock(tmp_path / "lock"):
            pass
    assert not [*tmp_path.iterdir()]
    with hold_lock(tmp_path / "lock"):
        assert (tmp_path / "lock").exists()


def names_no_encoding(call: ast.Call) -> bool:
    """Whether a call reads or writes text without saying in which encoding."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    texts = {each.value for each in call.args if isinstance(each, ast.Constant)}
    is_text = name in ("read_text", "write_text") or (name == "open" and texts & {"r", "w", "a"})
    named = {"encoding"} & {each.arg for each in call.keywords} or texts & {"utf8", "utf-8"}
    return bool(is_text and not named)


def test_text_is_read_and_written_as_utf_8_since_windows_has_another_default() -> None:
    found = [
        f"{module.relative_to(PACKAGE)}:{node.lineno}"
        for module in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text("utf8")))
        if isinstance(node, ast.Call) and names_no_encoding(node)
    ]
    assert not found


def test_a_function_is_compiled_where_nothing_can_be_cached(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caching = pytest.importorskip("numba.core.caching")
    monkeypatch.setattr(caching.CompileResultCacheImpl, "_locator_classes", [])

    @compile_function(nogil=True)
    def double(x: int) -> int:
        return 2 * x

    assert double(3) == 6


def test_a_function_is_cached_and_a_damaged_cache_made_anew(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(COMPILED, "utf8")
    assert run_module(module).stdout.split() == ["6", "1", "0"]
    assert run_module(module).stdout.split() == ["6", "0", "1"]
    (index,) = (tmp_path / "__pycache__").glob("*.nbi")
    index.write_bytes(index.read_bytes()[:-20])
    assert run_module(module).stdout.split() == ["6", "1", "0"]
    assert run_module(module).stdout.split() == ["6", "0", "1"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits are set as Unix has them")
def test_a_function_is_compiled_while_the_disk_is_full(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))\n"
    module.write_text(limit + COMPILED, "utf8")
    assert run_module(module).stdout.split() == ["6", "1", "0"]
    assert not [*tmp_path.rglob("*.nb?")]


COMPILED = """
from napari_lns._compile import compile_function
@compile_function(nogil=True)
def double(x):
    return 2 * x
print(double(3), sum(double.stats.cache_misses.values()), sum(double.stats.cache_hits.values()))
"""


def run_module(module: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, module], capture_output=True, text=True, check=True, timeout=100
    )
