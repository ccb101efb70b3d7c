"""Names of the layers for noise besides those of the decoder."""

from __future__ import annotations

__all__ = ["LATENT", "OUTPUT"]

LATENT = "latent"
OUTPUT = "output"
