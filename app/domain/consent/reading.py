"""Reading a report that is kept: for the one case that it was asked for, and for a use that the law knows.

Sources: decree on credit reporting art. 20 (no other use than the one agreed to); personal information law art. 24 (a
person looks again at what a machine decided).
"""

from enum import StrEnum
from uuid import UUID

from app.domain.consent.purpose import InquiryPurpose


class ReportUse(StrEnum):
    """What a report is opened for. SCORING is the machine's; the others are an officer's."""

    SCORING = "SCORING"
    REFERRAL = "REFERRAL"
    HUMAN_REVIEW = "HUMAN_REVIEW"


class OfAnotherCase(Exception):
    """The report was asked for another case or purpose, or for somebody else: it stays shut."""


Bound = tuple[UUID, InquiryPurpose, UUID | None]
"""Whose, for which purpose, for which application or increase."""


def check_reading(permit: Bound, case: Bound) -> None:
    """Refuse to open a report for anything but the case that its permit was minted for.

    Raises:
        OfAnotherCase: customer, purpose or case are not the permit's.
    """
    if permit != case:
        raise OfAnotherCase
