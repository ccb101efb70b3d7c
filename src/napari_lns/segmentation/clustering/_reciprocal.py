"""Ward's merges by rounds of mutual nearest neighbours, compiled.

The nearest neighbour of every group is stored. Each round merges all pairs of mutual nearest
neighbours, which is exact for Ward's distance: a merged group is never nearer to a third group than
both its parts were, so all other groups keep their neighbours (Bruynooghe, 1977; Murtagh, 1983).
Only stale groups, which were merged or whose neighbour was merged, are searched again.

A search compares a group with all others in single precision over its first coordinates, by a lower
bound of the distance. Only pairs within reach are measured, in double precision over all
coordinates. So every decision is exact without a matrix of all pairs. Ties are broken by the
smallest exclusive-or of the two names. This makes many pairs mutual at a tie, whereas the smallest
name would merge only one pair per round.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import get_num_threads

from napari_lns._compile import compile_function
from napari_lns.segmentation.clustering._groups import Groups, Tile

__all__ = ["merge_mutual_neighbours"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
F32 = np.float32

ROWS = 4  # groups compared with a tile at once, so that each number read is used four times
WIDTH = 256  # groups in a tile: it and its products stay in the nearest caches
CHUNK = 64  # groups of a tile that are tested together
MIN_SHARED_PAIRS = 2**17  # pairs to compare, below which waking a thread takes longer
FAST_MATH = {"reassoc", "contract", "nsz", "arcp"}


def merge_mutual_neighbours(
    points: NDArray[np.float64],
    coordinates: int,
    sizes: NDArray[np.float64],
    heights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return all merges as rows (name, name, Ward's distance), each after those of its parts.

    Parameters
    ----------
    points : (n, d) array
        Coordinates of magnitude near 1, in order of descending variance.
    coordinates : int
        Number of leading coordinates that the bound uses.
    sizes, heights : (n,) arrays
        Number of pixels of each point, and the distance at which they were last merged.

    Returns
    -------
    (n - 1, 3) array
    """
    n = len(points)
    width = -(-coordinates // 4) * 4
    groups = Groups(
        centre=np.array(points),
        low=np.zeros((n + ROWS, width), np.float32),
        norm=np.empty(n, np.float32),
        size=np.array(sizes),
        name=np.arange(n),
        nearest=(np.arange(n) + 1) % n,  # a first guess: in images the next pixel is often alike
        gap=np.full(n, np.inf),
        place=np.arange(n),
        height=np.array(heights),
    )
    _round_centres(groups, coordinates)
    merges = np.empty((n - 1, 3))
    tiles = [_empty_tile(width) for _ in range(get_num_threads())]
    with ThreadPoolExecutor(len(tiles)) as pool:
        done, remaining, stale = 0, n, n
        while remaining > 1:
            _guess_nearest(groups, stale, remaining)
            _search_all_tiles(groups, tiles, pool, stale, remaining)
            done, remaining, stale = _merge_round(groups, merges, done, remaining, coordinates)
    return merges


def _search_all_tiles(
    groups: Groups, tiles: list[Tile], pool: ThreadPoolExecutor, stale: int, remaining: int
) -> None:
    """Find the nearest neighbours of the stale groups, with the tiles divided among threads.

    Each thread keeps its own nearest neighbours, which are merged at the end. The result depends
    only on distances and tie-breaking, not on the number of threads.
    """
    if stale * remaining < MIN_SHARED_PAIRS:
        tiles = tiles[:1]
    views = [_copy_view(groups, remaining) for _ in tiles[1:]]
    searches = [
        pool.submit(_search_tiles, view, tile, stale, remaining, part, len(tiles))
        for part, (view, tile) in enumerate(zip(views, tiles[1:], strict=True), 1)
    ]
    _search_tiles(groups, tiles[0], stale, remaining, 0, len(tiles))
    for view, search in zip(views, searches, strict=True):
        search.result()
        _adopt_nearer(groups, view, remaining)


def _copy_view(groups: Groups, remaining: int) -> Groups:
    return groups._replace(
        gap=groups.gap[:remaining].copy(), nearest=groups.nearest[:remaining].copy()
    )


def _empty_tile(width: int) -> Tile:
    norm, size, reach = np.zeros((3, WIDTH // CHUNK, CHUNK), np.float32)
    products = np.zeros((ROWS, WIDTH), np.float32)
    chunks = products.reshape(ROWS, WIDTH // CHUNK, CHUNK)
    return Tile(np.zeros((width, WIDTH), np.float32), norm, size, reach, products, chunks)


@compile_function()
def _round_centres(groups: Groups, coordinates: int) -> None:
    for i in range(len(groups.size)):
        _round_centre(groups, i, coordinates)


@compile_function(nogil=True)
def _search_tiles(
    groups: Groups, tile: Tile, stale: int, remaining: int, part: int, parts: int
) -> None:
    """Compare the stale groups with every `parts`-th tile of groups.

    Groups at near places come first. In images these are often similar, so the reach shrinks early.
    """
    for start in range(part * WIDTH, remaining, parts * WIDTH):
        stop = min(start + WIDTH, remaining)
        _fill_tile(tile, groups, start, stop)
        last = (min(stale, stop) - 1) // ROWS * ROWS
        for i in range(last, -1, -ROWS):
            _search_tile(groups, tile, i, min(i + ROWS, stale), start, stop)


@compile_function()
def _adopt_nearer(groups: Groups, view: Groups, remaining: int) -> None:
    """Adopt nearer neighbours found by another thread."""
    for i in range(remaining):
        tie, own = groups.name[i] ^ view.nearest[i], groups.name[i] ^ groups.nearest[i]
        if view.gap[i] < groups.gap[i] or (view.gap[i] == groups.gap[i] and tie < own):
            groups.gap[i], groups.nearest[i] = view.gap[i], view.nearest[i]


@compile_function(nogil=True)
def _merge_round(
    groups: Groups, merges: Floats, done: int, remaining: int, coordinates: int
) -> tuple[int, int, int]:
    """Merge all mutual nearest neighbours; return the counts of merges, groups and stale groups."""
    first, done = done, _record_pairs(groups, remaining, merges, done)
    for merge in range(first, done):
        remaining -= 1
        _merge(groups, merges[merge], remaining, coordinates)
    return done, remaining, _gather_stale(groups, remaining)


@compile_function()
def _round_centre(groups: Groups, i: int, coordinates: int) -> None:
    """Round a centre to single precision and compute a lower bound of its squared length."""
    total = 0.0
    for k in range(coordinates):
        groups.low[i, k] = groups.centre[i, k]
        total += groups.centre[i, k] ** 2
    groups.norm[i] = total * (1 - (coordinates + 8) * 2.0**-24)


@compile_function(nogil=True)
def _guess_nearest(groups: Groups, stale: int, remaining: int) -> None:
    """Measure the distance to a group that is likely near, to start with a small reach."""
    centre, size, name = groups.centre, groups.size, groups.name
    gap, nearest = groups.gap, groups.nearest
    for i in range(stale):
        j = groups.place[nearest[i]]
        _update_nearest(
            centre, size, name, gap, nearest, i, j if j < remaining else (i + 1) % remaining
        )


@compile_function()
def _fill_tile(tile: Tile, groups: Groups, start: int, stop: int) -> None:
    """Copy groups into a tile; empty columns get an infinite norm and stay out of reach."""
    tile.norm[:] = np.inf
    for column in range(stop - start):
        i, chunk, j = start + column, column // CHUNK, column % CHUNK
        for k in range(len(tile.low)):
            tile.low[k, column] = groups.low[i, k]
        tile.norm[chunk, j] = groups.norm[i]
        tile.size[chunk, j] = groups.size[i]
        tile.reach[chunk, j] = _round_up(groups.gap[i])


@compile_function()
def _round_up(gap: float) -> np.float32:
    """Round a distance up to single precision."""
    return np.float32(gap * (1 + 1e-6) + 1e-37)


@compile_function()
def _search_tile(groups: Groups, tile: Tile, begin: int, end: int, start: int, stop: int) -> None:
    """Compare groups with the groups of a tile that follow them."""
    centre, size, name = groups.centre, groups.size, groups.name
    gap, nearest = groups.gap, groups.nearest
    _multiply(groups.low[begin : begin + ROWS], tile.low, tile.products)
    for i in range(begin, end):
        row, norm, own = i - begin, groups.norm[i], np.float32(size[i])
        for chunk in range(max(0, i + 1 - start) // CHUNK, WIDTH // CHUNK):
            if not _any_within_reach(tile, row, chunk, norm, own, _round_up(gap[i])):
                continue
            for k in range(CHUNK):
                j = start + chunk * CHUNK + k
                if i < j < stop and _is_within_reach(
                    tile, row, chunk, k, norm, own, _round_up(gap[i])
                ):
                    _update_nearest(centre, size, name, gap, nearest, i, j)
                    tile.reach[chunk, k] = _round_up(gap[j])


@compile_function(fastmath=FAST_MATH)
def _multiply(rows: Singles, low: Singles, products: Singles) -> None:
    """Multiply ROWS rows by a tile, four coordinates at a time."""
    products[:] = 0
    for k in range(0, len(low) - 3, 4):
        a0, a1, a2, a3 = rows[0, k], rows[0, k + 1], rows[0, k + 2], rows[0, k + 3]
        b0, b1, b2, b3 = rows[1, k], rows[1, k + 1], rows[1, k + 2], rows[1, k + 3]
        c0, c1, c2, c3 = rows[2, k], rows[2, k + 1], rows[2, k + 2], rows[2, k + 3]
        d0, d1, d2, d3 = rows[3, k], rows[3, k + 1], rows[3, k + 2], rows[3, k + 3]
        for j in range(WIDTH):
            t0, t1, t2, t3 = low[k, j], low[k + 1, j], low[k + 2, j], low[k + 3, j]
            products[0, j] = products[0, j] + a0 * t0 + a1 * t1 + a2 * t2 + a3 * t3
            products[1, j] = products[1, j] + b0 * t0 + b1 * t1 + b2 * t2 + b3 * t3
            products[2, j] = products[2, j] + c0 * t0 + c1 * t1 + c2 * t2 + c3 * t3
            products[3, j] = products[3, j] + d0 * t0 + d1 * t1 + d2 * t2 + d3 * t3


@compile_function(fastmath=FAST_MATH)
def _any_within_reach(
    tile: Tile, row: int, chunk: int, norm: F32, size: F32, reach: F32
) -> np.bool_:
    hits = np.float32(0)  # counted in the lanes' own type, so that nothing is widened
    for k in range(CHUNK):
        within = _is_within_reach(tile, row, chunk, k, norm, size, reach)
        hits += np.float32(1) if within else np.float32(0)
    return hits > 0


@compile_function(fastmath=FAST_MATH)
def _is_within_reach(
    tile: Tile, row: int, chunk: int, k: int, norm: F32, size: F32, reach: F32
) -> Any:
    """Return whether the bound is within reach of either group, computed without division."""
    bound = norm + tile.norm[chunk, k] - np.float32(2) * tile.chunks[row, chunk, k]
    farther = max(reach, tile.reach[chunk, k])
    other = tile.size[chunk, k]
    return bound * (size * other) <= farther * (size + other)


@compile_function(inline="always")  # a call would cost several times the work
def _update_nearest(
    centre: Floats, size: Floats, name: Ints, gap: Floats, nearest: Ints, i: int, j: int
) -> None:
    """Measure the distance of a pair and update the nearest neighbours of both groups."""
    distance = _distance(centre[i], centre[j]) * (size[i] * size[j] / (size[i] + size[j]))
    tie = name[i] ^ name[j]
    if distance < gap[i] or (distance == gap[i] and tie < (name[i] ^ nearest[i])):
        gap[i], nearest[i] = distance, name[j]
    if distance < gap[j] or (distance == gap[j] and tie < (name[j] ^ nearest[j])):
        gap[j], nearest[j] = distance, name[i]


@compile_function(fastmath=FAST_MATH)
def _distance(one: Floats, other: Floats) -> float:
    total = 0.0
    for k in range(len(one)):
        step = one[k] - other[k]
        total += step * step
    return total


@compile_function()
def _record_pairs(groups: Groups, remaining: int, merges: Floats, done: int) -> int:
    """Record all pairs of mutual nearest neighbours, including the nearest pair of all."""
    first = np.argmin(groups.gap[:remaining])
    groups.nearest[groups.place[groups.nearest[first]]] = groups.name[first]
    for i in range(remaining):
        one, other = groups.name[i], groups.nearest[i]
        j = groups.place[other]
        if i < j and groups.nearest[j] == one:
            merges[done, 0], merges[done, 1] = one, other
            merges[done, 2] = max(groups.gap[i], groups.height[one], groups.height[other])
            done += 1
    return done


@compile_function()
def _merge(groups: Groups, merge: Floats, last: int, coordinates: int) -> None:
    """Merge the second group of a pair into the first and move it behind the remaining groups."""
    i, j = groups.place[int(merge[0])], groups.place[int(merge[1])]
    total = groups.size[i] + groups.size[j]
    share = groups.size[j] / total
    for k in range(groups.centre.shape[1]):
        groups.centre[i, k] += (groups.centre[j, k] - groups.centre[i, k]) * share
    groups.size[i] = total
    groups.height[groups.name[i]] = merge[2]
    groups.gap[i] = -1.0
    _round_centre(groups, i, coordinates)
    _swap(groups, j, last)


@compile_function()
def _gather_stale(groups: Groups, remaining: int) -> int:
    """Move merged groups and groups whose neighbour was merged to the front; return their count."""
    for i in range(remaining):
        j = groups.place[groups.nearest[i]]
        if groups.gap[i] >= 0 and (j >= remaining or groups.gap[j] == -1.0):
            groups.gap[i] = -2.0
            if j >= remaining:
                groups.nearest[i] = groups.nearest[j]  # the group its neighbour was merged into
    stale = 0
    for i in range(remaining):
        if groups.gap[i] < 0:
            groups.gap[i] = np.inf
            _swap(groups, i, stale)
            stale += 1
    return stale


@compile_function()
def _swap(groups: Groups, i: int, j: int) -> None:
    if i == j:
        return
    for k in range(groups.centre.shape[1]):
        groups.centre[i, k], groups.centre[j, k] = groups.centre[j, k], groups.centre[i, k]
    for k in range(groups.low.shape[1]):
        groups.low[i, k], groups.low[j, k] = groups.low[j, k], groups.low[i, k]
    groups.norm[i], groups.norm[j] = groups.norm[j], groups.norm[i]
    groups.size[i], groups.size[j] = groups.size[j], groups.size[i]
    groups.name[i], groups.name[j] = groups.name[j], groups.name[i]
    groups.nearest[i], groups.nearest[j] = groups.nearest[j], groups.nearest[i]
    groups.gap[i], groups.gap[j] = groups.gap[j], groups.gap[i]
    groups.place[groups.name[i]], groups.place[groups.name[j]] = i, j
