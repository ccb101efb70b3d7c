"""Weights in files, and the models that ship."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from napari_lns import models
from napari_lns.models import AutoEncoder, Card, VariationalAutoEncoder
from napari_lns.models.finishing import measure_card
from napari_lns.models.zoo import weights_hash
from napari_lns.stimuli import good_gestalt, worlds


@pytest.mark.parametrize("kind", [AutoEncoder, VariationalAutoEncoder])
def test_a_saved_network_is_loaded_with_its_card(tmp_path: Path, kind: type[AutoEncoder]) -> None:
    torch.manual_seed(0)
    network = kind(latent_size=7).eval()
    card = Card("mine", network.kind, latent_spread=3.0, relative_noise=0.1)
    models.save(network, tmp_path / "mine.safetensors", card)
    loaded = models.load(tmp_path / "mine.safetensors")
    images = torch.rand(1, 3, 64, 64)
    assert type(loaded) is kind
    assert not loaded.training
    assert torch.allclose(loaded(images), network(images), atol=2e-3)
    assert loaded.card is not None
    assert loaded.card.hash == weights_hash(tmp_path / "mine.safetensors")
    assert loaded.card.noise == pytest.approx(0.3)


def test_weights_without_a_card_load_with_none(tmp_path: Path) -> None:
    models.save(AutoEncoder(), tmp_path / "bare.safetensors")
    assert models.load(tmp_path / "bare.safetensors").card is None


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no model 'kanisza-ae'"):
        models.load("kanisza-ae")


def test_damaged_foreign_and_missing_files_are_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "torn.safetensors").write_bytes(b"12345")
    with pytest.raises(ValueError, match=r"torn\.safetensors' is damaged"):
        models.load(tmp_path / "torn.safetensors")
    save_file({"w": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match=r"other\.safetensors' holds no weights of the paper"):
        models.load(tmp_path / "other.safetensors")
    with pytest.raises(FileNotFoundError, match=r"none\.safetensors"):
        models.load(tmp_path / "none.safetensors")


def test_a_damaged_card_is_refused_by_name(tmp_path: Path) -> None:
    models.save(AutoEncoder(), tmp_path / "mine.safetensors")
    (tmp_path / "mine.json").write_text("[")
    with pytest.raises(ValueError, match=r"mine\.json' is not a model card"):
        models.load(tmp_path / "mine.safetensors")


def test_the_networks_have_the_papers_size() -> None:
    count = sum(weights.numel() for weights in AutoEncoder().parameters())
    assert 2.0e6 < count < 2.2e6
    images = torch.rand(2, 3, 64, 64)
    assert AutoEncoder().encode(images).shape == (2, 15)
    means, log_variances = VariationalAutoEncoder().moments(images)
    assert means.shape == log_variances.shape == (2, 15)


def test_waves_are_saved_and_loaded_again(tmp_path: Path) -> None:
    network = models.WaveAutoEncoder(4).eval()
    models.save(network, tmp_path / "waves.safetensors", Card("waves", "waves"))
    loaded, latents = models.load(tmp_path / "waves.safetensors"), torch.randn(2, 4)
    assert loaded.kind == "waves"
    assert loaded.decode(latents).shape == (2, 3, 64, 64)
    assert torch.allclose(loaded.decode(latents), network.decode(latents), atol=0.01)


def test_a_network_in_a_growing_world_is_measured_on_the_whole_world() -> None:
    network = models.CompactAutoEncoder(2).eval().requires_grad_(False)
    grown, whole = (
        measure_card(
            network,
            "small",
            models.Settings(
                ("contour_integration",), kind="compact", latent_size=2, batch=64, growth=growth
            ),
            {},
        ).error_99
        for growth in (0.5, 0.0)
    )
    assert grown == whole


def test_a_card_states_the_world_and_its_domain_again(tmp_path: Path) -> None:
    domain = {"support_ratio": (0.25, 0.75), "polarity": ["equal", "mixed"]}
    card = Card("mine", "compact", world="kanizsa_figure", domain=domain)
    card.save(tmp_path / "mine.json")
    loaded = Card.load(tmp_path / "mine.json")
    assert (loaded.world, loaded.domain) == ("kanizsa_figure", domain)


def test_a_network_trained_on_a_world_has_its_domain_on_the_card() -> None:
    network = models.CompactAutoEncoder(2).eval().requires_grad_(False)
    for data, name, domain in (
        (("dot_lattice",), "dot_lattice", worlds.domain("dot_lattice")),
        (("kanizsa",), "kanizsa", {}),
        (("dot_lattice", "proximity_row"), "", {}),
    ):
        settings = models.Settings(data, kind="compact", latent_size=2, batch=64)
        card = measure_card(network, "small", settings, {})
        assert (card.world, card.domain) == (name, domain)


def test_a_stimulus_has_the_best_of_the_networks_of_its_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, world, score in (
        ("kanizsa-ae", "kanizsa", 0.8),
        ("kanizsa-vae", "kanizsa", 0.9),
        ("kanizsa-figure", "kanizsa_figure", 0.95),
    ):
        scores = {"own draws": {"mean": score, "standard_error": 0.1, "count": 8}}
        Card(name, "ae", world=world, scores=scores).save(tmp_path / f"{name}.json")
        (tmp_path / f"{name}.safetensors").touch()
    monkeypatch.setattr(models.zoo, "SHIPPED", tmp_path)
    assert models.for_stimulus("kanizsa") == "kanizsa-vae"
    assert models.for_stimulus("kanizsa_figure") == "kanizsa-figure"
    with pytest.raises(ValueError, match=r"world of 'closure': train one with .* --data closure"):
        models.for_stimulus("closure")
    with pytest.raises(ValueError, match="did you mean 'kanizsa"):
        models.for_stimulus("kanisza")


@pytest.mark.parametrize("name", good_gestalt.NAMES)
def test_every_good_gestalt_set_has_a_network(name: str) -> None:
    assert models.load(models.for_stimulus(name)).card.data == (name,)
