"""`napari-lns demo` and `napari-lns view`: the commands that open napari."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from napari_lns._cli.common import Json, print_json, refuse_missing

if TYPE_CHECKING:
    import napari

    from napari_lns.segmentation import Segmentation

__all__ = ["demo", "view"]


def demo(as_json: Json = False) -> None:
    """Open napari on an illusory square and segment it."""
    import napari

    from napari_lns.viewer.demo import open_with_widget, wait

    with redirect_stdout(sys.stderr):  # napari warns here about matters unrelated to the result
        viewer, widget = open_with_widget()
        if as_json:  # printed when the result is ready; the window stays open
            wait(widget)
    if as_json:
        results = [_summarise(each) for each in widget.results]
        print_json({"layers": [layer.name for layer in viewer.layers], "found": results})
    napari.run()


def view(
    files: Annotated[list[Path], typer.Argument(help="Results of `segment`, or stimuli.")],
    as_json: Json = False,
) -> None:
    """Open napari on results or stimuli."""
    import napari

    refuse_missing(files)
    with redirect_stdout(sys.stderr):
        viewer = napari.Viewer()
        opened_files = [_open_file(file, viewer) for file in files]
    if as_json:
        print_json(opened_files)
    napari.run()


def _open_file(file: Path, viewer: napari.Viewer) -> dict[str, Any]:
    """Open one file and return a summary of the new layers."""
    from napari_lns.viewer import show
    from napari_lns.viewer.layers.readers import add_files

    existing = list(viewer.layers)
    result = _load_result(file)
    if result is None:
        add_files(viewer, file)
    else:
        show(result, viewer)
    layers = [layer.name for layer in viewer.layers if layer not in existing]
    return {"file": str(file), "layers": layers, "found": [_summarise(result)] if result else []}


def _load_result(file: Path) -> Segmentation | None:
    """Load a segmentation; return None for other files, which hold stimuli."""
    from napari_lns.segmentation import Segmentation

    if file.suffix not in (".npz", ".zarr"):
        return None
    try:
        return Segmentation.load(file)
    except ValueError:
        return None


def _summarise(segmentation: Segmentation) -> dict[str, Any]:
    return {"clusters": segmentation.clusters, "record": dict(segmentation.record)}
