"""What a customer applied for, and what was offered."""

from datetime import datetime
from enum import Enum

import strawberry

from app.api.caller import Info
from app.api.contract import Node, PageInfo
from app.api.customer.nouns.asking.waiting import WAITING, Waiting
from app.api.customer.nouns.decision import Decision
from app.api.customer.nouns.lending import CreditLine
from app.api.customer.nouns.quote import DAILY_PLACES
from app.api.reading import credit as read
from app.api.reading.pages import Page
from app.api.scalars import Money, Rate, encode_id, rate, yearly
from app.domain.calendar import business_date
from app.domain.lending.product import product_on
from app.domain.money import Rate as ExactRate

POLL_MS = 500


@strawberry.enum(
    description=(
        "RECEIVED and IN_REVIEW go on by themselves or wait for a person; DECIDED has a decision, maybe an offer."
    )
)
class ApplicationStatus(Enum):
    RECEIVED = "RECEIVED"
    IN_REVIEW = "IN_REVIEW"
    DECIDED = "DECIDED"
    ACCEPTED = "ACCEPTED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


@strawberry.type(description="What an approving decision offers; binding until `validUntil`.")
class Offer(Node):
    limit: Money
    daily_rate: Rate
    nominal_rate: Rate
    valid_until: datetime
    accepted_at: datetime | None

    @classmethod
    def of(cls, row: read.OfferRow) -> "Offer":
        """From its row."""
        daily = ExactRate(row.daily_scaled)
        return cls(
            id=encode_id("Offer", row.id),
            limit=Money.of(row.limit_minor, row.currency),
            daily_rate=rate(row.daily_scaled, DAILY_PLACES),
            nominal_rate=yearly(ExactRate.yearly(daily, product_on(business_date(row.valid_until)).day_base).scaled),
            valid_until=row.valid_until,
            accepted_at=row.accepted_at,
        )


@strawberry.type(description="A request for a line. It may cost at most one inquiry, under its own consent.")
class Application(Node):
    row: strawberry.Private[read.ApplicationRow]
    status: ApplicationStatus
    requested_limit: Money
    term_months: int
    submitted_at: datetime

    @strawberry.field(
        description="Ask again after this many milliseconds; null when nothing will change by itself: a person decides, or all is said."
    )
    async def poll_after_ms(self) -> int | None:
        if self.row.status not in {"RECEIVED", "IN_REVIEW"}:
            return None
        return None if await read.latest_decision(application_id=self.row.id) else POLL_MS

    @strawberry.field(description=WAITING)
    async def waiting(self, info: Info) -> Waiting | None:
        return Waiting.of(await read.wait_of(self.row), info.context.language)

    @strawberry.field(description="The decision that counts, or null while there is none.")
    async def decision(self) -> Decision | None:
        row = await read.latest_decision(application_id=self.row.id)
        return Decision.of(row) if row is not None else None

    @strawberry.field
    async def offer(self) -> Offer | None:
        row = await read.offer_of(self.row.id)
        return Offer.of(row) if row is not None else None

    @strawberry.field
    async def line(self) -> CreditLine | None:
        row = await read.line_of_application(self.row.id)
        return CreditLine.of(row) if row is not None else None

    @classmethod
    def of(cls, row: read.ApplicationRow) -> "Application":
        """From its row."""
        return cls(
            id=encode_id("Application", row.id),
            row=row,
            status=ApplicationStatus(row.status),
            requested_limit=Money.of(row.requested_minor, row.currency),
            term_months=row.term_months,
            submitted_at=row.submitted_at,
        )


@strawberry.type
class ApplicationConnection:
    nodes: list[Application]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[read.ApplicationRow]) -> "ApplicationConnection":
        """From a page of rows."""
        return cls(
            nodes=[Application.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )
