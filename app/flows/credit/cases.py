"""What is decided on: a first application or a limit increase, as one shape, and the only two there are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from app.domain.calendar import business_date
from app.domain.consent.purpose import InquiryPurpose
from app.domain.deciding.gate import LineThen
from app.domain.deciding.outcome import Occupation, Outcome
from app.domain.telling.notice import Fact, Message, NoticeKind
from app.flows.notices.telling import tell
from app.flows.unit import Unit
from models.consent import Inquiry
from models.credit import Application, CreditLine, Decision, LimitIncrease
from models.people import Customer

ASSESS_APPLICATION = "ASSESS_APPLICATION"
ASSESS_INCREASE = "ASSESS_INCREASE"
JOB_OF = {
    InquiryPurpose.FIRST_APPLICATION: ASSESS_APPLICATION,
    InquiryPurpose.LIMIT_INCREASE: ASSESS_INCREASE,
}


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for, and when. `requested_minor` is the limit in fen."""

    requested_minor: int
    term_months: int
    occupation: Occupation
    asked_at: datetime


@dataclass(slots=True)
class Case:
    """One request that may cost one inquiry. `line` is there for an increase only."""

    row: Application | LimitIncrease
    purpose: InquiryPurpose
    requested_minor: int
    term_months: int
    occupation: Occupation
    asked_at: datetime
    line: CreditLine | None

    @property
    def request(self) -> Request:
        """What is asked for, and when: the policy of that moment judges it to the end."""
        return Request(self.requested_minor, self.term_months, self.occupation, self.asked_at)

    @property
    def id(self) -> UUID:
        """The id of the application or the increase."""
        return self.row.id

    @property
    def customer_id(self) -> UUID:
        """Whose case it is."""
        return self.row.customer_id

    @property
    def may_go_on(self) -> bool:
        """Whether the bureau may still be asked for the case: never for a line that is frozen or closed."""
        return self.line is None or self.line.status == "ACTIVE"

    def line_now(self, *, in_arrears: bool = False) -> LineThen | None:
        """The line as a decision made now knows it; None for a first application."""
        if self.line is None:
            return None
        return LineThen(self.line.limit_minor, in_arrears, self.may_go_on)

    @property
    def topic(self) -> str:
        """What is woken when the case changes."""
        return f"case:{self.row.id}"

    @property
    def subject(self) -> dict[str, Any]:
        """The column that points at the case, in permits, inquiries and decisions."""
        return pointing_at(self.row)

    async def inquiry(self) -> Inquiry | None:
        """The one inquiry of the case, if it was opened."""
        return await Inquiry.get_or_none(**self.subject)

    async def latest_decision(self) -> Decision | None:
        """The decision that counts: the last one."""
        return await Decision.filter(**self.subject).order_by("-number").first()

    async def is_decided(self) -> bool:
        """Whether there is a verdict that stands: what was referred waits for one."""
        latest = await self.latest_decision()
        return latest is not None and latest.outcome != Outcome.REFERRED

    async def close(self, status: str, now: datetime) -> None:
        """End the case in `status`: nothing more will happen by itself."""
        self.row.status = status
        self.row.is_open = False
        self.row.closed_at = now
        await self.row.save(update_fields=["status", "is_open", "closed_at"])

    async def move(self, status: str) -> None:
        """Go on in `status`."""
        self.row.status = status
        await self.row.save(update_fields=["status"])


def pointing_at(row: Application | LimitIncrease) -> dict[str, Any]:
    """The column by which permits, inquiries and decisions point at a request."""
    return {"application_id" if isinstance(row, Application) else "limit_increase_id": row.id}


def asked_at(row: Application | LimitIncrease) -> datetime:
    """When the customer asked."""
    return row.submitted_at if isinstance(row, Application) else row.requested_at


async def load_case(purpose: InquiryPurpose, case_id: UUID) -> Case:
    """The case with this id; call it inside a unit that has locked the customer.

    Raises:
        DoesNotExist: there is none.
    """
    if purpose is InquiryPurpose.FIRST_APPLICATION:
        row = await Application.get(id=case_id)
        occupation = Occupation(row.occupation)
        return Case(row, purpose, row.requested_minor, row.term_months, occupation, row.submitted_at, None)
    increase = await LimitIncrease.get(id=case_id)
    line = await CreditLine.get(id=increase.line_id)
    first = await Application.get(id=line.application_id)
    return Case(
        increase,
        purpose,
        increase.requested_minor,
        first.term_months,
        Occupation(first.occupation),
        increase.requested_at,
        line,
    )


async def expire(unit: Unit, customer: Customer, case: Case, why: str) -> None:
    """End an open case without an answer, and tell its customer; `why` is a wording of REQUEST_ENDED."""
    await case.close("EXPIRED", unit.now)
    facts: dict[str, Fact] = {"asked_on": business_date(case.asked_at).isoformat()}
    await tell(unit, customer, Message(NoticeKind.REQUEST_ENDED, why, facts), case.id)
    unit.after_commit(lambda: unit.desk.cache.wake(case.topic))


async def open_inquiry(case_id: UUID) -> Inquiry | None:
    """The inquiry of an application or an increase, if there is one and it has not ended."""
    of_case = Q(application_id=case_id) | Q(limit_increase_id=case_id)
    return await Inquiry.filter(of_case, closed_at__isnull=True).get_or_none()


async def case_of_inquiry(inquiry: Inquiry) -> Case:
    """The case that an inquiry was opened for."""
    case_id = inquiry.application_id or inquiry.limit_increase_id
    if case_id is None:
        raise RuntimeError("an inquiry without a case cannot be stored")
    return await load_case(InquiryPurpose(inquiry.purpose), case_id)
