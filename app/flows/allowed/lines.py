"""What a line allows now. Each check is the one that the act itself makes, so that what is shown and what is refused agree."""

from datetime import date, datetime, timedelta
from uuid import UUID

from app.domain.calendar import business_date
from app.domain.deciding.outcome import Occupation
from app.domain.lending.line import may_draw
from app.domain.lending.product import product_on
from app.domain.refusals import (
    AccountNotClear,
    InvalidInput,
    LimitExceeded,
    LineInArrears,
    LineNotActive,
    TooSoon,
)
from app.domain.rights.closing import blockers_of_closing
from app.flows.book.position import line_figures, line_in_arrears
from app.flows.payments.refunding import credit_of
from app.flows.policy.judging import policy_for
from app.flows.rights.standing import standing_of
from models.credit import Application, CreditLine, LimitIncrease

COOL_OFF_AFTER_DECLINE = timedelta(days=90)
ONE_AT_A_TIME = timedelta(minutes=1)


def check_active(line: CreditLine) -> None:
    """A frozen or closed line begins nothing new.

    Raises:
        LineNotActive: it is frozen or closed.
    """
    if line.status != "ACTIVE":
        raise LineNotActive(line.status)


async def in_arrears(line: CreditLine, today: date) -> bool:
    """Whether a payment is late, or credit is owed back that was refunded out of a payment which came back."""
    return await line_in_arrears(line.id, today) or (await credit_of(line.customer_id)).owed_back_minor > 0


async def check_draw(line: CreditLine, today: date, amount_minor: int | None = None) -> None:
    """Whether an amount in fen may be drawn; None: the least that the product allows.

    Raises:
        LineNotActive, LineInArrears: nothing may be drawn. LimitExceeded: not so much.
    """
    check_active(line)
    if await in_arrears(line, today):
        raise LineInArrears
    figures = await line_figures(line.id)
    wanted = product_on(today).draw_least_minor if amount_minor is None else amount_minor
    fits = may_draw(
        amount_minor=wanted,
        limit_minor=line.limit_minor,
        used_minor=figures.used_minor,
        held_minor=figures.held_minor,
    )
    if not fits:
        raise LimitExceeded(figures.available(line))


async def check_increase(line: CreditLine, now: datetime, limit_minor: int | None = None) -> None:
    """Whether a higher limit in fen may be asked for, once its consent is given; None: the least step above the present.

    Raises:
        LineNotActive, LineInArrears, TooSoon: not now. InvalidInput: not that limit.
    """
    check_active(line)
    if await in_arrears(line, business_date(now)):
        raise LineInArrears
    wanted = line.limit_minor + 1 if limit_minor is None else limit_minor
    if wanted <= line.limit_minor:
        raise InvalidInput.at("limit", "amount", problem="LIMIT_NOT_ABOVE_PRESENT")
    first = await Application.get(id=line.application_id)
    if wanted > (await policy_for(Occupation(first.occupation), now)).limits.max_minor:
        raise InvalidInput.at("limit", "amount", problem="LIMIT_OUTSIDE_PRODUCT")
    last = await LimitIncrease.filter(line_id=line.id).order_by("-id").first()
    if last is None:
        return
    if last.is_open:
        raise TooSoon(now + ONE_AT_A_TIME)
    if last.status == "DECLINED" and last.closed_at is not None and now < last.closed_at + COOL_OFF_AFTER_DECLINE:
        raise TooSoon(last.closed_at + COOL_OFF_AFTER_DECLINE)


async def check_close(customer_id: UUID, today: date) -> None:
    """Whether the account, and the line with it, can be closed.

    Raises:
        AccountNotClear: something has not ended; it says what.
    """
    blockers = blockers_of_closing(await standing_of(customer_id, today))
    if blockers:
        raise AccountNotClear(blockers)
