"""Write a Python script that repeats a run and restores the view, without the widgets.

A record comes from a file: it must never be able to add code to the script.
"""

from __future__ import annotations

import ast
import base64
import keyword
import textwrap
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from napari.components import ViewerModel

from napari_lns import __version__
from napari_lns.segmentation import Segmentation
from napari_lns.segmentation.segmenters import SEGMENTERS
from napari_lns.viewer.layers.notes import read_note
from napari_lns.viewer.own_models import chosen_model, is_module

__all__ = ["describe_view", "make_script", "script_with_view"]

MAX_PIXELS = 512 * 512


def make_script(segmentation: Segmentation, viewer: ViewerModel | None = None) -> str:
    """Write a script that repeats a segmentation and shows it.

    Parameters
    ----------
    segmentation
        The result, whose record holds the arguments of the run.
    viewer
        The viewer whose view the script restores: visibility and opacity of the layers, and the
        grid.

    Returns
    -------
    str
        A complete Python script. It contains the pixels of an image that is not a stimulus.

    Raises
    ------
    ValueError
        If the image is too large for a script.

    Examples
    --------
    >>> import napari_lns
    >>> result = napari_lns.segment(
    ...     napari_lns.stimuli.draw("kanizsa"), napari_lns.models.AutoEncoder(), samples=4
    ... )
    >>> "lns.segment(" in make_script(result)
    True
    """
    return script_with_view(segmentation, "" if viewer is None else describe_view(viewer))


def script_with_view(segmentation: Segmentation, view: str) -> str:
    """Write the script of `make_script` with the code of a view, as `describe_view` returns it."""
    record = segmentation.record
    if not {"segmenter", "parameters"} <= record.keys():
        raise ValueError("the result has no record of how it was made: run it in the widget")
    imports, image = _image_code(segmentation)
    parts = [
        f'"""Segment an image and show its segments (napari-lns {__version__})."""',
        "\n".join(
            sorted({"import napari", "import napari_lns as lns", *imports, *_extra_imports(record)})
        ),
        image,
        _segment_call(record),
        _cut_code(record),
        "viewer = lns.viewer.show(result)",
        view,
        'if __name__ == "__main__":\n    napari.run()',
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _image_code(segmentation: Segmentation) -> tuple[set[str], str]:
    stimulus = segmentation.record.get("stimulus") or {}
    if {"name", "parameters", "seed"} <= stimulus.keys():
        parameters = {"seed": stimulus["seed"], **stimulus["parameters"]}
        name = _literal("the stimulus's name", stimulus["name"])
        return set(), f"image = lns.stimuli.draw({name}, {_keywords(parameters)})"
    height, width, _ = segmentation.image.shape
    if height * width > MAX_PIXELS:
        raise ValueError(
            f"the image is {height} × {width}, too large to be held in a script: save it as a "
            "file, open that, and run again"
        )
    return {"import base64", "import zlib", "import numpy as np"}, _embedded_pixels(
        segmentation.image
    )


def _embedded_pixels(image: Any) -> str:
    bytes_ = np.round(image * 255).astype(np.uint8)
    exact = np.array_equal(bytes_.astype(np.float32) / np.float32(255), image)
    array = bytes_ if exact else image
    text = base64.b64encode(zlib.compress(np.ascontiguousarray(array).tobytes(), 9)).decode()
    lines = "\n".join(f'    "{line}"' for line in textwrap.wrap(text, 90))
    return (
        f"pixels = (\n{lines}\n)\n"
        f"image = np.frombuffer(zlib.decompress(base64.b64decode(pixels)), np.{array.dtype})"
        f".reshape({image.shape})"
    )


def _segment_call(record: Mapping[str, Any]) -> str:
    parameters = SEGMENTERS[record["segmenter"]].parameters
    arguments = {
        name: value
        for name, value in record["parameters"].items()
        if name not in parameters or value != parameters[name].default
    }
    if record["segmenter"] != "lns":
        arguments["segmenter"] = record["segmenter"]
    lines = "".join(f"    {each},\n" for each in _arguments(arguments))
    return f"result = lns.segment(\n    image,\n{_model_argument(record)}{lines})"


def _model_argument(record: Mapping[str, Any]) -> str:
    model = chosen_model(record)
    if model is None:
        return ""
    if is_module(model):
        return (
            f"    load_model({model!r}),  # runs the code of this file or module: read it first\n"
        )
    return f"    {model!r},\n"


def _cut_code(record: Mapping[str, Any]) -> str:
    cut = record.get("cut")
    if cut is None:
        return ""
    method, kind, name = (
        ("cut", int, "clusters") if "clusters" in cut else ("ultrametric", float, "threshold")
    )
    value = cut.get(name)
    if isinstance(value, bool) or not isinstance(value, kind):
        raise ValueError(f"the record's cut has {name} {value!r}: it must be a number; cut again")
    return f"result = dataclasses.replace(result, labels=result.{method}({_literal(name, value)}))"


def _extra_imports(record: Mapping[str, Any]) -> set[str]:
    is_custom = is_module(chosen_model(record) or "")
    needed = {
        "import dataclasses": "cut" in record,
        "from napari_lns.viewer.own_models import load_model": is_custom,
    }
    return {line for line, holds in needed.items() if holds}


def describe_view(viewer: ViewerModel) -> str:
    """Write code that restores the visibility and opacity of a viewer's layers."""
    states = {
        read_note(layer).content: {"visible": layer.visible, "opacity": float(layer.opacity)}
        for layer in viewer.layers
        if read_note(layer).run
    }
    lines = "".join(f"    {name!r}: {value!r},\n" for name, value in states.items())
    return (
        f"view = {{\n{lines}}}\n"
        "for layer in viewer.layers:\n"
        "    for name, value in view.get(lns.viewer.read_note(layer).content, {}).items():\n"
        "        setattr(layer, name, value)\n"
        f"viewer.canvas.grid.enabled = {bool(viewer.canvas.grid.enabled)}"
    )


def _keywords(values: Mapping[str, Any]) -> str:
    return ", ".join(_arguments(values))


def _arguments(values: Mapping[str, Any]) -> list[str]:
    """Write keyword arguments as Python code; refuse names and values that could add code."""
    for name in values:
        if not name.isidentifier() or keyword.iskeyword(name):
            raise ValueError(f"the record names a parameter {name!r}: run the segmentation again")
    return [f"{name}={_literal(name, value)}" for name, value in values.items()]


def _literal(name: str, value: object) -> str:
    """Write a value as a literal; raise an error if it does not evaluate to the same value."""
    plain = value.item() if isinstance(value, np.generic) else value
    text = repr(plain)
    try:
        same = ast.literal_eval(text) == plain
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        same = False
    if not same:
        raise ValueError(f"{name} is {text[:80]}: a script cannot hold it; run it again")
    return text
