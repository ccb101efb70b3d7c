"""Ward's merges by rounds of mutual nearest neighbours, compiled.

Every group knows its nearest group. Each round merges all pairs that are nearest to each other,
which is exact for Ward's distance: a merged group is never nearer to a third one than both its
parts were, so the others keep their neighbours (Bruynooghe, 1977; Murtagh, 1983). Only merged
groups and those whose neighbour went, the stale ones, look again.

A look compares a group with all others in single precision over its first coordinates, by a bound
that is never above the true distance; only pairs within reach are measured, in double precision
over all coordinates. So every decision is exact, and no matrix of pairs is held. Equal distances
go to the pair of names with the smallest exclusive-or: at a tie many pairs are then mutual, where
taking the first name would leave one pair a round.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray
from torch import get_num_threads

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
    """Return all merges as rows (name, name, Ward's distance), each after those it is made of.

    Parameters
    ----------
    points : (n, d) array
        Coordinates not far from one in size, the most telling ones first.
    coordinates : int
        How many leading coordinates the bound looks at.
    sizes, heights : (n,) arrays
        How many pixels each point stands for, and the last distance at which they were merged.

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
    """Let the stale groups find their nearest, the tiles of all groups shared out among threads.

    Each thread has its own view of what is nearest so far. The nearest is the least by distance
    and tie, in whatever order pairs are met: the number of threads changes nothing.
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


@njit(cache=True)
def _round_centres(groups: Groups, coordinates: int) -> None:
    for i in range(len(groups.size)):
        _round_centre(groups, i, coordinates)


@njit(cache=True, nogil=True)
def _search_tiles(
    groups: Groups, tile: Tile, stale: int, remaining: int, part: int, parts: int
) -> None:
    """Compare the stale groups with every so many-th tile of groups.

    Those at near places come first, which in images are often alike: the reach falls early.
    """
    for start in range(part * WIDTH, remaining, parts * WIDTH):
        stop = min(start + WIDTH, remaining)
        _fill_tile(tile, groups, start, stop)
        last = (min(stale, stop) - 1) // ROWS * ROWS
        for i in range(last, -1, -ROWS):
            _search_tile(groups, tile, i, min(i + ROWS, stale), start, stop)


@njit(cache=True)
def _adopt_nearer(groups: Groups, view: Groups, remaining: int) -> None:
    """Take over what a thread found nearer."""
    for i in range(remaining):
        tie, own = groups.name[i] ^ view.nearest[i], groups.name[i] ^ groups.nearest[i]
        if view.gap[i] < groups.gap[i] or (view.gap[i] == groups.gap[i] and tie < own):
            groups.gap[i], groups.nearest[i] = view.gap[i], view.nearest[i]


@njit(cache=True, nogil=True)
def _merge_round(
    groups: Groups, merges: Floats, done: int, remaining: int, coordinates: int
) -> tuple[int, int, int]:
    """Merge all pairs that are nearest to each other; give the merges, groups and stale ones."""
    first, done = done, _record_pairs(groups, remaining, merges, done)
    for merge in range(first, done):
        remaining -= 1
        _merge(groups, merges[merge], remaining, coordinates)
    return done, remaining, _gather_stale(groups, remaining)


@njit(cache=True)
def _round_centre(groups: Groups, i: int, coordinates: int) -> None:
    """Round a centre to single precision, and bound its squared length from below."""
    total = 0.0
    for k in range(coordinates):
        groups.low[i, k] = groups.centre[i, k]
        total += groups.centre[i, k] ** 2
    groups.norm[i] = total * (1 - (coordinates + 8) * 2.0**-24)


@njit(cache=True, nogil=True)
def _guess_nearest(groups: Groups, stale: int, remaining: int) -> None:
    """Measure the distance to a group that is likely near, so that few others are in reach."""
    centre, size, name = groups.centre, groups.size, groups.name
    gap, nearest = groups.gap, groups.nearest
    for i in range(stale):
        j = groups.place[nearest[i]]
        _update_nearest(
            centre, size, name, gap, nearest, i, j if j < remaining else (i + 1) % remaining
        )


@njit(cache=True)
def _fill_tile(tile: Tile, groups: Groups, start: int, stop: int) -> None:
    """Lay groups side by side; a norm without end keeps what is not there out of reach."""
    tile.norm[:] = np.inf
    for column in range(stop - start):
        i, chunk, j = start + column, column // CHUNK, column % CHUNK
        for k in range(len(tile.low)):
            tile.low[k, column] = groups.low[i, k]
        tile.norm[chunk, j] = groups.norm[i]
        tile.size[chunk, j] = groups.size[i]
        tile.reach[chunk, j] = _round_up(groups.gap[i])


@njit(cache=True)
def _round_up(gap: float) -> np.float32:
    """Round a distance upwards to single precision."""
    return np.float32(gap * (1 + 1e-6) + 1e-37)


@njit(cache=True)
def _search_tile(groups: Groups, tile: Tile, begin: int, end: int, start: int, stop: int) -> None:
    """Compare some groups with those of the tile that come after them."""
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


@njit(cache=True, fastmath=FAST_MATH)
def _multiply(rows: Singles, low: Singles, products: Singles) -> None:
    """Multiply ROWS rows with a tile, four coordinates at a time."""
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


@njit(cache=True, fastmath=FAST_MATH)
def _any_within_reach(
    tile: Tile, row: int, chunk: int, norm: F32, size: F32, reach: F32
) -> np.bool_:
    hits = np.float32(0)  # counted in the lanes' own type, so that nothing is widened
    for k in range(CHUNK):
        within = _is_within_reach(tile, row, chunk, k, norm, size, reach)
        hits += np.float32(1) if within else np.float32(0)
    return hits > 0


@njit(cache=True, fastmath=FAST_MATH)
def _is_within_reach(
    tile: Tile, row: int, chunk: int, k: int, norm: F32, size: F32, reach: F32
) -> Any:
    """Return whether the bound lies within reach of either group; multiplied out, not divided."""
    bound = norm + tile.norm[chunk, k] - np.float32(2) * tile.chunks[row, chunk, k]
    farther = max(reach, tile.reach[chunk, k])
    other = tile.size[chunk, k]
    return bound * (size * other) <= farther * (size + other)


@njit(cache=True, inline="always")  # a call would cost several times the work
def _update_nearest(
    centre: Floats, size: Floats, name: Ints, gap: Floats, nearest: Ints, i: int, j: int
) -> None:
    """Measure a pair, and let each be the other's nearest if it is nearer than what was."""
    distance = _distance(centre[i], centre[j]) * (size[i] * size[j] / (size[i] + size[j]))
    tie = name[i] ^ name[j]
    if distance < gap[i] or (distance == gap[i] and tie < (name[i] ^ nearest[i])):
        gap[i], nearest[i] = distance, name[j]
    if distance < gap[j] or (distance == gap[j] and tie < (name[j] ^ nearest[j])):
        gap[j], nearest[j] = distance, name[i]


@njit(cache=True, fastmath=FAST_MATH)
def _distance(one: Floats, other: Floats) -> float:
    total = 0.0
    for k in range(len(one)):
        step = one[k] - other[k]
        total += step * step
    return total


@njit(cache=True)
def _record_pairs(groups: Groups, remaining: int, merges: Floats, done: int) -> int:
    """Write down the mutual nearest neighbours; the nearest pair of all always is one."""
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


@njit(cache=True)
def _merge(groups: Groups, merge: Floats, last: int, coordinates: int) -> None:
    """Let the first of a pair take in the second, which goes behind the groups that are left."""
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


@njit(cache=True)
def _gather_stale(groups: Groups, remaining: int) -> int:
    """Bring the merged groups, and those whose neighbour went, to the front; count them."""
    for i in range(remaining):
        j = groups.place[groups.nearest[i]]
        if groups.gap[i] >= 0 and (j >= remaining or groups.gap[j] == -1.0):
            groups.gap[i] = -2.0
            if j >= remaining:
                groups.nearest[i] = groups.nearest[j]  # what its neighbour was merged into
    stale = 0
    for i in range(remaining):
        if groups.gap[i] < 0:
            groups.gap[i] = np.inf
            _swap(groups, i, stale)
            stale += 1
    return stale


@njit(cache=True)
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
