"""Names of the layers of a decoder that noise can go into, beside its own."""

from __future__ import annotations

__all__ = ["LATENT", "OUTPUT"]

LATENT = "latent"
OUTPUT = "output"
