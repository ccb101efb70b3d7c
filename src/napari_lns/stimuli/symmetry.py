"""Symmetry: what mirrors each other is seen together."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from napari_lns._parameters import Range
from napari_lns.stimuli._canvas import Canvas, on_canvas
from napari_lns.stimuli._rows import FigureSize
from napari_lns.stimuli._shapes import Field
from napari_lns.stimuli.registry import register

__all__ = ["symmetry_pairs"]


@register(group="Symmetry", control={"pairing": "translated"})
@on_canvas
def symmetry_pairs(
    canvas: Canvas,
    *,
    pairs: Annotated[int, Range(1, 4)] = 3,
    pairing: Literal["mirrored", "translated"] = "mirrored",
    amplitude: Annotated[float, Range(0.1, 0.35)] = 0.3,
    line_width: Annotated[float, Range(0.05, 0.2)] = 0.15,
    figure_size: FigureSize = 0.8,
) -> None:
    """Symmetry pairs: of evenly spaced wavy lines, those that mirror each other are seen in pairs.

    Parameters
    ----------
    pairs
        Number of pairs of lines.
    pairing
        Whether the second line of a pair is the first one ``"mirrored"`` or ``"translated"``.
    amplitude
        Amplitude of the waves, as a share of the distance between lines.
    line_width
        Width of a line, as a share of the distance between lines.
    figure_size
        Side of the square that the lines fill.

    Notes
    -----
    Physical check: lines are evenly spaced. All have the same wave of zero mean. Its phase differs
    between mirrored pairs, and is the same for all translated lines.

    Perceptual check: each mirrored pair is one object with an axis of symmetry.

    Control: translated lines have the same length, spacing and colour, but form no pairs.

    References
    ----------
    Bahnsen (1928), Eine Untersuchung über Symmetrie und Asymmetrie bei visuellen Wahrnehmungen.
    Zeitschrift für Psychologie, 108, 129-154 (recalled).

    Examples
    --------
    >>> symmetry_pairs(pairs=2).label_names[2]
    'pair 2'
    """
    pitch = figure_size / (2 * pairs)
    phases = canvas.rng.permutation(np.arange(pairs) + canvas.rng.uniform()) / pairs
    strengths = canvas.rng.dirichlet(np.ones(2))
    mirrored = pairing == "mirrored"
    ends = np.abs(canvas.v) - figure_size / 2
    for pair in range(pairs):
        phase = phases[pair if mirrored else 0]
        wave, slope = _wave(canvas.v / figure_size + phase, strengths)
        height = amplitude * pitch
        steep = np.hypot(1, height / figure_size * slope)
        middle = (2 * pair - pairs + 0.5) * pitch
        first = canvas.u - middle - height * wave
        second = canvas.u - middle - pitch - (-height if mirrored else height) * wave
        lines = np.minimum(np.abs(first), np.abs(second)) / steep - line_width * pitch / 2
        label = f"pair {pair + 1}" if mirrored else "lines"
        canvas.paint(np.maximum(lines, ends), None, label, "lines")
        inside = (lines < 0) & (ends < 0)
        canvas.mark(f"line {2 * pair + 1}", inside & (np.abs(first) < np.abs(second)))
        canvas.mark(f"line {2 * pair + 2}", inside & (np.abs(first) >= np.abs(second)))


def _wave(turns: Field, strengths: Field) -> tuple[Field, Field]:
    """Return the sum of sine waves of two and three periods per turn, and its slope."""
    two, three = 4 * np.pi * turns, 6 * np.pi * turns
    wave = strengths[0] * np.sin(two) + strengths[1] * np.sin(three)
    slope = 4 * np.pi * strengths[0] * np.cos(two) + 6 * np.pi * strengths[1] * np.cos(three)
    return wave, slope
