"""What watching leaves to officers: appeals, reviews, rules past their share, and a limit lowered by hand.

Customers are named by ids alone here; what one of them wrote is shown under a running access to the file.
"""

from datetime import date, datetime
from typing import Annotated

import strawberry

from app.api import words
from app.api.caller import Info
from app.api.contract import NEVER, Keyed, PageInfo
from app.api.customer.nouns.watch import AppealState, RiskEventState
from app.api.reading import watch as read
from app.api.refusals import (
    DecisionClosed,
    IdempotencyConflict,
    InvalidInput,
    LineNotActive,
    NotFound,
    OwnAccount,
    StillWorking,
    TrainingExpired,
)
from app.api.scalars import Money, MoneyInput, decode_id, encode_id, split_id
from app.domain.oversight.roles import Verb
from app.domain.watching.rules import Action, Severity
from app.flows.watch.agreeing import AgreeToRule, SettleReview, agree_to_rule, settle_review
from app.flows.watch.appeals import SettleAppeal, settle_appeal
from app.flows.watch.decreasing import DecreaseLimit, decrease_limit


@strawberry.type(description="An appeal that an officer answers.")
class AppealCase:
    row: strawberry.Private[read.AppealRow]
    id: strawberry.ID
    customer_id: strawberry.ID
    line_id: strawberry.ID
    freeze_id: strawberry.ID
    state: AppealState
    opened_at: datetime

    @strawberry.field(
        description="What the customer wrote, under a running access to that customer's file; else null."
    )
    async def text(self, info: Info, access_id: strawberry.ID) -> str | None:
        officer = info.context.may(Verb.APPEALS)
        parts = split_id(access_id)
        if parts is None or parts[0] != "StaffAccess":
            return None
        return await read.appeal_text_for(info.context.desk, officer, parts[1], self.row)

    @classmethod
    def of(cls, row: read.AppealRow) -> "AppealCase":
        """From its row."""
        return cls(
            row=row,
            id=encode_id("Appeal", row.id),
            customer_id=encode_id("Customer", row.customer_id),
            line_id=encode_id("CreditLine", row.line_id),
            freeze_id=encode_id("Freeze", row.freeze_id),
            state=AppealState(row.state),
            opened_at=row.opened_at,
        )


@strawberry.type
class AppealCaseConnection:
    nodes: list[AppealCase]
    page_info: PageInfo


@strawberry.type(description="A signal that a person should look at.")
class ReviewCase:
    id: strawberry.ID
    customer_id: strawberry.ID
    line_id: strawberry.ID
    rule: str
    rule_version: int
    severity: Severity
    state: RiskEventState
    raised_at: datetime

    @strawberry.field(description="The rule, spelt out.")
    def text(self, info: Info) -> str:
        return words.say(info.context.language, "rule", self.rule)

    @classmethod
    def of(cls, row: read.EventRow) -> "ReviewCase":
        """From its row."""
        return cls(
            id=encode_id("RiskEvent", row.id),
            customer_id=encode_id("Customer", row.customer_id),
            line_id=encode_id("CreditLine", row.line_id),
            rule=row.rule_id,
            rule_version=row.rule_version,
            severity=Severity[row.severity],
            state=RiskEventState(row.state),
            raised_at=row.raised_at,
        )


@strawberry.type
class ReviewCaseConnection:
    nodes: list[ReviewCase]
    page_info: PageInfo


@strawberry.type(description="A rule that has touched its share of a day, and from how many more lines it is held.")
class HeldRule:
    rule: str
    day: date
    lines: int
    action: Action = strawberry.field(description="What the rule would do to each.")

    @strawberry.field(description="The rule, spelt out.")
    def text(self, info: Info) -> str:
        return words.say(info.context.language, "rule", self.rule)


@strawberry.type
class OversightWatch:
    @strawberry.field(description="Appeals that wait for an answer, newest first.")
    async def appeals(self, info: Info, first: int = 20, after: str | None = None) -> AppealCaseConnection:
        page = await read.open_appeals(info.context.may(Verb.APPEALS), first, after)
        return AppealCaseConnection(
            nodes=[AppealCase.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )

    @strawberry.field(description="Signals that wait for a person's look, newest first.")
    async def reviews(self, info: Info, first: int = 20, after: str | None = None) -> ReviewCaseConnection:
        page = await read.waiting_reviews(info.context.may(Verb.REVIEWS), first, after)
        return ReviewCaseConnection(
            nodes=[ReviewCase.of(row) for row in page.rows],
            page_info=PageInfo.of(page),
        )

    @strawberry.field(description="Rules that wait for a person's agreement, the oldest day first; at most 50.")
    async def held_rules(self, info: Info) -> list[HeldRule]:
        info.context.may(Verb.HELD_RULES)
        return [
            HeldRule(rule=held.rule_id, day=held.day, lines=held.lines, action=Action(held.wanted))
            for held in await read.held_rules()
        ]


@strawberry.input(
    description="`uphold`: the release is proposed, and another officer confirms it. The note is the answer that the customer reads."
)
class SettleAppealInput(Keyed):
    appeal_id: strawberry.ID = strawberry.field(description="An open appeal.")
    uphold: bool = strawberry.field(description="Whether the customer is right; the release is then proposed.")
    note: str = strawberry.field(description="The answer that the customer reads, 10 to 2000 characters.")


@strawberry.input
class SettleReviewInput(Keyed):
    event_id: strawberry.ID = strawberry.field(description="A signal that waits for a person's look.")
    note: str = strawberry.field(description="What was found, 10 to 2000 characters.")


@strawberry.input(description="`lines` is the number that heldRules showed; another number now agrees to nothing.")
class AgreeToRuleInput(Keyed):
    rule: str = strawberry.field(description="The rule's code, as heldRules shows it.")
    day: date = strawberry.field(description="The business day on which it was held.")
    lines: int = strawberry.field(description="How many lines heldRules showed.")
    note: str = strawberry.field(description="Why, 10 to 2000 characters; it names no customer.")
    agree: bool = strawberry.field(
        default=True, description="Whether the rule may act on them; false drops its signals."
    )


@strawberry.input(
    description="`limit` is the whole new limit, below the present one; `reason` is shown to the customer."
)
class DecreaseLimitInput(Keyed):
    line_id: strawberry.ID = strawberry.field(description="The line whose limit is lowered.")
    limit: MoneyInput = strawberry.field(description="The whole new limit, below the present one.")
    reason: str = strawberry.field(description="Why, 3 to 200 characters; the customer reads it.")


@strawberry.type
class SettleAppealPayload:
    appeal: AppealCase


@strawberry.type
class SettleReviewPayload:
    review: ReviewCase


@strawberry.type
class AgreeToRulePayload:
    rule: str
    day: date
    lines: int
    agreed: bool


@strawberry.type(description="The line after its limit was lowered: figures only.")
class DecreaseLimitPayload:
    line_id: strawberry.ID
    limit: Money
    balance: Money
    held: Money
    available: Money


SettleAppealResult = Annotated[
    SettleAppealPayload
    | DecisionClosed
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("SettleAppealResult"),
]
SettleReviewResult = Annotated[
    SettleReviewPayload
    | DecisionClosed
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("SettleReviewResult"),
]
AgreeToRuleResult = Annotated[
    AgreeToRulePayload | TrainingExpired | OwnAccount | NotFound | StillWorking | InvalidInput | IdempotencyConflict,
    strawberry.union("AgreeToRuleResult"),
]
DecreaseLimitResult = Annotated[
    DecreaseLimitPayload
    | LineNotActive
    | TrainingExpired
    | OwnAccount
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("DecreaseLimitResult"),
]


@strawberry.type
class WatchMutation:
    @strawberry.mutation(directives=NEVER, description="Answer an appeal against a freeze. Role RISK.")
    async def settle_appeal(self, info: Info, input: SettleAppealInput) -> SettleAppealResult:  # noqa: A002
        officer = info.context.may(Verb.SETTLE_APPEAL)
        asked = SettleAppeal(decode_id(input.appeal_id, "Appeal"), input.uphold, input.note)
        key = await settle_appeal(info.context.desk, officer, input.idempotency_key, asked)
        return SettleAppealPayload(appeal=AppealCase.of(await read.appeal(key)))

    @strawberry.mutation(directives=NEVER, description="Take a signal off the queue, with a note. Role RISK.")
    async def settle_review(self, info: Info, input: SettleReviewInput) -> SettleReviewResult:  # noqa: A002
        officer = info.context.may(Verb.SETTLE_REVIEW)
        asked = SettleReview(decode_id(input.event_id, "RiskEvent"), input.note)
        key = await settle_review(info.context.desk, officer, input.idempotency_key, asked)
        return SettleReviewPayload(review=ReviewCase.of(await read.event(key)))

    @strawberry.mutation(
        directives=NEVER,
        description="Let a rule act on the lines it was held from, or drop them; a job does the rest. Role RISK.",
    )
    async def agree_to_rule(self, info: Info, input: AgreeToRuleInput) -> AgreeToRuleResult:  # noqa: A002
        officer = info.context.may(Verb.AGREE_TO_RULE)
        asked = AgreeToRule(input.rule, input.day, input.lines, input.agree, input.note)
        key = await agree_to_rule(info.context.desk, officer, input.idempotency_key, asked)
        row = await read.agreement(key)
        return AgreeToRulePayload(rule=row.rule_id, day=row.day, lines=row.lines, agreed=row.agreed)

    @strawberry.mutation(
        directives=NEVER,
        description="Lower a limit, even below what is used: nothing is called in. Role RISK.",
    )
    async def decrease_limit(self, info: Info, input: DecreaseLimitInput) -> DecreaseLimitResult:  # noqa: A002
        officer = info.context.may(Verb.DECREASE_LIMIT)
        asked = DecreaseLimit(decode_id(input.line_id, "CreditLine"), input.limit.exact("limit"), input.reason)
        key = await decrease_limit(info.context.desk, officer, input.idempotency_key, asked)
        line, figures = await read.line_with_figures(key)
        return DecreaseLimitPayload(
            line_id=input.line_id,
            limit=Money.of(line.limit_minor, line.currency),
            balance=Money.of(figures.used_minor, line.currency),
            held=Money.of(figures.held_minor, line.currency),
            available=Money.of(figures.available(line), line.currency),
        )
