"""The manifest is valid, complete, and light to load."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from napari import settings
from npe2 import PluginManager, PluginManifest

from napari_lns import stimuli


@pytest.fixture(scope="module")
def manifest(repository_manifest: Path) -> PluginManifest:
    manifest = PluginManifest.from_file(repository_manifest)
    manifest.validate_imports()
    return manifest


@pytest.fixture(scope="module")
def repository_manifest() -> Path:
    return Path(__file__).parents[2] / "napari.yaml"


def test_every_stimulus_is_a_sample_under_its_title(manifest):
    samples = {each.key: each.display_name for each in manifest.contributions.sample_data}
    assert samples == {name: stimuli.title(name) for name in stimuli.names()}


def test_files_of_other_programs_are_not_claimed(manifest):
    """Where two readers claim a file, napari asks which one to use."""
    patterns = set(manifest.contributions.readers[0].filename_patterns)
    assert patterns == {"*.json", "*.npz", "*.zarr", "annotation.csv", "conditions.csv"}


def test_runs_are_saved_with_a_pin_and_a_line_of_inspect_among_the_layers(manifest):
    manager = PluginManager()
    manager.register(manifest)
    kinds = ["image", "image", "labels", "points", "shapes"]
    writers = {each.command for each in manager.iter_compatible_writers(kinds)}
    assert writers == {"napari-lns.save_run", "napari-lns.save_figure"}


def test_the_command_palette_offers_only_what_can_be_started_there(manifest):
    """Readers and writers need a path: napari calls them."""
    contributed = manifest.contributions
    called = {each.command for each in [*contributed.readers, *contributed.writers]}
    offered = {each.id for each in contributed.commands if each.enablement != "False"}
    assert not called & offered
    started = {each.command for each in [*contributed.widgets, *contributed.sample_data]}
    assert offered == started | {"napari-lns.remove_run"}


def test_preferences_are_those_that_the_widgets_ask_for(manifest):
    from napari_lns.viewer.preferences import _DEFAULTS, preference

    properties = manifest.contributions.configurations["segment"].properties
    assert {name: each.default for name, each in properties.items()} == _DEFAULTS
    assert all(preference(name) == value for name, value in _DEFAULTS.items())


def test_preferences_of_a_disabled_plugin_are_the_defaults(monkeypatch):
    from napari_lns.viewer.preferences import _DEFAULTS, preference

    monkeypatch.setattr(settings, "_PLUGIN_SETTINGS", {"another": None})  # what napari knows
    assert all(preference(name) == value for name, value in _DEFAULTS.items())


def test_a_sample_gives_layers():
    from napari_lns.viewer import sample_data

    (image, _, kind), (labels, _, _) = sample_data.kanizsa()
    assert (kind, image.shape, labels.shape) == ("image", (20, 64, 64, 3), (20, 64, 64))


def test_making_widgets_known_imports_no_torch(run_python: Callable[..., str]):
    code = (
        "import sys\n"
        "from napari_lns.viewer import demo, sample_data\n"
        "from napari_lns.viewer.layers import readers, writers\n"
        "from napari_lns.viewer.train import widget as train_widget\n"
        "print(*sys.modules)"
    )
    loaded = run_python("-c", code).split()
    assert "torch" not in loaded
