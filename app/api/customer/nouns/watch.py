"""What watching says of a line, why it is frozen, and what the customer said to that."""

from datetime import date, datetime
from enum import Enum

import strawberry

from app.api import words
from app.api.caller import Info
from app.api.contract import PageInfo
from app.api.reading import credit, watch
from app.api.reading.pages import Page
from app.api.scalars import encode_id
from app.domain.watching.rules import Action, Severity

strawberry.enum(
    Action,
    name="RiskAction",
    description="What a rule does to a line: nothing, have a person look, lower the limit, or freeze it for a time.",
)
strawberry.enum(Severity, name="RiskSeverity", description="How grave a signal is.")


@strawberry.enum(
    description="OPEN waits for a person. UPHELD: the appeal was right; a second person confirms the release."
)
class AppealState(Enum):
    OPEN = "OPEN"
    UPHELD = "UPHELD"
    REJECTED = "REJECTED"


@strawberry.enum(
    description=(
        "DONE: all is done. WAITING: a person will look; SETTLED: one has. HELD: the rule had touched too many lines "
        "that day, so nothing was done; AGREED: a person let it act; DROPPED: a person did not; LAPSED: let act, it "
        "no longer had cause to."
    )
)
class RiskEventState(Enum):
    DONE = "DONE"
    WAITING = "WAITING"
    SETTLED = "SETTLED"
    HELD = "HELD"
    AGREED = "AGREED"
    DROPPED = "DROPPED"
    LAPSED = "LAPSED"


@strawberry.type(description="What the customer says against a freeze, and the answer.")
class Appeal:
    row: strawberry.Private[watch.AppealRow]
    id: strawberry.ID
    state: AppealState
    opened_at: datetime
    settled_at: datetime | None

    @strawberry.field(description="In the customer's own words.")
    async def text(self, info: Info) -> str:
        return await watch.appeal_text(info.context.desk, self.row)

    @strawberry.field(description="The officer's answer; null while there is none.")
    async def answer(self, info: Info) -> str | None:
        return await watch.appeal_answer(info.context.desk, self.row)

    @classmethod
    def of(cls, row: watch.AppealRow) -> "Appeal":
        """From its row."""
        return cls(
            row=row,
            id=encode_id("Appeal", row.id),
            state=AppealState(row.state),
            opened_at=row.opened_at,
            settled_at=row.settled_at,
        )


@strawberry.type(description="Why a line is frozen, and until when. Repaying and records work all the while.")
class Freeze:
    row: strawberry.Private[credit.FreezeRow]
    id: strawberry.ID
    reason: str = strawberry.field(description="The rule's code, or the words of whoever froze the line.")
    since: datetime
    ends_at: datetime | None = strawberry.field(description="Released by itself then; null: until somebody does.")

    @strawberry.field(description="The reason, spelt out.")
    def text(self, info: Info) -> str:
        return words.say(info.context.language, "rule", self.row.reason)

    @strawberry.field(description="Whether appealFreeze is open to the customer now.")
    async def can_appeal(self) -> bool:
        return watch.may_appeal(self.row, await watch.appeals_of(self.row.id))

    @strawberry.field(description="The latest appeal against this freeze.")
    async def appeal(self) -> Appeal | None:
        rows = await watch.appeals_of(self.row.id)
        return Appeal.of(rows[0]) if rows else None

    @classmethod
    def of(cls, row: credit.FreezeRow) -> "Freeze":
        """From its row."""
        return cls(
            row=row,
            id=encode_id("Freeze", row.id),
            reason=row.reason,
            since=row.started_at,
            ends_at=row.ends_at,
        )


@strawberry.type(description="A rule spoke on the line, on own data only; the bureau was not asked.")
class RiskEvent:
    id: strawberry.ID
    rule: str = strawberry.field(description="The rule's code; an app that does not know it shows `text`.")
    rule_version: int
    day: date
    severity: Severity
    action: Action = strawberry.field(description="What was done.")
    state: RiskEventState
    raised_at: datetime

    @strawberry.field(description="Why, in the request's language.")
    def text(self, info: Info) -> str:
        return words.say(info.context.language, "rule", self.rule)

    @classmethod
    def of(cls, row: watch.EventRow) -> "RiskEvent":
        """From its row."""
        return cls(
            id=encode_id("RiskEvent", row.id),
            rule=row.rule_id,
            rule_version=row.rule_version,
            day=row.period,
            severity=Severity[row.severity],
            action=Action(row.action),
            state=RiskEventState(row.state),
            raised_at=row.raised_at,
        )


@strawberry.type
class RiskEventConnection:
    nodes: list[RiskEvent]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[watch.EventRow]) -> "RiskEventConnection":
        """From a page of rows."""
        return cls(
            nodes=[RiskEvent.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )
