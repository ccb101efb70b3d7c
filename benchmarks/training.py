"""Speed of a training step, as ratios to the plain float32 step.

Run it with ``python benchmarks/training.py``.

What limits it on a CPU: a step of 64 images is some 51 GFLOP, nearly all in the convolutions at
64² and 32², whose backward passes with 32 channels keep the units for products half busy.
"""

from __future__ import annotations

import time

import torch

from napari_lns.models import Settings
from napari_lns.models.training.speed import Plan, candidates
from napari_lns.models.training.trainer import Trainer

GFLOP_AN_IMAGE = 0.8  # forward and backward


def seconds_a_step(plan: Plan, batch: int, steps: int = 6) -> float:
    """Give the best of several steps, after a warm-up that compiles."""
    trainer = Trainer(Settings(("kanizsa",), steps=100, batch=batch), plan)
    for _ in range(2):
        trainer.advance()
    best = float("inf")
    for _ in range(steps):
        start = time.perf_counter()
        float(trainer.advance())
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    """Print each plan's time, its ratio to the plain one, and the rate it reaches."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    plain, *others = candidates(device, torch.get_num_threads())
    for batch in (16, 64):
        base = seconds_a_step(plain, batch)
        print(f"batch {batch}: plain float32 {base * 1e3:.0f} ms a step")
        for plan in others:
            taken = seconds_a_step(plan, batch)
            told = [
                name for name in ("bfloat16", "channels_last", "compiled") if getattr(plan, name)
            ]
            rate = GFLOP_AN_IMAGE * batch / taken
            print(
                f"  {' + '.join(told):38} {taken * 1e3:5.0f} ms  {base / taken:4.1f}×  "
                f"{rate:5.0f} GFLOP/s"
            )


if __name__ == "__main__":
    main()
