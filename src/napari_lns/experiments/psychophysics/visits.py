"""Interactive psychophysics: a law's measure at the values that a user visits."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pprint import pformat
from typing import Any

from napari_lns import __version__
from napari_lns.experiments.psychophysics.laws import Law, law, names
from napari_lns.stimuli import Stimulus, control, draw

__all__ = ["Visit", "draw_control", "find_law", "script", "series", "table"]


@dataclass(frozen=True, eq=False)
class Visit:
    """One visited value: a stimulus, and the measure for the stimulus and its control.

    Parameters
    ----------
    name, parameters, seed
        Record of the stimulus.
    model
        Name of the model, as the user chose it.
    segments
        Requested number of segments; the measure does not depend on it.
    value
        Measure of the law for the stimulus.
    control
        Measure for its control; None if not yet computed.
    """

    name: str
    parameters: Mapping[str, Any]
    seed: int
    model: str
    segments: int
    value: float
    control: float | None = None


def find_law(stimulus: str, parameter: str | None = None) -> Law | None:
    """Return the law of a stimulus; of several, the one that sweeps the parameter.

    Examples
    --------
    >>> find_law("occluded_bar", "angle").name, find_law("kanizsa")
    ('occlusion_angle', None)
    """
    own = [each for each in map(law, names()) if each.stimulus == stimulus]
    return next((each for each in own if each.parameter == parameter), own[0] if own else None)


def draw_control(stimulus: Stimulus) -> Stimulus:
    """Draw the control of a stimulus with the same seed and other parameters.

    Examples
    --------
    >>> draw_control(draw("kanizsa_figure", corners=3)).parameters["inducers"]
    'turned'
    """
    values = {**stimulus.parameters, **control(stimulus.name)}
    return draw(stimulus.name, seed=stimulus.seed, **values)


def series(visits: Sequence[Visit], parameter: str, now: Visit) -> list[Visit]:
    """Return the visits that differ from one visit in a single parameter, sorted by its value.

    Parameters
    ----------
    visits
        All visits.
    parameter
        The parameter along which they may differ.
    now
        The visit to compare with.

    Returns
    -------
    list of Visit
        The last visit at each value.

    Examples
    --------
    >>> values = [(0.4, 0.2), (0.2, 0.1), (0.4, 0.3)]
    >>> visits = [Visit("x", {"gap": gap}, 0, "m", 2, value) for gap, value in values]
    >>> [each.value for each in series(visits, "gap", visits[0])]
    [0.1, 0.3]
    """

    def rest(visit: Visit) -> tuple[Any, ...]:
        others = {name: value for name, value in visit.parameters.items() if name != parameter}
        return visit.name, others, visit.seed, visit.model

    same = {each.parameters[parameter]: each for each in visits if rest(each) == rest(now)}
    return [same[value] for value in sorted(same)]


def table(visits: Sequence[Visit]) -> str:
    """Return visits of one stimulus as CSV: parameters, seed, model and both measures.

    Examples
    --------
    >>> print(table([Visit("x", {"gap": 0.4}, 0, "m", 2, 0.2)]), end="")
    stimulus,gap,seed,model,segments,measure,control measure
    x,0.4,0,m,2,0.2,
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    own = list(visits[0].parameters) if visits else []
    last = ["seed", "model", "segments", "measure", "control measure"]
    writer.writerow(["stimulus", *own, *last])
    for each in visits:
        values = [each.parameters[name] for name in own]
        control_value = "" if each.control is None else each.control
        rest = [each.seed, each.model, each.segments, each.value, control_value]
        writer.writerow([each.name, *values, *rest])
    return text.getvalue()


def script(visits: Sequence[Visit]) -> str:
    """Return a script that draws the visited stimuli and controls again and measures them.

    Examples
    --------
    >>> "measure(" in script([Visit("dot_lattice", {}, 0, "dot-lattice", 2, 0.2)])
    True
    """
    rows = [
        {
            "name": each.name,
            "seed": each.seed,
            "parameters": dict(each.parameters),
            "model": each.model,
            "segments": each.segments,
        }
        for each in visits
    ]
    return _SCRIPT.format(version=__version__, rows=pformat(rows, sort_dicts=False, width=100))


_SCRIPT = '''"""Measure a law in visited stimuli and their controls (napari-lns {version})."""

import napari_lns as lns
from napari_lns.experiments.psychophysics import measure, visits

ROWS = {rows}

done = []
for row in ROWS:
    stimulus = lns.stimuli.draw(row["name"], seed=row["seed"], **row["parameters"])
    pair = (stimulus, visits.draw_control(stimulus))
    values = [measure(each, row["model"]).value for each in pair]
    done.append(visits.Visit(**row, value=values[0], control=values[1]))
print(visits.table(done), end="")
'''
