"""The public API: every name loads, is documented, and is all that the examples need."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import napari_lns

PACKAGES = ("analysis", "models", "segmentation", "stimuli")
EXAMPLES = sorted((Path(__file__).parents[1] / "docs" / "examples").glob("*.py"))


def public(package: str) -> Iterator[tuple[str, object]]:
    module = importlib.import_module(f"napari_lns.{package}")
    yield from ((name, getattr(module, name)) for name in module.__all__)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_loads_and_is_documented(package: str) -> None:
    undocumented = [name for name, value in public(package) if not inspect.getdoc(value)]
    assert undocumented == []


def test_every_public_function_of_the_analysis_has_an_example() -> None:
    functions = {name: each for name, each in public("analysis") if inspect.isfunction(each)}
    without = {name for name, each in functions.items() if ">>>" not in inspect.getdoc(each)}
    assert without == {"umap"}  # which needs its extra


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_uses_the_public_api_only(path: Path) -> None:
    tree = ast.parse(path.read_text("utf8"))
    used = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("napari_lns"):
            used.add(f"from {node.module} import …")
        if isinstance(node, ast.Attribute) and re.fullmatch(r"lns(\.\w+)+", ast.unparse(node)):
            used.add(ast.unparse(node).removeprefix("lns."))
    assert used
    assert [name for name in used if not is_public(name)] == []


def is_public(name: str) -> bool:
    owner: object = napari_lns
    for part in name.split("."):
        if not isinstance(owner, types.ModuleType):
            return True  # an attribute of a public object
        if part not in owner.__all__:
            return False
        owner = getattr(owner, part)
    return True
