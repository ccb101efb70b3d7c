"""`Settings`: all that decides a run of Latent Noise Segmentation, checked."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LATENT", "OUTPUT", "Settings"]

LATENT = "latent"
OUTPUT = "output"


@dataclass(frozen=True)
class Settings:
    """All that decides a run; what each means stands in `napari_lns.segmentation.lns`.

    Examples
    --------
    >>> Settings(method="exact", repeats=10)
    Traceback (most recent call last):
    ValueError: repeats is 10: the exact limit has no chance in it to repeat over; take repeats=0
    """

    clusters: int | str = 3
    seed: int = 0
    method: str = "sampled"
    noise: float | None = None
    relative_noise: float | None = None
    samples: int = 80
    noise_kind: str = "gaussian"
    noise_layer: str = LATENT
    unit_scale: tuple[float, ...] | None = None
    neighbourhood: int = 1
    clusterer: str = "ward"
    criterion: str = "gap"
    fit: str = "resize"
    repeats: int = 0
    repeat_over: str = "seeds"
    keep_outputs: bool = False
    batch: int | None = None

    def __post_init__(self) -> None:
        if self.neighbourhood % 2 == 0:
            raise ValueError(f"neighbourhood is {self.neighbourhood}: it must be odd")
        if self.method != "sampled" and self.noise_layer != LATENT:
            raise ValueError(
                f"noise_layer is {self.noise_layer!r}: the {self.method} method takes noise in "
                "the latent layer only; take method='sampled'"
            )
        if self.method == "smoothed":
            self._check_smoothed()
        if self.repeats:
            self._check_repeats()

    def _check_smoothed(self) -> None:
        if self.noise_kind != "gaussian":
            raise ValueError(
                f"noise_kind is {self.noise_kind!r}: the smoothed method takes Gaussian noise only"
            )
        if self.samples % 2:
            raise ValueError(
                f"samples is {self.samples}: the smoothed method takes noises in pairs, so it "
                "must be even"
            )

    def _check_repeats(self) -> None:
        if self.method == "exact":
            raise ValueError(
                f"repeats is {self.repeats}: the exact limit has no chance in it to repeat over; "
                "take repeats=0"
            )
        if self.repeat_over == "samples" and (
            self.method != "sampled" or self.noise_layer == OUTPUT
        ):
            raise ValueError(
                "repeat_over is 'samples': only the sampled method's differences can be drawn "
                "again; take repeat_over='seeds'"
            )

    def check_grid(self, height: int, width: int) -> None:
        """Refuse more groups than the network shows pixels of the image."""
        if self.clusters != "auto" and int(self.clusters) > height * width:
            raise ValueError(
                f"clusters is {self.clusters}: the network shows this image in {height} × {width} "
                f"pixels, so it must be at most {height * width}"
            )

    def check_units(self, units: int) -> None:
        """Refuse fewer samples than the smoothed method needs for so many latent units."""
        if self.method == "smoothed" and self.samples < 2 * units:
            raise ValueError(
                f"samples is {self.samples}: the smoothed method needs at least {2 * units}, two "
                f"for each of the {units} latent units"
            )
