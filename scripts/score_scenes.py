"""Train a network on the world of each scene in `sample_data/scenes`, and score it.

Run it from the repository's root with

    python scripts/score_scenes.py --minutes 20 --threads 2 --out runs/scenes

For each scene it trains from nothing for so many minutes, rescales the latents on held-out images,
and scores 40 jittered images with their controls, on seeds that nothing was chosen on. It writes
`scores.json` and `scores.md` into the folder after each scene. A call that was stopped goes on:
finished scenes are not trained again. Name scenes to do only these.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch

from napari_lns import models
from napari_lns.experiments.own_scenes import evaluate_scene, finish_scene, scene_score
from napari_lns.models.training.scenes import estimate_run
from napari_lns.stimuli import Scene

SCENES = Path(__file__).parents[1] / "sample_data" / "scenes"
GOALS = {"ari": 0.75, "advantage": 0.85}


def train_and_score(file: Path, wanted: argparse.Namespace) -> dict[str, Any]:
    """Train on one scene's world, or go on with it, and score the network."""
    scene, run = Scene.load(file), wanted.out / file.stem
    start = time.monotonic()
    plan = estimate_run(scene, run, minutes=wanted.minutes, device=wanted.device, start="")
    print(f"{scene.name}: {plan}", flush=True)
    steps = models.iter_train(
        plan.settings,
        run,
        plan=plan.plan,
        evaluate=scene_score(scene),
        evaluate_every=1000,
    )
    for progress in steps:
        if progress.step % 500 == 0:
            told = ", ".join(f"{name} {value:.2f}" for name, value in progress.scores.items())
            print(f"  step {progress.step}: error {progress.error:.5f} {told}", flush=True)
    trained = time.monotonic() - start
    network = models.load(finish_scene(run))
    scores = evaluate_scene(scene, network, count=wanted.count).scores
    return {
        "scene": scene.name,
        "steps": plan.settings.steps,
        "minutes": round(trained / 60, 1),
        "axes_power": network.card.axes_power if network.card else 0.0,
        **{name: [score.mean, score.standard_error] for name, score in scores.items()},
    }


def main() -> None:
    """Train and score what is asked for, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="scenes; all if left out")
    parser.add_argument("--minutes", type=float, default=20.0, help="of training for each scene")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch")
    parser.add_argument("--device", default="cpu", help="cpu, cuda or mps")
    parser.add_argument("--count", type=int, default=40, help="images to score, with controls")
    parser.add_argument("--out", type=Path, default=Path("runs/scenes"), help="a folder")
    wanted = parser.parse_args()
    torch.set_num_threads(wanted.threads)
    wanted.out.mkdir(parents=True, exist_ok=True)
    results = wanted.out / "scores.json"
    rows = json.loads(results.read_text()) if results.exists() else []
    for file in sorted(SCENES.glob("*.json")):
        done = file.stem in [row["scene"] for row in rows]
        if done or (wanted.names and file.stem not in wanted.names):
            continue
        rows.append(train_and_score(file, wanted))
        results.write_text(json.dumps(rows, indent=1))
        (wanted.out / "scores.md").write_text(table(rows))
    print(table(rows))


def table(rows: list[dict[str, Any]]) -> str:
    """Return the scores as a table in Markdown."""
    head = "| scene | steps | minutes | ARI | against its control | error |"
    lines = [head, "|---|---|---|---|---|---|"]
    for row in rows:
        ari, advantage = row["ari"], row.get("advantage", [float("nan")] * 2)
        lines.append(
            f"| {row['scene']} | {row['steps']:,} | {row['minutes']} | {ari[0]:.2f} ± {ari[1]:.2f} "
            f"| {advantage[0]:.2f} ± {advantage[1]:.2f} | {row['error'][0]:.5f} |"
        )
    goals = f"Goals: ARI {GOALS['ari']} or more, against its control {GOALS['advantage']} or more."
    return "\n".join([*lines, "", goals, ""])


if __name__ == "__main__":
    main()
