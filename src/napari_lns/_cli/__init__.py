"""The commands of `napari-lns`, one module each; `napari_lns.cli` combines them.

They import torch, NumPy and other large packages inside functions, so that `--help` is fast.
"""
