"""Scores reported in the paper, and explanations of differences from ours."""

from __future__ import annotations

from collections.abc import Mapping

from napari_lns.experiments.scoring import Score
from napari_lns.models import Card

__all__ = ["PAPER", "compare_with_paper"]

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
STANDARD_ERRORS = 2  # standard errors
FEWEST_IMAGES = 5  # images needed for a meaningful standard error


def compare_with_paper(name: str, score: Score, card: Card | None, error: float) -> str:
    """Compare a score with the paper's and list possible explanations of the difference.

    Parameters
    ----------
    name
        Name of the set.
    score
        Our score.
    card
        Card of the network.
    error
        Squared reconstruction error of the network on the scored images.

    Returns
    -------
    str
        "" if the paper's score is not known.

    Examples
    --------
    >>> compare_with_paper("kanizsa", Score(0.86, 0.02, 20), None, 0.002)
    'within 2 standard errors'
    """
    if name not in PAPER:
        return ""
    if score.count < FEWEST_IMAGES:
        return "too few images to compare"
    difference = score.mean - PAPER[name]
    if abs(difference) <= STANDARD_ERRORS * score.standard_error:
        return f"within {STANDARD_ERRORS} standard errors"
    parts = [f"{'above' if difference > 0 else 'below'} the paper by {abs(difference):.2f}"]
    if card is not None:
        parts += _facts(card, error)
    return "; ".join(parts)


def _facts(card: Card, error: float) -> list[str]:
    settings = card.training.get("settings", {})
    images = settings.get("batch", 0) * card.training.get("step", 0)
    training_error = card.training.get("error")
    facts = []
    if images:
        addition = ", besides those of the network it started from" if settings.get("start") else ""
        share = f"{images / PAPERS_IMAGES:.1%} of the paper's"
        facts.append(f"was trained on {images / 1e6:.2g} million images, {share}{addition}")
    if card.axes_power:
        facts.append(f"its latents are rescaled (power {card.axes_power:g})")
    if training_error:
        facts.append(
            f"reconstructs these images with {error / training_error:.2g} times its error on "
            "training images"
        )
    return facts
