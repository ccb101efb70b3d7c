"""The table of DWC beside Ward: a row for each walk and rule, with what `segment` itself finds."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from napari_lns import segment
from napari_lns.experiments.cuts import compare_cuts
from napari_lns.stimuli import Stimulus

LABELS = np.kron([[0, 1]], np.ones((12, 6), int))


class Halves(nn.Module):
    """The two halves follow latents of their own, and two that they share."""

    image_size = (12, 12)

    def __init__(self) -> None:
        super().__init__()
        weights = 0.5 * torch.randn(4, 3, 12, 12, generator=torch.Generator().manual_seed(0))
        weights[0, :, :, :6] += 2
        weights[1, :, :, 6:] += 2
        self.weights = nn.Parameter(weights)

    def encode(self, images: Tensor) -> Tensor:
        return nn.functional.adaptive_avg_pool2d(images.mean(1, keepdim=True), 2).flatten(1)

    def decode(self, latents: Tensor) -> Tensor:
        return torch.einsum("nz,zchw->nchw", latents, self.weights).sigmoid()


@pytest.fixture
def halves() -> Stimulus:
    image = np.repeat(np.where(LABELS, 0.8, 0.2)[..., None], 3, axis=2)
    return Stimulus(image, LABELS, {0: "left", 1: "right"}, name="halves")


def test_every_walk_and_rule_has_its_row(halves: Stimulus) -> None:
    options = {"steps": (1, 3), "rules": ("gap", "otsu"), "method": "exact"}
    rows = compare_cuts("halves", [halves, halves], Halves().eval(), **options)
    told = [(row.segmenter, row.clusters, dict(row.parameters)) for row in rows]
    assert told == [
        ("lns", "given", {}),
        *(
            row
            for steps in (1, 3)
            for row in (
                ("dwc", "given", {"steps": steps}),
                ("dwc", "found", {"steps": steps, "rule": "gap"}),
                ("dwc", "found", {"steps": steps, "rule": "otsu"}),
            )
        ),
    ]
    assert {(row.set, row.model, row.score.count) for row in rows} == {("halves", "Halves", 2)}


def test_rows_are_what_segmenting_gives(halves: Stimulus) -> None:
    model = Halves().eval()
    rows = compare_cuts("halves", [halves], model, steps=(2,), rules=("gap",), method="exact")
    by_hand = [
        segment(halves, model, clusters=2, method="exact"),
        segment(halves, model, clusters=2, segmenter="dwc", steps=2),
        segment(halves, model, clusters="auto", segmenter="dwc", steps=2, rule="gap"),
    ]
    assert [row.score.mean for row in rows] == [
        pytest.approx(found.score(halves), abs=1e-6) for found in by_hand
    ]
    assert rows[1].score.mean == 1
