"""A report is opened for the case that it was asked for, and for no other."""

import uuid

import pytest

from app.domain.consent.purpose import InquiryPurpose
from app.domain.consent.reading import Bound, OfAnotherCase, check_reading

CUSTOMER, CASE = uuid.UUID(int=1), uuid.UUID(int=2)
PERMIT: Bound = (CUSTOMER, InquiryPurpose.FIRST_APPLICATION, CASE)


def test_a_report_is_opened_for_the_case_of_its_permit() -> None:
    check_reading(PERMIT, (CUSTOMER, InquiryPurpose.FIRST_APPLICATION, CASE))


@pytest.mark.parametrize(
    "case",
    [
        (uuid.UUID(int=3), InquiryPurpose.FIRST_APPLICATION, CASE),
        (CUSTOMER, InquiryPurpose.LIMIT_INCREASE, CASE),
        (CUSTOMER, InquiryPurpose.FIRST_APPLICATION, uuid.UUID(int=3)),
        (CUSTOMER, InquiryPurpose.FIRST_APPLICATION, None),
    ],
    ids=["person", "purpose", "case", "no_case"],
)
def test_a_report_stays_shut_for_another(case: Bound) -> None:
    with pytest.raises(OfAnotherCase):
        check_reading(PERMIT, case)
