"""Speed of the segmentation engine, as ratios to the plain pipeline measured in the same run.

The plain pipeline decodes one noisy latent at a time and groups with scikit-learn's Ward. Run
`python benchmarks/segmentation.py`; times are the best of several rounds in which every way has
its turn, since machines are shared. Held to one core, by `OMP_NUM_THREADS=1 taskset -c 0 python …`,
they are the processor's own, which other programs cannot take.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

from napari_lns import models, segment
from napari_lns.segmentation import segment_many
from napari_lns.segmentation.clustering.ward import ward_tree
from napari_lns.segmentation.measures import adjusted_rand_index
from napari_lns.stimuli import Stimulus, good_gestalt

SAMPLES = 80
CLUSTERS = 3
SIGMA = 0.1  # of the latents' spread
MANY = 100
TARGETS = {"sampled": 8, "exact": 15, "smoothed": 10}  # times as fast as the plain pipeline
DECODE = 134.6e6  # floating-point operations: two for each weight that an output uses
ROUNDS = 6
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
clock = time.process_time if CORES == 1 else time.perf_counter

Array = NDArray[Any]


def plain(model: models.AutoEncoder, stimulus: Stimulus, sigma: float, seed: int = 0) -> Array:
    """Segment as the method is told: encode, decode one by one, difference, normalise, Ward."""
    generator = np.random.default_rng(seed)
    with torch.no_grad():
        z = model.encode(torch.tensor(stimulus.image).permute(2, 0, 1)[None])
        outputs = []
        for _ in range(SAMPLES):
            draw = generator.standard_normal((1, z.shape[1]), np.float32)
            outputs.append(model.decode(z + sigma * torch.tensor(draw))[0].numpy())
    moves = np.diff(np.stack(outputs), axis=0)
    lengths = np.linalg.norm(moves, axis=0)
    moves /= np.where(lengths > 0, lengths, 1)
    features = moves.transpose(2, 3, 1, 0).reshape(64 * 64, -1)
    labels = AgglomerativeClustering(CLUSTERS, linkage="ward").fit_predict(features)
    return labels.reshape(64, 64)


def seconds(work: Callable[[], Any]) -> float:
    """Give the seconds that one call takes."""
    begun = clock()
    work()
    return clock() - begun


def best(works: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Give the shortest time of each way, turn by turn, after one round that does not count."""
    rounds = [{name: seconds(work) for name, work in works.items()} for _ in range(ROUNDS + 1)]
    return {name: min(each[name] for each in rounds[1:]) for name in works}


def top_speed() -> float:
    """Give the floating-point operations a second of a large matrix product in float32."""
    one = torch.rand(2048, 2048)
    return 2 * 2048**3 / best({"product": lambda: one @ one})["product"]


def row(work: str, ours: float, ratio: str, target: str, limit: str) -> None:
    """Print one line of the table."""
    print(f"| {work} | {1e3 * ours:.1f} ms | {ratio} | {target} | {limit} |", flush=True)


def methods(model: Any, stimulus: Stimulus, sigma: float, top: float) -> float:
    """Print each method's time on one image, and how it divides; give the plain pipeline's."""
    asked: dict[str, Any] = {"noise": sigma, "samples": SAMPLES, "clusters": CLUSTERS}
    works = {"plain": partial(plain, model, stimulus, sigma)}
    for method in TARGETS:
        features = segment(stimulus, model, method=method, **asked).features
        works[method] = partial(segment, stimulus, model, method=method, **asked)
        works[f"{method}, Ward"] = partial(ward_tree, features)
    times = best(works)
    print(f"plain pipeline: {1e3 * times['plain']:.0f} ms")
    print("| work | time | against plain | to reach | what limits it |\n|---|---|---|---|---|")
    for method, target in TARGETS.items():
        grouping = times[f"{method}, Ward"]
        decoding = times[method] - grouping
        decodes = model.latent_size + 1 if method == "exact" else SAMPLES
        share = decodes * DECODE / decoding / top
        limit = (
            f"decoding and all else {1e3 * decoding:.0f} ms ({share:.0%} of a matrix product's "
            f"speed), Ward {1e3 * grouping:.0f} ms"
        )
        ratio = f"{times['plain'] / times[method]:.1f} ×"
        row(f"64², {method}", times[method], ratio, f"≥ {target} ×", limit)
    return times["plain"]


def main() -> None:
    """Print the table."""
    model: Any = models.load("kanizsa-ae")
    stimuli = good_gestalt.draw("kanizsa", count=MANY)
    sigma = SIGMA * model.card.latent_spread
    asked: dict[str, Any] = {"noise": sigma, "samples": SAMPLES, "clusters": CLUSTERS}
    found = segment(stimuli[0], model, **asked)
    same = adjusted_rand_index(plain(model, stimuli[0], sigma), found.labels)
    top = top_speed()
    print(f"{torch.get_num_threads()} threads, {top / 1e9:.0f} Gflop/s in a matrix product")
    print(f"labels of the plain pipeline and the engine's agree: ARI {same:.4f}")
    base = methods(model, stimuli[0], sigma, top)

    many = seconds(lambda: [*segment_many(stimuli, model, **asked)])
    each = f"{1e3 * many / MANY:.0f} ms an image, decoding beside grouping where there are cores"
    row(f"{MANY} images", many, f"{MANY * base / many:.1f} ×", "≥ 10 ×", each)

    times = best(
        {
            "cut": lambda: [found.cut(k) for k in range(2, 12)],
            "affinity": lambda: [found.affinity(k, 2 * k) for k in range(10)],
        }
    )
    cut, affinity = times["cut"] / 10, times["affinity"] / 10
    row("cut(k)", cut, "", "< 10 ms", "pointers from 4,096 leaves to their roots")
    moved = found.features.nbytes / affinity / 1e9 if found.features is not None else 0.0
    row("affinity(row, column)", affinity, "", "< 20 ms", f"reads all features, {moved:.1f} GB/s")


if __name__ == "__main__":
    main()
