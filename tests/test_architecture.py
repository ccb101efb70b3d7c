"""The house's rules, held by reading the source: who imports whom, what is light and small."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "src" / "napari_lns"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
ROOMS = ("", "stimuli", "models", "segmentation", "analysis", "experiments", "viewer", "cli")
SOLD_AS = {
    "lazy_loader": "lazy-loader",
    "PIL": "Pillow",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "umap": "umap-learn",
}
GUI = {"magicgui", "napari", "PyQt5", "PyQt6", "PySide6", "qtpy", "superqt", "vispy"}

each_module = pytest.mark.parametrize(
    "path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE))
)


def room_of(dotted: str) -> str:
    """The room of `napari_lns.models.zoo` is `models`; that of `napari_lns._files` is none."""
    first = dotted.removeprefix("napari_lns").removeprefix(".").split(".")[0].removeprefix("_")
    return first if first in ROOMS else ""


def dotted_name(path: Path) -> str:
    return ".".join(("napari_lns", *path.relative_to(PACKAGE).with_suffix("").parts))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports anywhere, in full; `from napari_lns import x` gives both."""
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = dotted_name(path).split(".")[: -node.level] if node.level else []
            module = ".".join([*above, *filter(None, [node.module])])
            if module == "napari_lns":
                yield from (f"napari_lns.{alias.name}" for alias in node.names)
            else:
                yield module


def public_definitions(path: Path) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    for node in ast.parse(path.read_text("utf8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


@each_module
def test_a_module_imports_only_from_its_own_package_and_those_below(path: Path) -> None:
    own = ROOMS.index(room_of(dotted_name(path)))
    upward = {
        name
        for name in imports(path)
        if name.startswith("napari_lns.") and ROOMS.index(room_of(name)) > own
    }
    assert not upward


def test_modules_do_not_import_each_other_in_circles() -> None:
    """Not even inside functions, or for the type checker only."""
    known = {dotted_name(path).removesuffix(".__init__"): path for path in MODULES}
    graph = {name: set(in_full(path) & known.keys()) for name, path in known.items()}
    while leaves := {name for name, found in graph.items() if not found & graph.keys() - {name}}:
        graph = {name: found for name, found in graph.items() if name not in leaves}
    assert sorted(graph) == []


def in_full(path: Path) -> set[str]:
    """What a file imports, submodules named as such: `from napari_lns.models import iic`."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.ImportFrom) and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {str(node.module)}
    return {
        name
        for name in found
        # a package that holds the imported module is imported by it, not used
        if not any(other.startswith(f"{name}.") for other in found & dotted_modules())
    }


@cache
def dotted_modules() -> frozenset[str]:
    return frozenset(dotted_name(path).removesuffix(".__init__") for path in MODULES)


@each_module
def test_nothing_below_the_viewer_imports_napari_or_qt(path: Path) -> None:
    if ROOMS.index(room_of(dotted_name(path))) < ROOMS.index("viewer"):
        assert not {name.split(".")[0] for name in imports(path)} & GUI


@each_module
def test_a_module_says_what_it_is_for_and_stays_small(path: Path) -> None:
    text = path.read_text("utf8")
    assert len(ast.get_docstring(ast.parse(text)) or "") > len("This says why.")
    assert len(text.splitlines()) <= 350


def test_most_modules_are_about_150_lines_long() -> None:
    assert statistics.median(len(path.read_text("utf8").splitlines()) for path in MODULES) <= 170


@each_module
def test_public_names_are_listed_and_documented(path: Path) -> None:
    if path.stem.startswith("_") and path.stem != "__init__":
        return
    public = list(public_definitions(path))
    assert not [node.name for node in public if not ast.get_docstring(node)]
    if public and not (path.parent / "__init__.py").samefile(path):
        assert "__all__" in path.read_text("utf8")


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    project = tomllib.loads((PACKAGE.parents[1] / "pyproject.toml").read_text())["project"]
    base, extras = project["dependencies"], project["optional-dependencies"]
    needed, optional = distributions(base), distributions(chain(*extras.values()))
    modules = {name.split(".")[0] for path in MODULES for name in imports(path)}
    imported = {
        SOLD_AS.get(name, name) for name in modules - sys.stdlib_module_names - {"napari_lns"}
    }
    assert imported <= needed | optional
    assert needed - {"bermuda", "npe2"} <= imported  # napari calls one; the other is the manifest's


def distributions(requirements: Iterable[str]) -> set[str]:
    return {re.split(r"[^\w-]", requirement)[0] for requirement in requirements}


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("napari_lns", {"torch", "numpy", "numba", *GUI}),
        ("napari_lns.stimuli", {"torch", *GUI}),
        ("napari_lns.models", {"torch", *GUI}),
        ("napari_lns.experiments", GUI),
        ("napari_lns.viewer", {"torch"}),
        ("napari_lns.cli", {"torch", *GUI}),
    ],
)
def test_importing_a_package_stays_light(
    module: str, unwanted: set[str], run_python: Callable[..., str]
) -> None:
    loaded = run_python("-c", f"import sys, {module}; print(*sys.modules)").split()
    assert not unwanted & set(loaded)


def test_every_public_name_of_the_package_loads(run_python: Callable[..., str]) -> None:
    run_python("-c", "import napari_lns as n; [getattr(n, name) for name in n.__all__]")


def test_importing_the_package_takes_under_a_fifth_of_a_second() -> None:
    def fastest(code: str) -> float:
        def once() -> float:
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], check=True)
            return time.perf_counter() - start

        return min(once() for _ in range(5))

    assert fastest("import napari_lns") - fastest("pass") < 0.2


MOST_ANY = 0.02


def annotations(path: Path) -> Iterator[str]:
    """What parameters, returned values and variables of a module are annotated as."""
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.AnnAssign | ast.arg) and node.annotation is not None:
            yield ast.unparse(node.annotation)
        elif isinstance(node, ast.FunctionDef) and node.returns is not None:
            yield ast.unparse(node.returns)


def test_few_annotations_say_nothing() -> None:
    every = [each for path in MODULES for each in annotations(path)]
    assert every.count("Any") / len(every) <= MOST_ANY


MOST_LINES = 60
MOST_REPEATS, REPEATED_LINES = 10, 6


def docstring_lines(tree: ast.AST) -> set[int]:
    """Return the numbers of the lines that docstrings occupy."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, documented) and ast.get_docstring(node) is not None
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }


@each_module
def test_functions_stay_short(path: Path) -> None:
    tree = ast.parse(path.read_text("utf8"))
    documentation = docstring_lines(tree)
    lengths = {
        node.name: len({*range(node.lineno, (node.end_lineno or 0) + 1)} - documentation)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }
    assert not [name for name, length in lengths.items() if length > MOST_LINES]


def code_lines(path: Path) -> list[str]:
    """Return the lines of a module without imports, docstrings, comments and lone brackets."""
    text = path.read_text("utf8")
    tree = ast.parse(text)
    left_out = docstring_lines(tree) | {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for line in range(node.lineno, (node.end_lineno or 0) + 1)
    }
    lines = (line.strip() for n, line in enumerate(text.splitlines(), 1) if n not in left_out)
    return [line for line in lines if line.strip("()[]{}, ") and not line.startswith("#")]


def test_hardly_any_code_stands_twice() -> None:
    """Signatures of one interface are most of what does."""
    first: dict[tuple[str, ...], tuple[Path, int]] = {}
    repeated: set[tuple[Path, int]] = set()
    for path in MODULES:
        lines = code_lines(path)
        for start in range(len(lines) - REPEATED_LINES + 1):
            run = tuple(lines[start : start + REPEATED_LINES])
            if first.setdefault(run, (path, start)) != (path, start):
                repeated.add((path, start))
    begun = [(path, start) for path, start in repeated if (path, start - 1) not in repeated]
    assert len(begun) <= MOST_REPEATS, sorted(begun)
