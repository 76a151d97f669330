"""A person's file for an officer: opened under a purpose, masked, and each field in clear by an event of its own."""

from datetime import datetime
from typing import Annotated

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER, Keyed
from app.api.customer.nouns.consent import Inquiry
from app.api.customer.nouns.decision import Decision
from app.api.customer.nouns.lending import LineStatus
from app.api.customer.nouns.watch import Freeze
from app.api.reading import credit
from app.api.reading.oversight import officers as read
from app.api.refusals import (
    AccessExpired,
    IdempotencyConflict,
    InvalidInput,
    NotFound,
    OwnAccount,
    StillWorking,
    TrainingExpired,
)
from app.api.scalars import Money, decode_id, encode_id, split_id
from app.domain.calendar import business_date
from app.domain.oversight.approval import ApprovalKind, ApprovalOutcome
from app.domain.oversight.roles import AccessPurpose, PersonalField, Verb
from app.domain.refusals import NotFound as NothingThere
from app.flows.oversight.access import OpenFile, Reveal, open_file, reveal_field


@strawberry.type(description="That this officer may look at this file, until it ends.")
class FileAccess:
    id: strawberry.ID
    purpose: AccessPurpose
    opened_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, row: read.AccessRow) -> "FileAccess":
        """From its row."""
        return cls(
            id=encode_id("StaffAccess", row.id),
            purpose=AccessPurpose(row.purpose),
            opened_at=row.opened_at,
            expires_at=row.expires_at,
        )


@strawberry.type(description="The loans of a line, counted.")
class LoansSummary:
    open: int
    late: int
    closed: int
    principal_owed: Money


@strawberry.type(description="The line as a file shows it: figures, no contract.")
class FileLine:
    row: strawberry.Private[credit.LineRow]
    id: strawberry.ID
    status: LineStatus
    limit: Money
    opened_at: datetime

    @strawberry.field
    async def freeze(self) -> Freeze | None:
        row = await credit.running_freeze(self.row.id)
        return Freeze.of(row) if row else None

    @strawberry.field
    async def loans(self, info: Info) -> LoansSummary:
        today = business_date(await info.context.desk.refresh_clock())
        found = await read.loans_summary(self.row, today)
        return LoansSummary(
            open=found.open,
            late=found.late,
            closed=found.closed,
            principal_owed=Money.of(found.principal_minor, self.row.currency),
        )


@strawberry.type(description="A release, correction or charge-off that was proposed, with the notes of both people.")
class FileRelease:
    approval_id: strawberry.ID
    kind: ApprovalKind
    made_at: datetime
    note: str
    outcome: ApprovalOutcome | None
    check_note: str | None


@strawberry.type(description="A person as an officer sees them: masked. The opening is on record.")
class CustomerFile:
    customer: strawberry.Private[read.CustomerRow]
    access: FileAccess
    customer_id: strawberry.ID
    customer_since: datetime
    name: str | None = strawberry.field(description="Masked; null while the person never told it. So are the others.")
    id_number: str | None
    phone: str | None

    @strawberry.field(description="The open line, or the last closed one.")
    async def line(self) -> FileLine | None:
        row = await credit.current_line(self.customer.id)
        if row is None:
            return None
        return FileLine(
            row=row,
            id=encode_id("CreditLine", row.id),
            status=LineStatus(row.status),
            limit=Money.of(row.limit_minor, row.currency),
            opened_at=row.opened_at,
        )

    @strawberry.field(description="Newest first, at most 50.")
    async def decisions(self) -> list[Decision]:
        return [Decision.of(row) for row in await read.decisions(self.customer.id)]

    @strawberry.field(description="Newest first, at most 50.")
    async def inquiries(self) -> list[Inquiry]:
        return [Inquiry.of(row) for row in await read.inquiries(self.customer.id)]

    @strawberry.field(description="What two people agreed on or were asked to, newest first, at most 50.")
    async def releases(self, info: Info) -> list[FileRelease]:
        found = []
        for row in await read.approvals(self.customer.id):
            made, checked = read.notes_of(info.context.desk, self.customer, row)
            outcome = ApprovalOutcome(row.outcome) if row.outcome else None
            key = encode_id("Approval", row.id)
            found.append(
                FileRelease(
                    approval_id=key,
                    kind=ApprovalKind(row.kind),
                    made_at=row.made_at,
                    note=made,
                    outcome=outcome,
                    check_note=checked,
                )
            )
        return found


@strawberry.input(
    description=(
        "Either `customerId` or `caseId` (an application, increase, freeze, signal, appeal or proposed release). The "
        "customer reads `purpose` and `reason`; a reason has 10 to 500 characters."
    )
)
class OpenCustomerFileInput(Keyed):
    purpose: AccessPurpose = strawberry.field(description="What the file is opened for; the role must have it.")
    reason: str = strawberry.field(
        description="In the officer's own words, 10 to 500 characters; the customer reads them."
    )
    customer_id: strawberry.ID | None = strawberry.field(
        default=None, description="Whose file; null when a case names the customer."
    )
    case_id: strawberry.ID | None = strawberry.field(
        default=None, description="The case that it is opened for; null when the customer is named."
    )


@strawberry.input(description="`accessId` is of `openCustomerFile`, by the same officer, still running.")
class RevealFieldInput(Keyed):
    access_id: strawberry.ID = strawberry.field(description="The running access under which it is shown.")
    field: PersonalField = strawberry.field(description="The one field that is shown in clear.")
    reason: str = strawberry.field(
        description="In the officer's own words, 10 to 500 characters; the customer reads them."
    )


@strawberry.type
class OpenCustomerFilePayload:
    file: CustomerFile


@strawberry.type(description="One personal field in clear.")
class RevealFieldPayload:
    field: PersonalField
    value: str
    revealed_at: datetime


OpenCustomerFileResult = Annotated[
    OpenCustomerFilePayload
    | TrainingExpired
    | OwnAccount
    | AccessExpired
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("OpenCustomerFileResult"),
]
RevealFieldResult = Annotated[
    RevealFieldPayload
    | TrainingExpired
    | OwnAccount
    | AccessExpired
    | NotFound
    | StillWorking
    | InvalidInput
    | IdempotencyConflict,
    strawberry.union("RevealFieldResult"),
]


@strawberry.type
class FileMutation:
    @strawberry.mutation(
        directives=NEVER,
        description=(
            "Open a person's file for 30 minutes. Who, when, why is committed before anything is shown, and the "
            "customer sees it. Roles RISK, COMPLIANCE, PRIVACY, each with its own purposes."
        ),
    )
    async def open_customer_file(self, info: Info, input: OpenCustomerFileInput) -> OpenCustomerFileResult:  # noqa: A002
        officer = info.context.may(Verb.OPEN_CUSTOMER_FILE)
        desk = info.context.desk
        key = await open_file(desk, officer, input.idempotency_key, _asked(input))
        access, customer = await read.access(desk, officer, key)
        return OpenCustomerFilePayload(
            file=CustomerFile(
                customer=customer,
                access=FileAccess.of(access),
                customer_id=encode_id("Customer", customer.id),
                customer_since=customer.created_at,
                name=read.masked(desk, customer, PersonalField.NAME),
                id_number=read.masked(desk, customer, PersonalField.ID_NUMBER),
                phone=read.masked(desk, customer, PersonalField.PHONE),
            )
        )

    @strawberry.mutation(
        directives=NEVER,
        description="Show one personal field in clear: an event that the customer sees. The access must be running.",
    )
    async def reveal_field(self, info: Info, input: RevealFieldInput) -> RevealFieldResult:  # noqa: A002
        officer = info.context.may(Verb.REVEAL_FIELD)
        asked = Reveal(decode_id(input.access_id, "StaffAccess"), input.field, input.reason)
        key = await reveal_field(info.context.desk, officer, input.idempotency_key, asked)
        event, clear = await read.revealed(info.context.desk, officer, key)
        return RevealFieldPayload(field=PersonalField(event.field), value=clear, revealed_at=event.revealed_at)


def _asked(given: OpenCustomerFileInput) -> OpenFile:
    customer_id = decode_id(given.customer_id, "Customer") if given.customer_id is not None else None
    kind = case_id = None
    if given.case_id is not None:
        parts = split_id(given.case_id)
        if parts is None:
            raise NothingThere
        kind, case_id = parts
    return OpenFile(given.purpose, given.reason, customer_id, kind, case_id)
