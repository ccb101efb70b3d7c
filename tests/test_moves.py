"""Files that belong together, and processes that are killed while they replace them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from killing import STOP_AT
from napari_lns import _moves
from napari_lns._files import write_atomically, write_together
from napari_lns._moves import exists, finish_moves

KILLED_AT_EACH_STEP = """
import json, os, sys
from pathlib import Path
import numpy as np
import torch
from napari_lns import Segmentation, models, stimuli
from napari_lns.experiments import observers
from napari_lns.models import iic
from napari_lns.models.iic.run import new_network
from napari_lns.segmentation import segment

kind, folder = sys.argv[1], Path(sys.argv[2])
old, new = (stimuli.draw("kanizsa_figure", seed=seed, rotation=9 * seed) for seed in (0, 1))
plan = observers.Plan("rating", (observers.Source("kanizsa_figure"),))
tables = [observers.simulate(plan, 1.0, seed=seed) for seed in (0, 1)]
card = models.Card("w", "ae")
networks, iic_networks = [], []
for seed in (0, 1):
    torch.manual_seed(seed)
    networks.append(models.AutoEncoder(2).half().float())
    iic_networks.append(new_network(iic.IICSettings(width=0.02, copies=1, seed=seed), (8, 8)))
runs = [segment(each.image[::4, ::4], segmenter="baseline", clusters=2) for each in (old, new)]

def write(number, at):
    if kind == "picture":
        stimuli.write([old, new][number], at / "a.png", overwrite=True)
    elif kind == "table":
        stimuli.write([[old, old], [new, new]][number], at, overwrite=True)
    elif kind == "run":
        runs[number].save(at / "run.zarr")
    elif kind == "weights":
        models.save(networks[number], at / "w.safetensors", card)
    elif kind == "iic weights":
        iic.save(iic_networks[number], at / "w.safetensors", scores={"ari": number})
    else:
        observers.write_answers(at / "a.csv", plan, "ab", tables[number], overwrite=True)

def read(at):
    if kind in ("picture", "table"):
        found = stimuli.read(at / "a.png" if kind == "picture" else at)
        return [each == old for each in found], [each == new for each in found]
    if kind == "run":
        image = Segmentation.load(at / "run.zarr").image
        return [np.array_equal(image, each.image) for each in runs]
    if kind == "weights":
        found = models.load(at / "w.safetensors")
        state = found.state_dict()
        return [
            all(torch.equal(value, state[name]) for name, value in each.state_dict().items())
            and found.card is not None
            for each in networks
        ]
    if kind == "iic weights":
        iic.load(at / "w.safetensors")
        scores = json.loads((at / "w.json").read_text())["scores"]
        return [scores == {"ari": number} for number in (0, 1)]
    rows = list(observers.read_answers(at / "a.csv").rows)
    return [rows == list(each) for each in tables]

told = []
for step in range(1, 200):
    at = folder / str(step)
    at.mkdir()
    write(0, at)
    child = os.fork()
    if not child:
        stop_at(step)
        write(1, at)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    told.append([np.all(each).item() for each in read(at)])
    if not status:
        break
print(json.dumps(told))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="forks processes")
@pytest.mark.parametrize("kind", ["picture", "table", "run", "answers", "weights", "iic weights"])
def test_a_process_killed_at_any_step_leaves_the_old_or_the_new(kind: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", STOP_AT + KILLED_AT_EACH_STEP, kind, str(tmp_path)],
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(done.stdout)
    assert len(told) >= 5
    assert all(sorted(each) == [False, True] for each in told), told
    assert told[0] == [True, False]
    assert told[-1] == [False, True]


ABANDONED = """
import os, sys
from pathlib import Path
from napari_lns import _moves
from napari_lns._files import write_together
_moves._carry_out = lambda *_: os._exit(9)
with write_together(Path(sys.argv[1]), last="b", overwrite=True) as folder:
    (folder / "a").write_text("new")
    (folder / "b").write_text("new")
"""


def _abandon(folder: Path) -> None:
    for name in "ab":
        (folder / name).write_text("old")
    subprocess.run([sys.executable, "-c", ABANDONED, str(folder)], check=False)
    assert [each.name for each in folder.iterdir() if not each.name.startswith(".writing")] == [
        ".moving"
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="there a process counts as alive")
def test_what_a_killed_process_wrote_is_found_by_whoever_comes_next(tmp_path: Path) -> None:
    _abandon(tmp_path)
    assert exists(tmp_path / "b")
    assert [(tmp_path / name).read_text() for name in "ab"] == ["new", "new"]
    assert not (tmp_path / ".moving").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there a process counts as alive")
def test_a_later_file_is_not_replaced_by_one_that_was_on_its_way(tmp_path: Path) -> None:
    _abandon(tmp_path)
    with write_atomically(tmp_path / "a") as beside:
        beside.write_text("newest")
    finish_moves(tmp_path)
    assert [(tmp_path / name).read_text() for name in "ab"] == ["newest", "new"]


def _write_both(folder: Path, *, overwrite: bool = True) -> None:
    with write_together(folder, last="b", overwrite=overwrite) as beside:
        for name in "ab":
            (beside / name).write_text("new")


def test_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "mine").touch()
    with pytest.raises(IsADirectoryError, match="it is a folder"):
        _write_both(tmp_path)
    assert [each.name for each in tmp_path.rglob("*")] == ["a", "mine"]


def test_nothing_is_moved_where_one_file_must_not_be_overwritten(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("old")
    with pytest.raises(FileExistsError, match="allow to overwrite"):
        _write_both(tmp_path, overwrite=False)
    assert [each.name for each in tmp_path.iterdir()] == ["b"]


def test_ctrl_c_while_files_are_moved_does_not_stop_the_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_aside = _moves._set_aside

    def interrupted(whole: Path, target: Path) -> None:
        set_aside(whole, target)
        raise KeyboardInterrupt

    monkeypatch.setattr(_moves, "_set_aside", interrupted)
    for name in "ab":
        (tmp_path / name).write_text("old")
    with pytest.raises(KeyboardInterrupt):
        _write_both(tmp_path)
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"a": "new", "b": "new"}
