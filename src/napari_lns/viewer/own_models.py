"""Models as the viewer names them: shipped ones, files of weights, and your own Python modules."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import napari_lns

if TYPE_CHECKING:
    from napari_lns.models import Suggestion

__all__ = [
    "AS_TRAINED",
    "AUTO",
    "chosen_model",
    "code_path",
    "is_module",
    "is_trusted",
    "load_model",
    "load_trusted_model",
    "noise_level",
    "shipped_models",
    "suggest_model",
    "suggest_model_for_image",
    "trust",
]

AS_TRAINED = ":as-trained"  # as `models.zoo` has it, but without torch
AUTO = "auto"  # the words by which `segment` suggests a model for each image
WEIGHTS = Path(napari_lns.__file__).parent / "models" / "weights"
_trusted: set[str] = set()  # code that the user named or agreed to in this session


def shipped_models() -> list[str]:
    """List the shipped models, as `napari_lns.models.names` does, but without torch."""
    return sorted(path.stem for path in WEIGHTS.glob("*.safetensors"))


def suggest_model(stimulus: str) -> str | None:
    """Return the shipped model for a stimulus, as `models.for_stimulus`, but without torch.

    Examples
    --------
    >>> suggest_model("kanizsa").startswith("kanizsa")
    True
    """
    scores: dict[str, float] = {}
    for name in shipped_models():
        card = json.loads((WEIGHTS / f"{name}.json").read_text(encoding="utf-8"))
        if card["world"] == stimulus:
            scores[name] = card["scores"].get("own draws", {"mean": 0.0})["mean"]
    return max(scores, key=lambda name: scores[name], default=None)


def noise_level(model: str | None) -> float | None:
    """Return the noise level (× latent SD) on a shipped model's card; None for other models.

    Examples
    --------
    >>> noise_level("own.py:mine") is None
    True
    """
    name = (model or "").removesuffix(AS_TRAINED)
    if name not in shipped_models():
        return None
    card = json.loads((WEIGHTS / f"{name}.json").read_text(encoding="utf-8"))
    return float(card["relative_noise"])


def suggest_model_for_image(read: Callable[[], Any]) -> Suggestion:
    """Suggest a model for an image that has yet to be read; call it off the main thread."""
    from napari_lns.models import suggest
    from napari_lns.segmentation.inputs import check_image

    return suggest(check_image(read()).image)


def load_model(model: str | None) -> Any:
    """Load a model by the words that chose it, which run the code of a module that they name.

    Words that came with a file go to `loaded_if_agreed`.

    Parameters
    ----------
    model
        A shipped model's name, the path of a weights file, or ``module:name``, where the module
        is importable or the path of a Python file, and the name is a model, or a function or
        class that gives one without arguments. None and ``"auto"`` stay. The axes of a shipped
        model's or file's latents are left as they were trained if ``:as-trained`` follows.

    Returns
    -------
    object
        The model, checked if it is your own.

    Examples
    --------
    >>> load_model("napari_lns.models:AutoEncoder").kind
    'ae'
    """
    if model is None or model == AUTO:
        return model
    from napari_lns import models

    if not is_module(model):
        return models.load(model)
    place, _, name = model.rpartition(":")
    own = getattr(_import_module(place), name, None)
    if own is None:
        raise ValueError(f"{place!r} holds no {name!r}: write module:name, or file.py:name")
    is_model = callable(getattr(own, "encode", None)) and not isinstance(own, type)
    instance = own if is_model else own()
    return models.validate(instance.eval() if hasattr(instance, "eval") else instance)


def load_trusted_model(model: str | None) -> Any:
    """Load a model whose words may come from a file: no code is imported without agreement.

    Examples
    --------
    >>> load_trusted_model("own.py:mine")
    Traceback (most recent call last):
    ValueError: the model 'own.py:mine' is Python code, named by a file: ...
    """
    if not is_trusted(model):
        raise ValueError(
            f"the model {model!r} is Python code, named by a file: look at {code_path(model or '')}"
            " and, if you trust it, choose the model in the Segment widget"
        )
    return load_model(model)


def trust(model: str) -> None:
    """Allow the code that a model's words name to be imported, for this session."""
    _trusted.add(code_path(model))


def is_trusted(model: str | None) -> bool:
    """Return whether loading a model runs no code, or only code that the user agreed to.

    Examples
    --------
    >>> is_trusted("kanizsa-ae"), is_trusted("own.py:mine")
    (True, False)
    """
    return model is None or not is_module(model) or code_path(model) in _trusted


def code_path(model: str) -> str:
    """Return the absolute path of the Python file that a model's words name, or the module's name.

    Examples
    --------
    >>> Path(code_path("own.py:mine")).is_absolute(), code_path("torch.nn:Identity")
    (True, 'torch.nn')
    """
    place = model.rpartition(":")[0]
    return str(Path(place).absolute()) if place.endswith(".py") else place


def is_module(model: str) -> bool:
    """Return whether words choose a Python module's model, and no shipped one or file of weights.

    Examples
    --------
    >>> is_module("own.py:mine"), is_module("kanizsa-ae:as-trained")
    (True, False)
    """
    plain = model.removesuffix(AS_TRAINED)
    return ":" in plain and not plain.endswith(".safetensors")


def chosen_model(record: Mapping[str, Any]) -> str | None:
    """Return the words by which a result's model was chosen; None if its record does not tell.

    Examples
    --------
    >>> chosen_model({"model": {"name": "kanizsa-ae"}})
    'kanizsa-ae'
    """
    name = record.get("chosen") or (record.get("model") or {}).get("name")
    return None if name is None else str(name)


def _import_module(place: str) -> Any:
    if not place.endswith(".py"):
        return importlib.import_module(place)
    path = Path(place)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {place!r}: check the path")
    spec = importlib.util.spec_from_file_location(f"own_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module  # classes look their module up
    spec.loader.exec_module(module)
    return module
