"""Load and save models: those that ship with the plugin, and weights in files."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import torch
from pydantic import BaseModel, Field

from napari_lns import stimuli
from napari_lns._moves import exists
from napari_lns._parameters import unknown_name_error
from napari_lns._records import validate_json
from napari_lns._size import MOST_UNITS
from napari_lns.models.card import Card
from napari_lns.models.kinds import KINDS
from napari_lns.models.networks import AutoEncoder
from napari_lns.models.rescaling import rescale_latents
from napari_lns.models.training.checkpoint import load_tensors, write_tensors, write_with_card

__all__ = [
    "AS_TRAINED",
    "for_stimulus",
    "load",
    "names",
    "names_for_world",
    "save",
    "weights_hash",
    "weights_path",
]

AS_TRAINED = ":as-trained"
SHIPPED = Path(__file__).parent / "weights"


class _Notes(BaseModel):
    """Metadata of a weights file."""

    kind: str = ""
    latent_size: Annotated[int, Field(ge=1, le=MOST_UNITS)] = 15


def names() -> list[str]:
    """Return the names of the models that ship with the plugin.

    Examples
    --------
    >>> "kanizsa-ae" in names()
    True
    """
    return sorted(path.stem for path in SHIPPED.glob("*.safetensors"))


def names_for_world(stimulus: str) -> list[str]:
    """Return the shipped models that were trained on the world of a stimulus, the best first.

    Examples
    --------
    >>> sorted(names_for_world("proximity"))
    ['proximity-ae', 'proximity-vae']
    """
    cards = (Card.load(SHIPPED / f"{name}.json") for name in names())
    matching = [card for card in cards if card.world == stimulus]
    matching.sort(key=lambda card: card.scores.get("own draws", {}).get("mean", 0.0), reverse=True)
    return [card.name for card in matching]


def for_stimulus(name: str) -> str:
    """Return the name of the best shipped model that was trained on a stimulus's world.

    Parameters
    ----------
    name
        One of `napari_lns.stimuli.names()`.

    Returns
    -------
    str
        Name of the model, for `load` and wherever a model is accepted.

    Raises
    ------
    ValueError
        If no shipped model was trained on that world.

    Examples
    --------
    >>> for_stimulus("closure")
    'closure-ae'
    """
    if name not in stimuli.names():
        raise unknown_name_error("stimulus", name, stimuli.names())
    models = names_for_world(name)
    if not models:
        raise ValueError(
            f"no shipped model was trained on the world of {name!r}: train one with "
            f"`napari-lns train --data {name} --kind compact --out runs/{name}`"
        )
    return models[0]


def load(model: str | os.PathLike[str]) -> AutoEncoder:
    """Load a shipped model by its name, or weights from a file with a card beside it.

    Parameters
    ----------
    model
        A name from `names`, or the path of a ``.safetensors`` file. The suffix ``:as-trained``
        disables latent rescaling.

    Returns
    -------
    AutoEncoder
        The network in evaluation mode, on the CPU, in float32. Its attribute ``card`` describes
        it.

    Examples
    --------
    >>> load("closure-ae").card.axes_power, load("closure-ae:as-trained").card.axes_power
    (0.5, 0)
    """
    path = weights_path(os.fspath(model).removesuffix(AS_TRAINED))
    tensors, metadata = load_tensors(path)
    notes = validate_json(_Notes, json.dumps(metadata), path)
    if notes.kind not in KINDS:
        raise ValueError(
            f"{os.fspath(path)!r} holds no weights of the paper's networks: import them with "
            "`napari-lns models import`, or wrap your own network (see models.validate)"
        )
    network = KINDS[notes.kind](notes.latent_size)
    try:
        network.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    except RuntimeError as error:
        raise ValueError(f"{os.fspath(path)!r} holds weights of another network: {error}") from None
    network.card = _card(path, network)
    network = _apply_rescaling(network.requires_grad_(False), os.fspath(model).endswith(AS_TRAINED))
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload] # as it is run
    return network.eval()


def _card(weights: Path, network: AutoEncoder) -> Card | None:
    """Read the card beside weights, and check that it belongs to them; None if there is none."""
    path = weights.with_suffix(".json")
    if not path.exists():
        return None
    card = Card.load(path)
    if card.hash and card.hash != weights_hash(weights):
        raise ValueError(
            f"{os.fspath(weights)!r} is damaged, or {path.name} is the card of other weights: the "
            "SHA-256 differs; copy both again, or remove the card"
        )
    sizes = {len(matrix) for matrix in (card.votes, card.covariance)}
    if sizes != {0} and sizes != {network.latent_size}:
        raise ValueError(
            f"{os.fspath(path)!r} is not a model card (votes and covariance have {sizes} rows: "
            f"they must have {network.latent_size}): restore it, or remove it to use the weights "
            "without one"
        )
    return card


def _apply_rescaling(network: AutoEncoder, as_trained: bool) -> AutoEncoder:
    """Rescale the latents of a network as its card specifies; its weights are as trained."""
    card = network.card
    if card is None or not card.axes_power:
        return network
    network.card = replace(card, axes_power=0)
    rescaled = rescale_latents(network, 0 if as_trained else card.axes_power)
    card_as_trained = replace(
        rescaled.card or card, name=card.name + AS_TRAINED, scores={}, limits=None
    )
    rescaled.card = card_as_trained if as_trained else card
    return rescaled


def save(network: AutoEncoder, path: str | os.PathLike[str], card: Card | None = None) -> None:
    """Save a network's weights as trained, in float16, and its card beside them.

    Parameters
    ----------
    network
        The network.
    path
        The ``.safetensors`` file to write.
    card
        The network's card; its hash is filled in.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     save(AutoEncoder(), f"{folder}/mine.safetensors", Card("mine", "ae"))
    ...     load(f"{folder}/mine.safetensors").card.name
    'mine'
    """
    target = Path(path)
    power = network.card.axes_power if network.card else 0
    network_as_trained = rescale_latents(network, 0) if power else network
    weights = {name: tensor.half() for name, tensor in network_as_trained.state_dict().items()}
    with write_with_card(target) as beside:
        write_tensors(beside, weights, {"kind": network.kind, "latent_size": network.latent_size})
        if card is not None:
            replace(card, hash=weights_hash(beside)).save(beside.with_suffix(".json"))


def weights_hash(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a weights file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def weights_path(model: str | os.PathLike[str]) -> Path:
    """Return the path of a shipped model's weights, or of an existing file.

    Examples
    --------
    >>> weights_path("kanizsa-ae").name
    'kanizsa-ae.safetensors'
    """
    path = Path(model)
    if path.suffix == ".safetensors":
        if not (exists(path) and path.is_file()):
            raise FileNotFoundError(
                f"there is no model file {os.fspath(path)!r}: check the path, or name one of those "
                "that `napari-lns models list` shows"
            )
        return path
    if os.fspath(model) not in names():
        raise unknown_name_error("model", os.fspath(model), names())
    return SHIPPED / f"{model}.safetensors"
