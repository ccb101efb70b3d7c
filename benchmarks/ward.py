"""Ward's trees beside scikit-learn's and fastcluster's, as ratios measured in the same run.

Run `python benchmarks/ward.py`; with `--large` also the exact tree of 256 × 256 pixels (a minute).
Times are the processor's on one thread, the best of several, since machines are shared; what more
threads gain is told by the clock.

What limits them: each pair must be compared once, 2 r operations over r coordinates in single
precision; the last column is the share of our time that this alone would take at the speed of a
matrix product. The rest are later rounds (about as many comparisons again), the test of every
bound against what is nearest so far, and the pairs measured in double precision. Memory holds the
features twice and nothing of the size of n²: the compiled rounds work in the nearest caches.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from sklearn.cluster import AgglomerativeClustering
from threadpoolctl import threadpool_limits

from napari_lns.segmentation.clustering import ward
from napari_lns.segmentation.clustering.tree import cut, number_largest_first
from napari_lns.segmentation.measures import adjusted_rand_index

try:
    import fastcluster
except ImportError:
    fastcluster = None

LATENTS, CHANNELS, SAMPLES = 15, 3, 40
CLUSTERS = 3
RUNS = 5

Array = NDArray[Any]


def jacobian(side: int, seed: int = 0) -> Array:
    """Draw a decoder's smooth Jacobian (pixels, channels, latents): a disc on a flat background."""
    chance = np.random.default_rng(seed)
    figure = gaussian_filter(
        chance.normal(size=(CHANNELS, LATENTS, side, side)), (0, 0, *[side / 16] * 2)
    )
    row, column = np.mgrid[:side, :side] / side - 0.5
    inside = gaussian_filter((np.hypot(row, column) < 0.3).astype(float), side / 64)
    ripple = gaussian_filter(chance.normal(size=figure.shape), (0, 0, 1, 1))
    flat = chance.normal(size=(CHANNELS, LATENTS, 1, 1)) + 1e-3 * ripple
    mixed = inside * figure / figure.std() + (1 - inside) * flat
    return mixed.reshape(CHANNELS, LATENTS, -1).transpose(2, 0, 1)


def directions(vectors: Array) -> Array:
    """Give each channel's vector unit length, and a pixel's channels one after another."""
    unit = vectors / np.linalg.norm(vectors, axis=2, keepdims=True)
    return unit.reshape(len(unit), -1).astype(np.float32)


def exact_features(side: int) -> Array:
    """Features of the exact method: 45 numbers a pixel."""
    return directions(jacobian(side))


def sampled_features(side: int) -> Array:
    """Features of the sampled method, 117 numbers a pixel, with the outputs' rounding."""
    noise = np.random.default_rng(1).normal(scale=1e-3, size=(SAMPLES, LATENTS))
    outputs = (0.5 + 0.2 * jacobian(side) @ noise.T).astype(np.float32)
    return directions(outputs[..., :-1] - outputs[..., 1:])


def seconds(
    work: Callable[[], Any], runs: int = RUNS, clock: Callable[[], float] = time.process_time
) -> float:
    """Give the shortest of several runs, in processor time unless by another clock."""
    times = []
    for _ in range(runs):
        begun = clock()
        work()
        times.append(clock() - begun)
    return min(times)


def product_speed() -> float:
    """Give the operations a second of a matrix product in single precision."""
    one, out = np.ones((2048, 2048), np.float32), np.empty((2048, 2048), np.float32)
    return 2 * 2048**3 / seconds(lambda: np.matmul(one, one, out=out))


def least(features: Array, speed: float) -> float:
    """Give the seconds that comparing each pair once would take at that speed."""
    coordinates = ward._turned(ward._points(features)[0])[1]
    return len(features) ** 2 * coordinates / speed


def compare(name: str, features: Array, speed: float) -> None:
    """Print one line against the libraries."""
    ours = seconds(lambda: ward.ward_tree(features))
    model = AgglomerativeClustering(CLUSTERS, linkage="ward")
    theirs = seconds(lambda: model.fit(features), 3)
    same = np.array_equal(
        cut(ward.ward_tree(features), CLUSTERS), number_largest_first(model.labels_)
    )
    ratio = f"{theirs / ours:.1f} ×"
    other = "–"
    if fastcluster is not None:
        other = f"{seconds(lambda: fastcluster.linkage(features, 'ward'), 3) / ours:.1f} ×"
    print(
        f"| {name} | {1e3 * ours:.0f} ms | {ratio} | {other} | "
        f"{'yes' if same else 'NO'} | {least(features, speed) / ours:.0%} |",
        flush=True,
    )


def share_out(name: str, features: Array) -> None:
    """Print what sharing the comparisons among all threads gains over one."""
    most, taken = torch.get_num_threads(), []
    for threads in (1, most):
        torch.set_num_threads(threads)
        taken.append(seconds(lambda: ward.ward_tree(features), 2 * RUNS, time.perf_counter))
    print(
        f"{name}, by the clock: {1e3 * taken[0]:.0f} ms on one thread, "
        f"{1e3 * taken[1]:.0f} ms on {most} ({taken[0] / taken[1]:.2f} ×)"
    )


def large(speed: float, exactly: bool) -> None:
    """Print times of 256 × 256 pixels, and how near the approximate tree comes."""
    features = exact_features(256)
    tree, error = ward.approximate_ward_tree(features)
    taken = seconds(lambda: ward.approximate_ward_tree(features), 2)
    print(f"65,536 × 45, approximate: {taken:.1f} s; {error:.2%} of the deviation is in its cells")
    if exactly:
        begun = time.process_time()
        truth = ward.ward_tree(features)
        taken = time.process_time() - begun
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        share = least(features, speed) / taken
        print(f"65,536 × 45, exact: {taken:.1f} s ({share:.0%}); {peak:.2f} GB for the process")
        for k in (2, 3, 5, 10):
            found = adjusted_rand_index(cut(truth, k), cut(tree, k))
            print(f"  K = {k}: the approximate labels and the exact agree, ARI {found:.3f}")


def main() -> None:
    """Print the table."""
    ward.ward_tree(np.eye(3))  # compiles on a first run
    with threadpool_limits(1):
        speed = product_speed()
        print(f"one thread, {speed / 1e9:.0f} Gflop/s in a matrix product")
        print(
            "| features | ours | scikit-learn / ours | fastcluster / ours | same labels | share |"
        )
        print("|" + "---|" * 6)
        compare("4,096 × 117, sampled", sampled_features(64), speed)
        compare("4,096 × 45, exact", exact_features(64), speed)
        large(speed, "--large" in sys.argv)
    share_out("4,096 × 117, sampled", sampled_features(64))
    share_out("4,096 × 45, exact", exact_features(64))


if __name__ == "__main__":
    main()
