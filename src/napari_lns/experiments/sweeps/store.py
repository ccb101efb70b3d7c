"""A sweep's folder: the plan, one stack for each map, a table; written block by block.

Files: ``sweep.json`` (the plan), ``images.zarr``, ``labels.zarr`` and ``variance.zarr`` (one array
each, a chunk for every block of runs), ``rows/`` (a JSON line for every run, a file for every
block) and, when all is done, ``table.csv``. A block's rows are written last, and whole: where they
are, its maps are.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_lns._files import explained, written_whole
from napari_lns._parameters import named_in
from napari_lns.experiments.sweeps.plan import Plan

__all__ = ["MAPS", "Block", "Results", "prepared"]

PLAN = "sweep.json"
TABLE = "table.csv"
MAPS: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {  # type, and shape of a pixel
    "images": (np.uint8, (3,)),
    "labels": (np.int32, ()),
    "variance": (np.float32, ()),
}
Row = dict[str, Any]


@dataclass(frozen=True)
class Block:
    """What came out of one block of runs: a row for each, and its maps (runs, H, W, …)."""

    number: int
    rows: Sequence[Row]
    maps: dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Results:
    """The results of a sweep, as far as they have come.

    Parameters
    ----------
    folder
        Where they lie.
    plan
        What was to be done.
    """

    folder: Path
    plan: Plan

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Results:
        """Open a sweep's folder; another folder is refused in one sentence."""
        path = Path(folder)
        try:
            with explained(path / PLAN), named_in(path / PLAN):
                return cls(path, Plan(**json.loads((path / PLAN).read_text("utf8"))))
        except (TypeError, json.JSONDecodeError) as error:
            raise ValueError(
                f"{path / PLAN} is damaged ({error}): sweep into another folder, or overwrite"
            ) from error

    def map(self, name: str) -> Any:
        """Give one of the stacks (runs, H, W, …) as a Dask array, which reads what is looked at.

        Parameters
        ----------
        name
            ``"images"`` (uint8), ``"labels"`` or ``"variance"``; 0 where nothing has come.

        Returns
        -------
        dask.array.Array
        """
        import dask.array

        return dask.array.from_zarr(str(self._stack(name)))  # type: ignore[no-untyped-call]

    def rows(self) -> Iterator[Row]:
        """Give a row for every run that is done, in the order of the plan."""
        for number in range(self.plan.blocks):
            if self._rows(number).exists():
                for line in self._rows(number).read_text("utf8").splitlines():
                    yield json.loads(line)

    def missing(self) -> Iterator[int]:
        """Give the numbers of the blocks that are not done."""
        return (n for n in range(self.plan.blocks) if not self._rows(n).exists())

    def put(self, block: Block) -> None:
        """Write one block."""
        import zarr

        first = block.number * self.plan.block
        for name, values in block.maps.items():
            with explained(self._stack(name)):
                stack = zarr.open_array(str(self._stack(name)), mode="r+")
                stack[first : first + len(values)] = values
        with written_whole(self._rows(block.number)) as beside:
            lines = (json.dumps(row, allow_nan=False) + "\n" for row in block.rows)
            beside.write_text("".join(lines), encoding="utf-8")

    def write_table(self) -> Path:
        """Write all rows as one CSV file."""
        columns = dict.fromkeys(key for row in self.rows() for key in row)
        with written_whole(self.folder / TABLE) as beside, beside.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(columns))
            writer.writeheader()
            writer.writerows(self.rows())
        return self.folder / TABLE

    def _stack(self, name: str) -> Path:
        return self.folder / f"{name}.zarr"

    def _rows(self, number: int) -> Path:
        return self.folder / "rows" / f"{number:06d}.jsonl"


def prepared(plan: Plan, folder: str | os.PathLike[str], *, overwrite: bool = False) -> Results:
    """Make a sweep's folder, or take the one that holds the same sweep.

    Parameters
    ----------
    plan
        What is to be done.
    folder
        Where to write.
    overwrite
        Whether to remove another sweep that lies there.

    Returns
    -------
    Results
    """
    found = Results(Path(folder), plan)
    if (found.folder / PLAN).exists():
        if not overwrite and Results.open(folder).plan.record == plan.record:
            return found
        if not overwrite:
            raise ValueError(
                f"{os.fspath(folder)} holds another sweep: give another folder, or --overwrite"
            )
        _remove(found.folder)
    with explained(folder):
        (found.folder / "rows").mkdir(parents=True, exist_ok=True)
        _make_stacks(found)
    with written_whole(found.folder / PLAN) as beside:  # last: a folder with a plan is complete
        beside.write_text(json.dumps(plan.record, indent=1), encoding="utf-8")
    return found


def _make_stacks(results: Results) -> None:
    import zarr

    plan = results.plan
    shape = plan.point(0).drawn(plan.stimulus).shape
    for name, (kind, pixel) in MAPS.items():
        zarr.open_array(
            str(results.folder / f"{name}.zarr"),
            mode="w",
            shape=(plan.count, *shape, *pixel),
            chunks=(plan.block, *shape, *pixel),
            dtype=np.dtype(kind),
        )


def _remove(folder: Path) -> None:
    """Remove what a sweep wrote, the plan first, and nothing else."""
    with explained(folder):
        (folder / PLAN).unlink()
        (folder / TABLE).unlink(missing_ok=True)
        for name in ("rows", *(f"{name}.zarr" for name in MAPS)):
            shutil.rmtree(folder / name, ignore_errors=True)
