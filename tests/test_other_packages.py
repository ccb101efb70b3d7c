"""What other packages add: built, found by its entry point, used like ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
from torch import Tensor, nn
from typer.testing import CliRunner

from napari_lns import segment, segmenters, stimuli
from napari_lns.cli import app
from napari_lns.experiments.benchmark import all_methods

EXAMPLE = Path(__file__).parent / "example_package"


class Small(nn.Module):
    """A linear model of 8 × 8 images."""

    def __init__(self) -> None:
        super().__init__()
        self.out = nn.Linear(4, 192)

    def encode(self, images: Tensor) -> Tensor:
        return images.flatten(1)[:, :4]

    def decode(self, latents: Tensor) -> Tensor:
        return self.out(latents).unflatten(1, (3, 8, 8))


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
    stimuli.names()  # found once in a process: the package's stimulus must not stay in the others
    monkeypatch.syspath_prepend(str(wheel))
    for name in [name for name in sys.modules if name.startswith("napari_lns_brightness")]:
        monkeypatch.delitem(sys.modules, name)


@pytest.mark.usefixtures("installed")
def test_a_packages_segmenter_is_listed_after_ours_with_its_parameters() -> None:
    found = segmenters()
    assert [*found] == ["lns", "baseline", "dwc", "iic", "brightness"]
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
def test_the_command_line_lists_a_packages_segmenter(tmp_path: Path) -> None:
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


@pytest.mark.usefixtures("installed")
def test_a_packages_clusterer_and_kind_of_noise_are_listed_and_used() -> None:
    own = segmenters()["lns"].parameters
    assert [*own["clusterer"].choices][-1] == "by_strength"
    assert [*own["noise_kind"].choices][-1] == "signs"
    found = segment(
        RAMP, Small(), clusterer="by_strength", noise_kind="signs", noise=0.1, samples=4, clusters=2
    )
    assert np.bincount(found.labels.ravel()).tolist() == [0, 32, 32]
    assert segment(RAMP, segmenter="baseline", clusterer="by_strength", clusters=4).clusters == 4


def test_a_packages_stimulus_is_drawn_and_listed(wheel: Path, run_python) -> None:
    told = run_python(
        "-c",
        "from napari_lns import stimuli\n"
        "drawn = stimuli.draw('two_bars', gap=4)\n"
        "print(drawn == drawn.redraw(), 'two_bars' in stimuli.groups()['Proximity'])",
        PYTHONPATH=f"{wheel}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
    )
    assert told.split() == ["True", "True"]


COMMANDS = (
    "stimuli draw two_bars --gap 4 --out bars.png",
    "benchmark --data bars.png --segmenter baseline --set clusterer=kmeans --out scores",
    "sweep two_bars --vary gap=2,4 --segmenter baseline --out sweep",
    "train --data two_bars --kind compact --steps 2 --batch 2 --device cpu --out run",
)


def test_commands_list_a_packages_stimulus(wheel: Path, tmp_path: Path, run_python) -> None:
    told = run_python(
        "-c",
        "import os, sys\n"
        "from typer.testing import CliRunner\n"
        "from napari_lns.cli import app\n"
        f"os.chdir({str(tmp_path)!r})\n"
        f"for words in {COMMANDS!r}:\n"
        "    done = CliRunner().invoke(app, words.split())\n"
        "    print(done.exit_code, done.output if done.exit_code else '')\n",
        PYTHONPATH=f"{wheel}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
    )
    assert told.split() == ["0"] * len(COMMANDS), told
    assert json.loads((tmp_path / "run" / "record.json").read_text())["step"] == 2


def test_a_package_that_cannot_be_loaded_is_reported_and_takes_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = tmp_path / "torn-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: torn\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[napari_lns.segmenters]\ntorn = no_such_module:TORN\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.warns(
        UserWarning, match=r"no_such_module:TORN is not a segmenter: No module .*; it is left out"
    ):
        assert set(segmenters()) == {"lns", "iic", "dwc", "baseline"}
