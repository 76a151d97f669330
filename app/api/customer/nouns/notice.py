"""What the customer was told."""

from collections.abc import Sequence
from datetime import datetime

import strawberry

from app.api.caller import Info
from app.api.contract import Node, PageInfo
from app.api.customer.nouns.found import found
from app.api.reading import notices as read
from app.api.reading.pages import Page
from app.api.scalars import encode_id
from app.domain.telling.notice import ABOUT, NoticeKind

strawberry.enum(
    NoticeKind,
    description="What a notice tells. An app that does not know a value shows `title` and `body`, which are always there.",
)


@strawberry.type(
    description="One thing that the customer was told, in the request's language. It never goes to anybody else."
)
class Notice(Node):
    row: strawberry.Private[read.NoticeRow]
    kind: NoticeKind
    title: str
    body: str
    at: datetime = strawberry.field(description="The moment of what is told.")
    read_at: datetime | None = strawberry.field(description="When it was marked as read; null until then.")

    @strawberry.field(description="What it is about; null once that is gone.")
    async def about(self, info: Info) -> Node | None:
        for kind in ABOUT[self.kind]:
            if node := await found(info.context.customer_id, kind, self.row.about_id):
                return node
        return None


@strawberry.type
class NoticeConnection:
    nodes: list[Notice]
    page_info: PageInfo

    @classmethod
    async def of(cls, info: Info, page: Page[read.NoticeRow]) -> "NoticeConnection":
        """From a page of rows."""
        return cls(nodes=await shown(info, page.rows), page_info=PageInfo.of(page))


async def shown(info: Info, rows: Sequence[read.NoticeRow]) -> list[Notice]:
    """Rows of the viewer's inbox in words."""
    context = info.context
    texts = await read.in_words(context.desk, context.customer_id, rows, context.language)
    return [
        Notice(
            id=encode_id("Notice", row.id),
            row=row,
            kind=NoticeKind(row.kind),
            title=text.title,
            body=text.body,
            at=row.arose_at,
            read_at=row.read_at,
        )
        for row, text in zip(rows, texts, strict=True)
    ]
