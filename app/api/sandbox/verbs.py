"""What exists in the sandbox only: new people, the clock, a freeze, a new consent text. Production has none of it."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from app.api.caller import Info
from app.api.contract import NEVER, Keyed
from app.api.customer.nouns.consent import ConsentWording
from app.api.customer.nouns.lending import CreditLine
from app.api.errors import bad_request
from app.api.reading import sandbox as read
from app.api.refusals import IdempotencyConflict, InvalidInput, NotFound, StillWorking
from app.api.scalars import decode_id
from app.domain.consent.purpose import ConsentPurpose
from app.domain.refusals import IdempotencyConflict as KeyConflict
from app.flows.book.end_of_day import Advance, advance_clock
from app.flows.sandbox.people import Invent, MagicPerson, new_customer
from app.flows.sandbox.wordings import publish_again
from app.flows.watch.freezing import FreezeLine, ReleaseLine, freeze_line, release_line
from app.flows.watch.watching import NoteDevice, note_device_change

strawberry.enum(
    MagicPerson,
    name="MagicPerson",
    description="Whom to invent; digits 15 to 17 of the ID number decide what happens.",
)


@strawberry.type(description="An invented person, and the token that speaks for them.")
class SandboxCustomer:
    token: str
    name: str
    id_number: str
    phone: str
    person: MagicPerson
    story: str


@strawberry.type(description="The business clock of the sandbox.")
class SandboxClock:
    business_date: date
    offset_days: int


@strawberry.input
class SandboxAdvanceClockInput(Keyed):
    days: int = strawberry.field(description="Whole days to move forwards, 1 to 400.")


@strawberry.input(description="`days` null: until released.")
class SandboxFreezeLineInput(Keyed):
    line_id: strawberry.ID = strawberry.field(description="A line of the viewer's that is active.")
    reason: str = strawberry.field(description="Why, 3 to 200 characters on one line.")
    days: int | None = strawberry.field(
        default=None, description="For how many business days, 1 to 180; null: until released."
    )


@strawberry.input
class SandboxReleaseLineInput(Keyed):
    line_id: strawberry.ID = strawberry.field(description="A line of the viewer's that is frozen.")


@strawberry.input(description="`device`: any name that is the same each time; another than the last is a change.")
class SandboxNoteDeviceInput(Keyed):
    device: str = strawberry.field(description="Any name of 1 to 200 characters that is the same each time.")


@strawberry.type
class SandboxNoteDevicePayload:
    changes: int = strawberry.field(description="How often the device has changed; the first is no change.")


@strawberry.type
class SandboxLinePayload:
    line: CreditLine


@strawberry.type
class SandboxClockPayload:
    clock: SandboxClock


SandboxLineResult = Annotated[
    SandboxLinePayload | NotFound | InvalidInput | StillWorking | IdempotencyConflict,
    strawberry.union("SandboxLineResult"),
]
SandboxNoteDeviceResult = Annotated[
    SandboxNoteDevicePayload | NotFound | InvalidInput | StillWorking | IdempotencyConflict,
    strawberry.union("SandboxNoteDeviceResult"),
]
SandboxClockResult = Annotated[
    SandboxClockPayload | InvalidInput | StillWorking | IdempotencyConflict, strawberry.union("SandboxClockResult")
]


@strawberry.type
class SandboxQuery:
    @strawberry.field(directives=NEVER, description="Where the business clock stands.")
    async def sandbox_clock(self, info: Info) -> SandboxClock:
        today, offset_days = await read.clock(info.context.desk)
        return SandboxClock(business_date=today, offset_days=offset_days)


@strawberry.type
class SandboxMutation:
    @strawberry.mutation(
        directives=NEVER,
        description="Invent a person, one for each key. No token is needed; whoever has the key can ask again.",
    )
    async def sandbox_new_customer(
        self,
        info: Info,
        idempotency_key: UUID,
        person: MagicPerson = MagicPerson.APPROVED,
        connect_data: bool = True,
    ) -> SandboxCustomer:
        try:
            made = await new_customer(info.context.desk, idempotency_key, Invent(person, connect_data))
        except KeyConflict:
            raise bad_request("KEY_USED") from None
        return SandboxCustomer(
            token=made.token,
            name=made.name,
            id_number=made.id_number,
            phone=made.phone,
            person=person,
            story=made.story,
        )

    @strawberry.mutation(directives=NEVER, description="Move the business clock forwards, running every end of day.")
    async def sandbox_advance_clock(self, info: Info, input: SandboxAdvanceClockInput) -> SandboxClockResult:  # noqa: A002
        await advance_clock(info.context.desk, input.idempotency_key, Advance(input.days))
        today, offset_days = await read.clock(info.context.desk)
        return SandboxClockPayload(clock=SandboxClock(business_date=today, offset_days=offset_days))

    @strawberry.mutation(directives=NEVER, description="Freeze one of the viewer's own lines, as a watch rule would.")
    async def sandbox_freeze_line(self, info: Info, input: SandboxFreezeLineInput) -> SandboxLineResult:  # noqa: A002
        owner = info.context.customer_id
        line_id = await read.own_line(owner, decode_id(input.line_id, "CreditLine"))
        asked = FreezeLine(line_id, input.reason, input.days)
        await freeze_line(info.context.desk, owner, "sandbox", input.idempotency_key, asked)
        return SandboxLinePayload(line=CreditLine.of(await read.line(line_id)))

    @strawberry.mutation(directives=NEVER, description="Release one of the viewer's own frozen lines.")
    async def sandbox_release_line(self, info: Info, input: SandboxReleaseLineInput) -> SandboxLineResult:  # noqa: A002
        owner = info.context.customer_id
        line_id = await read.own_line(owner, decode_id(input.line_id, "CreditLine"))
        await release_line(info.context.desk, owner, "sandbox", input.idempotency_key, ReleaseLine(line_id))
        return SandboxLinePayload(line=CreditLine.of(await read.line(line_id)))

    @strawberry.mutation(
        directives=NEVER, description="Be seen on a device; a change has the viewer's line looked at."
    )
    async def sandbox_note_device(self, info: Info, input: SandboxNoteDeviceInput) -> SandboxNoteDeviceResult:  # noqa: A002
        owner = info.context.customer_id
        asked = NoteDevice(input.device)
        return SandboxNoteDevicePayload(
            changes=await note_device_change(info.context.desk, owner, input.idempotency_key, asked)
        )

    @strawberry.mutation(directives=NEVER, description="Publish a new version of a consent text, in force at once.")
    async def sandbox_publish_wording(self, info: Info, purpose: ConsentPurpose) -> ConsentWording:
        row = await publish_again(info.context.desk, purpose, info.context.language)
        return ConsentWording.of(row)
