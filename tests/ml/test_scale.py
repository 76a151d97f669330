import math

import pytest

from ml.scale import HIGHEST, LOWEST, probability_of, score_of


@pytest.mark.parametrize(
    ("odds", "score"), [(20, 660), (40, 700), (10, 620), (80, 740), (1e9, 900), (1e-9, 300), (20 * 2**6, 900)]
)
def test_odds_double_every_forty_points(odds: float, score: int) -> None:
    assert score_of(1 / (1 + odds)) == score


def test_the_lookup_agrees_with_the_formula() -> None:
    for step in range(1, 2_000):
        probability = step / 2_000
        exact = 660 + 40 * math.log2((1 - probability) / probability / 20)
        assert abs(score_of(probability) - min(max(exact, LOWEST), HIGHEST)) <= 0.5 + 1e-4


def test_a_higher_probability_never_scores_higher() -> None:
    scores = [score_of(step / 50_000) for step in range(50_001)]

    assert scores == sorted(scores, reverse=True)
    assert (scores[0], scores[-1]) == (HIGHEST, LOWEST)


@pytest.mark.parametrize("wrong", [-0.01, 1.01, math.nan])
def test_what_is_no_probability_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="not a probability"):
        score_of(wrong)


def test_calibration_is_the_logistic_and_never_overflows() -> None:
    assert probability_of(0.0, slope=2, intercept=0) == 0.5
    assert probability_of(1.0, slope=1, intercept=1) == round(1 / (1 + math.exp(-2)), 9)
    assert probability_of(-2000.0, slope=1, intercept=0) == 0
    assert probability_of(2000.0, slope=1, intercept=0) == 1
