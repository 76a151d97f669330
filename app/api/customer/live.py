"""The one subscription: an application's state now, then once per change, until it is decided."""

from collections.abc import AsyncGenerator

import strawberry
from graphql import GraphQLError

from app.api.caller import Info
from app.api.contract import NEVER
from app.api.customer.viewer import Application
from app.api.reading import credit as read
from app.api.scalars import decode_id
from app.domain.refusals import NotFound

LISTEN_SECONDS_MAX = 600
LOOK_AGAIN_SECONDS = 2.0


@strawberry.type
class CustomerSubscription:
    @strawberry.subscription(
        directives=NEVER,
        description=(
            "First event: the state now. Then one per change, until nothing more happens by itself: DECIDED, "
            "ACCEPTED, EXPIRED or WITHDRAWN. Ends after ten minutes; subscribe again, nothing is lost."
        ),
    )
    async def application_updated(self, info: Info, id: strawberry.ID) -> AsyncGenerator[Application, None]:  # noqa: A002
        owner = info.context.customer_id
        try:
            key = decode_id(id, "Application")
        except NotFound:
            raise _nothing() from None
        shown: object = None
        async with info.context.desk.cache.waiting(f"case:{key}") as waiter:
            for _ in range(int(LISTEN_SECONDS_MAX / LOOK_AGAIN_SECONDS)):
                row = await read.application(owner, key)
                if row is None:
                    raise _nothing()
                decision = await read.latest_decision(application_id=key)
                state = (row.status, decision.id if decision else None)
                if state != shown:
                    shown = state
                    yield Application.of(row)
                if row.status not in {"RECEIVED", "IN_REVIEW"}:
                    return
                await waiter.wait(LOOK_AGAIN_SECONDS)


def _nothing() -> GraphQLError:
    return GraphQLError("There is no such application of yours.", extensions={"code": "NOT_FOUND"})
