"""What a withdrawal will do, for each thing that may rest on a consent."""

import pytest

from app.domain.consent.consent import ConsentStatus
from app.domain.consent.inquiry import InquiryState
from app.domain.consent.purpose import BUREAU_PURPOSES, SOURCE_PURPOSES, ConsentPurpose
from app.domain.rights.withdrawal import Resting, WithdrawalEffect, effects

E = WithdrawalEffect
GIVEN, USED = ConsentStatus.GIVEN, ConsentStatus.USED
FIRST, MORE = ConsentPurpose.FIRST_APPLICATION, ConsentPurpose.LIMIT_INCREASE


@pytest.mark.parametrize("purpose", ConsentPurpose)
@pytest.mark.parametrize("status", [ConsentStatus.WITHDRAWN, ConsentStatus.REFUSED])
def test_what_was_withdrawn_or_refused_changes_nothing(purpose: ConsentPurpose, status: ConsentStatus) -> None:
    assert effects(Resting(purpose, status, line_open=True)) == (E.NOTHING_TO_WITHDRAW,)


@pytest.mark.parametrize("purpose", sorted(BUREAU_PURPOSES))
def test_a_consent_that_nothing_rests_on_opens_nothing_more(purpose: ConsentPurpose) -> None:
    assert effects(Resting(purpose, GIVEN)) == (E.OPENS_NOTHING_MORE,)


def test_a_case_that_has_not_asked_ends_and_never_asks() -> None:
    for inquiry in (None, InquiryState.INTENT_LOGGED, InquiryState.NOT_SENT):
        resting = Resting(FIRST, GIVEN, case_open=True, inquiry=inquiry)
        assert effects(resting) == (E.APPLICATION_ENDS, E.BUREAU_NOT_ASKED)


def test_an_answer_on_its_way_will_be_destroyed_and_the_inquiry_stays() -> None:
    for inquiry in (InquiryState.SENDING, InquiryState.UNKNOWN, InquiryState.RECORDED_NO_REPORT):
        resting = Resting(MORE, USED, for_increase=True, case_open=True, inquiry=inquiry, line_open=True)
        told = (E.INCREASE_ENDS, E.ANSWER_DESTROYED, E.INQUIRY_STAYS_ON_RECORD, E.CONTRACTS_GO_ON)
        assert effects(resting) == told


def test_a_report_that_has_arrived_and_decided_nothing_yet_is_destroyed() -> None:
    resting = Resting(FIRST, USED, case_open=True, inquiry=InquiryState.ANSWERED, report_kept=True)
    assert effects(resting) == (E.APPLICATION_ENDS, E.REPORT_DESTROYED, E.INQUIRY_STAYS_ON_RECORD)


def test_what_was_decided_stands() -> None:
    resting = Resting(FIRST, USED, case_open=False, decided=True, inquiry=InquiryState.ANSWERED, line_open=True)
    assert effects(resting) == (E.DECISION_STANDS, E.INQUIRY_STAYS_ON_RECORD, E.CONTRACTS_GO_ON)


@pytest.mark.parametrize("purpose", sorted(SOURCE_PURPOSES))
def test_a_source_stops_and_its_events_go(purpose: ConsentPurpose) -> None:
    assert effects(Resting(purpose, GIVEN)) == (E.SOURCE_STOPS, E.FIGURES_NOT_USED, E.EVENTS_ERASED)


def test_every_purpose_has_its_effect() -> None:
    for purpose in (ConsentPurpose.REPORTING, ConsentPurpose.MARKETING):
        assert effects(Resting(purpose, GIVEN)) == (E.PURPOSE_STOPS,)
