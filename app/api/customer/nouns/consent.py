"""Consents and inquiries, as their owner sees them."""

from datetime import date, datetime
from enum import Enum

import strawberry

from app.api import words
from app.api.caller import Info
from app.api.contract import Node, PageInfo
from app.api.customer.nouns.receipt import InquiryReceipt
from app.api.reading import credit as read
from app.api.reading.pages import Page
from app.api.scalars import encode_id
from app.domain.calendar import business_date
from app.domain.consent.consent import PROMPT_COOL_DOWN, ConsentStatus, reading_seconds_min
from app.domain.consent.inquiry import InquiryStatus
from app.domain.consent.purpose import ConsentPurpose, InquiryPurpose
from app.domain.consent.reading import ReportUse

strawberry.enum(
    ConsentPurpose,
    description=(
        "One consent, one purpose; none is bundled with another. FIRST_APPLICATION and LIMIT_INCREASE each open the "
        "bureau's door once. A quote, a view and a sweep need no bureau consent, for they never ask it."
    ),
)
strawberry.enum(InquiryPurpose, description="The only two purposes for which the bureau is ever asked.")
strawberry.enum(ConsentStatus, description="Where a consent stands.")
strawberry.enum(
    InquiryStatus,
    description=(
        "UNKNOWN: we asked, and do not know whether the bureau recorded it or answered; it is never asked a second "
        "time. FAILED: the bureau refused or was never reached, and recorded nothing."
    ),
)


strawberry.enum(
    ReportUse, description="What a kept report is opened for: SCORING by the machine, the others for an officer."
)


@strawberry.enum(description="Both purposes are hard inquiries; no soft one is ever made.")
class InquiryKind(Enum):
    HARD = "HARD"


@strawberry.type(
    description=(
        "An inquiry of before that may already show in the customer's credit report, though no decision rests on it. "
        "`text` is ready to show, in the language of the wording; `node` finds the inquiry."
    )
)
class EarlierInquiry:
    inquiry_id: strawberry.ID
    number: int
    day: date
    text: str

    @classmethod
    def of(cls, row: read.InquiryRow, language: str) -> "EarlierInquiry":
        """From its row."""
        day = business_date(row.opened_at)
        return cls(
            inquiry_id=encode_id("Inquiry", row.id),
            number=row.subject_seq,
            day=day,
            text=words.say(language, "earlier", row.purpose, asked_on=day.isoformat(), number=row.subject_seq),
        )


@strawberry.type(description="The exact words shown. Kept verbatim, for they are evidence.")
class ConsentWording:
    given: strawberry.Private["read.ConsentRow | None"]
    version: str
    language: str
    text: str
    sha256: str
    purpose: ConsentPurpose
    minimum_reading_seconds: int

    @strawberry.field(
        description=(
            "What must be shown with the text of a bureau purpose, and named in the evidence, newest first, at most 20: "
            "inquiries that may already show at the bureau. Of a consent that was given: what was stated with it."
        )
    )
    async def earlier_inquiries(self, info: Info) -> list[EarlierInquiry]:
        context = info.context
        owner = context.customer_id  # for its owner alone: an officer who sees the words opens no record by them
        if self.given is not None:
            rows = await context.loaders.stated.load(self.given)
        else:
            rows = await context.loaders.due.load((owner, self.purpose))
        return [EarlierInquiry.of(row, self.language) for row in rows]

    @classmethod
    def of(cls, row: read.WordingRow, given: read.ConsentRow | None = None) -> "ConsentWording":
        """From its row; `given` is the consent that was given on it."""
        return cls(
            given=given,
            version=row.version,
            language=row.language,
            text=row.body,
            sha256=row.sha256,
            purpose=ConsentPurpose(row.purpose),
            minimum_reading_seconds=reading_seconds_min(ConsentPurpose(row.purpose)),
        )


@strawberry.type(description="One opening of a report: for the case that it was asked for, and for nothing else.")
class ReportReading:
    read_at: datetime
    use: ReportUse


@strawberry.type(
    description="What the bureau told, kept under lock; once destroyed, it is gone from the decisions on it as well."
)
class BureauReport:
    row: strawberry.Private[read.ReportRow]
    received_at: datetime
    destroyed_at: datetime | None

    @strawberry.field(description=f"Who opened it, newest first; the {read.READINGS_MAX} latest.")
    async def readings(self, info: Info) -> list[ReportReading]:
        rows = await info.context.loaders.readings.load(self.row.inquiry_id)
        return [ReportReading(read_at=row.read_at, use=ReportUse(row.use)) for row in rows]

    @classmethod
    def of(cls, row: read.ReportRow) -> "BureauReport":
        """From its row."""
        return cls(row=row, received_at=row.received_at, destroyed_at=row.destroyed_at)


@strawberry.type(description="One knock on the bureau's door. There is none without a consent.")
class Inquiry(Node):
    row: strawberry.Private[read.InquiryRow]
    kind: InquiryKind
    purpose: InquiryPurpose
    number: int = strawberry.field(description="Counts the customer's inquiries: 1, 2, 3 …; a gap would be seen.")
    opened_at: datetime
    closed_at: datetime | None

    @strawberry.field
    def status(self) -> InquiryStatus:
        return InquiryStatus(read.inquiry_status(self.row))

    @strawberry.field
    async def consent(self) -> "Consent":
        row = await read.consent(self.row.customer_id, self.row.consent_id)
        if row is None:
            raise RuntimeError("an inquiry without a consent cannot be stored")
        return Consent.of(row)

    @strawberry.field(description="What the bureau told; null where no report came.")
    async def report(self, info: Info) -> BureauReport | None:
        row = await info.context.loaders.report.load(self.row.id)
        return BureauReport.of(row) if row is not None else None

    @strawberry.field(description="What of it can be proven to anybody, and the file that proves it.")
    async def receipt(self, info: Info) -> InquiryReceipt:
        _ = info.context.customer_id  # for its owner alone: an officer who sees the inquiry opens no record by it
        return InquiryReceipt.of(str(self.id), await read.provable(info.context.desk, self.row))

    @classmethod
    def of(cls, row: read.InquiryRow) -> "Inquiry":
        """From its row."""
        return cls(
            id=encode_id("Inquiry", row.id),
            row=row,
            kind=InquiryKind.HARD,
            purpose=InquiryPurpose(row.purpose),
            number=row.subject_seq,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
        )


@strawberry.type
class InquiryConnection:
    nodes: list[Inquiry]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[read.InquiryRow]) -> "InquiryConnection":
        """From a page of rows."""
        return cls(
            nodes=[Inquiry.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )


@strawberry.type(description="One answer for one purpose, with the very words it was given on.")
class Consent(Node):
    row: strawberry.Private[read.ConsentRow]
    purpose: ConsentPurpose
    decided_at: datetime
    expires_at: datetime | None
    withdrawn_at: datetime | None

    @strawberry.field
    async def status(self, info: Info) -> ConsentStatus:
        return ConsentStatus(read.consent_status(self.row, await info.context.desk.refresh_clock()))

    @strawberry.field
    async def wording(self, info: Info) -> ConsentWording:
        return ConsentWording.of(await info.context.loaders.wording.load(self.row.wording_id), self.row)

    @strawberry.field(description="After a refusal: not to be put forward again by the app before this moment.")
    def not_asked_again_before(self) -> datetime | None:
        return self.row.decided_at + PROMPT_COOL_DOWN if self.row.refused else None

    @strawberry.field
    async def inquiries(self, first: int = 20, after: str | None = None) -> InquiryConnection:
        return InquiryConnection.of(await read.inquiries(self.row.customer_id, first, after, self.row.id))

    @classmethod
    def of(cls, row: read.ConsentRow) -> "Consent":
        """From its row."""
        return cls(
            id=encode_id("Consent", row.id),
            row=row,
            purpose=ConsentPurpose(row.purpose),
            decided_at=row.decided_at,
            expires_at=row.expires_at,
            withdrawn_at=row.withdrawn_at,
        )


@strawberry.type
class ConsentConnection:
    nodes: list[Consent]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[read.ConsentRow]) -> "ConsentConnection":
        """From a page of rows."""
        return cls(
            nodes=[Consent.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )
