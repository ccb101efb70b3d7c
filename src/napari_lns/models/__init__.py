"""The networks: the paper's AE and VAE, their training, the shipped weights, your own models."""

from napari_lns.models.networks import AutoEncoder, VariationalAutoEncoder

__all__ = ["AutoEncoder", "VariationalAutoEncoder"]
