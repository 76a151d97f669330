"""Words that the whole contract shares: `@bureau`, Occupation, Node, UserError, PageInfo.

`@bureau`: may this root field lead to the bureau? Tests hold it against the code and the bureau's own count.
"""

from enum import Enum
from typing import Any
from uuid import UUID

import strawberry
from strawberry.schema_directive import Location

from app.api.reading.pages import Page
from app.domain.deciding.outcome import Occupation

strawberry.enum(Occupation, name="Occupation", description="What the applicant lives on.")


@strawberry.enum(description="Whether an act may cost the customer an inquiry.")
class BureauAsks(Enum):
    NEVER = strawberry.enum_value("NEVER", description="The bureau is not asked, whatever the input.")
    ONCE_WITH_CONSENT = strawberry.enum_value(
        "ONCE_WITH_CONSENT", description="At most one inquiry, under a live consent of its own purpose."
    )


@strawberry.schema_directive(
    name="bureau",
    locations=[Location.FIELD_DEFINITION],
    description=(
        "May this root field lead to the credit bureau? Tests hold it against the code and the bureau's own count."
    ),
)
class Bureau:
    asks: BureauAsks


NEVER = [Bureau(asks=BureauAsks.NEVER)]
ONCE_WITH_CONSENT = [Bureau(asks=BureauAsks.ONCE_WITH_CONSENT)]


@strawberry.input
class Keyed:
    idempotency_key: UUID = strawberry.field(
        description="Fresh for each wish. The same key with the same input does nothing again and answers the same."
    )


@strawberry.interface(description="Anything with a global id.")
class Node:
    id: strawberry.ID


@strawberry.interface(
    description=(
        "Every expected refusal. `__typename` is its code; `message` is ready to show, in the request's language. "
        "Nothing of the step happened."
    )
)
class UserError:
    message: str


@strawberry.type(description="Where a page ends. Lists run newest first; `first` is 1 to 50.")
class PageInfo:
    has_next_page: bool
    end_cursor: str | None

    @classmethod
    def of(cls, page: Page[Any]) -> "PageInfo":
        """Of a page of rows."""
        return cls(has_next_page=page.has_next, end_cursor=page.end_cursor)
