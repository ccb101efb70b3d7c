"""Training: exact resume, whole files, clear refusals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from napari_lns._parameters import inspect_parameters
from napari_lns.models import (
    AutoEncoder,
    Card,
    Settings,
    TrainingDivergedError,
    VariationalAutoEncoder,
    finish_run,
    iter_train,
    load,
    save,
    train,
)
from napari_lns.models.kinds import KINDS
from napari_lns.models.training import folder, loop
from napari_lns.models.training.data import prefetch, stream_images
from napari_lns.models.training.loss import Learner
from napari_lns.models.training.measuring import CHECKPOINT, PLAN, RECORD
from napari_lns.models.training.speed import Plan, candidates, plan_for_option, time_plans
from napari_lns.models.training.trainer import Trainer, new_network

SHORT = Settings(("kanizsa",), steps=8, batch=2)


def errors(settings: Settings, out: Path, **options: object) -> list[float]:
    return [progress.error for progress in iter_train(settings, out, plan=Plan(), **options)]


@pytest.mark.parametrize(("kind", "dropout"), [("ae", 0.0), ("vae", 0.0), ("vae", 0.3)])
def test_a_resumed_run_gives_the_weights_of_an_unbroken_one(
    tmp_path: Path, kind: str, dropout: float
) -> None:
    settings = Settings(("kanizsa",), kind, steps=6, batch=2, dropout=dropout)
    whole = Trainer(settings, Plan())
    expected = [float(whole.advance()) for _ in range(6)]
    broken = Trainer(settings, Plan())
    first = [float(broken.advance()) for _ in range(3)]
    broken.save(tmp_path / "half.safetensors")
    resumed, _ = Trainer.load(tmp_path / "half.safetensors")
    assert first + [float(resumed.advance()) for _ in range(3)] == expected
    torch.testing.assert_close(
        dict(resumed.learner.state_dict()),
        dict(whole.learner.state_dict()),
        rtol=0,
        atol=0,
        equal_nan=True,
    )


@pytest.mark.slow
def test_a_run_killed_in_the_middle_resumes_to_the_same_losses(tmp_path: Path) -> None:
    script = """
import os, signal, sys
import torch
torch.set_num_threads(1)
from napari_lns.models import Settings, iter_train
from napari_lns.models.training.speed import Plan
settings = Settings(("closure",), steps=150, batch=1)
for progress in iter_train(settings, sys.argv[1], plan=Plan(), checkpoint_every=50):
    if progress.step == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
"""

    def run(out: Path, kill_at: int) -> int:
        command = [sys.executable, "-c", script, os.fspath(out), str(kill_at)]
        return subprocess.run(command, check=False, timeout=200).returncode

    assert run(tmp_path / "unbroken", 0) == 0
    assert run(tmp_path / "killed", 100) == -signal.SIGKILL
    assert run(tmp_path / "killed", 0) == 0
    curves = [
        json.loads((tmp_path / name / RECORD).read_text())["curves"]
        for name in ("unbroken", "killed")
    ]
    assert curves[0] == curves[1]


def test_two_processes_do_not_train_in_one_folder(tmp_path: Path) -> None:
    settings = Settings(("closure",), steps=60, batch=1, latent_size=2)
    running = iter_train(settings, tmp_path, plan=Plan())
    assert next(running).step == 50
    with pytest.raises(BlockingIOError, match=f"{tmp_path} is being written to by process"):
        next(iter_train(replace(settings, seed=1), tmp_path, plan=Plan()))
    assert next(running).step == 60
    running.close()
    assert not [*iter_train(settings, tmp_path)]  # complete
    assert sorted(file.name for file in tmp_path.iterdir()) == [CHECKPOINT, PLAN, RECORD]


def test_training_makes_the_error_smaller(tmp_path: Path) -> None:
    settings = Settings(("proximity",), steps=100, batch=4)
    trainer = Trainer(settings, Plan())
    errors = [float(trainer.advance()) for _ in range(100)]
    assert np.mean(errors[-20:]) < 0.5 * np.mean(errors[:20])


def test_a_run_stopped_by_the_clock_resumes_from_its_checkpoint(tmp_path: Path) -> None:
    settings = Settings(("kanizsa",), steps=100, batch=1)
    *_, stopped = iter_train(settings, tmp_path, plan=Plan(), minutes=0)
    assert stopped.step == 50
    *_, done = iter_train(settings, tmp_path, plan=Plan())
    assert done.step == 100


def test_a_run_that_is_asked_to_stop_does_so_at_its_next_step_and_resumes(tmp_path: Path) -> None:
    settings = Settings(("kanizsa",), steps=8, batch=2)
    asked = iter([False, False, False, True])
    assert not [*iter_train(settings, tmp_path, plan=Plan(), stop=lambda: next(asked))]
    assert json.loads((tmp_path / RECORD).read_text())["step"] == 3
    *_, done = iter_train(settings, tmp_path, plan=Plan())
    assert done.step == 8
    _, notes = Trainer.load(tmp_path / CHECKPOINT)
    assert notes["step"] == 8


def test_trying_ways_to_train_stops_when_asked(tmp_path: Path) -> None:
    asked = iter([False, False, True])
    long = Settings(("kanizsa",), steps=1000, batch=1)
    assert not [*iter_train(long, tmp_path, stop=lambda: next(asked))]
    assert not (tmp_path / CHECKPOINT).exists()


def test_held_out_scores_come_with_the_progress(tmp_path: Path) -> None:
    def evaluate(network: AutoEncoder) -> dict[str, float]:
        assert not network.training
        return {"ARI": 0.5}

    *_, last = iter_train(SHORT, tmp_path, evaluate=evaluate, plan=Plan())
    assert last.scores == {"ARI": 0.5}
    assert last.network.training
    assert json.loads((tmp_path / RECORD).read_text())["curves"]["scores"] == [[8, {"ARI": 0.5}]]


def test_divergence_stops_with_a_sentence_and_keeps_the_last_good_weights(tmp_path: Path) -> None:
    errors(Settings(("kanizsa",), steps=50, batch=1), tmp_path)
    before = (tmp_path / CHECKPOINT).read_bytes()
    wild = Settings(("kanizsa",), steps=100, batch=1)
    broken = Trainer(wild, Plan())
    with torch.no_grad():
        broken.network.decoder.linear_1[0].weight.fill_(torch.nan)
    (tmp_path / "wild").mkdir()
    broken.save(tmp_path / "wild" / CHECKPOINT, {"curves": {"error": [], "scores": []}})
    with pytest.raises(TrainingDivergedError, match="try a lower rate"):
        errors(wild, tmp_path / "wild")
    assert (tmp_path / CHECKPOINT).read_bytes() == before


def test_other_settings_in_the_same_folder_are_refused_by_name(tmp_path: Path) -> None:
    errors(SHORT, tmp_path)
    with pytest.raises(ValueError, match=r"rate 0\.001, not 0\.002"):
        errors(Settings(("kanizsa",), steps=8, batch=2, rate=2e-3), tmp_path)


def test_a_damaged_checkpoint_is_refused_by_name(tmp_path: Path) -> None:
    errors(SHORT, tmp_path)
    file = tmp_path / CHECKPOINT
    file.write_bytes(file.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"checkpoint\.safetensors' is damaged"):
        errors(SHORT, tmp_path)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"kind": "gan"}, "kind is 'gan': it must be one of 'ae', 'vae', 'compact'"),
        ({"steps": 0}, "steps is 0"),
        ({"batch": 0}, "batch is 0"),
        ({"rate": 0.0}, "rate is 0"),
        ({"data": ()}, "data is empty"),
    ],
)
def test_wrong_settings_are_refused_by_name(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Settings(**{"data": ("kanizsa",), **values})  # type: ignore[arg-type]


def test_unknown_data_are_refused_with_the_nearest_names(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="kanizsa"):
        errors(Settings(("kaniza",), steps=1), tmp_path)


def test_the_learning_rate_rises_and_falls_to_zero() -> None:
    settings = Settings(("kanizsa",), steps=1000)
    rates = [settings.learning_rate(step) for step in range(1000)]
    assert max(rates) == pytest.approx(settings.rate)
    assert rates.index(max(rates)) < 60
    assert rates[-1] < 1e-8
    assert settings.head_weight(0) == 0.3
    assert settings.head_weight(400) == 0


def test_geco_lowers_beta_while_the_error_is_above_its_goal_and_raises_it_below() -> None:
    learner = Learner(new_network(Settings(("kanizsa",), "vae")), geco_speed=10)
    learner.move_beta(torch.tensor(100.0), 12288)
    assert learner.beta < 1
    learner.average_error.fill_(0.0)
    before = learner.beta.clone()
    learner.move_beta(torch.tensor(0.0), 12288)
    assert learner.beta > before


def test_geco_holds_the_error_at_the_goal_it_is_given() -> None:
    learner = Learner(new_network(Settings(("kanizsa",), "vae")), goal=0.0001)
    learner.move_beta(torch.tensor(0.0003 * 12288), 12288)
    assert learner.beta < 1


def test_a_variational_network_starts_from_a_plain_ones_weights(tmp_path: Path) -> None:
    torch.manual_seed(1)
    plain = AutoEncoder()
    save(plain, tmp_path / "plain.safetensors")
    start = os.fspath(tmp_path / "plain.safetensors")
    warm = new_network(Settings(("kanizsa",), "vae", start=start))
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(warm.encode(images), plain.half().float().encode(images), atol=1e-4)
        assert torch.allclose(warm.moments(images)[1], torch.tensor(-6.0))  # type: ignore[attr-defined]


def test_a_run_continues_when_what_it_began_with_is_gone(tmp_path: Path) -> None:
    start = tmp_path / "start.safetensors"
    save(AutoEncoder(), start)
    settings = Settings(("kanizsa",), steps=2, batch=2, start=os.fspath(start))
    Trainer(settings, Plan()).save(tmp_path / CHECKPOINT)
    start.unlink()
    assert Trainer.load(tmp_path / CHECKPOINT)[0].settings == settings


def test_a_network_of_another_latent_size_is_trained_saved_and_loaded(tmp_path: Path) -> None:
    settings = Settings(("kanizsa",), steps=2, batch=2, latent_size=30)
    trainer = Trainer(settings, Plan())
    trainer.advance()
    trainer.save(tmp_path / CHECKPOINT)
    assert Trainer.load(tmp_path / CHECKPOINT)[0].network.latent_size == 30
    save(trainer.network, tmp_path / "large.safetensors")
    assert load(tmp_path / "large.safetensors").encode(torch.rand(2, 3, 64, 64)).shape == (2, 30)


def test_a_card_describes_the_weights_in_the_file(tmp_path: Path) -> None:
    trainer = Trainer(Settings(("kanizsa",), steps=2, batch=2), Plan())
    trainer.advance()
    trainer.save(
        tmp_path / CHECKPOINT, {"curves": {"error": [[1, 0.1]], "scores": []}, "versions": {}}
    )
    network, card = finish_run(tmp_path, "mine")
    save(network, tmp_path / "mine.safetensors", card)
    shipped = load(tmp_path / "mine.safetensors").state_dict()
    assert all(torch.equal(own, shipped[name]) for name, own in network.state_dict().items())


def test_dropout_silences_responses_in_training_only() -> None:
    settings = Settings(("kanizsa",), steps=2, batch=2, dropout=0.5)
    learner = Trainer(settings, Plan()).learner
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        first, second = (learner(images, torch.zeros(2, 15))[0] for _ in range(2))
        assert first != second
        assert torch.equal(learner.network(images), learner.network(images))


def test_dropout_of_all_is_refused() -> None:
    with pytest.raises(ValueError, match="dropout is 1"):
        Settings(("kanizsa",), dropout=1)


def test_a_start_of_another_latent_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"has 15 latent units, and the new network is to have 30"):
        new_network(Settings(("kanizsa",), start="kanizsa-ae", latent_size=30))


def test_settings_know_the_kinds_of_networks() -> None:
    """They list them a second time, since they load without torch."""
    assert tuple(inspect_parameters(Settings)["kind"].choices) == tuple(KINDS)


@pytest.mark.parametrize("kind", ["vae", "waves"])
def test_a_start_with_other_layers_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match=rf"'kanizsa-figure' is of the kind 'compact'.*'{kind}'"):
        Trainer(Settings(("kanizsa",), kind, start="kanizsa-figure", latent_size=16), Plan())


def test_a_plain_network_starts_from_a_variational_ones_means(tmp_path: Path) -> None:
    torch.manual_seed(1)
    variational = VariationalAutoEncoder()
    save(variational, tmp_path / "variational.safetensors")
    start = os.fspath(tmp_path / "variational.safetensors")
    plain = new_network(Settings(("kanizsa",), "ae", start=start))
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(plain.encode(images), variational.half().float().encode(images))


def test_a_variational_network_starts_with_latents_of_the_priors_spread(tmp_path: Path) -> None:
    torch.manual_seed(1)
    plain = AutoEncoder()
    save(plain, tmp_path / "plain.safetensors", Card("plain", "ae", latent_spread=4.0))
    start = os.fspath(tmp_path / "plain.safetensors")
    warm = new_network(Settings(("kanizsa",), "vae", start=start))
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.allclose(warm.encode(images), plain.encode(images) / 4, atol=1e-3)
        assert torch.allclose(warm(images), plain(images), atol=1e-3)


def test_the_fastest_plan_takes_least_and_one_that_cannot_run_is_ignored() -> None:
    plans = candidates("cpu", 1)

    def make_step(plan: Plan):  # type: ignore[no-untyped-def]
        if plan.compiled:
            raise RuntimeError("no compiler")
        return (lambda: None) if plan.bfloat16 else (lambda: sum(range(100_000)))  # type: ignore[return-value]

    times = time_plans(plans, make_step)
    assert min(times, key=lambda plan: times[plan]).bfloat16
    assert not any(plan.compiled for plan in times)


def pictures(path: Path, count: int = 10, size: int = 32) -> None:
    chance = np.random.default_rng(0)
    for index in range(count):
        pixels = chance.integers(256, size=(size, size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path / f"{index}.png")


def test_a_folder_of_images_can_be_trained_on(tmp_path: Path) -> None:
    pictures(tmp_path)
    network = train(os.fspath(tmp_path), steps=2, batch=2, out=tmp_path / "run")
    assert isinstance(network, AutoEncoder)
    assert not network.training


def test_a_folders_stream_starts_at_any_step(tmp_path: Path) -> None:
    pictures(tmp_path)
    stream = folder.stream(tmp_path, batch=3, seed=4)
    batches = [next(stream) for _ in range(3)]
    assert np.array_equal(batches[2], next(folder.stream(tmp_path, batch=3, seed=4, start=2)))
    assert batches[0].shape == (3, 3, 64, 64)
    assert batches[0].dtype == np.float32


def striped(folder_: Path, count: int, *, labels: bool = False) -> None:
    """Images 40 × 20 whose left half is red, with labels beside them."""
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, :20, 0] = 255
    for number in range(count):
        Image.fromarray(pixels).save(folder_ / f"{number:02}.png")
        if labels:
            halves = (pixels[..., 0] == 0).astype(np.uint8)
            Image.fromarray(halves).save(folder_ / f"{number:02}.labels.png")


@pytest.mark.parametrize("mirror", [False, True])
def test_whole_images_of_a_folder_are_taken_and_mirrored_only_if_asked(
    tmp_path: Path, mirror: bool
) -> None:
    striped(tmp_path, 10)
    batch = next(folder.stream(tmp_path, batch=40, mirror=mirror))
    left_red = batch[:, 0, :, :32].mean(axis=(1, 2)) > 0.9
    assert left_red.all() != mirror
    assert np.isclose(batch[:, 0].mean(axis=(1, 2)), 0.5, atol=0.02).all()


def test_padding_keeps_proportions_and_crops_are_squares(tmp_path: Path) -> None:
    striped(tmp_path, 10)
    (padded,) = next(folder.stream(tmp_path, batch=1, fit="pad"))
    assert padded.shape == (3, 64, 64)
    assert (padded[0, :, :31] > 0.9).all()  # the border is repeated above and below
    crops = next(folder.stream(tmp_path, batch=20, fit="crop"))[:, 0].mean(axis=(1, 2))
    assert crops.std() > 0.05
    with pytest.raises(ValueError, match="no fit 'squash'; there are crop, pad, resize"):
        next(folder.stream(tmp_path, batch=1, fit="squash"))


def test_labels_beside_images_are_never_trained_on_and_some_are_held_out(tmp_path: Path) -> None:
    striped(tmp_path, 15, labels=True)
    trained, out = folder._split(tmp_path)
    assert [file.name for file in out] == ["04.png", "09.png", "14.png"]
    assert len(trained) == 12
    assert not [file for file in trained if ".labels" in file.name]
    for fit in ("resize", "pad", "crop"):
        kept = folder.read_held_out(tmp_path, fit)
        assert [stimulus.shape for stimulus in kept] == [(64, 64)] * 3
        assert kept[0].labels[32, 5] != kept[0].labels[32, 60]


def test_too_few_or_broken_images_in_a_folder_are_refused_by_name(tmp_path: Path) -> None:
    pictures(tmp_path, 3)
    with pytest.raises(ValueError, match="holds 3 images"):
        next(folder.stream(tmp_path, batch=1))
    pictures(tmp_path, 10)
    (tmp_path / "7.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"7\.png: it is damaged"):
        next(folder.stream(tmp_path, batch=1))


def test_a_flipped_bit_of_a_folders_image_is_found(tmp_path: Path) -> None:
    pictures(tmp_path)
    damaged = bytearray((tmp_path / "7.png").read_bytes())
    damaged[-30] ^= 1
    (tmp_path / "7.png").write_bytes(damaged)
    with pytest.raises(ValueError, match=r"7\.png: it is damaged"):
        next(folder.stream(tmp_path, batch=1))


def test_images_of_sixteen_bits_and_with_alpha_are_read_as_everywhere(tmp_path: Path) -> None:
    pictures(tmp_path)
    Image.fromarray(np.full((32, 32), 16_384, np.uint16)).save(tmp_path / "7.png")
    Image.fromarray(np.zeros((32, 32, 4), np.uint8)).save(tmp_path / "8.png")
    quarter, clear = folder._open_image(tmp_path / "7.png"), folder._open_image(tmp_path / "8.png")
    assert quarter.getpixel((0, 0)) == (64, 64, 64)
    assert clear.getpixel((0, 0)) == (255, 255, 255)


def test_a_postscript_file_that_is_called_png_is_never_run(tmp_path: Path) -> None:
    pictures(tmp_path)
    (tmp_path / "7.png").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 32 32\n")
    with pytest.raises(ValueError, match=r"7\.png: it is damaged or not"):
        next(folder.stream(tmp_path, batch=1))


def test_batches_drawn_ahead_are_the_same_in_the_same_order() -> None:
    settings = Settings(("proximity",), batch=2)
    plain, early = stream_images(settings), prefetch(stream_images(settings))
    assert all(np.array_equal(next(plain), next(early)) for _ in range(8))


def test_a_batch_that_cannot_be_drawn_ahead_says_so(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="holds 0 images"):
        next(prefetch(stream_images(Settings((os.fspath(tmp_path),)))))


def test_a_run_killed_before_its_first_checkpoint_keeps_its_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(SHORT, steps=100, batch=2)
    slower = Plan(channels_last=True)
    monkeypatch.setattr(loop, "measure_fastest_plan", lambda *_: (slower, 0.1))
    next(iter_train(settings, tmp_path, checkpoint_every=100))  # killed: nothing is kept
    assert not (tmp_path / CHECKPOINT).exists()
    monkeypatch.setattr(loop, "measure_fastest_plan", lambda *_: (Plan(), 0.1))
    next(iter_train(settings, tmp_path, checkpoint_every=50))
    assert Trainer.load(tmp_path / CHECKPOINT)[0].plan == slower
    assert plan_for_option(str(tmp_path / "plan.json"), "cpu") == slower
    assert plan_for_option("measured", "cpu") is None


def test_a_plan_that_is_none_is_reported_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text('{"threads": "one"}')
    with pytest.raises(ValueError, match=r"plan\.json: threads is 'one'"):
        next(iter_train(SHORT, tmp_path))


def test_a_device_that_is_not_there_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="device is 'mps:7': there is none here"):
        train("kanizsa", steps=2, out=tmp_path / "run", device="mps:7")
    with pytest.raises(ValueError, match="device is 'mps:7': there is none here"):
        plan_for_option("plain", "mps:7")
    assert plan_for_option("plain", "cpu") == Plan("cpu", threads=torch.get_num_threads())
