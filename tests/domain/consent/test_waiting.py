"""What an open request waits for, by the state of its inquiry, the route and the log."""

from datetime import timedelta

import pytest

from app.domain.consent.inquiry import InquiryState as S
from app.domain.consent.waiting import WaitingFor as W
from app.domain.consent.waiting import look_again, waiting_for


@pytest.mark.parametrize(
    ("state", "shut", "unwitnessed", "well"),
    [
        (None, W.ROUTE_SHUT, W.LOG_NOT_WITNESSED, W.IN_HAND),
        (S.INTENT_PENDING, W.ROUTE_SHUT, W.LOG_NOT_WITNESSED, W.IN_HAND),
        (S.INTENT_LOGGED, W.ROUTE_SHUT, W.IN_HAND, W.IN_HAND),
        (S.NOT_SENT, W.ROUTE_SHUT, W.BUREAU_AWAY, W.BUREAU_AWAY),
        (S.NOT_RECORDED, W.ROUTE_SHUT, W.BUREAU_AWAY, W.BUREAU_AWAY),
        (S.SENDING, W.IN_HAND, W.IN_HAND, W.IN_HAND),
        (S.UNKNOWN, W.BUREAU_SLOW, W.BUREAU_SLOW, W.BUREAU_SLOW),
        (S.RECORDED_NO_REPORT, W.BUREAU_SLOW, W.BUREAU_SLOW, W.BUREAU_SLOW),
        (S.ANSWERED, W.IN_HAND, W.IN_HAND, W.IN_HAND),
    ],
)
def test_a_request_waits_for_what_holds_it_up(state: S | None, shut: W, unwitnessed: W, well: W) -> None:
    assert waiting_for(state, route_open=False, witnessed=True) is shut
    assert waiting_for(state, route_open=True, witnessed=False) is unwitnessed
    assert waiting_for(state, route_open=True, witnessed=True) is well


def test_the_longer_a_request_has_waited_the_less_often_it_is_looked_at_but_at_least_twice_a_minute() -> None:
    seconds = [look_again(timedelta(seconds=waited)).total_seconds() for waited in (-5, 0, 9, 60, 299, 300, 86_400)]
    assert seconds == [1, 1, 1, 6, 29.9, 30, 30]
