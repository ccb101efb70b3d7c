"""What the paper reports, as far as it is known here, and why our numbers differ from it."""

from __future__ import annotations

from collections.abc import Mapping

from napari_lns.experiments.scoring import Score
from napari_lns.models import Card

__all__ = ["PAPER", "against_paper"]

# Best of AE and VAE with latent noise, mean ARI over the test images: recalled, not verified.
PAPER: Mapping[str, float] = {
    "kanizsa": 0.87,
    "closure": 0.80,
    "continuity": 0.59,
    "proximity": 0.996,
    "gradient_occlusion": 0.93,
    "illusory_occlusion": 0.99,
}
PAPERS_IMAGES = 64 * 1_100_000  # batch × steps
BEYOND_CHANCE = 2  # standard errors
FEWEST = 5  # images, for a standard error to say something


def against_paper(name: str, score: Score, card: Card | None, error: float) -> str:
    """Compare a score with the paper's, and name what may explain the difference.

    Parameters
    ----------
    name
        The set.
    score
        Ours.
    card
        The network's card.
    error
        The network's squared reconstruction error on the images that were scored.

    Returns
    -------
    str
        "" where the paper's number is not known.

    Examples
    --------
    >>> against_paper("kanizsa", Score(0.86, 0.02, 20), None, 0.002)
    'within 2 standard errors'
    """
    if name not in PAPER:
        return ""
    if score.count < FEWEST:
        return "too few images to compare"
    difference = score.mean - PAPER[name]
    if abs(difference) <= BEYOND_CHANCE * score.standard_error:
        return f"within {BEYOND_CHANCE} standard errors"
    told = [f"{'above' if difference > 0 else 'below'} the paper by {abs(difference):.2f}"]
    if card is not None:
        told += _facts(card, error)
    return "; ".join(told)


def _facts(card: Card, error: float) -> list[str]:
    settings = card.training.get("settings", {})
    seen = settings.get("batch", 0) * card.training.get("step", 0)
    usual = card.training.get("error")
    facts = []
    if seen:
        before = ", beside those of the network it began from" if settings.get("start") else ""
        share = f"{seen / PAPERS_IMAGES:.1%} of the paper's"
        facts.append(f"saw {seen / 1e6:.2g} million images, {share}{before}")
    if card.axes_power:
        facts.append(f"its latents are rescaled (power {card.axes_power:g})")
    if usual:
        facts.append(
            f"reconstructs these images with {error / usual:.2g} times its error on training images"
        )
    return facts
