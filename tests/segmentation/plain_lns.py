"""The method as it is told, step by step and one decode at a time: what the engine is held to."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.cluster import AgglomerativeClustering
from torch import nn


def plain_outputs(model: nn.Module, image: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Steps 1 and 2: (N, 3, H, W) outputs for the image's latents plus each draw of noise."""
    with torch.no_grad():
        z = model.encode(torch.tensor(image, dtype=torch.float32).permute(2, 0, 1)[None])
        return np.stack([model.decode(z + torch.tensor(draw))[0].numpy() for draw in draws])


def plain_features(outputs: np.ndarray) -> np.ndarray:
    """Steps 3 to 5: one row of 3 (N - 1) numbers for each pixel."""
    differences = outputs[:-1] - outputs[1:]
    _, channels, height, width = differences.shape
    rows = []
    for row in range(height):
        for column in range(width):
            vectors = []
            for channel in range(channels):
                vector = differences[:, channel, row, column]
                norm = np.sqrt((vector**2).sum())
                vectors.append(vector / norm if norm > 0 else vector)
            rows.append(np.concatenate(vectors))
    return np.array(rows)


def plain_labels(features: np.ndarray, clusters: int) -> np.ndarray:
    """Step 6."""
    return AgglomerativeClustering(n_clusters=clusters, linkage="ward").fit_predict(features)
