"""How well a model does: AUC, KS, Brier and ECE by numpy, and Platt's calibration by Newton's steps."""

import numpy as np
from numpy.typing import NDArray

from ml.manifest import Calibration, Measures

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

ECE_BINS = 10
NEWTON_STEPS = 50
PLACES = 4


def auc(bad: Bools, value: Floats) -> float:
    """The chance that a bad row has the higher value than a good one, ties counted half; nan without both kinds."""
    ordered = np.sort(value)
    ranks = (np.searchsorted(ordered, value, "left") + np.searchsorted(ordered, value, "right") + 1) / 2
    bads, goods = int(bad.sum()), int((~bad).sum())
    if not bads or not goods:
        return float("nan")
    return float((ranks[bad].sum() - bads * (bads + 1) / 2) / (bads * goods))


def ks(bad: Bools, value: Floats) -> float:
    """The widest gap between the shares of bad and of good at or below a value."""
    at = np.unique(value)
    shares = [np.searchsorted(np.sort(part), at, "right") / len(part) for part in (value[bad], value[~bad])]
    return float(np.abs(shares[0] - shares[1]).max())


def ece(bad: Bools, probability: Floats) -> float:
    """Mean gap between promised and seen share of bad, over ten equal bins, weighted by rows."""
    bins = np.minimum((probability * ECE_BINS).astype(int), ECE_BINS - 1)
    gaps = [abs(float((probability[bins == b] - bad[bins == b]).sum())) for b in range(ECE_BINS)]
    return sum(gaps) / len(bad)


def measures(bad: Bools, probability: Floats) -> Measures:
    """All four, to four places.

    Raises:
        ValueError: the rows are not of both kinds.
    """
    if bad.all() or not bad.any():
        raise ValueError(f"{len(bad)} rows of one kind cannot be measured")
    return Measures(
        rows=len(bad),
        bad=int(bad.sum()),
        auc=round(auc(bad, probability), PLACES),
        ks=round(ks(bad, probability), PLACES),
        brier=round(float(((probability - bad) ** 2).mean()), PLACES),
        ece=round(ece(bad, probability), PLACES),
    )


def platt(bad: Bools, raw: Floats) -> Calibration:
    """Slope and intercept that make raw values log odds of bad: logistic regression with Platt's softened targets.

    Raises:
        ValueError: the raw values do not rank bad above good at all.
    """
    bads, goods = int(bad.sum()), int((~bad).sum())
    target = np.where(bad, (bads + 1) / (bads + 2), 1 / (goods + 2))
    design = np.column_stack([raw, np.ones_like(raw)])
    weights = np.zeros(2)
    for _ in range(NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-(design @ weights)))
        step = np.linalg.solve((design * (chance * (1 - chance))[:, None]).T @ design, design.T @ (target - chance))
        weights = weights + step
        if np.abs(step).max() < 1e-10:
            break
    slope, intercept = (round(float(weight), 6) for weight in weights)
    if slope <= 0:
        raise ValueError(f"the raw values rank the wrong way: slope {slope}")
    return Calibration(slope=slope, intercept=intercept)
