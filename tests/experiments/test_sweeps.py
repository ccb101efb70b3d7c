"""Sweeps: the plan, what lies on the disk, going on after an end, workers, the command line."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from killing import STOP_AT
from napari_lns import models, segment, stimuli
from napari_lns.cli import app
from napari_lns.experiments import sweeps
from napari_lns.experiments.sweeps import store
from napari_lns.experiments.sweeps.schedulers import compute_locally
from napari_lns.experiments.sweeps.store import Block, prepare_folder
from napari_lns.models import AutoEncoder

QUICK = {"method": "exact", "clusters": 2, "device": "cpu"}


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The weights of an untrained network, in a file that any process can load."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "untrained.safetensors"
    models.save(AutoEncoder(), path)
    return str(path)


def plan_of(weights: str, ratios: Any = (0.3, 0.6)) -> sweeps.Plan:
    return sweeps.Plan("kanizsa_figure", {"support_ratio": list(ratios)}, [weights], [QUICK])


@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=3),
    st.integers(1, 4),
    st.integers(1, 3),
)
def test_a_plans_points_are_the_whole_grid_each_once(
    ratios: list[float], seeds: int, methods: int
) -> None:
    plan = sweeps.Plan(
        "kanizsa_figure",
        {"support_ratio": ratios, "seed": range(seeds)},
        ["kanizsa-ae"],
        [{"clusters": k + 2} for k in range(methods)],
    )
    points = [point for block in range(plan.blocks) for point in plan.points(block)]
    assert [point.index for point in points] == list(range(plan.count))
    assert plan.count == len(ratios) * seeds * methods
    told = [(p.values["support_ratio"], p.seed, p.method["clusters"]) for p in points]
    assert told == [(r, s, k + 2) for r in ratios for s in range(seeds) for k in range(methods)]


def test_a_plan_of_a_million_points_holds_only_its_axes() -> None:
    plan = sweeps.Plan("kanizsa_figure", {"seed": range(1_000_000)}, ["kanizsa-ae"])
    assert plan.point(999_999).seed == 999_999
    assert plan.block == 16


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"stimulus": "kaniza_figure"}, "did you mean 'kanizsa_figure'"),
        ({"vary": {"support_ratio": [2]}}, "between 0 and 1"),
        ({"vary": {"support": [0.5]}}, "support"),
        ({"vary": {"support_ratio": []}}, "no values"),
        ({"vary": {"seed": [-1]}}, "seed"),
        ({"vary": {"size": [32, 64]}}, "size cannot be varied"),
        ({"methods": []}, "at least one"),
        ({"methods": [{"samples": 1}]}, "samples"),
        ({"methods": [{"clusters": "many"}]}, "clusters is 'many'"),
        ({"methods": [{"clusters": 0}]}, "clusters is 0: it must be 1 or more"),
        ({"methods": [{"segmenter": "lsn"}]}, "lns"),
        ({"models": []}, "needs a model"),
        ({"models": ["kanisza-ae"]}, "kanizsa-ae"),
    ],
)
def test_a_plan_that_cannot_run_is_refused_before_it_runs(
    changed: dict[str, Any], sentence: str
) -> None:
    good = {"stimulus": "kanizsa_figure", "vary": {}, "models": ["kanizsa-ae"]}
    with pytest.raises(ValueError, match=sentence):
        sweeps.Plan(**{**good, **changed})


def test_seeds_that_change_nothing_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    told = "kanizsa_figure looks the same for every seed: give jitter=1, or one seed"
    methods = [{"segmenter": "baseline"}]
    plan = sweeps.Plan("kanizsa_figure", {"seed": [0, 1]}, methods=methods)
    with pytest.raises(ValueError, match=told):
        sweeps.run(plan, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    done = swept(
        "kanizsa_figure", "--vary", "seed=0,1", "--segmenter", "baseline",
        "--out", str(tmp_path / "out"),
    )  # fmt: skip
    assert done.exit_code == 1
    assert told in done.stderr
    jittered = sweeps.Plan("kanizsa_figure", {"jitter": [1], "seed": [0, 1]}, methods=methods)
    rows = [row for block in sweeps.run(jittered, tmp_path / "out", workers=1) for row in block]
    assert [row["jitter"] for row in rows] == [1, 1]


def test_a_segmenter_that_needs_no_model_is_swept_without_one() -> None:
    looking = {"segmenter": "dwc", "source": "vit", "weights": "dino"}
    assert sweeps.Plan("kanizsa_figure", {}, methods=[looking]).count == 1


def test_results_are_those_of_segment_and_lie_in_stacks_and_a_table(
    weights: str, tmp_path: Path
) -> None:
    rows = [row for block in sweeps.run(plan_of(weights), tmp_path, workers=2) for row in block]
    results = sweeps.Results.open(tmp_path)
    alone = stimuli.draw("kanizsa_figure", support_ratio=0.6)
    found = segment(alone, weights, **QUICK)
    np.testing.assert_array_equal(results.map("labels")[1].compute(), found.labels)
    np.testing.assert_array_equal(results.map("variance")[1].compute(), found.variance)
    np.testing.assert_allclose(results.map("images")[1].compute() / 255, alone.image, atol=0.002)
    assert sorted(row["index"] for row in rows) == [0, 1]
    with (tmp_path / "table.csv").open(newline="") as file:
        table = [*csv.DictReader(file)]
    assert [row["support_ratio"] for row in table] == ["0.3", "0.6"]
    assert float(table[1]["ari"]) == pytest.approx(found.score(alone))


def test_maps_are_read_only_where_they_are_read(weights: str, tmp_path: Path) -> None:
    results = prepare_folder(plan_of(weights, np.linspace(0, 1, 200)), tmp_path)
    labels = results.map("labels")
    assert labels.shape == (200, 64, 64)
    assert labels.chunks[0][0] == results.plan.block < 200


def test_a_second_call_does_what_is_missing(weights: str, tmp_path: Path) -> None:
    plan = plan_of(weights)
    stopped = sweeps.run(plan, tmp_path, workers=1)
    first = next(stopped)
    stopped.close()
    rest = [row for block in sweeps.run(plan, tmp_path, workers=1) for row in block]
    assert [row["index"] for row in first + rest] == [0, 1]
    assert [*sweeps.run(plan, tmp_path, workers=1)] == []
    assert [row["index"] for row in sweeps.Results.open(tmp_path).rows()] == [0, 1]


def test_another_sweeps_folder_is_refused_unless_it_may_be_replaced(
    weights: str, tmp_path: Path
) -> None:
    prepare_folder(plan_of(weights), tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    other = plan_of(weights, [0.1])
    with pytest.raises(ValueError, match="contains another sweep"):
        prepare_folder(other, tmp_path)
    assert prepare_folder(other, tmp_path, overwrite=True).map("labels").shape[0] == 1
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_damaged_plan_is_refused_with_a_message(tmp_path: Path) -> None:
    (tmp_path / "sweep.json").write_text("{")
    with pytest.raises(ValueError, match="damaged"):
        sweeps.Results.open(tmp_path)


def test_a_folder_without_a_sweep_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file"):
        sweeps.Results.open(tmp_path)


def test_a_run_that_fails_is_reported_and_the_rest_is_done(weights: str, tmp_path: Path) -> None:
    methods = [{**QUICK, "noise_layer": "nowhere"}, QUICK]
    plan = sweeps.Plan("kanizsa_figure", {}, [weights], methods)
    rows = [row for block in sweeps.run(plan, tmp_path, workers=1) for row in block]
    assert "nowhere" in rows[0]["fault"]
    assert "ari" in rows[1]
    assert sweeps.Results.open(tmp_path).map("labels")[0].max().compute() == 0


def test_a_run_that_memory_does_not_hold_is_reported_and_the_rest_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_large_at_times(*given: Any, **asked: Any) -> Any:
        if asked["seed"] == 0:
            raise MemoryError  # as Python raises it: without a word
        return segment(*given, **asked)

    monkeypatch.setattr("napari_lns.experiments.sweeps.work.segment", too_large_at_times)
    plan = sweeps.Plan("closure", {"seed": [0, 1]}, methods=[{"segmenter": "baseline"}])
    first, second = [row for block in sweeps.run(plan, tmp_path, workers=1) for row in block]
    assert "too little memory" in first["fault"]
    assert "ari" in second


def test_napari_opens_a_stack_lazily(weights: str, tmp_path: Path) -> None:
    import dask.array
    from napari_builtins.io import napari_get_reader

    from napari_lns.viewer.layers.readers import find_reader

    prepare_folder(plan_of(weights), tmp_path)
    stack = str(tmp_path / "labels.zarr")
    assert find_reader(stack) is None  # so that napari takes its own
    ((data, *_),) = napari_get_reader(stack)(stack)
    assert isinstance(data, dask.array.Array)


def test_only_a_few_blocks_are_ahead_of_what_was_taken(weights: str) -> None:
    begun: list[int] = []

    def work(plan: sweeps.Plan, number: int) -> Block:
        begun.append(number)
        return Block(number, [], {})

    blocks = compute_locally(work, plan_of(weights), iter(range(1000)), kind="threads", workers=2)
    taken = [next(blocks).number for _ in range(10)]
    blocks.close()
    assert taken == list(range(10))
    assert len(begun) <= len(taken) + 2 * 2


@pytest.mark.parametrize("workers", [0, -1])
def test_no_workers_are_refused(weights: str, tmp_path: Path, workers: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        sweeps.run(plan_of(weights), tmp_path, workers=workers)


def test_an_unknown_scheduler_is_refused(weights: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'threads', 'processes', or an address"):
        sweeps.run(plan_of(weights), tmp_path, scheduler="thread")


@pytest.mark.slow
def test_processes_give_what_threads_give(weights: str, tmp_path: Path) -> None:
    plan = plan_of(weights)
    for kind in ("threads", "processes"):
        assert len([*sweeps.run(plan, tmp_path / kind, scheduler=kind, workers=1)]) == 2
    one, other = (sweeps.Results.open(tmp_path / kind) for kind in ("threads", "processes"))
    np.testing.assert_array_equal(one.map("labels").compute(), other.map("labels").compute())


@pytest.fixture
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=0
    ) as started:
        yield started


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the cluster that loses a worker
def test_a_worker_killed_in_the_middle_loses_nothing(
    weights: str, tmp_path: Path, cluster: Any
) -> None:
    plan = sweeps.Plan("kanizsa_figure", {"jitter": [1.0], "seed": range(12)}, [weights], [QUICK])
    done = []
    for rows in sweeps.run(plan, tmp_path, scheduler=cluster.scheduler_address):
        if not done:
            os.kill(cluster.workers[0].pid, signal.SIGKILL)
        done += [row["index"] for row in rows]
    assert sorted(done) == list(range(12))
    results = sweeps.Results.open(tmp_path)
    assert [row["index"] for row in results.rows()] == list(range(12))
    assert (results.map("labels").min(axis=(1, 2)).compute() == 1).all()


def swept(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["sweep", *arguments])


def test_the_command_sweeps_and_resumes(weights: str, tmp_path: Path) -> None:
    asked = ["kanizsa_figure", "--vary", "support-ratio=0.3,0.6", "--model", weights]
    asked += ["--segment", "method=exact", "--clusters", "2", "--out", str(tmp_path), "--json"]
    told = [json.loads(swept(*asked, "--workers", "1").stdout) for _ in range(2)]
    assert [each["now"] for each in told] == [2, 0]
    assert told[0]["count"] == 2
    assert told[0]["faults"] == []


FULL = """
import resource, sys
from napari_lns.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
sys.argv[0] = "napari-lns"
main()
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="limits are set as Unix has them")
def test_a_full_disk_is_reported_and_the_same_command_resumes(tmp_path: Path) -> None:
    asked = ["texture_regions", "--vary", "seed=0,1", "--vary", "size=128"]  # noise stays large
    asked += ["--segmenter", "baseline", "--workers", "1", "--out", str(tmp_path)]
    full = subprocess.run(
        [sys.executable, "-c", FULL, "sweep", *asked], capture_output=True, text=True, check=False
    )
    assert full.returncode == 1, full.stderr
    assert "images.zarr: the disk is full" in full.stderr
    assert not [*tmp_path.glob("rows/*")]
    assert "2 runs are in" in swept(*asked).stdout


def test_the_command_names_runs_that_failed_and_ends_with_1(weights: str, tmp_path: Path) -> None:
    done = swept(
        "kanizsa_figure", "--model", weights, "--segment", "noise_layer=nowhere",
        "--clusters", "2", "--workers", "1", "--out", str(tmp_path),
    )  # fmt: skip
    assert done.exit_code == 1
    assert "Run 0 failed" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["kanizsa_figur"], "kanizsa_figure"),
        (["kanizsa_figure", "--vary", "support_ratio"], "PARAMETER=VALUES"),
        (["kanizsa_figure", "--vary", "suport_ratio=1"], "support_ratio"),
        (["kanizsa_figure", "--vary", "support_ratio=2"], "between 0 and 1"),
        (["kanizsa_figure", "--segment", "samples=1"], "between 2 and 100000"),
    ],
)
def test_wrong_use_of_the_command_ends_with_2(
    arguments: list[str], sentence: str, tmp_path: Path
) -> None:
    done = swept(*arguments, "--out", str(tmp_path))
    assert done.exit_code == 2
    assert sentence in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.slow
def test_a_scheduler_that_does_not_answer_is_reported(weights: str, tmp_path: Path) -> None:
    done = swept(
        "kanizsa_figure", "--model", weights, "--scheduler", "tcp://127.0.0.1:9",
        "--out", str(tmp_path),
    )  # fmt: skip
    assert done.exit_code == 1
    assert "no scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.slow
def test_ctrl_c_leaves_whole_files_and_the_same_command_resumes(
    weights: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", "from napari_lns.cli import main; main()", "sweep"]
    command += ["kanizsa_figure", "--vary", "jitter=1", "--vary", "seed=0:39:40"]
    command += ["--model", weights]
    command += ["--segment", "method=exact", "--workers", "1", "--out", str(tmp_path)]
    running = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    while running.poll() is None and not [*tmp_path.glob("rows/0*.jsonl")]:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate()
    assert running.returncode == 130, told
    assert "Traceback" not in told
    rows = [*sweeps.Results.open(tmp_path).rows()]
    assert 0 < len(rows) < 40
    assert not [*tmp_path.rglob("rows/.*")]


OVERWRITTEN = """
import os, shutil, sys
from pathlib import Path
import numpy as np
from napari_lns.experiments.sweeps import store
from napari_lns.experiments.sweeps.plan import Plan

folder = Path(sys.argv[1])
plan = Plan("kanizsa_figure", {"seed": [0, 1], "jitter": [1.0]}, (), [{"segmenter": "baseline"}])

def complete(results):
    for number in results.missing_blocks():
        rows = [{"index": p.index, "stimulus": plan.stimulus} for p in plan.points(number)]
        maps = {
            name: np.full((len(rows), 64, 64, *pixel), 7, kind)
            for name, (kind, pixel) in store.MAPS.items()
        }
        results.write_block(store.Block(number, rows, maps))

complete(store.prepare_folder(plan, folder / "whole"))
for step in range(1, 500):
    at = folder / str(step)
    shutil.copytree(folder / "whole", at)
    child = os.fork()
    if not child:
        stop_at(step)
        store.prepare_folder(plan, at, overwrite=True)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    complete(store.prepare_folder(plan, at))
    found = store.Results.open(at)
    assert len(list(found.rows())) == 2 and not list(found.missing_blocks()), step
    for name in store.MAPS:
        assert (np.asarray(found.map(name)) == 7).all(), (step, name)
    found.write_table()
    assert sorted(each.name for each in at.iterdir()) == sorted(
        ["sweep.json", "table.csv", "rows", *(f"{name}.zarr" for name in store.MAPS)]
    ), (step, sorted(at.iterdir()))
    shutil.rmtree(at)
    if not status:
        break
print(step)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="forks processes")
def test_overwriting_that_is_killed_at_any_step_goes_on_to_the_same_results(
    tmp_path: Path, run_python: Callable[..., str]
) -> None:
    assert int(run_python("-c", STOP_AT + OVERWRITTEN, str(tmp_path))) > 10


def test_rows_belong_to_their_plan_and_an_empty_file_is_not_done(
    weights: str, tmp_path: Path
) -> None:
    plan = plan_of(weights)
    for _ in sweeps.run(plan, tmp_path, workers=1):
        pass
    (first, *_) = sorted(tmp_path.glob("rows/*.jsonl"))
    first.write_bytes(b"")
    assert [*sweeps.Results.open(tmp_path).missing_blocks()] == [0]
    first.replace(first.with_name("000000-0123456789abcdef.jsonl"))
    assert [*sweeps.Results.open(tmp_path).missing_blocks()] == [0]


def test_a_folder_that_another_process_writes_to_is_refused(weights: str, tmp_path: Path) -> None:
    plan = plan_of(weights)
    running = sweeps.run(plan, tmp_path, workers=1)
    next(running)
    with pytest.raises(BlockingIOError, match=rf"written to by process {os.getpid()} on"):
        prepare_folder(plan, tmp_path, overwrite=True)
    running.close()
    assert prepare_folder(plan, tmp_path).plan == plan


def test_the_lock_of_a_process_that_has_died_is_replaced(weights: str, tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    lock = tmp_path / "sweep.lock"
    lock.write_text(json.dumps({"process": ended.pid, "host": socket.gethostname()}))
    prepare_folder(plan_of(weights), tmp_path)
    assert not lock.exists()
    lock.write_text(json.dumps({"process": ended.pid, "host": "elsewhere"}))
    with pytest.raises(BlockingIOError, match="on elsewhere: wait for it"):
        prepare_folder(plan_of(weights), tmp_path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", r"sweep\.json: it is \[\]"),
        ('{"stimulus": 3}', "stimulus is 3"),
        ('{"stimulus": "kanizsa_figure", "vary": []}', r"vary is \[\]"),
        ('{"stimulus": "kanizsa_figure", "vary": {"size": [64], "a": [1]}}', r"sweep\.json: .*'a'"),
        ('{"stimulus": "kanizsa_figure", "vary": {}, "methods": [{"segmenter": []}]}', "segmenter"),
        ("[" * 5000, "it is not valid JSON"),
    ],
)
def test_a_broken_plan_is_reported_by_its_file_and_field(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "sweep.json").write_text(text)
    with pytest.raises(ValueError, match=told):
        sweeps.Results.open(tmp_path)


def test_a_broken_row_is_reported_by_its_file(weights: str, tmp_path: Path) -> None:
    for _ in sweeps.run(plan_of(weights), tmp_path, workers=1):
        pass
    (first, *_) = sorted(tmp_path.glob("rows/*.jsonl"))
    first.write_text('{"index": "x"}\n' * len(first.read_text().splitlines()))
    with pytest.raises(ValueError, match=rf"{first.name}: index is 'x'"):
        list(sweeps.Results.open(tmp_path).rows())


@pytest.mark.parametrize(
    ("part", "instead"),
    [('"separator"', '"reparator"'), ('"endian"', '"dndian"'), ('"int32"', '"int64"')],
)
def test_a_broken_stack_is_reported_by_its_folder(
    weights: str, tmp_path: Path, part: str, instead: str
) -> None:
    results = prepare_folder(plan_of(weights), tmp_path)
    node = tmp_path / "labels.zarr" / "zarr.json"
    assert part in node.read_text()
    node.write_text(node.read_text().replace(part, instead, 1))
    with pytest.raises(ValueError, match=r"labels\.zarr"):
        results.map("labels")


@pytest.fixture
def two_blocks(weights: str, tmp_path: Path) -> sweeps.Results:
    results = prepare_folder(plan_of(weights), tmp_path)
    for number in range(results.plan.blocks):
        rows = [{"index": number, "stimulus": "kanizsa_figure"}]
        maps = {
            name: np.full((1, 64, 64, *pixel), number, kind)
            for name, (kind, pixel) in store.MAPS.items()
        }
        results.write_block(Block(number, rows, maps))
    return results


def test_a_damaged_chunk_is_reported_when_it_is_read(two_blocks: sweeps.Results) -> None:
    chunk = two_blocks.folder / "labels.zarr" / "c" / "1" / "0" / "0"
    whole = chunk.read_bytes()
    labels, told = sweeps.Results.open(two_blocks.folder).map("labels"), []
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 0x10
        chunk.write_bytes(damaged)
        try:
            assert (labels[1].compute() == 1).all()  # a few bits mean nothing
        except ValueError as error:
            told.append(str(error))
        assert not labels[0].any().compute()
    assert len(told) > len(whole) / 2
    assert all("labels.zarr is damaged" in each for each in told)


def test_a_chunk_that_is_a_gigabyte_is_not_read(two_blocks: sweeps.Results) -> None:
    with (two_blocks.folder / "labels.zarr" / "c" / "1" / "0" / "0").open("ab") as file:
        file.truncate(2**30)
    with pytest.raises(ValueError, match=r"labels\.zarr.* is larger than a chunk"):
        two_blocks.map("labels")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file that cannot be read")
def test_rows_that_cannot_be_read_are_reported_by_their_file(two_blocks: sweeps.Results) -> None:
    file = next((two_blocks.folder / "rows").iterdir())
    file.unlink()
    file.symlink_to("/proc/self/mem")
    with pytest.raises(OSError, match=r"jsonl: the disk failed, or it is not a file"):
        [*two_blocks.rows()]


def test_a_block_whose_maps_are_lost_is_not_done(two_blocks: sweeps.Results) -> None:
    assert not [*two_blocks.missing_blocks()]
    for name in store.MAPS:
        (chunk,) = (path for path in two_blocks._stack(name).glob("c/0/**/0") if path.is_file())
        kept = chunk.read_bytes()
        chunk.unlink()
        assert [*two_blocks.missing_blocks()] == [0]
        chunk.write_bytes(kept)


@pytest.mark.parametrize("name", ["images.zarr", "rows", "table.csv"])
def test_what_is_not_of_a_sweep_is_never_replaced(weights: str, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "theirs").write_text("theirs")
    for overwrite in (False, True):
        with pytest.raises(FileExistsError, match=rf"{name} exists, and its folder is not a sweep"):
            prepare_folder(plan_of(weights), tmp_path, overwrite=overwrite)
    assert (tmp_path / name / "theirs").read_text() == "theirs"


def test_rows_that_no_sweep_wrote_are_not_overwritten(two_blocks: sweeps.Results) -> None:
    (two_blocks.folder / "rows" / "theirs.txt").write_text("theirs")
    with pytest.raises(FileExistsError, match=r"theirs\.txt does not belong to a sweep"):
        prepare_folder(two_blocks.plan, two_blocks.folder, overwrite=True)
    assert len([*two_blocks.rows()]) == 2


def test_rows_of_other_runs_are_reported(two_blocks: sweeps.Results) -> None:
    two_blocks._rows(0).write_bytes(two_blocks._rows(1).read_bytes())
    with pytest.raises(ValueError, match=r"a row belongs to run 1 .* instead of run 0"):
        list(two_blocks.rows())
