"""Looking at a person: the purpose is on record, committed, before anything is shown; each field in clear is an event.

Neither step touches the person's affairs, so neither waits for what goes on there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.legible import legible
from app.domain.oversight.roles import (
    ACCESS_VALID,
    PURPOSES,
    PURPOSES_OF_ANY_CASE,
    PURPOSES_OF_CASE,
    REASON_LENGTH_MAX,
    REASON_LENGTH_MIN,
    AccessPurpose,
    Officer,
    PersonalField,
)
from app.domain.refusals import AccessExpired, InvalidInput, NotFound
from app.flows.unit import Desk
from models.credit import Application, Freeze, LimitIncrease
from models.oversight.audit import AuditFinding
from models.oversight.staff import Approval, StaffAccess, StaffAccessReveal
from models.oversight.watch import Appeal, RiskEvent
from models.people import Customer
from models.rights import DataRequest

COLUMN_OF = {
    PersonalField.NAME: "name_sealed",
    PersonalField.ID_NUMBER: "id_number_sealed",
    PersonalField.PHONE: "phone_sealed",
}
_TABLE_OF: dict[str, Any] = {
    "Application": Application,
    "LimitIncrease": LimitIncrease,
    "Freeze": Freeze,
    "RiskEvent": RiskEvent,
    "Approval": Approval,
    "Appeal": Appeal,
    "AuditFinding": AuditFinding,
    "DataRequest": DataRequest,
}


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A wish to see a person's file: of a customer, or of the customer of a case (kind and id)."""

    purpose: AccessPurpose
    reason: str
    customer_id: UUID | None = None
    case_kind: str | None = None
    case_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Reveal:
    """A wish to see one field in clear, under a running access."""

    access_id: UUID
    field: PersonalField
    reason: str


async def open_file(desk: Desk, officer: Officer, key: UUID, asked: OpenFile) -> UUID:
    """Put on record who opens whose file, and why; the access's id. It runs for ACCESS_VALID of business time.

    Raises:
        InvalidInput: the reason, a purpose that the role or the case does not have, both or neither of customer and
        case, or the data are only stored, for an erasure is scheduled. NotFound: no such customer or case.
        OwnAccount: the file is the officer's own.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    reason = _reason(asked.reason)
    if asked.purpose not in PURPOSES[officer.role]:
        raise InvalidInput.at("purpose", problem="PURPOSE_NOT_OF_ROLE")
    customer = await Customer.get_or_none(id=await _whose(asked))
    if customer is None or customer.erased_at is not None:
        raise NotFound
    if customer.restricted_at is not None and asked.purpose not in PURPOSES_OF_ANY_CASE:
        raise InvalidInput.at("purpose", problem="FILE_RESTRICTED")
    officer.keep_off_own(customer.id)
    async with desk.unit() as unit:
        done = await unit.once(officer.id, "openCustomerFile", key, asked)
        if done:
            return UUID(done["access"])
        access_id = uuid7()
        await StaffAccess.create(
            id=access_id,
            staff_id=officer.id,
            role=officer.role.value,
            customer_id=customer.id,
            purpose=asked.purpose.value,
            case_kind=asked.case_kind,
            case_id=asked.case_id,
            reason_sealed=desk.box(customer).seal("staff_access", "reason_sealed", access_id, reason.encode()),
            opened_at=unit.now,
            expires_at=unit.now + ACCESS_VALID,
        )
        await unit.keep(access=access_id)
        return access_id


async def reveal_field(desk: Desk, officer: Officer, key: UUID, asked: Reveal) -> UUID:
    """Put on record that one field is shown in clear; the event's id.

    Raises:
        InvalidInput: the reason. NotFound: no such access of this officer, or the person never told this field.
        AccessExpired: the access is over, also for a key that was used while it ran. OwnAccount: as everywhere.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    reason = _reason(asked.reason)
    async with desk.unit() as unit:
        access = await running_access(officer, asked.access_id, unit.now)
        done = await unit.once(officer.id, "revealField", key, asked)
        if done:
            return UUID(done["reveal"])
        customer = await Customer.get(id=access.customer_id)
        if getattr(customer, COLUMN_OF[asked.field]) is None:
            raise NotFound
        reveal_id = uuid7()
        await StaffAccessReveal.create(
            id=reveal_id,
            access_id=access.id,
            staff_id=officer.id,
            customer_id=customer.id,
            field=asked.field.value,
            reason_sealed=desk.box(customer).seal("staff_access_reveal", "reason_sealed", reveal_id, reason.encode()),
            revealed_at=unit.now,
        )
        await unit.keep(reveal=reveal_id)
        return reveal_id


async def running_access(officer: Officer, access_id: UUID, now: datetime) -> StaffAccess:
    """The officer's own access, while it runs.

    Raises:
        NotFound: there is none of this officer's. AccessExpired: it is over. OwnAccount: it is of an own account.
    """
    access = await StaffAccess.get_or_none(id=access_id, staff_id=officer.id)
    if access is None:
        raise NotFound
    officer.keep_off_own(access.customer_id)
    if now >= access.expires_at:
        raise AccessExpired(access.expires_at)
    return access


def _reason(text: str) -> str:
    kept = legible(text, REASON_LENGTH_MIN, REASON_LENGTH_MAX)
    if kept is None:
        raise InvalidInput.at("reason", problem="REASON_LENGTH_ACCESS")
    return kept


async def _whose(asked: OpenFile) -> UUID:
    """The customer that is meant."""
    if (asked.customer_id is None) == (asked.case_id is None):
        raise InvalidInput.at("customerId", problem="ONE_OF_CUSTOMER_AND_CASE")
    if asked.customer_id is not None:
        return asked.customer_id
    kind = asked.case_kind or ""
    if kind not in _TABLE_OF:
        raise NotFound
    if asked.purpose not in PURPOSES_OF_CASE.get(kind, frozenset()) | PURPOSES_OF_ANY_CASE:
        raise InvalidInput.at("caseId", problem="CASE_NOT_OF_PURPOSE")
    row = await _TABLE_OF[kind].get_or_none(id=asked.case_id)
    if row is None or row.customer_id is None:
        raise NotFound
    owner: UUID = row.customer_id
    return owner
