"""Rows of watching: what the rules said of a line, appeals, and the officers' queues without an own account."""

from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from tortoise.functions import Count, Min
from tortoise.queryset import QuerySet

from app.api.reading.pages import Page, page
from app.domain.oversight.roles import Officer
from app.domain.refusals import AccessExpired, NotFound, OwnAccount
from app.flows.book.position import LineFigures, line_figures
from app.flows.oversight.access import running_access
from app.flows.unit import Desk
from app.flows.watch.appeals import APPEALS_MAX
from models.credit import CreditLine, Freeze
from models.oversight.watch import Appeal, RiskEvent, RuleAgreement
from models.people import Customer

EventRow: TypeAlias = RiskEvent
AppealRow: TypeAlias = Appeal
AgreementRow: TypeAlias = RuleAgreement
WatchedLine: TypeAlias = CreditLine

HELD_RULES_MAX = 50


@dataclass(frozen=True, slots=True)
class HeldRule:
    """Lines that one rule was held from on one day."""

    rule_id: str
    day: date
    lines: int
    wanted: str


# ---- the customer's own -----------------------------------------------------------------------------------


async def risk_events(line_id: UUID, first: int, after: str | None) -> Page[EventRow]:
    """What the rules said of a line, newest first."""
    return await page(RiskEvent.filter(line_id=line_id), first, after)


async def appeals_of(freeze_id: UUID) -> list[AppealRow]:
    """The appeals against a freeze, newest first; few by rule."""
    return await Appeal.filter(freeze_id=freeze_id).order_by("-id").limit(APPEALS_MAX)


def may_appeal(freeze: Freeze, appeals: list[AppealRow]) -> bool:
    """Whether the customer may open one more appeal against this freeze."""
    return freeze.released_at is None and len(appeals) < APPEALS_MAX and all(row.state != "OPEN" for row in appeals)


async def own_appeal(customer_id: UUID, appeal_id: UUID) -> AppealRow | None:
    """One appeal of the customer."""
    return await Appeal.get_or_none(id=appeal_id, customer_id=customer_id)


async def appeal_text(desk: Desk, appeal: AppealRow) -> str:
    """What the customer wrote."""
    return await _opened(desk, appeal.customer_id, "text_sealed", appeal)


async def appeal_answer(desk: Desk, appeal: AppealRow) -> str | None:
    """What the officer answered; None while nobody has."""
    return await _opened(desk, appeal.customer_id, "note_sealed", appeal) if appeal.note_sealed else None


async def _opened(desk: Desk, customer_id: UUID, column: str, appeal: AppealRow) -> str:
    box = desk.box(await Customer.get(id=customer_id))
    return box.open("appeal", column, appeal.id, getattr(appeal, column)).decode()


# ---- the officers' queues ---------------------------------------------------------------------------------


async def open_appeals(officer: Officer, first: int, after: str | None) -> Page[AppealRow]:
    """Appeals that wait for an answer, newest first."""
    return await page(_not_own(Appeal.filter(state="OPEN"), officer), first, after)


async def waiting_reviews(officer: Officer, first: int, after: str | None) -> Page[EventRow]:
    """Signals that a person should look at, newest first."""
    return await page(_not_own(RiskEvent.filter(state="WAITING"), officer), first, after)


async def held_rules() -> list[HeldRule]:
    """Rules past their share of a day, the oldest day first, each with how many lines it was held from."""
    rows = (
        await RiskEvent.filter(state="HELD")
        .annotate(held=Count("id"), first=Min("wanted"))
        .group_by("rule_id", "period")
        .order_by("period", "rule_id")
        .limit(HELD_RULES_MAX)
        .values("rule_id", "period", "held", "first")
    )
    return [HeldRule(row["rule_id"], row["period"], int(row["held"]), row["first"]) for row in rows]


async def appeal_text_for(desk: Desk, officer: Officer, access_id: UUID, appeal: AppealRow) -> str | None:
    """What the customer wrote, under a running access of this officer to this very customer; None without one."""
    try:
        access = await running_access(officer, access_id, await desk.refresh_clock())
    except (NotFound, AccessExpired, OwnAccount):
        return None
    return await appeal_text(desk, appeal) if access.customer_id == appeal.customer_id else None


async def event(event_id: UUID) -> EventRow:
    """A signal just acted on."""
    return await RiskEvent.get(id=event_id)


async def appeal(appeal_id: UUID) -> AppealRow:
    """An appeal just acted on."""
    return await Appeal.get(id=appeal_id)


async def agreement(agreement_id: UUID) -> AgreementRow:
    """An agreement just given."""
    return await RuleAgreement.get(id=agreement_id)


async def line_with_figures(line_id: UUID) -> tuple[WatchedLine, LineFigures]:
    """A line just acted on, and what is used and held of it."""
    return await CreditLine.get(id=line_id), await line_figures(line_id)


def _not_own(query: QuerySet[Any], officer: Officer) -> QuerySet[Any]:
    return query.exclude(customer_id=officer.customer_id) if officer.customer_id is not None else query
