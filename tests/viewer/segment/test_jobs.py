"""What a run does off the main thread gives what the functions give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from napari.layers import Image

from napari_lns import Segmentation, models, segment, stimuli
from napari_lns.viewer.layers.images import image_sources
from napari_lns.viewer.own_models import load_model, shipped_models
from napari_lns.viewer.segment.jobs import (
    RunContext,
    cut_again,
    iter_reclusterings,
    iter_segmentations,
    summarize,
)

CALL = {"model": "kanizsa-ae", "clusters": 3, "seed": 5, "samples": 20, "device": "cpu"}


@pytest.fixture(scope="module")
def stimulus():
    return stimuli.draw("kanizsa")


@pytest.fixture(scope="module")
def done(stimulus):
    given = image_sources(Image(stimulus.image, rgb=True))
    context = RunContext({given[0]: stimulus.labels})
    *_, last = iter_segmentations(given, CALL, context)
    return last.result(), context


def test_a_job_finds_what_segment_finds(done, stimulus):
    (result,) = done[0].results.values()
    assert np.array_equal(result.labels, segment(stimulus.image, **CALL).labels)
    assert list(done[0].scores.values()) == [result.agreement(stimulus.labels)]


def test_a_run_with_auto_takes_the_suggested_network_and_notes_its_name(stimulus):
    given = image_sources(Image(stimulus.image, rgb=True))
    *_, last = iter_segmentations(given, {**CALL, "model": "auto", "samples": 8}, RunContext())
    (result,) = last.result().results.values()
    assert result.record["chosen"] == models.suggest(stimulus.image).model
    assert result.record["suggestion"]["model"] == result.record["chosen"]


def test_labels_of_one_value_are_no_ground_truth_to_score_by(done, stimulus):
    (given,) = done[0].results
    told = summarize(done[0].results, RunContext({given: np.ones(stimulus.shape, int)}))
    assert told.scores == {}
    assert told.why_unscored == "no score: all pixels of the ground truth have the label 1"


def test_labels_of_another_shape_give_no_score_and_the_sentence_says_so(done):
    (given,) = done[0].results
    told = summarize(done[0].results, RunContext({given: np.eye(8, dtype=int)}))
    assert told.scores == {}
    assert told.why_unscored == (
        "no score: the ground truth is 8 × 8, the image 64 × 64: choose labels of the image's size"
    )


def test_cutting_again_is_what_a_run_with_that_number_gives(done, stimulus):
    found, context = done
    (result,) = cut_again(found.results, context, clusters=5).results.values()
    assert np.array_equal(result.labels, segment(stimulus.image, **{**CALL, "clusters": 5}).labels)
    (whole,) = cut_again(found.results, context, height=1.0).results.values()
    assert whole.clusters == 1


def test_another_clusterer_gives_what_its_own_run_gives(done, stimulus):
    found, context = done
    *_, last = iter_reclusterings(found.results, "kmeans", 3, "gap", context)
    (result,) = last.result().results.values()
    wanted = segment(stimulus.image, **CALL, clusterer="kmeans")
    assert np.array_equal(result.labels, wanted.labels)
    assert result.tree is None


def test_a_stacks_images_take_one_seed_each(stimulus):
    given = image_sources(Image(np.stack([stimulus.image] * 2), rgb=True))
    *_, last = iter_segmentations(given, {**CALL, "samples": 8}, RunContext())
    second = last.result().results[given[1]]
    assert second.record["parameters"]["seed"] == 6
    assert last.done == last.total


def test_what_earlier_runs_found_on_a_stack_stays(done, stimulus):
    found, _ = done
    (result,) = found.results.values()
    layer = Image(np.stack([stimulus.image] * 3), rgb=True)
    (last,) = image_sources(layer, 2)
    bare = Segmentation(result.image, np.ones((64, 64)))
    told = summarize({last: result}, RunContext(others={layer: {0: bare}}))
    planned = {plan.content: plan for plan in told.plans[layer]}
    assert [int(each.max()) for each in planned["labels"].data] == [1, 0, 3]
    assert [bool(each.any()) for each in planned["variance"].data] == [False, False, True]
    assert planned["labels"].results == {0: bare, 2: result}


def test_shipped_models_are_named_without_torch():
    from napari_lns import models

    assert shipped_models() == models.names()


OWN = "from napari_lns.models import AutoEncoder\nmine = AutoEncoder()\n"


def test_a_python_file_gives_a_model_and_errors_say_how_to_name_it(tmp_path: Path):
    file = tmp_path / "own.py"
    file.write_text(OWN)
    assert load_model(f"{file}:mine").kind == "ae"
    with pytest.raises(ValueError, match="module:name"):
        load_model(f"{file}:yours")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        load_model("nowhere.py:mine")
