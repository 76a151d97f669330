"""The history of a loan from its rows: the fresh plan, and all that still counts, in the order received."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from app.domain.lending.accrual import Position
from app.domain.lending.allocation import rules_of
from app.domain.lending.history import MAX_ENTRIES, Entry, EntryKind, History
from app.domain.lending.product import PrepaymentRule, Product, product_of
from app.flows.book.position import fresh_instalments, terms_of
from models.loans import Loan, Repayment


async def history_of(loan: Loan) -> History:
    """All that happened to a loan since it was paid out, but for what was undone.

    Raises:
        TooManyEntries: more than one loan may have.
    """
    product = product_of(loan.product_version)
    counted = Repayment.filter(loan_id=loan.id, undone_at__isnull=True).order_by("received_at", "id")
    happened = [(row.received_at, entry_of(row, product)) for row in await counted.limit(MAX_ENTRIES + 1)]
    if loan.charged_off_on is not None and loan.charged_off_at is not None:
        happened.append((loan.charged_off_at, charge_off_of(loan)))
    return History(terms_of(loan), fresh_instalments(loan), _as_received(happened))


async def owed_on(loan: Loan, day: date, without: Collection[UUID] = ()) -> Position:
    """What a loan owed on a day that may be over: of its history, what had happened by then, but for some payments.

    Raises:
        DayBeforeDraw: the day is before the draw.
    """
    whole = await history_of(loan)
    parts = (
        await Repayment.filter(loan_id=loan.id, payment_id__in=without).values_list("id", flat=True)
        if without
        else ()
    )
    left_out = set(map(str, parts))
    counted = (entry for entry in whole.entries if entry.day <= day and entry.key not in left_out)
    by_then = replace(whole, entries=tuple(counted))
    return by_then.replay().position(day)


def entry_of(row: Repayment, product: Product) -> Entry:
    """A repayment as an entry; its key is the row's."""
    rule = PrepaymentRule(row.rule) if row.rule else None
    return Entry(str(row.id), row.effective_on, 0, row.amount_minor, rules=rules_of(product, rule))


def charge_off_of(loan: Loan) -> Entry:
    """The charge-off of a loan as an entry; its key is the loan's."""
    if loan.charged_off_on is None:
        raise RuntimeError("the loan was never charged off")
    return Entry(str(loan.id), loan.charged_off_on, 0, kind=EntryKind.CHARGE_OFF)


def with_newest(history: History, entry: Entry) -> History:
    """The history with one more entry, received after all others."""
    return history.add(replace(entry, received=len(history.entries)))


def _as_received(happened: list[tuple[datetime, Entry]]) -> tuple[Entry, ...]:
    """Entries numbered in the order received; rows of one moment keep theirs."""
    ordered = sorted(happened, key=lambda pair: pair[0])
    return tuple(replace(entry, received=number) for number, (_, entry) in enumerate(ordered))
