"""Load a model from its specification, which the widgets and records hold as one string.

A specification is the name of a shipped model, the path of a weights file, or ``module:name`` for
a model in a Python module. Code of a module that a file names runs only if the user trusts it.
"""

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

AS_TRAINED = ":as-trained"  # as in `models.zoo`, which is not imported because it needs torch
AUTO = "auto"  # lets `segment` suggest a model for each image
WEIGHTS = Path(napari_lns.__file__).parent / "models" / "weights"
_trusted: set[str] = set()  # modules that the user named or agreed to in this session


def shipped_models() -> list[str]:
    """Return the names of the shipped models, without importing torch."""
    return sorted(path.stem for path in WEIGHTS.glob("*.safetensors"))


def suggest_model(stimulus: str) -> str | None:
    """Return the shipped model that was trained on a stimulus, without importing torch.

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
    """Read an image and suggest a model for it; call this off the main thread."""
    from napari_lns.models import suggest
    from napari_lns.segmentation.inputs import check_image

    return suggest(check_image(read()).image)


def load_model(model: str | None) -> Any:
    """Load a model from its specification; loading one from a module runs that module's code.

    Use `load_trusted_model` for a specification that comes from a file.

    Parameters
    ----------
    model
        The name of a shipped model, the path of a weights file, or ``module:name``. The module is
        importable or the path of a Python file; the name is a model, or a function or class that
        returns one when called without arguments. Append ``:as-trained`` to a shipped model or a
        weights file to disable latent rescaling. None and ``"auto"`` are returned unchanged.

    Returns
    -------
    object
        The model. One from a module is validated.

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
    attribute = getattr(_import_module(place), name, None)
    if attribute is None:
        raise ValueError(f"{place!r} holds no {name!r}: write module:name, or file.py:name")
    is_model = callable(getattr(attribute, "encode", None)) and not isinstance(attribute, type)
    instance = attribute if is_model else attribute()
    return models.validate(instance.eval() if hasattr(instance, "eval") else instance)


def load_trusted_model(model: str | None) -> Any:
    """Load a model whose specification may come from a file, if the user trusts its code.

    Examples
    --------
    >>> load_trusted_model("own.py:mine")
    Traceback (most recent call last):
    ValueError: the model 'own.py:mine' is Python code, named by a file: ...
    """
    if not is_trusted(model):
        raise ValueError(
            f"the model {model!r} is Python code, named by a file: read {code_path(model or '')}"
            " and, if you trust it, choose the model in the Segment widget"
        )
    return load_model(model)


def trust(model: str) -> None:
    """Trust the Python code of a model for the rest of the session."""
    _trusted.add(code_path(model))


def is_trusted(model: str | None) -> bool:
    """Return whether loading a model runs no code, or only code that the user trusts.

    Examples
    --------
    >>> is_trusted("kanizsa-ae"), is_trusted("own.py:mine")
    (True, False)
    """
    return model is None or not is_module(model) or code_path(model) in _trusted


def code_path(model: str) -> str:
    """Return the absolute path of a model's Python file, or the name of its module.

    Examples
    --------
    >>> Path(code_path("own.py:mine")).is_absolute(), code_path("torch.nn:Identity")
    (True, 'torch.nn')
    """
    place = model.rpartition(":")[0]
    return str(Path(place).absolute()) if place.endswith(".py") else place


def is_module(model: str) -> bool:
    """Return whether a specification names a model in a Python module.

    Examples
    --------
    >>> is_module("own.py:mine"), is_module("kanizsa-ae:as-trained")
    (True, False)
    """
    plain = model.removesuffix(AS_TRAINED)
    return ":" in plain and not plain.endswith(".safetensors")


def chosen_model(record: Mapping[str, Any]) -> str | None:
    """Return the specification of the model in a record; None if the record names none.

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
    sys.modules[module.__name__] = module  # classes look up their module here
    spec.loader.exec_module(module)
    return module
