"""A network for an image: the one of its stimulus, or else the one that reconstructs it best."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from napari_lns import models, segment, segment_many, stimuli
from napari_lns.cli import app
from napari_lns.models import AutoEncoder, Card, zoo
from napari_lns.models.suggestion import Fit, Suggestion, suggest

PARAMETRIC = sorted({Card.load(zoo.SHIPPED / f"{name}.json").world for name in models.names()})
PARAMETRIC = [name for name in PARAMETRIC if name and "jitter" in stimuli.parameters(name)]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of shipped models: two untrained networks, one for closure."""
    for seed, (name, world) in enumerate((("one", "closure"), ("two", ""))):
        torch.manual_seed(seed)
        card = Card(name, "ae", error_99=0.001, training={"error": 0.0005}, world=world)
        models.save(AutoEncoder(), tmp_path / f"{name}.safetensors", card)
    monkeypatch.setattr(zoo, "SHIPPED", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", PARAMETRIC)
def test_the_right_network_is_first_for_stimuli_without_a_name(name: str) -> None:
    given = [stimuli.draw(name, seed=900_000 + seed, jitter=1).image for seed in range(3)]
    found = [suggest(image) for image in given]
    assert [each.model for each in found] == [models.for_stimulus(name)] * len(given)
    assert all(each.fits for each in found)


def test_a_stimulus_with_a_known_name_has_the_network_of_its_world(small: Path) -> None:
    found = suggest(stimuli.draw("closure"))
    assert (found.model, found.stimulus, len(found.ranking)) == ("one", "closure", 1)
    assert str(found).startswith("one, the network for closure (")
    assert "outside the domain" in str(found)


def test_all_networks_are_ranked_by_their_error(small: Path) -> None:
    image = stimuli.draw("closure").image
    ranking = suggest(image).ranking
    assert {each.model for each in ranking} == {"one", "two"}
    assert ranking[0].error <= ranking[1].error
    given = torch.tensor(image).permute(2, 0, 1)[None]
    network = models.load(ranking[0].model)
    error = float((network.decode(network.encode(given)) - given).square().mean())
    assert ranking[0].error == pytest.approx(error, rel=1e-4)
    assert ranking[0].relative == pytest.approx(error / 0.0005, rel=1e-4)
    assert not ranking[0].fits


def test_where_none_fits_the_sentence_says_so_and_what_to_do() -> None:
    assert str(Suggestion((Fit("occluded-bar", 0.02, 41.2, fits=False),))) == (
        "no shipped network reconstructs this image (best: occluded-bar, 41 × its usual error): "
        "train one on a world of your own"
    )
    fitting = Suggestion((Fit("occluded-bar", 0.0005, 1.23, fits=True),))
    assert str(fitting) == "occluded-bar reconstructs this image best (1.2 × its usual error)"


def test_noise_fits_no_network() -> None:
    noise = np.random.default_rng(0).random((64, 64, 3), np.float32)
    assert not suggest(noise).fits


def test_a_grey_image_of_another_size_and_type_has_a_suggestion_too(small: Path) -> None:
    grey = np.linspace(0, 255, 40 * 50).reshape(40, 50).astype(np.uint8)
    colour = np.repeat(grey[..., None] / 255, 3, axis=2)
    assert suggest(grey).fit == pytest.approx(suggest(colour).fit, rel=1e-4)


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        (np.zeros((2, 3, 4, 5)), "image has the shape"),
        (np.full((4, 4), 2.0), "outside"),
        (np.full((4, 4), np.nan), "NaN"),
    ],
)
def test_what_is_no_image_is_refused(image: np.ndarray, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        suggest(image)


def test_without_any_network_the_refusal_says_what_to_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zoo, "SHIPPED", tmp_path)
    with pytest.raises(ValueError, match="name a file of weights"):
        suggest(np.zeros((64, 64)))


def test_weights_that_were_replaced_are_loaded_again(small: Path) -> None:
    image = stimuli.draw("closure").image
    before = {each.model: each.error for each in suggest(image).ranking}
    torch.manual_seed(7)
    (small / "one.json").unlink()
    models.save(AutoEncoder(), small / "one.safetensors", Card("one", "ae"))
    after = {each.model: each.error for each in suggest(image).ranking}
    assert after["one"] != before["one"]
    assert after["two"] == before["two"]


def test_all_networks_are_compared_in_under_half_a_second() -> None:
    image = stimuli.draw("kanizsa_figure").image
    suggest(image)  # loads the networks

    def once() -> float:
        begun = time.thread_time()
        suggest(image)
        return time.thread_time() - begun

    assert min(once() for _ in range(3)) < 0.5


def test_segment_auto_takes_the_suggested_network_and_records_how_well_it_fits(
    small: Path,
) -> None:
    stimulus = stimuli.draw("closure")
    found = segment(stimulus, "auto", method="exact", clusters=2)
    assert found.record["model"]["name"] == "one"
    assert found.record["suggestion"] == json.loads(json.dumps(suggest(stimulus).record))
    assert str(suggest(stimulus)) in found.record["warnings"]
    named = segment(stimulus, "one", method="exact", clusters=2)
    np.testing.assert_array_equal(found.labels, named.labels)


def test_segment_many_takes_each_image_its_own_network(small: Path) -> None:
    stimulus = stimuli.draw("closure")
    images = [stimulus, stimulus.image]
    found = segment_many(images, "auto", method="exact", clusters=2)
    names = [each.record["model"]["name"] for each in found]
    assert names == ["one", suggest(stimulus.image).model]


def test_the_command_says_which_network_it_took_and_how_well_it_fits(
    small: Path, tmp_path: Path
) -> None:
    stimuli.write(stimuli.draw("closure"), tmp_path / "named.png")
    words = ["segment", str(tmp_path / "named.png"), "--set", "method=exact"]
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "out"), "--json"])
    assert done.exit_code == 0, done.output
    assert "named.npz: one, the network for closure (" in done.stderr
    (record,) = json.loads(done.stdout)
    assert record["suggestion"]["model"] == "one"
    named = CliRunner().invoke(app, [*words, "--model", "two", "--out", str(tmp_path / "two")])
    assert "usual error" not in named.stderr


def test_a_method_without_a_network_has_no_suggestion() -> None:
    found = segment(stimuli.draw("closure"), "auto", segmenter="baseline", clusters=2)
    assert "suggestion" not in found.record
