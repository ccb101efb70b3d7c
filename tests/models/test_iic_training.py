import itertools
import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from napari_lns import stimuli
from napari_lns.models import TrainingDivergedError
from napari_lns.models.iic import (
    DIGITS,
    PHOTOS,
    PIXELS,
    IICSettings,
    PixelNetwork,
    accuracy,
    cluster,
    iter_train,
    load,
    probabilities,
    save,
    train,
    train_best_of,
)
from napari_lns.models.iic.clustering import image_losses
from napari_lns.models.iic.data import as_batch, digits, stream_images
from napari_lns.models.iic.dense import pixel_losses
from napari_lns.models.iic.run import Run, new_network
from napari_lns.models.iic.settings import Transform

SMALL = replace(PIXELS, data="kanizsa", steps=6, batch=2, copies=2, width=0.0625)


def weights(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def test_a_run_that_was_stopped_resumes_exactly_where_it_was(tmp_path):
    *_, whole = iter_train(replace(SMALL, steps=22, auxiliary=5), out=tmp_path / "whole")
    steps = iter_train(
        replace(SMALL, steps=22, auxiliary=5), out=tmp_path / "stopped", checkpoint_every=20
    )
    next(steps)
    steps.close()
    *_, resumed = iter_train(replace(SMALL, steps=22, auxiliary=5), out=tmp_path / "stopped")
    assert same(weights(whole.network), weights(resumed.network))
    assert whole.curve == resumed.curve


def test_a_finished_run_is_given_back_without_training(tmp_path):
    first = train("kanizsa", out=tmp_path, steps=2, batch=2, width=0.0625)
    again = train("kanizsa", out=tmp_path, steps=2, batch=2, width=0.0625)
    assert same(weights(first), weights(again))


def test_other_settings_are_refused_by_name(tmp_path):
    train("kanizsa", out=tmp_path, steps=2, batch=2, width=0.0625)
    with pytest.raises(ValueError, match="other settings \\(reach 5, not 3\\)"):
        train("kanizsa", out=tmp_path, steps=2, batch=2, width=0.0625, reach=3)


def test_other_images_are_refused(tmp_path):
    picture = np.random.default_rng(0).random((16, 16, 3))
    train(picture, out=tmp_path, steps=1, batch=2, width=0.0625)
    with pytest.raises(ValueError, match="other settings \\(data"):
        train(picture[::-1], out=tmp_path, steps=1, batch=2, width=0.0625)


def test_a_damaged_checkpoint_is_refused(tmp_path):
    (tmp_path / "checkpoint.safetensors").write_bytes(b"no weights")
    with pytest.raises(ValueError, match="is damaged"):
        train("kanizsa", out=tmp_path, steps=2, batch=2)


def test_training_stops_at_a_loss_that_is_no_number(tmp_path):
    with pytest.raises(TrainingDivergedError, match=r"diverged at step .* try a lower rate"):
        train("kanizsa", steps=20, batch=2, width=0.0625, rate=1e30)


def test_two_heads_take_turns():
    run = Run(replace(SMALL, auxiliary=7))
    run.advance()
    assert run.network.auxiliary.losses.any()
    assert not run.network.main.losses.any()
    run.advance()
    assert run.network.main.losses.any()


def test_the_same_seed_gives_the_same_network():
    one, other = (train_best_of(SMALL, runs=1) for _ in range(2))
    assert same(weights(one), weights(other))


def test_the_run_with_the_lowest_loss_is_taken():
    each = [train_best_of(replace(SMALL, seed=seed), runs=1) for seed in (0, 1, 2)]
    lowest = min(each, key=lambda network: float(network.main.losses.min()))
    assert same(weights(train_best_of(SMALL, runs=3)), weights(lowest))


@pytest.mark.parametrize(
    ("settings", "given"),
    [
        (replace(DIGITS, pairs=3, batch=20), digits()[0]),
        (replace(PHOTOS, clusters=3, batch=4), np.random.default_rng(0).random((8, 3, 16, 16))),
    ],
)
def test_several_versions_of_an_image_are_compared_with_it(settings, given):
    batch = torch.from_numpy(given[: settings.batch].astype(np.float32))
    network = new_network(replace(settings, width=0.0625), tuple(batch.shape[2:]))
    losses = image_losses(network, network.main, batch, settings, torch.Generator())
    assert losses.shape == (settings.copies,)
    assert (losses <= 1e-4).all()


def test_pixel_losses_reach_every_weight():
    network = new_network(SMALL, (64, 64))
    batch = torch.from_numpy(next(stream_images(SMALL)))
    pixel_losses(network, network.main, batch, SMALL, torch.Generator()).mean().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


def test_versions_that_do_not_differ_give_the_loss_of_a_map_with_itself():
    from napari_lns.models.iic.loss import dense_loss

    still = replace(SMALL, transform=Transform(zoom=(1, 1), flip=False, jitter=0))
    network = new_network(still, (64, 64)).eval()
    batch = torch.from_numpy(next(stream_images(still)))
    with torch.no_grad():
        found = pixel_losses(network, network.main, batch, still, torch.Generator())
        maps = network(batch)[0]
    assert torch.isclose(found[0], dense_loss(maps, maps, reach=5), atol=1e-4)


@pytest.mark.slow
def test_two_textures_in_one_image_are_distinguished():
    stimulus = stimuli.draw("texture_regions", seed=0)
    settings = replace(
        PIXELS,
        clusters=2,
        steps=40,
        batch=8,
        sobel=True,
        transform=Transform(flip=False, jitter=0.2),
    )
    *_, last = iter_train(settings, as_batch(stimulus.image))
    answers = probabilities(last.network, stimulus.image)
    assert accuracy(stimulus.labels, answers.argmax(axis=0)) > 0.9
    assert last.loss < last.curve[0][1]


@pytest.mark.slow
def test_training_on_digits_finds_some_of_them():
    network = train("digits", "digits", steps=60, copies=2)
    pixels, shown = digits()
    assert accuracy(shown, cluster(network, pixels)) > 0.3


def test_data_can_begin_at_any_step():
    for settings in (replace(DIGITS, batch=1000), SMALL):
        whole = list(itertools.islice(stream_images(settings), 4))
        for start in range(4):
            assert np.array_equal(next(stream_images(settings, start=start)), whole[start])


def test_an_epoch_shows_every_image_once():
    given = np.arange(12, dtype=np.float32).reshape(12, 1, 1, 1).repeat(8, 2).repeat(8, 3) / 12
    settings = replace(DIGITS, batch=4, clusters=3)
    shown = np.concatenate(list(itertools.islice(stream_images(settings, given), 3)))
    assert sorted(shown[:, 0, 0, 0]) == sorted(given[:, 0, 0, 0])


def test_a_folder_of_images_and_one_image_file_are_taken(tmp_path):
    for number in range(10):
        pixels = np.random.default_rng(number).integers(0, 255, (40, 48, 3), np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    assert next(stream_images(replace(SMALL, data=str(tmp_path)))).shape == (2, 3, 64, 64)
    assert next(stream_images(replace(SMALL, data=str(tmp_path / "0.png")))).shape == (2, 3, 40, 48)


def test_a_stimulus_by_its_name_is_taken():
    assert next(stream_images(replace(SMALL, data="texture_regions"))).shape == (2, 3, 64, 64)


def test_large_images_are_cropped():
    assert next(stream_images(SMALL, np.zeros((1, 3, 300, 50), np.float32))).shape == (2, 3, 96, 50)


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: train("nothing like it", steps=1), "there is no stimulus 'nothing like it'"),
        (lambda: train("digits", "digit"), "did you mean 'digits'"),
        (lambda: train(np.zeros((5, 8, 8)), "digits", steps=1), "5 images, fewer than the 10"),
        (lambda: train("digits", "digits", batch=5), "batch is 5, fewer images than the 10"),
        (lambda: train("digits", "digits", auxiliary=300), "fewer images than the 300 clusters"),
        (lambda: train("kanizsa", clusters=1, steps=1), "clusters is 1: give 2"),
        (lambda: train("kanizsa", "digits", batch=16), "3 channels: the network for digits"),
        (lambda: train(np.zeros((4, 4)), steps=1), r"have the shape \(4, 4\): give one"),
        (lambda: train(np.full((9, 9, 3), np.nan), steps=1), "not finite"),
        (lambda: train(np.full((9, 9, 3), 255.0), steps=1), "scale them"),
        (lambda: IICSettings(steps=0), "steps is 0"),
        (lambda: IICSettings(rate=0), "rate is 0"),
        (lambda: train(np.zeros((8, 8, 3)), steps=1, reach=8), "reach is 8"),
    ],
)
def test_what_cannot_be_trained_is_refused_with_a_message(act, message):
    with pytest.raises(ValueError, match=message):
        act()


def test_weights_come_back_from_a_file_a_run_and_by_name(tmp_path):
    network = train("kanizsa", out=tmp_path, steps=2, batch=2, clusters=4)
    image = stimuli.draw("kanizsa").image
    for source in (tmp_path, tmp_path / "network.safetensors"):
        loaded = load(source)
        found = probabilities(loaded, image)
        assert np.allclose(found, probabilities(network, image), atol=0.02)  # float16
        assert loaded.card["settings"]["data"] == "kanizsa"
    card = json.loads((tmp_path / "network.json").read_text(encoding="utf-8"))
    assert card["hash"] == loaded.card["hash"]
    assert card["curve"][-1][0] == 2


def test_weights_that_are_none_are_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no IIC network 'kaniza'"):
        load("kaniza")
    from napari_lns.models import AutoEncoder
    from napari_lns.models import save as save_autoencoder

    save_autoencoder(AutoEncoder(), tmp_path / "ae.safetensors")
    with pytest.raises(ValueError, match="holds no IIC network"):
        load(tmp_path / "ae.safetensors")


def test_scores_are_kept_with_the_weights(tmp_path):
    network = new_network(SMALL, (64, 64))
    save(network, tmp_path / "a.safetensors", scores={"ari": 0.5})
    assert load(tmp_path / "a.safetensors").card["scores"] == {"ari": 0.5}


def test_a_network_without_a_card_is_not_saved(tmp_path):
    with pytest.raises(ValueError, match="the network has no card"):
        save(PixelNetwork(clusters=2, width=0.0625), tmp_path / "a.safetensors")
