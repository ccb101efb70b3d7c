"""The commands of `napari-lns`, a module each; `napari_lns.cli` puts them together.

They import torch, NumPy and the like inside their functions, so that `--help` answers at once.
"""
