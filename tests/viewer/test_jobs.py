"""What a run does off the main thread gives what the functions give."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from napari.layers import Image

from napari_lns import segment, stimuli
from napari_lns.viewer.jobs import regrouping, relabelled, segmenting
from napari_lns.viewer.own_models import loaded, shipped
from napari_lns.viewer.pictures import given_by

CALL = {"model": "kanizsa-ae", "clusters": 3, "seed": 5, "samples": 20, "device": "cpu"}


@pytest.fixture(scope="module")
def stimulus():
    return stimuli.draw("kanizsa")


@pytest.fixture(scope="module")
def done(stimulus):
    given = given_by(Image(stimulus.image, rgb=True))
    truths = {given[0]: stimulus.labels}
    *_, last = segmenting(given, CALL, truths)
    return last.result(), truths


def test_a_job_finds_what_segment_finds(done, stimulus):
    (result,) = done[0].results.values()
    assert np.array_equal(result.labels, segment(stimulus.image, **CALL).labels)
    assert done[0].scores == [result.score(stimulus.labels)]


def test_cutting_again_is_what_a_run_with_that_number_gives(done, stimulus):
    found, truths = done
    (result,) = relabelled(found.results, truths, clusters=5).results.values()
    assert np.array_equal(result.labels, segment(stimulus.image, **{**CALL, "clusters": 5}).labels)
    (whole,) = relabelled(found.results, truths, height=1.0).results.values()
    assert whole.clusters == 1


def test_another_clusterer_gives_what_its_own_run_gives(done, stimulus):
    found, truths = done
    *_, last = regrouping(found.results, "kmeans", 3, "gap", truths)
    (result,) = last.result().results.values()
    wanted = segment(stimulus.image, **CALL, clusterer="kmeans")
    assert np.array_equal(result.labels, wanted.labels)
    assert result.tree is None


def test_a_stacks_pictures_take_one_seed_each(stimulus):
    given = given_by(Image(np.stack([stimulus.image] * 2), rgb=True))
    *_, last = segmenting(given, {**CALL, "samples": 8}, {})
    second = last.result().results[given[1]]
    assert second.record["parameters"]["seed"] == 6
    assert last.done == last.total


def test_shipped_models_are_named_without_torch():
    from napari_lns import models

    assert shipped() == models.names()


OWN = "from napari_lns.models import AutoEncoder\nmine = AutoEncoder()\n"


def test_a_python_file_gives_a_model_and_errors_say_how_to_name_it(tmp_path: Path):
    file = tmp_path / "own.py"
    file.write_text(OWN)
    assert loaded(f"{file}:mine").kind == "ae"
    with pytest.raises(ValueError, match="module:name"):
        loaded(f"{file}:yours")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        loaded("nowhere.py:mine")
