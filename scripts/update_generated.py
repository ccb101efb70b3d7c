"""Write what is generated from the registries: run it after adding to one.

``python scripts/update_generated.py`` writes the public names of `napari_lns.stimuli`, the samples
in ``napari.yaml``, the page and pictures of the stimuli, and the tables of methods, kinds of noise,
clusterers and criteria. Tests find what is stale.
"""

from __future__ import annotations

import importlib
import inspect
import runpy
from collections.abc import Iterable
from pathlib import Path

from napari_lns.segmentation.clustering import CLUSTERERS
from napari_lns.segmentation.clustering.number import CRITERIA
from napari_lns.segmentation.lns.method import METHODS
from napari_lns.segmentation.lns.noise_kind import NOISE_KINDS
from napari_lns.stimuli import registry as stimuli
from napari_lns.stimuli._entries import entries

ROOT = Path(__file__).parents[1]
STUB = ROOT / "src" / "napari_lns" / "stimuli" / "__init__.pyi"
MANIFEST = ROOT / "napari.yaml"
PAGE = ROOT / "docs" / "segmentation.md"
BEGIN, END = "<!-- written by scripts/update_generated.py -->\n", "<!-- end -->\n"
TABLES = {
    "method": METHODS,
    "noise_kind": NOISE_KINDS,
    "clusterer": CLUSTERERS,
    "criterion": CRITERIA,
}
PACKAGE = "napari_lns.stimuli."
BY_HAND = {
    "files": ("read", "write"),
    "registry": tuple(stimuli.__all__),
    "series": ("iter_sweep", "stream", "sweep"),
    "scene": ("Scene",),
    "stimulus": ("Stimulus",),
    "worlds": ("world",),
    "occlusion": ("relatable",),
}
PACKAGES = ("files", "good_gestalt", "scene", "worlds")


def stub() -> str:
    """Return the public names of the package, each with the module that holds it."""
    found = {module: set(names) for module, names in BY_HAND.items()}
    for entry in entries():
        module = entry.module.removeprefix(PACKAGE)
        if module != "good_gestalt":
            found.setdefault(module, set()).add(entry.name)
    imports = [f"from . import {', '.join(PACKAGES)}"]
    imports += [
        f"from .{module} import {_listed(names)}" for module, names in sorted(found.items())
    ]
    public = sorted({*PACKAGES, *(name for names in found.values() for name in names)})
    everything = "".join(f'    "{name}",\n' for name in public)
    head = "# Written by scripts/update_generated.py.\n"
    return head + "\n".join(imports) + f"\n\n__all__ = [\n{everything}]\n"


def manifest(text: str) -> str:
    """Return the manifest with one command and one sample for each stimulus.

    Parameters
    ----------
    text
        The manifest as it is.
    """
    kept = [line for line in text.splitlines() if "napari-lns.sample." not in line]
    after = max(number for number, line in enumerate(kept) if line.startswith("    - id:")) + 1
    while kept[after].startswith("      "):
        after += 1
    commands = [
        f'    - {{id: napari-lns.sample.{name}, title: "{stimuli.title(name)}", '
        f'python_name: "napari_lns.viewer.sample_data:{name}"}}'
        for name in stimuli.names()
    ]
    kept[after:after] = commands
    samples = kept.index("  sample_data:") + 1
    kept[samples:samples] = [
        f"    - {{command: napari-lns.sample.{name}, key: {name}, "
        f'display_name: "{stimuli.title(name)}"}}'
        for name in stimuli.names()
    ]
    return "\n".join(kept) + "\n"


def page(text: str) -> str:
    """Return the page on segmentation with a table of each registry of ours.

    Parameters
    ----------
    text
        The page as it is.
    """
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    tables = []
    for parameter, registry in TABLES.items():
        rows = [f"| `{parameter}` | |", "|---|---|"]
        for name in registry:
            module = importlib.import_module(f"{registry.package}.{name}")
            rows.append(f'| `"{name}"` | {(inspect.getdoc(module) or "").splitlines()[0]} |')
        tables.append("\n".join(rows) + "\n")
    return before + BEGIN + "\n" + "\n".join(tables) + "\n" + END + after


def main() -> None:
    """Write all of it."""
    PAGE.write_text(page(PAGE.read_text("utf8")), encoding="utf8")
    STUB.write_text(stub(), encoding="utf8")
    MANIFEST.write_text(manifest(MANIFEST.read_text("utf8")), encoding="utf8")
    runpy.run_path(str(ROOT / "docs" / "make_stimuli_pictures.py"), run_name="__main__")


def _listed(names: Iterable[str]) -> str:
    listed = sorted(names)
    line = ", ".join(listed)
    if len(line) < 60:
        return line
    return "(\n" + "".join(f"    {name},\n" for name in listed) + ")"


if __name__ == "__main__":
    main()
