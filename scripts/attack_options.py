"""Give every option of every command odd values, and count what comes of it; needs Linux.

    python scripts/attack_options.py                     # every command, every value
    python scripts/attack_options.py train --some 5      # one command, 5 values for each option
    python scripts/attack_options.py --replay train --out ""

Good outcomes are the exit codes 0, 1 with one sentence, and 2. A command that works on after some
seconds is ended: look through those, and those that succeed, since a value may have been taken that
should not be. Commands that open windows need a display, as from `scripts/under_xvfb.sh`.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shlex
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SECONDS, MEGABYTES = 10, 2000
VALUES = (
    "", " ", "-1", "0", "1", "3", "0.5", "-0.0", "99999999999999999999", "1e400", "nan", "-inf",
    "é\u202e\n<b>", "\udcff", "x" * 300, ".", "..", "/", "folder", "fifo", "/dev/zero", "/dev/null",
    "nowhere/in/there", "picture.png", "empty.npz", "no.json", "a,b", "1,2,3", "1:2:3", "=", "{}",
    "seed=0", "seed=0:1:2", "[1e999]", "--", "-", "~", "%s", "$HOME", "auto", "none", "True", "cpu",
    "cuda:9",
)  # fmt: skip
COMMANDS = {  # with little to do, each in a folder of its own
    "train": "train --data closure --steps 1 --batch 2 --latent-size 2 --out out",
    "sweep": "sweep closure --segmenter baseline --workers 1 --out out",
    "reproduce": "reproduce table1 --count 1 --out out.html",
    "psychophysics": "psychophysics closure --model own.safetensors --count 1 --out out",
    "segment": "segment picture.png --segmenter baseline --out out",
    "segmenters": "segmenters lns",
    "view": "view picture.png",
    "stimuli list": "stimuli list closure",
    "stimuli world": "stimuli world closure --count 1 --out out.png",
    "stimuli scene": "stimuli scene picture.png --out out.json",
    "stimuli good-gestalt": "stimuli good-gestalt --count 1 --out out",
    "stimuli draw kanizsa": "stimuli draw kanizsa --out out.png",
    "stimuli draw kanizsa_figure": "stimuli draw kanizsa_figure --out out.png",
    "stimuli draw texture_regions": "stimuli draw texture_regions --out out.png",
    "stimuli sweep kanizsa_figure": "stimuli sweep kanizsa_figure --out out",
    "models show": "models show own.safetensors",
    "models finish": "models finish run --name mine --out out.safetensors",
    "models limits": "models limits own.safetensors --count 1",
    "models import": "models import checkpoint.pth --out out.safetensors",
    "models validate": "models validate own.safetensors",
    "benchmark": "benchmark --data data --segmenter baseline --count 1 --out out",
    "benchmark worlds": (
        "benchmark worlds --stimulus closure --model own.safetensors --count 1 --out out"
    ),
    "benchmark fit": "benchmark fit --model closure-ae --count 1 --out out",
    "iic train": (
        "iic train --data closure --clusters 2 --steps 1 --batch 2 --width 0.0625 --out out"
    ),
    "iic digits": "iic digits --repetitions 1 --runs 1 --out out",
    "iic textures": "iic textures --repetitions 1 --steps 1",
    "iic labels": "iic labels --repetitions 1 --steps 1 --out out",
    "iic sets": "iic sets --count 1",
    "iic train-set": "iic train-set closure --runs 1 --out out",
    "observe run": "observe run plan.json --out out.csv",
    "observe simulate": "observe simulate plan.json --out out.csv",
    "observe model": "observe model plan.json --model own.safetensors --out out.csv",
    "observe report": "observe report ab.csv --out out",
    "observe export": "observe export plan.json --out out",
}


def prepare(folder: Path) -> None:
    """Write what the commands read."""
    import torch

    from napari_lns import models, stimuli
    from napari_lns.experiments import observers
    from napari_lns.models import AutoEncoder
    from napari_lns.stimuli import good_gestalt

    (drawn,) = good_gestalt.draw("closure", "test", 1)
    stimuli.write(drawn, folder / "picture.png")
    (folder / "data").mkdir()
    stimuli.write([drawn], folder / "data" / "closure.npz")
    models.save(AutoEncoder(2), folder / "own.safetensors")
    models.train("closure", out=folder / "run", steps=1, batch=2, latent_size=2)
    plan = observers.Plan("rating", (observers.Source("kanizsa_figure", {"jitter": 1.0}),))
    plan.write(folder / "plan.json")
    observers.write_answers(folder / "ab.csv", plan, "ab", observers.simulate(plan, 1.0))
    torch.save(AutoEncoder().state_dict(), folder / "checkpoint.pth")
    (folder / "folder").mkdir()
    for name in ("empty.npz", "no.json"):
        (folder / name).touch()


def parameters(name: str) -> Iterator[Any]:
    """Yield the parameters of a command."""
    import typer

    from napari_lns.cli import app

    command: Any = typer.main.get_command(app)
    for word in name.split():
        command = command.get_command(typer.Context(command), word)
    yield from (each for each in command.params if each.name != "help")


def words(name: str, parameter: Any, value: str) -> list[str]:
    """Return a command line in which one parameter has an odd value."""
    line = shlex.split(COMMANDS[name])
    count = len(name.split())
    if parameter.param_type_name == "argument":
        plain = len(line) > count and not line[count].startswith("--")
        return [*line[:count], value, *line[count + plain :]]
    option = max(parameter.opts, key=len)
    if getattr(parameter, "is_flag", False):
        return [*line, option, value]
    if option in line and not getattr(parameter, "multiple", False):
        place = line.index(option)
        del line[place : place + 2]
    return [*line, option, value]


def run(line: list[str], folder: Path, *, show: bool = False) -> tuple[str, str]:
    """Run a command in a process of its own; return what came of it, and what it printed."""
    printed = folder.with_suffix(".txt")
    child = os.fork()
    if not child:
        _be(line, folder, None if show else printed)
    begun = time.monotonic()
    while time.monotonic() - begun < SECONDS:
        ended, status, usage = os.wait4(child, os.WNOHANG)
        if ended:
            break
        time.sleep(0.01)
    else:
        os.killpg(child, signal.SIGKILL)
        _, status, usage = os.wait4(child, 0)
    told = printed.read_text(errors="replace") if printed.exists() else ""
    return _judged(status, usage.ru_maxrss // 1024, told, folder), told


def _judged(status: int, megabytes: int, told: str, folder: Path) -> str:
    left = [file.name for file in folder.rglob(".*") if file.is_file()]
    if megabytes > MEGABYTES:
        return f"BAD: {megabytes} MB"
    if "Traceback" in told:
        return "BAD: traceback"
    if os.WIFSIGNALED(status):
        killed = os.WTERMSIG(status) == signal.SIGKILL
        return "works on" if killed else f"BAD: signal {os.WTERMSIG(status)}"
    code = os.WEXITSTATUS(status)
    if code not in (0, 1, 2):
        return f"BAD: code {code}"
    if left:
        return f"BAD: left {left}"
    poor = "Error: [Errno" in told or not told.strip() or len(told) > 3000
    if code == 1 and (
        poor or not re.search(r"^(Error|Left out|Run \d+ failed)", told, re.MULTILINE)
    ):
        return "BAD: poor sentence"
    return {0: "succeeds", 1: "a sentence", 2: "wrong usage"}[code]


def _be(line: list[str], folder: Path, printed: Path | None) -> None:
    """Be the command, in a process that has just been made."""
    os.setsid()
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    if printed:
        for stream in (1, 2):
            os.dup2(os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_APPEND), stream)
    code = 0
    try:
        from napari_lns.cli import main as command

        sys.argv = ["napari-lns", *line]
        command()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def load_all() -> None:
    """Import what the commands need once, before their processes are made."""
    os.environ |= {"COLUMNS": "200", "TERM": "dumb"}
    from napari_lns import segment, stimuli

    segment(stimuli.draw("kanizsa"), "kanizsa-ae", samples=4, device="cpu")


def main() -> None:
    """Run the attack and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", help="commands, such as 'stimuli draw kanizsa'")
    parser.add_argument("--some", type=int, default=len(VALUES), help="values for each option")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--replay", nargs=argparse.REMAINDER, help="one command line")
    asked = parser.parse_args()
    chance, counts = random.Random(asked.seed), Counter[str]()
    load_all()
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place, "whole")
        whole.mkdir()
        prepare(whole)

        def tried(line: list[str], *, show: bool = False) -> tuple[str, str]:
            with tempfile.TemporaryDirectory(dir=place) as folder:
                copy = Path(folder, "here")
                shutil.copytree(whole, copy)
                os.mkfifo(copy / "fifo")
                return run(line, copy, show=show)

        if asked.replay:
            print(tried(asked.replay, show=True)[0])
            return
        for name in asked.only or COMMANDS:
            for parameter in parameters(name):
                for value in chance.sample(VALUES, min(asked.some, len(VALUES))):
                    line = words(name, parameter, value)
                    outcome, told = tried(line)
                    counts[outcome.partition(":")[0]] += 1
                    if outcome not in ("a sentence", "wrong usage"):
                        print(f"{outcome}: {shlex.join(line)[:300]!r}", flush=True)
                    if outcome.startswith("BAD"):
                        print(f"    {' '.join(told.split())[-500:]}", flush=True)
            print(f"-- {name}: {dict(counts)}", flush=True)
    sys.exit("BAD" in counts)


if __name__ == "__main__":
    main()
