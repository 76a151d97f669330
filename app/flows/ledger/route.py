"""The way to the bureau: shut from the moment at which it shows an inquiry that nobody announced, until two people open it."""

from uuid import UUID

from tortoise.exceptions import IntegrityError
from uuid_utils.compat import uuid7

from app.domain.refusals import StillWorking
from app.flows.unit import Unit
from models.consent import RouteFreeze


async def running_freeze() -> RouteFreeze | None:
    """The freeze that holds the route shut; None while it is open."""
    return await RouteFreeze.get_or_none(released_at__isnull=True)


async def route_is_open() -> bool:
    """Whether anything may be sent to the bureau at all."""
    return await running_freeze() is None


async def freeze_route(unit: Unit, result_id: UUID) -> None:
    """Shut the route for a result, unless it is shut already.

    Raises:
        StillWorking: somebody shuts it at this moment.
    """
    if not await route_is_open():
        return
    try:
        await RouteFreeze.create(id=uuid7(), result_id=result_id, frozen_at=unit.now)
    except IntegrityError as double:
        raise StillWorking from double
