"""The way to the bureau: shut from the moment at which it shows an inquiry that nobody announced, until two people open it."""

from uuid import UUID

from uuid_utils.compat import uuid7

from app.flows.unit import Unit
from models.connection import fetch, plain
from models.consent import RouteFreeze


async def running_freeze() -> RouteFreeze | None:
    """The freeze that holds the route shut; None while it is open."""
    return await RouteFreeze.get_or_none(released_at__isnull=True)


async def route_is_open() -> bool:
    """Whether anything may be sent to the bureau at all."""
    return await running_freeze() is None


async def freeze_route(unit: Unit, result_id: UUID) -> None:
    """Shut the route for a result, unless it is shut already or somebody else shuts it at this moment.

    A freeze that runs is locked: whoever opens it meanwhile waits, and sees this result then.
    """
    if await RouteFreeze.filter(released_at__isnull=True).select_for_update().get_or_none() is not None:
        return
    await fetch(
        "INSERT INTO route_freeze (id, result_id, frozen_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id",
        *(plain(uuid7()), plain(result_id), plain(unit.now)),
    )
