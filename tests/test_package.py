"""What users install: the wheel and the editable install carry the manifest and the weights."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

MANIFEST = """
import json, napari_lns
from npe2 import PluginManifest
manifest = PluginManifest.from_distribution("napari-lns")
print(json.dumps([napari_lns.__file__, manifest.display_name]))
"""


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel made from the source distribution, as an index would get it."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*build, str(repository)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_carries_every_file_of_the_package(wheel: Path, repository: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "src/napari_lns"], cwd=repository, capture_output=True, text=True
    )
    ours = {name.removeprefix("src/") for name in listed.stdout.split()}
    assert ours <= set(zipfile.ZipFile(wheel).namelist())
    assert "napari_lns/napari.yaml" in ours


@pytest.mark.slow
def test_the_installed_wheel_shows_napari_its_manifest(
    wheel: Path, tmp_path: Path, repository: Path, run_python: Callable[..., str]
) -> None:
    installed = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(installed)
    file, name = json.loads(run_python("-c", MANIFEST, PYTHONPATH=str(installed)))
    assert Path(file).is_relative_to(installed)
    assert name == "Latent Noise Segmentation"
    assert (installed / "napari_lns/napari.yaml").read_text() == (
        repository / "napari.yaml"
    ).read_text()


def test_the_editable_install_shows_napari_the_manifest_at_the_top(
    repository: Path, run_python: Callable[..., str]
) -> None:
    file, name = json.loads(run_python("-c", MANIFEST))
    assert name == "Latent Noise Segmentation"
    link = Path(file).with_name("napari.yaml")
    assert link.is_symlink()
    assert link.samefile(repository / "napari.yaml")


def test_npe2_finds_the_manifest_valid(run_python: Callable[..., str]) -> None:
    run_python("-m", "npe2", "validate", "napari-lns")


def test_one_version_stands_everywhere(repository: Path) -> None:
    import napari_lns

    cited = re.search(r"^version: (.+)$", (repository / "CITATION.cff").read_text(), re.M)
    assert cited is not None
    assert cited[1] == napari_lns.__version__


def test_every_dependency_is_there_for_a_reason(repository: Path) -> None:
    text = (repository / "pyproject.toml").read_text()
    for dependency in tomllib.loads(text)["project"]["dependencies"]:
        line = next(line for line in text.splitlines() if f'"{dependency}"' in line)
        assert "#" in line, f"say why {dependency} is needed"
