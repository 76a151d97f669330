"""The states of one knock: which arrows there are, and above all which there are not."""

import pytest

from app.domain.consent.inquiry import (
    MAY_BE_SENT,
    NEXT,
    SETTLED_BY_REFERENCE,
    SHOWN_AS,
    ImpossibleStep,
    InquiryState,
    InquiryStatus,
    step,
)

S = InquiryState
ARROWS = {
    (S.INTENT_PENDING, S.INTENT_LOGGED),
    (S.INTENT_LOGGED, S.SENDING),
    (S.SENDING, S.NOT_SENT),
    (S.SENDING, S.ANSWERED),
    (S.SENDING, S.REFUSED_BY_BUREAU),
    (S.SENDING, S.UNKNOWN),
    (S.NOT_SENT, S.SENDING),
    (S.UNKNOWN, S.ANSWERED),
    (S.UNKNOWN, S.RECORDED_NO_REPORT),
    (S.UNKNOWN, S.NOT_RECORDED),
    (S.UNKNOWN, S.DISPUTED),
    (S.RECORDED_NO_REPORT, S.ANSWERED),
    (S.RECORDED_NO_REPORT, S.DISPUTED),
    (S.NOT_RECORDED, S.SENDING),
}
PAIRS = [(present, following) for present in S for following in S]


@pytest.mark.parametrize(("present", "following"), PAIRS)
def test_each_pair_of_states_is_a_step_only_if_it_is_drawn(present: S, following: S) -> None:
    if (present, following) in ARROWS:
        assert step(present, following) is following
    else:
        with pytest.raises(ImpossibleStep, match=f"{present} is not followed by {following}"):
            step(present, following)


def test_only_what_never_left_or_was_never_recorded_is_sent() -> None:
    leads_to_sending = {state for state, following in NEXT.items() if S.SENDING in following}
    assert leads_to_sending == MAY_BE_SENT == {S.INTENT_LOGGED, S.NOT_SENT, S.NOT_RECORDED}
    assert not leads_to_sending & SETTLED_BY_REFERENCE


def test_an_answered_a_refused_and_a_disputed_inquiry_stay_so() -> None:
    assert {state for state, following in NEXT.items() if not following} == {
        S.ANSWERED,
        S.REFUSED_BY_BUREAU,
        S.DISPUTED,
    }


def test_every_state_is_shown_and_what_may_have_been_recorded_is_never_shown_as_failed() -> None:
    assert set(SHOWN_AS) == set(NEXT) == set(S)
    assert {state for state, shown in SHOWN_AS.items() if shown is InquiryStatus.FAILED} == {
        S.REFUSED_BY_BUREAU,
        S.NOT_RECORDED,
    }
    assert SHOWN_AS[S.ANSWERED] is InquiryStatus.ANSWERED
