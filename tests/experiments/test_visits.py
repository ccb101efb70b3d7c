"""Interactive psychophysics: visits are compared, written as CSV and measured by a script."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest

from napari_lns import stimuli
from napari_lns.experiments.psychophysics import measure
from napari_lns.experiments.psychophysics.visits import (
    Visit,
    draw_control,
    find_law,
    script,
    series,
    table,
)

MODEL = "kanizsa-figure"


@pytest.fixture(scope="module")
def visit() -> Visit:
    stimulus = stimuli.draw("kanizsa_figure", support_ratio=0.5)
    values = [
        measure(each, MODEL, device="cpu").value for each in (stimulus, draw_control(stimulus))
    ]
    return Visit(stimulus.name, stimulus.parameters, 0, MODEL, 3, *values)


def test_an_illusory_figure_groups_more_than_its_control(visit: Visit) -> None:
    assert visit.control is not None
    assert visit.value > visit.control


def test_the_script_measures_the_same(visit: Visit, run_python: Callable[..., str]) -> None:
    (row,) = csv.DictReader(io.StringIO(run_python("-c", script([visit]))))
    assert float(row["measure"]) == pytest.approx(visit.value, abs=1e-4)
    assert float(row["control measure"]) == pytest.approx(visit.control, abs=1e-4)
    assert float(row["support_ratio"]) == 0.5


def test_a_series_holds_all_but_one_parameter_fixed(visit: Visit) -> None:
    def at(**changed: object) -> Visit:
        return replace(visit, parameters={**visit.parameters, **changed})

    visits = [at(support_ratio=0.7), visit, at(corners=3), at(support_ratio=0.3)]
    values = [each.parameters["support_ratio"] for each in series(visits, "support_ratio", visit)]
    assert values == [0.3, 0.5, 0.7]
    assert [each.parameters["corners"] for each in series(visits, "corners", visit)] == [3, 4]


def test_a_table_leaves_an_unknown_control_empty(visit: Visit) -> None:
    (row,) = csv.DictReader(io.StringIO(table([replace(visit, control=None)])))
    assert row["control measure"] == ""
    assert row["model"] == MODEL


def test_the_law_follows_the_parameter_that_moves() -> None:
    angle, offset = find_law("occluded_bar", "angle"), find_law("occluded_bar", "offset")
    assert angle is not None
    assert offset is not None
    assert (angle.name, offset.name) == ("occlusion_angle", "occlusion_offset")
    assert find_law("texture_regions") is None
