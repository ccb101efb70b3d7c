"""The kinds of networks by their names, which settings, cards and weights files hold."""

from __future__ import annotations

from napari_lns.models.networks import (
    AutoEncoder,
    CompactAutoEncoder,
    VariationalAutoEncoder,
    WaveAutoEncoder,
)
from napari_lns.models.surfaces import SurfaceAutoEncoder

__all__ = ["COMPACT", "KINDS"]

KINDS: dict[str, type[AutoEncoder]] = {
    network.kind: network
    for network in (
        AutoEncoder,
        VariationalAutoEncoder,
        CompactAutoEncoder,
        WaveAutoEncoder,
        SurfaceAutoEncoder,
    )
}
COMPACT = tuple(kind for kind, each in KINDS.items() if issubclass(each, CompactAutoEncoder))
