"""What an institution sends to ask, and which questions are refused whatever the register holds."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import AwareDatetime, Field, StringConstraints

from sims.bureau import intents
from sims.bureau.intents import Id, Intent
from sims.bureau.names import fold
from sims.wire import Message, Refused

REASONS = {"FIRST_APPLICATION": "02", "LIMIT_INCREASE": "26"}
GROUPS = frozenset({
    "identity_header",
    "account_summary",
    "repayment_24m",
    "repayment_60m",
    "loan_balance",
    "card_usage",
    "inquiries_24m",
    "public_records",
})  # fmt: skip
PERMIT_SKEW = timedelta(minutes=2)

Code = Annotated[str, StringConstraints(min_length=1, max_length=40)]
IdNumber = Annotated[str, StringConstraints(pattern=r"^[0-9]{17}[0-9X]$")]


class Subject(Message):
    """The person who is asked about."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    id_number: IdNumber


class Consent(Message):
    """The written consent that the institution holds."""

    id: Id
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Permit(Message):
    """The institution's own single-use permission to send this question."""

    id: Id
    expires_at: AwareDatetime


class Inquiry(Message):
    """One question about one person."""

    reference: UUID
    institution: Id
    purpose: Code
    reason_code: Code
    subject: Subject
    consent: Consent | None = None
    permit: Permit
    fields: Annotated[list[Code], Field(max_length=20)]
    requested_at: AwareDatetime
    intent: Intent | None = None

    @property
    def key(self) -> str:
        """The reference in its one spelling."""
        return str(self.reference)

    @property
    def at(self) -> datetime:
        """The bureau's day and hour: it follows the institution's clock, which a sandbox may move."""
        return self.requested_at

    def seen_by(self, skew: timedelta) -> Self:
        """The question as a bureau takes it whose clock goes wrong by so much."""
        return self.model_copy(update={"requested_at": self.requested_at + skew})

    def content(self) -> str:
        """What makes two sendings of a reference the same question; hour and proof of the sending are no part."""
        members = self.model_dump(mode="json", exclude={"requested_at", "intent"})
        members["subject"]["name"] = fold(self.subject.name)
        members["fields"] = sorted(set(self.fields))
        return hashlib.sha256(json.dumps(members, sort_keys=True).encode()).hexdigest()

    def consent_id(self) -> str:
        """The consent's id.

        Raises:
            Refused: there is no consent.
        """
        if self.consent is None:
            raise Refused(422, "CONSENT_MISSING", "no consent, no report")
        return self.consent.id

    def check(self) -> None:
        """Refuse what no register is needed for.

        Raises:
            Refused: purpose, reason, consent, fields or permit do not fit.
        """
        if self.purpose not in REASONS:
            raise Refused(422, "UNKNOWN_PURPOSE", "the purposes are " + ", ".join(REASONS))
        if self.reason_code != REASONS[self.purpose]:
            raise Refused(422, "REASON_MISMATCH", f"the reason code of {self.purpose} is {REASONS[self.purpose]}")
        self.consent_id()
        if not self.fields or not GROUPS.issuperset(self.fields):
            raise Refused(422, "UNKNOWN_FIELDS", "the fields are " + ", ".join(sorted(GROUPS)))
        if self.requested_at > self.permit.expires_at + PERMIT_SKEW:
            raise Refused(422, "PERMIT_EXPIRED", "the permit had expired when the question was asked")

    def check_intent(self, policy: str | None, bureau: str) -> None:
        """Refuse what the institution's log does not announce.

        Raises:
            Refused: there is no intent for this question, or it is not proven.
        """
        names = {
            "bureau": bureau,
            "inquiry": self.key,
            "permit": self.permit.id,
            "consent": self.consent_id(),
            "purpose": self.purpose,
        }
        intents.check(self.intent, policy, names, self.subject.id_number)
