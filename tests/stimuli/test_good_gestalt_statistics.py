"""The test images have the distributions of the given ones, by statistics kept in the repository.

`gg_statistics.py` made them from the given images: 100 of each set.
"""

from __future__ import annotations

import json
from typing import Any

import gg_statistics
import numpy as np
import pytest
from numpy.typing import NDArray

from napari_lns.stimuli import good_gestalt
from napari_lns.stimuli.good_gestalt import NAMES

COUNT = 500
CHOSEN = ("channel 0", "channel 1", "channel 2", "top", "left")  # by chance, within hard limits
GIVEN: dict[str, dict[str, Any]] = json.loads(
    gg_statistics.GIVEN_STATISTICS.read_text(encoding="utf-8")
)


@pytest.fixture(scope="module", params=NAMES)
def compared(request: pytest.FixtureRequest) -> list[tuple[str, dict[str, Any], NDArray[Any]]]:
    """Every statistic's name, its summary over the given images, and its values over ours."""
    name = request.param
    stimuli = good_gestalt.draw(name, count=COUNT, seed=1)
    ours = gg_statistics.values(gg_statistics.drawn(stimuli))
    assert ours.keys() == GIVEN[name].keys()
    return [(key, GIVEN[name][key], np.sort(sample)) for key, sample in sorted(ours.items())]


def test_as_many_images_have_each_label(
    compared: list[tuple[str, dict[str, Any], NDArray[Any]]],
) -> None:
    for key, given, ours in compared:
        share = len(ours) / COUNT
        assert abs(given["count"] / 100 - share) < 4.5 * _spread(share) + 0.01, key


def test_colours_areas_places_and_variants_have_the_given_quantiles(
    compared: list[tuple[str, dict[str, Any], NDArray[Any]]],
) -> None:
    for key, given, ours in compared:
        for share, value in zip(gg_statistics.SHARES, given["quantiles"], strict=True):
            below, up_to = (
                np.searchsorted(ours, value + slack, side) / len(ours)
                for slack, side in ((-0.01, "left"), (0.01, "right"))
            )
            allowed = 4.5 * _spread(share, given["count"]) + 8 / given["count"]
            assert below - allowed < share < up_to + allowed, f"{key}: {value} at {share:.0%}"


def test_no_given_colour_or_place_lies_outside_our_range(
    compared: list[tuple[str, dict[str, Any], NDArray[Any]]],
) -> None:
    for key, given, ours in compared:
        if not key.endswith(CHOSEN):
            continue
        slack = 0.06 * np.ptp(ours) + 0.01
        assert ours[0] - slack <= given["quantiles"][0], key
        assert given["quantiles"][-1] <= ours[-1] + slack, key


def _spread(share: float, count: int = 100) -> float:
    """Return the standard error of a share among so many given images."""
    return float(np.sqrt(share * (1 - share) / count))
