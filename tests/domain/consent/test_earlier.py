"""Which inquiries of before a customer is told of: those that may show at the bureau and served no decision."""

import pytest

from app.domain.consent.earlier import Earlier, must_be_stated
from app.domain.consent.inquiry import InquiryState

S = InquiryState
MAY_SHOW = {S.SENDING, S.UNKNOWN, S.RECORDED_NO_REPORT, S.DISPUTED}


@pytest.mark.parametrize("state", S)
def test_what_was_sent_without_an_answer_is_stated_whatever_became_of_its_request(state: S) -> None:
    stated = {must_be_stated(Earlier(state, ended, found_at_bureau=False)) for ended in (True, False)}
    assert stated == ({True, False} if state is S.ANSWERED else {state in MAY_SHOW})


def test_an_answer_is_stated_only_where_its_request_came_to_nothing() -> None:
    for found in (True, False):
        assert must_be_stated(Earlier(S.ANSWERED, came_to_nothing=True, found_at_bureau=found))
        assert not must_be_stated(Earlier(S.ANSWERED, came_to_nothing=False, found_at_bureau=found))


@pytest.mark.parametrize("state", sorted(set(S) - MAY_SHOW - {S.ANSWERED}))
def test_what_the_bureau_is_said_not_to_have_is_stated_once_its_own_list_shows_it(state: S) -> None:
    assert must_be_stated(Earlier(state, came_to_nothing=True, found_at_bureau=True))
    assert not must_be_stated(Earlier(state, came_to_nothing=True, found_at_bureau=False))
