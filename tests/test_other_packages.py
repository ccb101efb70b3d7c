"""Segmenters and stimuli of other packages: found by their entry points, used like ours."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from typer.testing import CliRunner

from napari_lns import segment, segmenters, stimuli
from napari_lns.cli import app
from napari_lns.experiments.benchmark import all_methods
from napari_lns.models import Settings
from napari_lns.models.training.data import images
from napari_lns.stimuli import registry

EXAMPLE = Path(__file__).parent / "example_package"
RAMP = np.linspace(0, 1, 64).reshape(8, 8)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(command, cwd=EXAMPLE, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    unpacked = out / "unpacked"  # a wheel on the path would be left open by importlib.metadata
    with ZipFile(built) as packed:
        packed.extractall(unpacked)
    return unpacked


@pytest.fixture
def installed(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(wheel))
    monkeypatch.delitem(sys.modules, "napari_lns_brightness", raising=False)


@pytest.mark.usefixtures("installed")
def test_a_packages_segmenter_is_listed_after_ours_with_its_parameters() -> None:
    found = segmenters()
    assert [*found] == ["lns", "iic", "dwc", "baseline", "brightness"]
    contrast = found["brightness"].parameters["contrast"]
    assert (contrast.minimum, contrast.maximum, contrast.default) == (0.1, 10, 1.0)


@pytest.mark.usefixtures("installed")
def test_a_packages_segmenter_is_used_and_checked_like_ours() -> None:
    found = segment(RAMP, segmenter="brightness", clusters=4, contrast=2.0)
    assert found.clusters == 4
    assert found.record["segmenter"] == "brightness"
    assert found.record["parameters"]["contrast"] == 2.0
    with pytest.raises(ValueError, match=r"contrast is 20.*between 0.1 and 10"):
        segment(RAMP, segmenter="brightness", contrast=20.0)


@pytest.mark.usefixtures("installed")
def test_the_command_line_knows_a_packages_segmenter(tmp_path: Path) -> None:
    stimuli.write(stimuli.draw("closure"), tmp_path / "a.png")
    words = ["segment", str(tmp_path / "a.png"), "--out", str(tmp_path / "out"), "--json"]
    words += ["--segmenter", "brightness", "--set", "contrast=0.5", "--clusters", "2"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)[0]["clusters"] == 2


@pytest.mark.usefixtures("installed")
def test_the_command_line_lists_a_packages_segmenter_and_its_parameters() -> None:
    done = CliRunner().invoke(app, ["segmenters", "--json"])
    assert json.loads(done.stdout)["brightness"] == "Brightness"
    done = CliRunner().invoke(app, ["segmenters", "brightness"])
    assert (
        done.stdout == "contrast  FLOAT 0.1…10, default 1.0: Power that brightness is raised to.\n"
    )


@pytest.mark.usefixtures("installed")
def test_the_benchmark_scores_a_packages_segmenter_among_all(tmp_path: Path) -> None:
    stimuli.write(stimuli.draw("closure"), tmp_path / "data" / "closure.npz")
    words = [
        "benchmark",
        "--data",
        str(tmp_path / "data"),
        "--out",
        str(tmp_path / "out"),
        "--json",
    ]
    words += ["--segmenter", "brightness", "--set", "contrast=0.5"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    (row,) = json.loads(done.stdout)  # it cannot find the number of groups
    assert (row["clusters"], row["parameters"]) == ("given", {"contrast": 0.5})
    assert all_methods()[-1].segmenter == "brightness"


def test_a_package_that_cannot_be_loaded_is_told_and_takes_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "torn-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torn\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[napari_lns.segmenters]\ntorn = no_such_module:TORN\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.warns(UserWarning, match="no_such_module:TORN is no segmenter and is left out"):
        assert set(segmenters()) == {"lns", "iic", "dwc", "baseline"}


@pytest.fixture
def _registered(wheel: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the registry look for packages again, and forget them afterwards."""
    monkeypatch.syspath_prepend(str(wheel))
    for name in ("napari_lns_brightness", "napari_lns_brightness.stimuli"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    stimuli.names()
    before = dict(registry._entries)
    registry._load.cache_clear()
    yield
    registry._entries.clear()
    registry._entries.update(before)


@pytest.mark.usefixtures("_registered")
def test_a_packages_stimulus_is_listed_drawn_swept_and_trained_on(tmp_path: Path) -> None:
    assert stimuli.names()[-1] == "bright_half"
    assert stimuli.groups()["Brightness"] == ["bright_half"]
    assert stimuli.draw("bright_half", contrast=1.0).redraw().image.max() == 1.0
    assert len(stimuli.sweep("bright_half", contrast=[0.0, 1.0])) == 2
    out = tmp_path / "half.png"
    words = ["stimuli", "draw", "bright_half", "--contrast", "0.2", "--out", str(out)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert out.exists()
    assert next(images(Settings(("bright_half",), batch=2))).shape == (2, 3, 64, 64)


@pytest.mark.usefixtures("_registered")
def test_a_package_without_stimuli_is_reported_and_takes_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "torn-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torn\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[napari_lns.stimuli]\ntorn = no_such_module\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.warns(UserWarning, match="no_such_module has no stimuli and is left out"):
        assert "kanizsa_figure" in stimuli.names()
