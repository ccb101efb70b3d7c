"""Helpers for imports of drawings: unique names, ties of equal colours, and variation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from napari_lns.stimuli.scene.surface import BACKGROUND, Colour, Surface, Vary

__all__ = ["SceneParts", "tie_colours", "unique_name", "vary_for"]

SceneParts = tuple[tuple[Surface, ...], str, Colour]  # surfaces, name and background of a scene

SAME_COLOUR = 0.004  # difference below which 8-bit colours are equal
CHROMATIC = 0.02


def unique_name(name: str, names: Sequence[str]) -> str:
    """Return the name, with a number appended if it is among `names`.

    Examples
    --------
    >>> unique_name("disc", ["disc", "disc 2"])
    'disc 3'
    """
    number, free = 2, name or "surface"
    while free in (*names, BACKGROUND):
        free = f"{name or 'surface'} {number}"
        number += 1
    return free


def vary_for(colour: Sequence[float]) -> Vary:
    """Return the variation of a surface: of its lightness if it is grey, else of its colour."""
    return Vary(colour="any" if max(colour) - min(colour) > CHROMATIC else "grey")


def tie_colours(surfaces: Sequence[Surface], background: Colour) -> tuple[Surface, ...]:
    """Tie surfaces of the background's colour to it, and equal colours of one label to each other.

    Examples
    --------
    >>> from napari_lns.stimuli.scene import Ellipse
    >>> gap = Surface("gap", Ellipse(0.2, 0.2), (1.0, 1.0, 1.0))
    >>> tie_colours([gap], (1.0, 1.0, 1.0))[0].colour_of
    'background'
    """
    result: list[Surface] = []
    for surface in surfaces:
        alike = (
            each.name
            for each in result
            if each.label == surface.label
            and not each.colour_of
            and _are_same_colour(each.colour, surface.colour)
        )
        if _are_same_colour(surface.colour, background) and surface.opacity == 1:
            surface = replace(surface, colour_of=BACKGROUND)
        else:
            surface = replace(surface, colour_of=next(alike, ""))
        result.append(surface)
    return tuple(result)


def _are_same_colour(one: Colour, other: Colour) -> bool:
    return all(abs(a - b) <= SAME_COLOUR for a, b in zip(one, other, strict=True))
