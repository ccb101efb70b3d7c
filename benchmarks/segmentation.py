"""Speed of the segmentation engine, as ratios to the plain pipeline measured in the same run.

The plain pipeline decodes one noisy latent at a time and groups with scikit-learn's Ward. Run
`python benchmarks/segmentation.py`; times are the best of several, since machines are shared.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

from napari_lns import models, segment
from napari_lns.segmentation import segment_many
from napari_lns.segmentation.measures import adjusted_rand_index
from napari_lns.stimuli import Stimulus, good_gestalt

SAMPLES = 80
CLUSTERS = 3
SIGMA = 0.1  # of the latents' spread
MANY = 100
DECODE = 134.6e6  # floating-point operations: two for each weight that an output uses
RUNS = 15

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


def best(work: Callable[[], Any], runs: int = RUNS) -> float:
    """Give the shortest of several runs in seconds, after one that does not count."""
    work()
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)


def peak() -> float:
    """Give the floating-point operations a second of a large matrix product in float32."""
    one = torch.rand(2048, 2048)
    return 2 * 2048**3 / best(lambda: one @ one)


def row(work: str, ours: float, ratio: str, target: str, limit: str) -> None:
    """Print one line of the table."""
    print(f"| {work} | {1e3 * ours:.1f} ms | {ratio} | {target} | {limit} |", flush=True)


def methods(model: Any, stimulus: Stimulus, sigma: float, base: float, top: float) -> None:
    """Print each method's time on one image, and how it divides."""
    for method, target in (("sampled", 8), ("exact", 15), ("smoothed", 10)):
        asked: dict[str, Any] = {"method": method, "noise": sigma, "samples": SAMPLES}
        runs: list[Any] = []
        seconds = best(
            lambda asked=asked, runs=runs: runs.append(
                segment(stimulus, model, clusters=CLUSTERS, **asked).record
            )
        )
        parts = {
            part: min(record["seconds"][part] for record in runs)
            for part in ("decoding", "grouping")
        }
        decodes = model.latent_size + 1 if method == "exact" else SAMPLES
        share = decodes * DECODE / parts["decoding"] / top
        limit = (
            f"decoding {1e3 * parts['decoding']:.0f} ms ({share:.0%} of a matrix product's speed), "
            f"grouping {1e3 * parts['grouping']:.0f} ms"
        )
        row(f"64², {method}", seconds, f"{base / seconds:.1f} ×", f"≥ {target} ×", limit)


def main() -> None:
    """Print the table."""
    model: Any = models.load("kanizsa-ae")
    stimuli = good_gestalt.draw("kanizsa", count=MANY)
    sigma = SIGMA * model.card.latent_spread
    found = segment(stimuli[0], model, noise=sigma, samples=SAMPLES, clusters=CLUSTERS)
    same = adjusted_rand_index(plain(model, stimuli[0], sigma), found.labels)
    base = best(lambda: plain(model, stimuli[0], sigma), 5)
    top = peak()
    print(f"{torch.get_num_threads()} threads, {top / 1e9:.0f} Gflop/s in a matrix product")
    print(f"plain pipeline: {1e3 * base:.0f} ms; its labels and the engine's agree: ARI {same:.4f}")
    print("| work | time | against plain | to reach | what limits it |\n|---|---|---|---|---|")
    methods(model, stimuli[0], sigma, base, top)

    begun = time.perf_counter()
    for _ in segment_many(stimuli, model, noise=sigma, samples=SAMPLES, clusters=CLUSTERS):
        pass
    seconds = time.perf_counter() - begun
    each = f"{1e3 * seconds / MANY:.0f} ms an image, decoding beside grouping"
    row(f"{MANY} images", seconds, f"{MANY * base / seconds:.1f} ×", "≥ 10 ×", each)

    cut = best(lambda: [found.cut(k) for k in range(2, 12)]) / 10
    row("cut(k)", cut, "", "< 10 ms", "pointers from 4,096 leaves to their roots")
    affinity = best(lambda: [found.affinity(k, 2 * k) for k in range(32)]) / 32
    moved = found.features.nbytes / affinity / 1e9 if found.features is not None else 0.0
    row("affinity(row, column)", affinity, "", "< 20 ms", f"reads all features, {moved:.1f} GB/s")


if __name__ == "__main__":
    main()
