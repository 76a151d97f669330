"""Requests about own data, what stands in the way of one, and what a withdrawal or an erasure will do."""

from datetime import date, datetime

import strawberry

from app.api import words
from app.api.caller import Info
from app.api.contract import PageInfo
from app.api.reading import rights as read
from app.api.reading.pages import Page
from app.api.scalars import Money, encode_id
from app.domain.rights.closing import Blocker as BlockerFacts
from app.domain.rights.closing import BlockerKind
from app.domain.rights.holds import ErasureClass, HoldBasis, PlannedErasure
from app.domain.rights.requests import (
    COPY_VALID,
    HeldField,
    RequestKind,
    RequestOutcome,
    RequestState,
    overdue,
)
from app.domain.rights.withdrawal import WithdrawalEffect

FORMATS = ("json", "html")
strawberry.enum(RequestKind, description="What is asked for about own data and decisions.")
strawberry.enum(
    RequestState,
    description=(
        "RECEIVED waits for a person, CHECKING for a second one, SCHEDULED for the dates that the law sets. DONE has "
        "an outcome; CANCELLED was taken back."
    ),
)
strawberry.enum(
    RequestOutcome, description="How a request ended. ANNOTATED: noted beside what only the bureau can change."
)
strawberry.enum(HeldField, description="What may be corrected. BUREAU_RECORD: an objection to what the bureau told.")
strawberry.enum(BlockerKind, description="What must end before an account is closed or erased.")
strawberry.enum(ErasureClass, description="Data that are erased together.")
strawberry.enum(HoldBasis, description="The law that has data kept.")
strawberry.enum(
    WithdrawalEffect,
    description="What a withdrawal does, or leaves as it is. An app that does not know a value shows `text`.",
)
_NODE_OF = {
    BlockerKind.OPEN_LOAN: "Loan",
    BlockerKind.PAYOUT_IN_FLIGHT: "Loan",
    BlockerKind.OPEN_APPLICATION: "Application",
    BlockerKind.OPEN_INCREASE: "LimitIncrease",
    BlockerKind.OPEN_APPEAL: "Appeal",
    BlockerKind.OPEN_REQUEST: "DataRequest",
    BlockerKind.OPEN_LINE: "CreditLine",
}


@strawberry.type(description="One thing that must end first.")
class Blocker:
    kind: BlockerKind
    text: str = strawberry.field(description="What it is and what to do, in the request's language.")
    subject_id: strawberry.ID | None = strawberry.field(description="The loan, application, appeal … that is meant.")
    amount: Money | None = strawberry.field(description="What is owed, on its way, or to be paid back.")

    @classmethod
    def of(cls, facts: BlockerFacts, language: str) -> "Blocker":
        """From its facts."""
        named = facts.subject_id is not None and facts.kind in _NODE_OF
        return cls(
            kind=facts.kind,
            text=words.say(language, "blocker", facts.kind),
            subject_id=encode_id(_NODE_OF[facts.kind], facts.subject_id) if named and facts.subject_id else None,
            amount=Money.of(facts.amount_minor) if facts.amount_minor is not None else None,
        )


@strawberry.type(description="What closing the account would meet now.")
class ClosingCheck:
    can_close: bool
    blockers: list[Blocker]
    text: str = strawberry.field(description="What closing does, and what it leaves.")


@strawberry.type(description="Data that are erased together, when, and the law that holds them until then.")
class ErasureStep:
    erasure_class: ErasureClass
    text: str = strawberry.field(description="Which data these are, and what becomes of them.")
    tables: list[str] = strawberry.field(description="By the names of the privacy register.")
    erase_on: date = strawberry.field(description="Business date.")
    basis: HoldBasis | None = strawberry.field(description="Null: nothing holds them.")
    basis_text: str | None
    done_at: datetime | None = strawberry.field(description="When it was done; null while it was not.")

    @classmethod
    def of(cls, planned: PlannedErasure, language: str, done_at: datetime | None = None) -> "ErasureStep":
        """From a plan."""
        basis = planned.basis
        return cls(
            erasure_class=planned.erasure_class,
            text=words.say(language, "erasure", planned.erasure_class),
            tables=read.tables_of(planned.erasure_class),
            erase_on=planned.erase_on,
            basis=basis,
            basis_text=words.say(language, "hold", basis) if basis is not None else None,
            done_at=done_at,
        )

    @classmethod
    def of_step(cls, row: read.StepRow, language: str) -> "ErasureStep":
        """From a step of a request."""
        basis = HoldBasis(row.basis) if row.basis else None
        return cls.of(PlannedErasure(ErasureClass(row.erasure_class), row.erase_on, basis), language, row.done_at)


@strawberry.type(description="What an erasure would meet and do now.")
class ErasureCheck:
    can_erase: bool
    blockers: list[Blocker]
    plan: list[ErasureStep] = strawberry.field(description="What would be erased when, if nothing stood in the way.")


@strawberry.type(description="One thing that a withdrawal does, or leaves as it is.")
class Effect:
    code: WithdrawalEffect
    text: str


@strawberry.type(description="What withdrawing a consent would do now. Nothing has happened.")
class WithdrawalForetold:
    consent_id: strawberry.ID
    effects: list[Effect] = strawberry.field(description="The gravest first; never empty.")
    events_erased_on: date | None = strawberry.field(
        description="On which business date the source's events are erased, unless it is agreed to again by then."
    )


@strawberry.type(description="Where a copy is fetched, with the same bearer token, until `availableUntil`.")
class CopyLink:
    format: str = strawberry.field(description="json: for machines. html: a page to read.")
    path: str


@strawberry.type(description="One fetching of a copy.")
class CopyFetched:
    format: str
    language: str
    at: datetime


@strawberry.type(description="A request about own data or a decision, with the date by which it is answered.")
class DataRequest:
    row: strawberry.Private[read.RequestRow]
    id: strawberry.ID
    kind: RequestKind
    state: RequestState
    received_at: datetime
    due_on: date = strawberry.field(description="The last business date on which an answer is in time.")
    outcome: RequestOutcome | None
    settled_at: datetime | None
    field: HeldField | None = strawberry.field(description="What is to be corrected.")
    decision_id: strawberry.ID | None = strawberry.field(description="The decision that a person is to look at.")
    new_decision_id: strawberry.ID | None = strawberry.field(description="The decision that took its place.")

    @strawberry.field(description="Whether the answer is late.")
    async def is_overdue(self, info: Info) -> bool:
        return overdue(self.state, self.due_on, await read.today(info.context.desk))

    @strawberry.field(description="The value asked for.")
    async def value(self, info: Info) -> str | None:
        return (await read.told_in(info.context.desk, self.row)).get("value") or None

    @strawberry.field(description="The value that a correction replaced.")
    async def value_before(self, info: Info) -> str | None:
        return await read.value_before(info.context.desk, self.row)

    @strawberry.field(description="The evidence or reason, in the customer's own words.")
    async def text(self, info: Info) -> str | None:
        told = await read.told_in(info.context.desk, self.row)
        return told.get("evidence") or told.get("reason")

    @strawberry.field(description="The officer's answer; null while there is none.")
    async def answer(self, info: Info) -> str | None:
        return await read.answer_of(info.context.desk, self.row)

    @strawberry.field(description="What happens next, in the request's language.")
    def next(self, info: Info) -> str:
        row = self.row
        code = f"{row.kind}_{row.outcome or row.state}"
        if row.subject == HeldField.BUREAU_RECORD and not row.outcome:
            code = f"{row.subject}_{row.state}"
        return words.say(info.context.language, "request", code, due_on=row.due_on)

    @strawberry.field(description="What an erasure does on which day; empty for other requests.")
    async def erasures(self, info: Info) -> list[ErasureStep]:
        return [ErasureStep.of_step(row, info.context.language) for row in await read.steps_of(self.row.id)]

    @strawberry.field(description="Until when a copy can be fetched; null for other requests.")
    def available_until(self) -> datetime | None:
        until: datetime = self.row.received_at + COPY_VALID
        return until if self.kind is RequestKind.COPY else None

    @strawberry.field(description="Where a copy is fetched; empty for other requests.")
    def copies(self) -> list[CopyLink]:
        if self.kind is not RequestKind.COPY:
            return []
        return [CopyLink(format=form, path=f"/copies/{self.id}.{form}") for form in FORMATS]

    @strawberry.field(description="When a copy was fetched, newest first, at most 50.")
    async def fetched(self) -> list[CopyFetched]:
        rows = await read.copies_of(self.row.id)
        return [CopyFetched(format=row.format, language=row.language, at=row.made_at) for row in rows]

    @classmethod
    def of(cls, row: read.RequestRow) -> "DataRequest":
        """From its row."""
        return cls(
            row=row,
            id=encode_id("DataRequest", row.id),
            kind=RequestKind(row.kind),
            state=RequestState(row.state),
            received_at=row.received_at,
            due_on=row.due_on,
            outcome=RequestOutcome(row.outcome) if row.outcome else None,
            settled_at=row.settled_at,
            field=HeldField(row.subject) if row.kind == RequestKind.CORRECTION else None,
            decision_id=encode_id("Decision", row.decision_id) if row.decision_id is not None else None,
            new_decision_id=encode_id("Decision", row.new_decision_id) if row.new_decision_id is not None else None,
        )


@strawberry.type
class DataRequestConnection:
    nodes: list[DataRequest]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[read.RequestRow]) -> "DataRequestConnection":
        """From a page of rows."""
        return cls(nodes=[DataRequest.of(row) for row in page.rows], page_info=PageInfo.of(page))
