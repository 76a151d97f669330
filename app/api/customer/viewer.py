"""The customer, and the lists of what is the customer's."""

import strawberry

from app.api.caller import Info
from app.api.contract import Node
from app.api.customer.nouns.asking.application import ApplicationConnection
from app.api.customer.nouns.consent import ConsentConnection, InquiryConnection
from app.api.customer.nouns.lending import CreditLine
from app.api.customer.nouns.notice import NoticeConnection
from app.api.customer.nouns.payments import CreditRefundConnection, CustomerCredit, PaymentConnection
from app.api.customer.nouns.profile import Profile
from app.api.customer.nouns.rights import DataRequestConnection
from app.api.officer.seen import FileOpenedConnection
from app.api.reading import credit as read
from app.api.reading import notices, payments, rights
from app.api.reading.oversight import officers
from app.api.reading.profile import profile


@strawberry.type(description="The person who asks.")
class Customer(Node):
    row_id: strawberry.Private[object]

    @strawberry.field(description="The open line, or the last closed one; null before any.")
    async def line(self, info: Info) -> CreditLine | None:
        row = await read.current_line(info.context.customer_id)
        return CreditLine.of(row) if row is not None else None

    @strawberry.field(
        description=(
            "How many inquiries the bureau recorded, or may have recorded, over all time; from the ledger of "
            "inquiries, never a constant. FAILED inquiries left no record and are not counted."
        )
    )
    async def inquiry_count(self, info: Info) -> int:
        return await read.inquiry_count(info.context.customer_id)

    @strawberry.field(description="What connected sources tell of me, figure by figure, and what each is used for.")
    async def profile(self, info: Info) -> Profile:
        context = info.context
        return Profile.of(await profile(context.desk, context.customer_id), context.language)

    @strawberry.field(description="Who looked at my credit: every inquiry ever opened, newest first.")
    async def inquiries(self, info: Info, first: int = 20, after: str | None = None) -> InquiryConnection:
        return InquiryConnection.of(await read.inquiries(info.context.customer_id, first, after))

    @strawberry.field(
        description="Who of the staff opened my file, for what, and what was shown in clear; newest first."
    )
    async def accesses(self, info: Info, first: int = 20, after: str | None = None) -> FileOpenedConnection:
        return await FileOpenedConnection.of(await officers.accesses(info.context.customer_id, first, after))

    @strawberry.field(description="What I asked about my data and decisions, with the dates of answer; newest first.")
    async def requests(self, info: Info, first: int = 20, after: str | None = None) -> DataRequestConnection:
        return DataRequestConnection.of(await rights.requests(info.context.customer_id, first, after))

    @strawberry.field(
        description="What I was told, newest first: decisions, inquiries, due days, changes of my line."
    )
    async def notices(
        self, info: Info, first: int = 20, after: str | None = None, unread_only: bool = False
    ) -> NoticeConnection:
        page = await notices.notices(info.context.customer_id, first, after, unread_only=unread_only)
        return await NoticeConnection.of(info, page)

    @strawberry.field(description="What I have to the good, or owe back, beside the loans.")
    async def credit(self, info: Info) -> CustomerCredit:
        return await CustomerCredit.of(info.context.customer_id, info.context.language)

    @strawberry.field(description="What I paid, newest first, each with the loans that took of it.")
    async def payments(self, info: Info, first: int = 20, after: str | None = None) -> PaymentConnection:
        return PaymentConnection.of(await payments.payments(info.context.customer_id, first, after))

    @strawberry.field(description="Credit that was paid back to me, or is on its way; newest first.")
    async def credit_refunds(self, info: Info, first: int = 20, after: str | None = None) -> CreditRefundConnection:
        return CreditRefundConnection.of(await payments.refunds(info.context.customer_id, first, after))

    @strawberry.field
    async def consents(self, info: Info, first: int = 20, after: str | None = None) -> ConsentConnection:
        return ConsentConnection.of(await read.consents(info.context.customer_id, first, after))

    @strawberry.field
    async def applications(self, info: Info, first: int = 20, after: str | None = None) -> ApplicationConnection:
        return ApplicationConnection.of(await read.applications(info.context.customer_id, first, after))
