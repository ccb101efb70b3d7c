"""Colours of segments, as the viewer, figures and notebooks show them."""

from __future__ import annotations

__all__ = ["COLOURS"]

# Okabe and Ito's eight, which colour-blind readers can distinguish, then twelve darker or lighter.
COLOURS = [
    "#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#0072b2", "#d55e00", "#999999",
    "#7f3c8d", "#a5dc6c", "#8c510a", "#f7b6d2", "#17becf", "#b2182b", "#c7b3e5", "#386641",
    "#ffcf99", "#1b2a6b", "#9edae5", "#5c4033",
]  # fmt: skip
