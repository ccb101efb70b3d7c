"""The folder of a sweep: plan, a stack for each map, and a table, written block by block.

Files: ``sweep.json`` (the plan), ``images.zarr``, ``labels.zarr`` and ``variance.zarr`` (one array
each, a chunk for every block of runs), ``rows/`` (a JSON line for every run, a file for every
block, named by the block and the plan's hash) and, at the end, ``table.csv``. The rows of a block
are written last and atomically, so that their presence implies complete maps. ``sweep.lock`` exists
while a process writes.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, JsonValue

from napari_lns._files import (
    check_regular,
    explain_os_errors,
    shorten,
    temporary_folder,
    write_atomically,
    write_together,
)
from napari_lns._lock import hold_lock
from napari_lns._moves import exists
from napari_lns._records import MOST_BYTES, Values, Whole, read_record, validate_json
from napari_lns._zarr import check_zarr
from napari_lns.experiments.sweeps.plan import Plan

__all__ = ["MAPS", "Block", "Results", "lock_for_writing", "prepare_folder"]

PLAN = "sweep.json"
TABLE = "table.csv"
LOCK = "sweep.lock"
MAPS: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {  # type, and shape of a pixel
    "images": (np.uint8, (3,)),
    "labels": (np.int32, ()),
    "variance": (np.float32, ()),
}
Row = dict[str, Any]


class _PlanRecord(BaseModel):
    """Format of ``sweep.json``; `Plan` checks the values."""

    model_config = ConfigDict(extra="forbid")
    stimulus: str
    vary: dict[str, list[JsonValue]]
    models: list[str] = []
    methods: list[Values] = [{}]


class _Row(BaseModel):
    """A line of ``rows/``, which also holds the run's values and parameters of the method."""

    model_config = ConfigDict(extra="allow")
    index: Whole
    stimulus: str


@dataclass(frozen=True)
class Block:
    """Result of one block of runs: a row for each run, and the maps (runs, H, W, …)."""

    number: int
    rows: Sequence[Row]
    maps: dict[str, NDArray[Any]]


@dataclass(frozen=True)
class _LazyStack:
    """A stack that is read slice by slice and raises ValueError for a damaged chunk."""

    stack: Any
    path: Path
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    ndim: int

    def __getitem__(self, place: object) -> NDArray[Any]:
        try:
            values: NDArray[Any] = self.stack[place]
        except IndexError:
            raise
        except (ValueError, TypeError, RuntimeError, OSError) as error:
            raise _damage_error(self.path, error) from error
        return values


@dataclass(frozen=True)
class Results:
    """The results of a sweep, possibly incomplete.

    Parameters
    ----------
    folder
        Folder of the sweep.
    plan
        Plan of the sweep.
    """

    folder: Path
    plan: Plan

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Results:
        """Open the folder of a sweep; raise ValueError for any other folder."""
        path = Path(folder)
        exists(path / PLAN)  # finishes what a killed process began
        try:
            record = read_record(_PlanRecord, path / PLAN)
        except ValueError as error:
            raise _damage_error(path / PLAN, error) from error
        try:
            return cls(path, Plan(**record.model_dump()))
        except (ValueError, FileNotFoundError) as error:
            raise ValueError(f"{path / PLAN}: {error}") from error

    def map(self, name: str) -> Any:
        """Return one of the stacks (runs, H, W, …) as a Dask array, read on demand.

        Parameters
        ----------
        name
            ``"images"`` (uint8), ``"labels"`` or ``"variance"``; 0 for missing runs.

        Returns
        -------
        dask.array.Array
        """
        import dask.array

        with explain_os_errors(self._stack(name)):
            check_zarr(self._stack(name), sparse=True)
        stack = self._open_stack(name, "r")
        lazy_stack = _LazyStack(stack, self._stack(name), stack.shape, stack.dtype, stack.ndim)
        return dask.array.from_array(lazy_stack, chunks=stack.chunks, name=False)  # type: ignore[no-untyped-call]

    def rows(self) -> Iterator[Row]:
        """Return a row for every completed run, in the order of the plan."""
        for number in range(self.plan.blocks):
            if self._is_done(number):
                lines = self._read_lines(number)
                for point, line in zip(self.plan.points(number), lines, strict=True):
                    row = validate_json(_Row, line, self._rows(number))
                    if (row.index, row.stimulus) != (point.index, self.plan.stimulus):
                        raise ValueError(
                            f"{self._rows(number)}: a row belongs to run {row.index} of "
                            f"{shorten(row.stimulus, 60)} instead of run {point.index}: "
                            "remove the file to compute its block again"
                        )
                    yield dict(row.model_dump())

    def missing_blocks(self) -> Iterator[int]:
        """Return the numbers of the missing blocks."""
        return (n for n in range(self.plan.blocks) if not self._is_done(n))

    def write_block(self, block: Block) -> None:
        """Write one block."""
        import zarr

        first = block.number * self.plan.block
        for name in MAPS:
            # write zeros too, even if all runs failed, because a missing chunk means lost data
            with (
                explain_os_errors(self._stack(name)),
                zarr.config.set({"array.write_empty_chunks": True}),
            ):
                maps = self._open_stack(name, "r+")
                maps[first : first + len(block.rows)] = block.maps.get(name, 0)
        with write_atomically(self._rows(block.number)) as beside:
            lines = (json.dumps(row, allow_nan=False) + "\n" for row in block.rows)
            beside.write_text("".join(lines), encoding="utf-8")

    def write_table(self) -> Path:
        """Write all rows as one CSV file."""
        columns = dict.fromkeys(key for row in self.rows() for key in row)
        with (
            write_atomically(self.folder / TABLE) as beside,
            beside.open("w", newline="", encoding="utf-8") as file,
        ):
            writer = csv.DictWriter(file, list(columns))
            writer.writeheader()
            writer.writerows(self.rows())
        return self.folder / TABLE

    def _open_stack(self, name: str, mode: str) -> Any:
        """Open a stack; raise ValueError if it does not match the plan."""
        import zarr

        kind, pixel = MAPS[name]
        try:
            stack = zarr.open_array(str(self._stack(name)), mode=mode)
        except (TypeError, ValueError, KeyError, AttributeError, RuntimeError) as error:
            raise _damage_error(self._stack(name), error) from error
        count = stack.shape[0] if stack.ndim else 0
        if (count, stack.ndim, stack.dtype) != (self.plan.count, 3 + len(pixel), np.dtype(kind)):
            raise ValueError(
                f"{self._stack(name)} holds {stack.shape} of {stack.dtype}: it does not belong to "
                "this sweep"
            )
        return stack

    def _stack(self, name: str) -> Path:
        return self.folder / f"{name}.zarr"

    def _chunk(self, name: str, number: int) -> Path:
        places = [str(number), *"00", *("0" for _ in MAPS[name][1])]
        return self._stack(name).joinpath("c", *places)

    def _rows(self, number: int) -> Path:
        return self.folder / "rows" / f"{number:06d}-{self.plan.hash}.jsonl"

    def _is_done(self, number: int) -> bool:
        """Return whether a block has its maps and all rows; a crash may leave an empty file."""
        path = self._rows(number)
        if not path.exists() or not all(self._chunk(name, number).exists() for name in MAPS):
            return False
        return len(self._read_lines(number)) == len(self.plan.points(number))

    def _read_lines(self, number: int) -> list[bytes]:
        """Read the lines of a block's file of rows."""
        path = self._rows(number)
        with explain_os_errors(path):
            check_regular(path, most=MOST_BYTES)
            return path.read_bytes().splitlines()


def prepare_folder(
    plan: Plan, folder: str | os.PathLike[str], *, overwrite: bool = False
) -> Results:
    """Create the folder of a sweep, or open it if it contains the same sweep.

    Parameters
    ----------
    plan
        Plan of the sweep.
    folder
        Output folder.
    overwrite
        Whether to remove another sweep in the folder.

    Returns
    -------
    Results
    """
    results = Results(Path(folder), plan)
    with explain_os_errors(folder):
        results.folder.mkdir(parents=True, exist_ok=True)
    with hold_lock(results.folder / LOCK):
        if exists(results.folder / PLAN):
            if not overwrite and Results.open(folder).plan.record == plan.record:
                _complete_stacks(results)
                return results
            if not overwrite:
                raise ValueError(
                    f"{os.fspath(folder)} contains another sweep: give another folder, or "
                    "--overwrite"
                )
            _check_rows(results.folder)
            _remove_rows(results.folder)
        else:
            _check_free(results.folder)
        _begin(results)
    return results


@contextmanager
def lock_for_writing(results: Results) -> Iterator[None]:
    """Lock the folder of a sweep for writing; raise an error if it now contains another sweep."""
    with hold_lock(results.folder / LOCK):
        if Results.open(results.folder).plan.record != results.plan.record:
            raise ValueError(f"{results.folder} now contains another sweep: use another folder")
        yield


def _complete_stacks(results: Results) -> None:
    """Create missing stacks, and remove rows whose maps would be missing."""
    if all(results._stack(name).exists() for name in MAPS):
        with explain_os_errors(results.folder):
            (results.folder / "rows").mkdir(exist_ok=True)
            for name in MAPS:
                check_zarr(results._stack(name), sparse=True)
    else:
        _remove_rows(results.folder)
        _begin(results)


def _damage_error(place: object, error: Exception) -> ValueError:
    advice = "sweep into another folder, or overwrite"
    return ValueError(f"{place} is damaged ({shorten(error)}): {advice}")


def _check_free(folder: Path) -> None:
    """Raise an error if a folder contains files that a new sweep would replace."""
    for name in ("rows", TABLE, *(f"{name}.zarr" for name in MAPS)):
        place = folder / name
        empty = place.is_dir() and not any(place.iterdir())  # left by a crash
        if os.path.lexists(place) and not empty:
            raise FileExistsError(
                f"{place} exists, and its folder is not a sweep: give another folder, or remove it"
            )


def _check_rows(folder: Path) -> None:
    """Raise an error if a file among the rows was not written by a sweep."""
    for file in (folder / "rows").glob("*"):
        if not re.fullmatch(r"\d{6,}-[0-9a-f]{16}\.jsonl|\..*", file.name):
            raise FileExistsError(
                f"{file} does not belong to a sweep: give another folder, or remove it"
            )


def _remove_rows(folder: Path) -> None:
    """Remove the rows, which mark completed runs, and the table."""
    with explain_os_errors(folder), temporary_folder(folder) as aside:
        for name in ("rows", TABLE):
            with suppress(FileNotFoundError):  # renamed, so that a crash leaves all or none
                (folder / name).replace(aside / name)


def _begin(results: Results) -> None:
    """Write empty stacks and the plan together, so that a crash leaves no part of them."""
    import zarr
    from zarr.codecs import ZstdCodec

    plan = results.plan
    shape = plan.point(0).draw_stimulus(plan.stimulus).shape
    with write_together(results.folder, last=PLAN, overwrite=True) as beside:
        for name, (kind, pixel) in MAPS.items():
            zarr.create_array(
                str(beside / f"{name}.zarr"),
                shape=(plan.count, *shape, *pixel),
                chunks=(plan.block, *shape, *pixel),
                dtype=np.dtype(kind),
                compressors=ZstdCodec(checksum=True),
            )
        (beside / PLAN).write_text(json.dumps(plan.record, indent=1), encoding="utf-8")
        (results.folder / "rows").mkdir(exist_ok=True)
