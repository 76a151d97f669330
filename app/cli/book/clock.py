"""Showing and moving the business clock: through the running server if there is one, else in the database."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from app.cli.server import ask_server
from app.domain.calendar import business_date
from app.domain.refusals import InvalidInput
from app.flows.book.end_of_day import Advance, advance_clock
from app.main import open_house
from app.settings import Settings


class ClockRefused(Exception):
    """The clock cannot be moved so."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """Where the clock stands."""

    business_date: str
    offset_days: int


def told(state: ClockState, *, as_json: bool) -> str:
    """The state, for people or machines."""
    if as_json:
        told = {"businessDate": state.business_date, "offsetDays": state.offset_days}
        return json.dumps({"schema": "clearline-clock/1", **told})
    return f"business date {state.business_date} ({state.offset_days} days ahead of real time)"


async def show(settings: Settings) -> ClockState:
    """Where the clock stands."""
    answer = await _ask(settings, "query { sandboxClock { businessDate offsetDays } }", {})
    if answer is not None:
        return _state(answer["sandboxClock"])
    async with open_house(settings) as house:
        await house.must_fit()
        now = await house.desk.refresh_clock()
        return ClockState(business_date(now).isoformat(), house.desk.clock.offset.days)


async def advance(settings: Settings, days: int) -> ClockState:
    """Move the clock forwards.

    Raises:
        ClockRefused: not 1 to 400 days, or not a sandbox.
    """
    if not settings.sandbox:
        raise ClockRefused("the clock moves in the sandbox only")
    key = uuid4()
    document = """mutation ($days: Int!, $key: UUID!) { sandboxAdvanceClock(input: {days: $days, idempotencyKey: $key}) {
        __typename ... on SandboxClockPayload { clock { businessDate offsetDays } } ... on UserError { message } } }"""
    answer = await _ask(settings, document, {"days": days, "key": str(key)})
    if answer is not None:
        result = answer["sandboxAdvanceClock"]
        if "clock" not in result:
            raise ClockRefused("the clock moves forwards by 1 to 400 days")
        return _state(result["clock"])
    async with open_house(settings) as house:
        await house.must_fit()
        try:
            await advance_clock(house.desk, key, Advance(days))
        except InvalidInput as refused:
            raise ClockRefused("the clock moves forwards by 1 to 400 days") from refused
        now = await house.desk.refresh_clock()
        return ClockState(business_date(now).isoformat(), house.desk.clock.offset.days)


def _state(answer: dict[str, Any]) -> ClockState:
    return ClockState(answer["businessDate"], answer["offsetDays"])


async def _ask(settings: Settings, document: str, variables: dict[str, object]) -> dict[str, Any] | None:
    """The running server's data; None when no server of this home runs, or it knows no such field."""
    answer = await ask_server(settings, document, variables)
    return answer.get("data") if answer else None
