"""The Good Gestalt sets as they are asked for: repeatable, resumable, complete, bounded."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest

from napari_lns import stimuli
from napari_lns.stimuli import Stimulus, good_gestalt
from napari_lns.stimuli.good_gestalt import NAMES

SIZES, SPLITS = (64, 256), ("train", "test")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", NAMES)
def test_a_stimulus_is_redrawn_from_its_record_through_json(
    name: str, split: Any, size: Any
) -> None:
    for drawn in good_gestalt.draw(name, split, count=3, seed=5, size=size):
        assert drawn.shape == (size, size)
        assert Stimulus.from_record(json.loads(json.dumps(drawn.record))) == drawn


def test_a_fresh_process_draws_the_same_pixels(run_python: Callable[..., str]) -> None:
    drawn = [good_gestalt.draw(name, count=2, seed=11)[1] for name in NAMES]
    code = (
        "import json, sys; from napari_lns.stimuli import Stimulus\n"
        "for record in json.loads(sys.argv[1]):\n"
        "    print(Stimulus.from_record(record).image.tobytes().hex()[::97])"
    )
    output = run_python("-c", code, json.dumps([each.record for each in drawn])).split()
    assert output == [each.image.tobytes().hex()[::97] for each in drawn]


@pytest.mark.parametrize("name", NAMES)
def test_an_image_does_not_depend_on_how_many_are_drawn(name: str) -> None:
    many, few = (good_gestalt.draw(name, count=count, seed=3) for count in (6, 2))
    assert many[:2] == few
    assert stimuli.draw(name, seed=3, index=5) == many[5]


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", NAMES)
def test_the_stream_gives_the_images_of_draw_in_their_order(name: str, split: Any) -> None:
    drawn = [each.image.transpose(2, 0, 1) for each in good_gestalt.draw(name, split, count=6)]
    for batch in (2, 3):
        streamed = np.concatenate(
            [*islice(good_gestalt.stream(name, split, batch=batch), 6 // batch)]
        )
        assert streamed.dtype == np.float32
        assert np.array_equal(streamed, drawn)


def test_a_stream_begins_at_any_step() -> None:
    third = [*islice(good_gestalt.stream("closure", batch=4, seed=2), 4)][3]
    assert np.array_equal(next(good_gestalt.stream("closure", batch=4, seed=2, start=3)), third)
    far = next(good_gestalt.stream("closure", batch=4, seed=2, start=2_000_000_000))
    assert far.shape == (4, 3, 64, 64)


def test_names_splits_and_seeds_give_images_of_their_own() -> None:
    kinds = [
        next(good_gestalt.stream(name, split, batch=2, seed=seed)).tobytes()
        for name in NAMES
        for split in SPLITS
        for seed in (0, 1)
    ]
    assert len(set(kinds)) == len(kinds)


def test_a_batch_stays_as_it_was_when_the_next_one_comes() -> None:
    batches = good_gestalt.stream("kanizsa", batch=2)
    first = next(batches)
    kept = first.copy()
    next(batches)
    assert np.array_equal(first, kept)


def test_a_stream_holds_no_more_than_a_batch_or_two() -> None:
    batches = good_gestalt.stream("continuity", "test", batch=8, size=256)
    size = next(batches).nbytes
    tracemalloc.start()
    for _ in islice(batches, 12):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * size


@pytest.mark.parametrize("name", ["kanizsa", "continuity", "gradient_occlusion"])
@pytest.mark.parametrize("split", SPLITS)
def test_the_large_image_sampled_is_the_small_one(name: str, split: Any) -> None:
    small, large = (good_gestalt.draw(name, split, count=4, size=size) for size in SIZES)
    for one, other in zip(small, large, strict=True):
        assert np.array_equal(one.image, other.image[::4, ::4])
        assert np.array_equal(one.labels, other.labels[::4, ::4])


@pytest.mark.parametrize("name", NAMES)
def test_every_set_is_in_the_registry_with_its_parameters(name: str) -> None:
    assert name in stimuli.groups()["Good Gestalt"]
    known = stimuli.parameters(name)
    assert list(known) == ["split", "size", "index", "variant"]
    assert known["split"].choices == SPLITS
    assert all(each.description for each in known.values())
    mixed = next(stimuli.stream(name, batch=2))
    assert mixed.shape == (2, 3, 64, 64)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: good_gestalt.draw("kaniza"), "did you mean 'kanizsa'?"),
        (lambda: good_gestalt.draw("kanizsa", split="tset"), "split is 'tset'"),  # type: ignore[arg-type]
        (lambda: good_gestalt.draw("kanizsa", size=128), "size is 128"),  # type: ignore[arg-type]
        (lambda: good_gestalt.draw("kanizsa", count=-1), "count is -1"),
        (lambda: good_gestalt.draw("kanizsa", seed=-1), "seed is -1"),
        (lambda: good_gestalt.stream("closures"), "did you mean 'closure'"),
        (lambda: good_gestalt.stream("closure", batch=0), "batch is 0"),
        (lambda: good_gestalt.stream("closure", start=-1), "start is -1"),
        (lambda: stimuli.draw("closure", index=-1), "index is -1"),
    ],
)
def test_a_wrong_value_is_refused_by_name_at_once(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("?", r"\?")):
        call()
