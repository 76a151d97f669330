from app.domain.deciding.reasons import MAX_REASONS, ReasonCode, strongest_first


def test_rules_speak_before_the_score() -> None:
    ordered = strongest_first(
        [ReasonCode.SCORE_LOW, ReasonCode.BAD_DEBT], [ReasonCode.SAVINGS_LOW, ReasonCode.UTILISATION_HIGH]
    )
    assert ordered == (
        ReasonCode.BAD_DEBT,
        ReasonCode.SCORE_LOW,
        ReasonCode.SAVINGS_LOW,
        ReasonCode.UTILISATION_HIGH,
    )


def test_a_reason_is_given_once_and_four_at_most() -> None:
    ordered = strongest_first([ReasonCode.SCORE_LOW, ReasonCode.SCORE_LOW], [ReasonCode.SCORE_LOW, *ReasonCode])
    assert ordered[0] is ReasonCode.SCORE_LOW
    assert len(ordered) == len(set(ordered)) == MAX_REASONS


def test_every_code_has_a_strength() -> None:
    for code in ReasonCode:
        assert strongest_first([code]) == (code,)
