"""Registries: ours are discovered, others' come by entry points, and unknown names are refused."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from napari_lns._registry import Registry
from napari_lns.segmentation.clustering import CLUSTERERS
from napari_lns.segmentation.clustering.number import CRITERIA
from napari_lns.segmentation.lns.method import METHODS
from napari_lns.segmentation.lns.noise import Noise
from napari_lns.segmentation.lns.noise_kind import NOISE_KINDS
from napari_lns.segmentation.segmenters import SEGMENTERS

ALL = {
    "clusterer": CLUSTERERS,
    "criterion": CRITERIA,
    "kind of noise": NOISE_KINDS,
    "method": METHODS,
    "segmenter": SEGMENTERS,
}
each = pytest.mark.parametrize("registry", ALL.values(), ids=ALL)


@each
def test_each_of_ours_is_loaded_and_is_what_it_says(registry: Registry) -> None:
    assert all(isinstance(registry[name], registry.of) for name in registry)


@each
def test_an_unknown_name_is_refused_with_what_there_is(registry: Registry) -> None:
    assert "pink" not in registry
    with pytest.raises(ValueError, match=f"there is no {registry.kind} 'pink'; "):
        registry["pink"]


@each
def test_a_name_that_is_no_text_is_refused(registry: Registry) -> None:
    assert 3 not in registry
    with pytest.raises(ValueError, match=r"there is no .* 3; "):
        registry[3]


def test_noise_of_an_unknown_kind_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="there is no kind of noise 'pink'"):
        Noise(0.1, "pink").draws(np.random.default_rng(0), 2, (3,))


def test_names_are_listed_without_loading_a_network_or_a_clusterer(
    run_python: Callable[..., str],
) -> None:
    loaded = run_python(
        "-c",
        "import sys\n"
        "from napari_lns.segmentation.segmenters import segmenters\n"
        "[list(p.choices) for s in segmenters().values() for p in s.parameters.values()]\n"
        "print(*sys.modules)",
    ).split()
    assert not {"torch", "sklearn", "napari_lns.segmentation.clustering.ward"} & set(loaded)


@pytest.fixture
def other_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that offers criteria: one is none, one cannot be loaded, one has our name."""
    info = tmp_path / "other-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[napari_lns.criteria]\ntorn = no_such_module:torn\nthree = other_criteria:THREE\n"
        "gap = other_criteria:THREE\n"
    )
    (tmp_path / "other_criteria.py").write_text("THREE = 3\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "other_criteria", raising=False)
    return tmp_path


@pytest.mark.usefixtures("other_package")
def test_what_another_package_cannot_give_is_refused_by_name_and_takes_nothing_away() -> None:
    assert list(CRITERIA)[-2:] == ["torn", "three"]
    with pytest.raises(ValueError, match="no_such_module:torn is not a criterion: No module named"):
        CRITERIA["torn"]
    with pytest.raises(
        ValueError, match="other_criteria:THREE is not a criterion: it is a int, but "
    ):
        CRITERIA["three"]
    with pytest.warns(UserWarning, match="it is left out"):
        assert set(CRITERIA.load_all()) == {"gap", "silhouette", "eigengap"}


@pytest.mark.usefixtures("other_package")
def test_a_name_of_ours_stays_ours() -> None:
    assert CRITERIA["gap"].__module__.startswith("napari_lns")
