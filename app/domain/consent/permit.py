"""The key to the bureau's door: minted from one live consent, for one subject, one purpose, one inquiry, 30 minutes.

Python cannot make it unforgeable; the property is held on three paths: by type (the door takes nothing else), at
run time (a seal, an expiry, one use) and by evidence (rows that are unique and not null, written before the call).
"""

from datetime import datetime, timedelta
from typing import NoReturn, final
from uuid import UUID

from app.domain.consent.consent import Consent, ConsentStatus
from app.domain.consent.purpose import InquiryPurpose

PERMIT_VALID = timedelta(minutes=30)
INQUIRY_FIELDS = (
    "identity_header",
    "account_summary",
    "repayment_24m",
    "repayment_60m",
    "loan_balance",
    "card_usage",
    "inquiries_24m",
    "public_records",
)


class NoPermit(Exception):
    """The consent does not open the door; `status` says why."""

    def __init__(self, status: ConsentStatus) -> None:
        super().__init__(f"no permit: the consent is {status}")
        self.status = status


@final
class Permit:
    """One inquiry allowed. Made only by `mint_permit` and, for an inquiry already on record, by `reopen_permit`."""

    __slots__ = (
        "consent_id",
        "consent_sha256",
        "customer_id",
        "expires_at",
        "fields",
        "id",
        "inquiry_id",
        "purpose",
    )

    id: UUID
    inquiry_id: UUID
    customer_id: UUID
    purpose: InquiryPurpose
    consent_id: UUID
    consent_sha256: str
    expires_at: datetime
    fields: tuple[str, ...]

    def __new__(cls, *_args: object, **_facts: object) -> "Permit":
        """Refuse: only `mint_permit` and `reopen_permit` make permits."""
        raise TypeError("a permit is minted from a live consent, never made")

    def __init_subclass__(cls) -> None:
        raise TypeError("a permit has no kinds")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise TypeError(f"a permit does not change: {name} stays")

    def __copy__(self) -> NoReturn:
        raise TypeError("a permit is not copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("a permit is not copied")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a permit does not leave its process")

    def alive(self, now: datetime) -> bool:
        """Whether the door may still be knocked on at `now`."""
        return now < self.expires_at


def _sealed(**facts: object) -> Permit:
    permit = object.__new__(Permit)
    for name, value in facts.items():
        object.__setattr__(permit, name, value)
    return permit


def mint_permit(
    consent: Consent, purpose: InquiryPurpose, permit_id: UUID, inquiry_id: UUID, now: datetime
) -> Permit:
    """Mint the one permit of a live consent.

    Raises:
        NoPermit: the consent is not GIVEN, or is for another purpose.
    """
    status = consent.status(now)
    if status is not ConsentStatus.GIVEN:
        raise NoPermit(status)
    if consent.purpose is not purpose.consent_purpose:
        raise NoPermit(ConsentStatus.REFUSED)
    return reopen_permit(consent, purpose, permit_id, inquiry_id, now + PERMIT_VALID)


def reopen_permit(
    consent: Consent, purpose: InquiryPurpose, permit_id: UUID, inquiry_id: UUID, expires_at: datetime
) -> Permit:
    """The permit of an inquiry that is on record already, with the expiry that it was minted with."""
    return _sealed(
        id=permit_id,
        inquiry_id=inquiry_id,
        customer_id=consent.customer_id,
        purpose=purpose,
        consent_id=consent.id,
        consent_sha256=consent.wording_sha256,
        expires_at=expires_at,
        fields=INQUIRY_FIELDS,
    )
