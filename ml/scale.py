"""From a raw model value to a calibrated probability of bad, and from that to the integer score.

Scale: 660 points at odds of 20 good to 1 bad; 40 points more double the odds; held within 300..900.
"""

import math
from bisect import bisect_left
from decimal import Decimal, localcontext

LOWEST, HIGHEST = 300, 900
BASE_SCORE, BASE_ODDS, POINTS_TO_DOUBLE = 660, 20, 40
PROBABILITY_PLACES = 9
PARTS = 10**PROBABILITY_PLACES
_DIGITS = 40


def probability_of(raw: float, *, slope: float, intercept: float) -> float:
    """The calibrated probability of bad within 12 months, by Platt's logistic, to nine places."""
    odds_of_bad = slope * raw + intercept
    if odds_of_bad >= 0:
        return round(1 / (1 + math.exp(-odds_of_bad)), PROBABILITY_PLACES)
    grown = math.exp(odds_of_bad)
    return round(grown / (1 + grown), PROBABILITY_PLACES)


def _cut(score: int) -> int:
    """The highest probability, in parts of a thousand million, that still earns `score` (rounded half up)."""
    with localcontext() as context:
        context.prec = _DIGITS
        doublings = (Decimal(score) - Decimal("0.5") - BASE_SCORE) / POINTS_TO_DOUBLE
        return int(Decimal(PARTS) / (1 + BASE_ODDS * Decimal(2) ** doublings))


_CUTS = tuple(_cut(score) for score in range(HIGHEST, LOWEST, -1))  # ascending probabilities


def score_of(probability: float) -> int:
    """The integer score 300..900, higher is better, looked up among exact integer cuts.

    Raises:
        ValueError: not a probability.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"not a probability: {probability}")
    return LOWEST + len(_CUTS) - bisect_left(_CUTS, round(probability * PARTS))
