"""Requests: which state follows which, by when each is answered, and when an answer is late."""

from datetime import date, timedelta

import pytest

from app.domain.oversight.roles import VERBS, Role, Verb
from app.domain.rights.requests import (
    HANDLED_BY,
    NEXT,
    OPEN,
    WAITING,
    ImpossibleRequestStep,
    RequestKind,
    RequestState,
    due_on,
    overdue,
    step,
)

THURSDAY = date(2026, 11, 26)


def test_a_correction_is_answered_within_twenty_days() -> None:
    assert due_on(RequestKind.CORRECTION, THURSDAY) == date(2026, 12, 16)


@pytest.mark.parametrize("kind", [kind for kind in RequestKind if kind is not RequestKind.CORRECTION])
def test_other_requests_are_answered_within_fifteen_working_days(kind: RequestKind) -> None:
    assert due_on(kind, THURSDAY) == date(2026, 12, 17)
    saturday = date(2026, 11, 28)
    assert due_on(kind, saturday) == due_on(kind, saturday - timedelta(days=1)) == date(2026, 12, 18)


def test_nothing_leads_out_of_an_end_and_an_erasure_waits_for_dates_only() -> None:
    assert {RequestState.RECEIVED, RequestState.CHECKING, RequestState.SCHEDULED} == OPEN
    for present in RequestState:
        for following in RequestState:
            if following in NEXT[present]:
                assert step(present, following) is following
            else:
                with pytest.raises(ImpossibleRequestStep):
                    step(present, following)


def test_only_what_waits_for_a_person_can_be_late_and_only_after_its_day() -> None:
    for state in RequestState:
        assert overdue(state, THURSDAY, THURSDAY + timedelta(days=1)) == (state in WAITING)
        assert not overdue(state, THURSDAY, THURSDAY)


def test_every_kind_has_a_role_that_sees_the_queue() -> None:
    assert set(HANDLED_BY) == set(RequestKind)
    assert all(Verb.REQUESTS in VERBS[Role(role)] for role in HANDLED_BY.values())
