"""Consents and the permit minted from one: by no other way, for nothing else, and only while the consent lives."""

import copy
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from app.domain.consent.consent import (
    BUREAU_CONSENT_VALID,
    OTHER_CONSENT_VALID,
    Consent,
    ConsentStatus,
    expiry,
    reading_seconds_min,
)
from app.domain.consent.permit import INQUIRY_FIELDS, PERMIT_VALID, NoPermit, Permit, mint_permit, reopen_permit
from app.domain.consent.purpose import BUREAU_PURPOSES, SOURCE_PURPOSES, ConsentPurpose, InquiryPurpose

GIVEN_AT = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
LATER = GIVEN_AT + timedelta(hours=1)
PERMIT_ID, INQUIRY_ID = UUID(int=7), UUID(int=8)
LIVE = Consent(
    id=UUID(int=1),
    customer_id=UUID(int=2),
    purpose=ConsentPurpose.FIRST_APPLICATION,
    wording_sha256="ab" * 32,
    decided_at=GIVEN_AT,
    refused=False,
    expires_at=expiry(ConsentPurpose.FIRST_APPLICATION, GIVEN_AT),
    withdrawn_at=None,
    superseded_at=None,
    used_at=None,
)
STATES: dict[ConsentStatus, dict[str, Any]] = {
    ConsentStatus.GIVEN: {},
    ConsentStatus.USED: {"used_at": GIVEN_AT},
    ConsentStatus.REFUSED: {"refused": True},
    ConsentStatus.WITHDRAWN: {"withdrawn_at": GIVEN_AT},
    ConsentStatus.SUPERSEDED: {"superseded_at": GIVEN_AT},
    ConsentStatus.EXPIRED: {"expires_at": LATER},
}


def mint(consent: Consent = LIVE, purpose: InquiryPurpose = InquiryPurpose.FIRST_APPLICATION) -> Permit:
    return mint_permit(consent, purpose, PERMIT_ID, INQUIRY_ID, LATER)


@pytest.mark.parametrize("status", ConsentStatus)
def test_only_a_consent_that_is_given_mints_a_permit(status: ConsentStatus) -> None:
    consent = replace(LIVE, **STATES[status])
    assert consent.status(LATER) is status
    if status is ConsentStatus.GIVEN:
        assert mint(consent).consent_id == consent.id
    else:
        with pytest.raises(NoPermit) as refused:
            mint(consent)
        assert refused.value.status is status


@pytest.mark.parametrize("purpose", ConsentPurpose)
@pytest.mark.parametrize("asked", InquiryPurpose)
def test_a_consent_opens_the_door_of_its_own_purpose_only(purpose: ConsentPurpose, asked: InquiryPurpose) -> None:
    consent = replace(LIVE, purpose=purpose)
    if purpose.value == asked.value:
        assert mint(consent, asked).purpose is asked
    else:
        with pytest.raises(NoPermit):
            mint(consent, asked)


def test_a_withdrawal_counts_whatever_came_before_and_a_refusal_whatever_comes_after() -> None:
    used = replace(LIVE, used_at=GIVEN_AT, superseded_at=GIVEN_AT)
    assert used.status(LATER) is ConsentStatus.USED
    assert replace(used, withdrawn_at=LATER).status(LATER) is ConsentStatus.WITHDRAWN
    assert replace(LIVE, refused=True, withdrawn_at=LATER).status(LATER) is ConsentStatus.REFUSED


def test_a_consent_expires_at_its_very_moment() -> None:
    end = GIVEN_AT + BUREAU_CONSENT_VALID
    assert LIVE.expires_at == end
    assert LIVE.status(end - timedelta(microseconds=1)) is ConsentStatus.GIVEN
    assert LIVE.status(end) is ConsentStatus.EXPIRED
    assert expiry(ConsentPurpose.PAYMENTS, GIVEN_AT) == GIVEN_AT + OTHER_CONSENT_VALID


def test_a_permit_lives_thirty_minutes_and_says_what_it_is_for() -> None:
    permit = mint()
    assert permit.expires_at == LATER + PERMIT_VALID == LATER + timedelta(minutes=30)
    assert permit.alive(permit.expires_at - timedelta(microseconds=1))
    assert not permit.alive(permit.expires_at)
    assert (permit.id, permit.inquiry_id, permit.customer_id) == (PERMIT_ID, INQUIRY_ID, LIVE.customer_id)
    assert (permit.consent_sha256, permit.fields) == (LIVE.wording_sha256, INQUIRY_FIELDS)


def test_a_permit_opened_again_keeps_the_end_it_was_minted_with() -> None:
    first = mint()
    again = reopen_permit(LIVE, InquiryPurpose.FIRST_APPLICATION, PERMIT_ID, INQUIRY_ID, first.expires_at)
    assert again.expires_at == first.expires_at
    assert not again.alive(first.expires_at)


def test_a_permit_is_neither_made_nor_copied_nor_sent_nor_changed_nor_given_a_kind() -> None:
    permit = mint()
    facts = {name: getattr(permit, name) for name in Permit.__slots__}
    refused: list[Any] = [
        Permit,
        lambda: Permit(**facts),
        lambda: Permit.__new__(Permit),
        lambda: copy.copy(permit),
        lambda: copy.deepcopy(permit),
        lambda: setattr(permit, "expires_at", LATER + timedelta(days=1)),
        lambda: setattr(permit, "anything", 1),
        lambda: type("Skeleton", (Permit,), {}),
        *(
            lambda protocol=protocol: pickle.dumps(permit, protocol)
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
        ),
    ]
    for attempt in refused:
        with pytest.raises(TypeError, match="a permit"):
            attempt()
    assert permit.expires_at == LATER + PERMIT_VALID


def test_two_purposes_open_the_bureaus_door_and_each_has_its_own_reason() -> None:
    assert {purpose.value for purpose in BUREAU_PURPOSES} == {"FIRST_APPLICATION", "LIMIT_INCREASE"}
    assert [purpose.reason_code for purpose in InquiryPurpose] == ["02", "26"]
    assert not BUREAU_PURPOSES & set(SOURCE_PURPOSES)


def test_reading_is_forced_for_the_bureaus_purposes_only() -> None:
    forced = {purpose for purpose in ConsentPurpose if reading_seconds_min(purpose) > 0}
    assert forced == BUREAU_PURPOSES
