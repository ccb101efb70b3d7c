"""`Record`: the contents of a stimulus file besides its pixels; and errors that name the file."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from errno import EINVAL
from os import PathLike
from typing import Annotated, Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from napari_lns import __version__
from napari_lns._records import Name, Whole, validate_json
from napari_lns.stimuli.stimulus import Stimulus

__all__ = [
    "Record",
    "compute_checksum",
    "make_stimulus",
    "parse_json",
    "prefix_errors",
    "translate_decoder_errors",
]

_MARK = "napari-lns"  # key that marks our records; its value is the version


def _check_unique(names: list[str]) -> list[str]:
    if len(set(names)) < len(names):
        raise ValueError("each part must have another name")
    return names


class _SavedRecord(BaseModel):
    """A record of this package in a file."""

    model_config = ConfigDict(extra="forbid")
    mark: Name = Field(alias="napari-lns")
    name: Name
    parameters: dict[Name, JsonValue]
    seed: Whole
    label_names: dict[Annotated[str, Field(pattern=r"^\d{1,10}$")], Name]
    parts: Annotated[list[Name], AfterValidator(_check_unique)]
    checksum: int | None = None


@dataclass(frozen=True)
class Record:
    """A stimulus without its pixels, for JSON."""

    name: str
    parameters: dict[str, Any]
    seed: int
    label_names: dict[int, str]
    parts: tuple[str, ...]
    checksum: int | None = None

    @classmethod
    def from_stimulus(cls, stimulus: Stimulus) -> Self:
        """Return the record of a stimulus."""
        names = dict(stimulus.label_names)
        return cls(**stimulus.record, label_names=names, parts=tuple(stimulus.parts))

    @classmethod
    def from_json(cls, value: object) -> Self | None:
        """Return the record that decoded JSON contains; None for JSON of other programs."""
        if not isinstance(value, Mapping) or _MARK not in value:
            return None
        if missing := {"name", "parameters", "seed", "label_names", "parts"} - value.keys():
            raise ValueError(f"its record lacks {min(missing)!r}: write the stimulus again")
        try:
            saved = validate_json(_SavedRecord, json.dumps(value), "in it")
        except ValueError as error:
            raise ValueError(f"its record is damaged ({error}): write it again") from error
        names = {int(label): name for label, name in saved.label_names.items()}
        return cls(
            saved.name,
            dict(saved.parameters),
            saved.seed,
            names,
            tuple(saved.parts),
            saved.checksum,
        )

    def verify(self, stimulus: Stimulus) -> Stimulus:
        """Return a stimulus that was read; raise an error if its checksum differs."""
        if self.checksum is not None and self.checksum != compute_checksum(stimulus):
            raise ValueError(
                "its pixels or its record are not those that were written: copy or export it again"
            )
        return stimulus

    def to_json(self) -> dict[str, Any]:
        """Return the record in the form that `json.dumps` writes and `from_json` reads."""
        return {
            _MARK: __version__,
            "name": self.name,
            "parameters": self.parameters,
            "seed": self.seed,
            "label_names": {str(label): name for label, name in self.label_names.items()},
            "parts": list(self.parts),
            **({} if self.checksum is None else {"checksum": self.checksum}),
        }

    def stimulus(self, image: NDArray[Any], masks: Sequence[NDArray[Any]]) -> Stimulus:
        """Return the stimulus of this record, with its image, labels and parts."""
        if len(masks) != 1 + len(self.parts):
            raise ValueError("labels or parts are missing: copy or export it again")
        parts = dict(zip(self.parts, masks[1:], strict=True))
        return self.verify(
            Stimulus(
                image, masks[0], self.label_names, parts, self.name, self.parameters, self.seed
            )
        )


def compute_checksum(stimulus: Stimulus) -> int:
    """Return the CRC-32 of a stimulus's record, image, labels and parts."""
    record = {**Record.from_stimulus(stimulus).to_json(), _MARK: ""}
    checksum = zlib.crc32(json.dumps(record, sort_keys=True).encode())
    for array in (stimulus.image, stimulus.labels, *stimulus.parts.values()):
        checksum = zlib.crc32(np.ascontiguousarray(array).data, checksum)
    return checksum


def make_stimulus(
    image: NDArray[np.float32],
    labels: NDArray[Any] | None = None,
    parts: Mapping[str, NDArray[Any]] | None = None,
    *,
    name: str,
    parameters: Mapping[str, Any] | None = None,
) -> Stimulus:
    """Return the stimulus of a file without a record."""
    labels = np.zeros(image.shape[:2], np.int32) if labels is None else labels
    values = [0, *np.unique(labels).tolist()]
    names = {value: f"label {value}" if value else "background" for value in values}
    return Stimulus(image, labels, names, parts or {}, name, parameters or {})


def parse_json(text: str | bytes) -> Any:
    """Parse JSON; raise a ValueError that says what to do if it is invalid."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is not valid JSON ({error}): fix it, or remove it") from error


@contextmanager
def prefix_errors(path: str | PathLike[str]) -> Iterator[None]:
    """Prefix the messages of value errors with the file's name."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


@contextmanager
def translate_decoder_errors(kind: str) -> Iterator[None]:
    """Convert a decoder's errors into ValueErrors that say what to do; keep system errors."""
    try:
        yield
    except Exception as error:  # decoders raise anything, from SyntaxError to struct.error
        if isinstance(error, OSError) and error.errno not in (None, EINVAL):
            raise  # a system error; EINVAL is caused by contents that point before the file's start
        words = re.sub(r"<[^>]*>", "", str(error)).split()  # without addresses of objects
        message = " ".join(words).rstrip(".") or type(error).__name__
        raise ValueError(
            f"it is damaged or not a valid {kind} ({message}): copy or export it again"
        ) from error
