"""A consent's life: given or refused once, then used, withdrawn, expired or superseded. The state is derived."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain.consent.purpose import BUREAU_PURPOSES, ConsentPurpose

BUREAU_CONSENT_VALID = timedelta(days=30)
OTHER_CONSENT_VALID = timedelta(days=365)
PROMPT_COOL_DOWN = timedelta(days=30)  # network data regulations art. 22(5): do not keep asking after a refusal
BUREAU_READING_SECONDS_MIN = 5
READING_SECONDS_MAX = 86_400


class ConsentStatus(StrEnum):
    """Where a consent stands; the same everywhere."""

    GIVEN = "GIVEN"
    USED = "USED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"


@dataclass(frozen=True, slots=True)
class Consent:
    """What the law needs to know of one consent. Times are business time."""

    id: UUID
    customer_id: UUID
    purpose: ConsentPurpose
    wording_sha256: str
    decided_at: datetime
    refused: bool
    expires_at: datetime | None
    withdrawn_at: datetime | None
    superseded_at: datetime | None
    used_at: datetime | None

    def status(self, now: datetime) -> ConsentStatus:
        """The state at `now`; a withdrawal overrides everything but a refusal."""
        if self.refused:
            return ConsentStatus.REFUSED
        if self.withdrawn_at is not None:
            return ConsentStatus.WITHDRAWN
        if self.used_at is not None:
            return ConsentStatus.USED
        if self.superseded_at is not None:
            return ConsentStatus.SUPERSEDED
        if self.expires_at is not None and now >= self.expires_at:
            return ConsentStatus.EXPIRED
        return ConsentStatus.GIVEN


def expiry(purpose: ConsentPurpose, decided_at: datetime) -> datetime:
    """When a consent given now stops opening anything."""
    valid = BUREAU_CONSENT_VALID if purpose in BUREAU_PURPOSES else OTHER_CONSENT_VALID
    return decided_at + valid


def reading_seconds_min(purpose: ConsentPurpose) -> int:
    """The least reading time before agreeing: forced reading holds for the two bureau purposes."""
    return BUREAU_READING_SECONDS_MIN if purpose in BUREAU_PURPOSES else 0
