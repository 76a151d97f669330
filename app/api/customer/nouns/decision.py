"""Decisions with their reasons, and what they changed."""

from datetime import datetime
from enum import Enum

import strawberry

from app.api import words
from app.api.caller import Info
from app.api.contract import Node, PageInfo
from app.api.customer.nouns.asking.waiting import WAITING, Waiting
from app.api.customer.nouns.consent import Inquiry
from app.api.reading import credit as read
from app.api.reading.pages import Page
from app.api.scalars import Money, encode_id
from app.domain.deciding.outcome import Outcome
from app.domain.deciding.reasons import ReasonCode

strawberry.enum(Outcome, name="DecisionOutcome", description="REFERRED: a person decides; all others are final.")
strawberry.enum(
    ReasonCode, description="Why. An app that does not know a value shows the reason's `text`, which is always there."
)


@strawberry.enum(description="Where a request for a higher limit stands. RECEIVED and REFERRED are not final.")
class LimitIncreaseStatus(Enum):
    RECEIVED = "RECEIVED"
    REFERRED = "REFERRED"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"


@strawberry.type
class Reason:
    code: ReasonCode
    text: str
    advice: str | None = strawberry.field(description="What may help, where anything is known to.")

    @classmethod
    def of(cls, code: str, language: str) -> "Reason":
        """A code, spelt out."""
        return cls(
            code=ReasonCode(code), text=words.say(language, "reason", code), advice=words.advice(language, code)
        )


@strawberry.type(description="A verdict on the record. A decline is an answer, not an error.")
class Decision(Node):
    row: strawberry.Private[read.DecisionRow]
    outcome: Outcome
    score: int | None = strawberry.field(description="300 to 900, higher is better; null when own data decided.")
    limit: Money | None
    policy_version: str
    model_version: str | None
    decided_at: datetime
    by_person: bool = strawberry.field(description="Whether a person decided, and not the machine.")

    @strawberry.field(description="Why, strongest first; at most four; never empty unless APPROVED.")
    def reasons(self, info: Info) -> list[Reason]:
        return [Reason.of(code, info.context.language) for code in read.reasons_of(self.row)]

    @strawberry.field(description="The inquiry it rests on; null when none was needed.")
    async def inquiry(self) -> Inquiry | None:
        if self.row.inquiry_id is None:
            return None
        row = await read.inquiry(self.row.customer_id, self.row.inquiry_id)
        return Inquiry.of(row) if row is not None else None

    @classmethod
    def of(cls, row: read.DecisionRow) -> "Decision":
        """From its row."""
        return cls(
            id=encode_id("Decision", row.id),
            row=row,
            outcome=Outcome(row.outcome),
            score=row.score,
            limit=Money.of(row.limit_minor) if row.limit_minor is not None else None,
            policy_version=row.policy_version,
            model_version=row.model_version,
            decided_at=row.decided_at,
            by_person=row.decided_by is not None,
        )


@strawberry.type(description="A request for a higher limit. The old limit serves on until it is approved.")
class LimitIncrease(Node):
    row: strawberry.Private[read.IncreaseRow]
    status: LimitIncreaseStatus
    limit_before: Money
    limit_requested: Money
    limit_granted: Money | None
    requested_at: datetime
    poll_after_ms: int | None = strawberry.field(
        description="Ask again after this many milliseconds; null when nothing will change by itself."
    )

    @strawberry.field(description=WAITING)
    async def waiting(self, info: Info) -> Waiting | None:
        return Waiting.of(await read.wait_of(self.row), info.context.language)

    @strawberry.field
    async def decision(self) -> Decision | None:
        row = await read.latest_decision(limit_increase_id=self.row.id)
        return Decision.of(row) if row is not None else None

    @classmethod
    def of(cls, row: read.IncreaseRow) -> "LimitIncrease":
        """From its row."""
        return cls(
            id=encode_id("LimitIncrease", row.id),
            row=row,
            status=LimitIncreaseStatus(row.status),
            limit_before=Money.of(row.before_minor),
            limit_requested=Money.of(row.requested_minor),
            limit_granted=Money.of(row.granted_minor) if row.granted_minor is not None else None,
            requested_at=row.requested_at,
            poll_after_ms=500 if row.status == "RECEIVED" else None,
        )


@strawberry.type
class LimitIncreaseConnection:
    nodes: list[LimitIncrease]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[read.IncreaseRow]) -> "LimitIncreaseConnection":
        """From a page of rows."""
        return cls(
            nodes=[LimitIncrease.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )


@strawberry.type(description="Who changed a limit, why, from what to what.")
class LimitChange(Node):
    before: Money
    after: Money
    reason: str
    actor: str
    changed_at: datetime

    @classmethod
    def of(cls, row: read.ChangeRow) -> "LimitChange":
        """From its row."""
        return cls(
            id=encode_id("LimitChange", row.id),
            before=Money.of(row.from_minor),
            after=Money.of(row.to_minor),
            reason=row.reason,
            actor=row.actor.partition(":")[0],  # which of the officers is for the audit
            changed_at=row.changed_at,
        )


@strawberry.type
class LimitChangeConnection:
    nodes: list[LimitChange]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[read.ChangeRow]) -> "LimitChangeConnection":
        """From a page of rows."""
        return cls(
            nodes=[LimitChange.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )
