"""The customer and what a customer applied for."""

from datetime import datetime
from enum import Enum

import strawberry

from app.api.caller import Info
from app.api.contract import Node, PageInfo
from app.api.customer.nouns.consent import ConsentConnection, InquiryConnection
from app.api.customer.nouns.decision import Decision
from app.api.customer.nouns.lending import CreditLine
from app.api.customer.nouns.notice import NoticeConnection
from app.api.customer.nouns.payments import CreditRefundConnection, CustomerCredit, PaymentConnection
from app.api.customer.nouns.profile import Profile
from app.api.customer.nouns.quote import DAILY_PLACES
from app.api.customer.nouns.rights import DataRequestConnection
from app.api.officer.seen import FileOpenedConnection
from app.api.reading import credit as read
from app.api.reading import notices, payments, rights
from app.api.reading.oversight import officers
from app.api.reading.pages import Page
from app.api.reading.profile import profile
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


@strawberry.type(description="The person who asks.")
class Customer(Node):
    row_id: strawberry.Private[object]

    @strawberry.field(description="The open line, or the last closed one; null before any.")
    async def line(self, info: Info) -> CreditLine | None:
        row = await read.current_line(info.context.customer_id)
        return CreditLine.of(row) if row is not None else None

    @strawberry.field(
        description=(
            "How many inquiries the bureau recorded, or may have recorded, over all time; from the ledger of "
            "inquiries, never a constant. FAILED inquiries left no record and are not counted."
        )
    )
    async def inquiry_count(self, info: Info) -> int:
        return await read.inquiry_count(info.context.customer_id)

    @strawberry.field(description="What connected sources tell of me, figure by figure, and what each is used for.")
    async def profile(self, info: Info) -> Profile:
        context = info.context
        return Profile.of(await profile(context.desk, context.customer_id), context.language)

    @strawberry.field(description="Who looked at my credit: every inquiry ever opened, newest first.")
    async def inquiries(self, info: Info, first: int = 20, after: str | None = None) -> InquiryConnection:
        return InquiryConnection.of(await read.inquiries(info.context.customer_id, first, after))

    @strawberry.field(
        description="Who of the staff opened my file, for what, and what was shown in clear; newest first."
    )
    async def accesses(self, info: Info, first: int = 20, after: str | None = None) -> FileOpenedConnection:
        return await FileOpenedConnection.of(await officers.accesses(info.context.customer_id, first, after))

    @strawberry.field(description="What I asked about my data and decisions, with the dates of answer; newest first.")
    async def requests(self, info: Info, first: int = 20, after: str | None = None) -> DataRequestConnection:
        return DataRequestConnection.of(await rights.requests(info.context.customer_id, first, after))

    @strawberry.field(
        description="What I was told, newest first: decisions, inquiries, due days, changes of my line."
    )
    async def notices(
        self, info: Info, first: int = 20, after: str | None = None, unread_only: bool = False
    ) -> NoticeConnection:
        page = await notices.notices(info.context.customer_id, first, after, unread_only=unread_only)
        return await NoticeConnection.of(info, page)

    @strawberry.field(description="What I have to the good, or owe back, beside the loans.")
    async def credit(self, info: Info) -> CustomerCredit:
        return await CustomerCredit.of(info.context.customer_id, info.context.language)

    @strawberry.field(description="What I paid, newest first, each with the loans that took of it.")
    async def payments(self, info: Info, first: int = 20, after: str | None = None) -> PaymentConnection:
        return PaymentConnection.of(await payments.payments(info.context.customer_id, first, after))

    @strawberry.field(description="Credit that was paid back to me, or is on its way; newest first.")
    async def credit_refunds(self, info: Info, first: int = 20, after: str | None = None) -> CreditRefundConnection:
        return CreditRefundConnection.of(await payments.refunds(info.context.customer_id, first, after))

    @strawberry.field
    async def consents(self, info: Info, first: int = 20, after: str | None = None) -> ConsentConnection:
        return ConsentConnection.of(await read.consents(info.context.customer_id, first, after))

    @strawberry.field
    async def applications(self, info: Info, first: int = 20, after: str | None = None) -> ApplicationConnection:
        return ApplicationConnection.of(await read.applications(info.context.customer_id, first, after))
