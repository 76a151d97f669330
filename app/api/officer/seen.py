"""What a customer is told of officers who looked: the duty, the purpose and the words, never the name."""

from datetime import datetime

import strawberry

from app.api import words
from app.api.caller import Info
from app.api.contract import PageInfo
from app.api.reading.oversight import officers as read
from app.api.reading.pages import Page
from app.domain.oversight.roles import AccessPurpose, PersonalField, Role

strawberry.enum(Role, name="StaffRole", description="The duties of the staff, kept apart.")
strawberry.enum(AccessPurpose, description="Why a person's file may be opened; there is no opening without one.")
strawberry.enum(PersonalField, description="What is masked in a file until it is revealed.")
_REVIEW = (AccessPurpose.APPEAL.value, "DataRequest")  # no appeal: a person's look at a decision, which was asked for


@strawberry.type(description="One personal field that was shown in clear.")
class FieldRevealed:
    field: PersonalField
    at: datetime


@strawberry.type(description="One opening of the viewer's file by a member of staff.")
class FileOpened:
    row: strawberry.Private[read.AccessRow]
    at: datetime
    role: Role
    purpose: AccessPurpose
    revealed: list[FieldRevealed] = strawberry.field(description="Oldest first; empty when all stayed masked.")

    @strawberry.field(description="The purpose, spelt out.")
    def purpose_text(self, info: Info) -> str:
        word = "REVIEW" if (self.row.purpose, self.row.case_kind) == _REVIEW else self.row.purpose
        return words.say(info.context.language, "access", word)

    @strawberry.field(description="The officer's own words.")
    async def reason(self, info: Info) -> str:
        return await read.opened_reason(info.context.desk, self.row)

    @strawberry.field(description="A mark of this officer towards this customer: the same each time, no name.")
    def by(self, info: Info) -> str:
        return read.pseudonym(info.context.desk.keys, self.row.staff_id, self.row.customer_id)

    @classmethod
    def of(cls, row: read.AccessRow, events: list[read.RevealRow]) -> "FileOpened":
        """From its row and the events below it."""
        return cls(
            row=row,
            at=row.opened_at,
            role=Role(row.role),
            purpose=AccessPurpose(row.purpose),
            revealed=revealed_of(events),
        )


@strawberry.type
class FileOpenedConnection:
    nodes: list[FileOpened]
    page_info: PageInfo

    @classmethod
    async def of(cls, page: Page[read.AccessRow]) -> "FileOpenedConnection":
        """From a page of rows."""
        events = await read.reveals_of(page.rows)
        return cls(
            nodes=[FileOpened.of(row, events[row.id]) for row in page.rows],
            page_info=PageInfo.of(page),
        )


def revealed_of(events: list[read.RevealRow]) -> list[FieldRevealed]:
    """Events as they are shown."""
    return [FieldRevealed(field=PersonalField(event.field), at=event.revealed_at) for event in events]
