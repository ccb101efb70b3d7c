"""What users install: the wheel and the editable install carry the manifest and the weights."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
import sysconfig
import tomllib
import venv
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


# The script ends with the viewer open; a test goes on.
NO_EVENT_LOOP = "import napari; napari.run = lambda *_, **__: None\n"


def fresh_environment(folder: Path, wheel: Path) -> Path:
    """Make an environment with the wheel, and give its Python.

    Dependencies are those of this environment, named by a path file: Python adds the folder, but
    not what path files in it name, such as the editable install of the repository.
    """
    venv.create(folder, symlinks=os.name != "nt")
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    own = subprocess.run(ask, capture_output=True, text=True, check=True).stdout.strip()
    Path(own, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf8")
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps"]
    done = subprocess.run([*pip, wheel], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return python


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


@pytest.mark.slow
def test_the_wheel_runs_the_readmes_five_lines_without_the_repository(
    wheel: Path, tmp_path: Path, repository: Path
) -> None:
    python = fresh_environment(tmp_path / "fresh", wheel)
    block = re.search(r"```python\n(.*?)```", (repository / "README.md").read_text("utf8"), re.S)
    assert block is not None
    script = tmp_path / "five_lines.py"
    script.write_text(f"{NO_EVENT_LOOP}{block[1]}\nprint(lns.__file__)\n", "utf8")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [python, script], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    score, *_, file = done.stdout.splitlines()  # napari may print what it thinks of PyQt5
    assert re.fullmatch(r"ARI 0\.\d\d", score)
    assert Path(file).is_relative_to(tmp_path / "fresh")


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


def test_a_release_names_the_repository_in_every_link(repository: Path) -> None:
    script = runpy.run_path(str(repository / "scripts" / "name_repository.py"))
    place = ("https://github.com/owner/napari-lns", "v0.1.0")
    readme = (repository / "README.md").read_text("utf8")
    made = script["with_badges"](script["absolute"](readme, *place), *place)
    assert all(link.startswith("https://") for link in re.findall(r"\]\(([^)]+)\)", made))
    assert f"{place[0]}/raw/v0.1.0/docs/pictures/readme.png" in made
    text = script["with_urls"]((repository / "pyproject.toml").read_text("utf8"), *place)
    urls = tomllib.loads(text)["project"]["urls"]
    assert urls["Documentation"] == "https://owner.github.io/napari-lns/"
    assert {"Repository", "Issues", "Changelog", "Paper"} <= set(urls)


def test_the_environment_of_pixi_names_the_same_python(repository: Path) -> None:
    pixi = tomllib.loads((repository / "pixi.toml").read_text("utf8"))
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf8"))["project"]
    assert pixi["dependencies"]["python"].startswith(project["requires-python"])
    assert pixi["pypi-dependencies"][project["name"]]["editable"]


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
