"""Rows of loans, each read scoped to its viewer, and the figures derived from them."""

import json
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from app.api.reading.pages import Page, page
from app.domain.lending.accrual import Position
from app.domain.lending.prepayment import offered
from app.domain.lending.product import Method, PrepaymentRule, product_of
from app.doors.cache import Cache
from app.doors.keys import Keys
from app.flows.book.position import LineFigures, instalments_of, line_figures, position_of, state_of, status_on
from models.credit import CreditLine
from models.loans import Allocation, Contract, Instalment, Loan, Payout, Repayment, SigningCode
from models.people import Customer

LoanRow: TypeAlias = Loan
InstalmentRow: TypeAlias = Instalment
RepaymentRow: TypeAlias = Repayment
AllocationRow: TypeAlias = Allocation
ContractRow: TypeAlias = Contract
PayoutRow: TypeAlias = Payout

LOANS_OF_A_LINE_MAX = 500


async def loans(line_id: UUID, first: int, after: str | None) -> Page[LoanRow]:
    """The loans of a line, newest first."""
    return await page(Loan.filter(line_id=line_id), first, after)


async def loan(customer_id: UUID, loan_id: UUID) -> LoanRow | None:
    """One loan of the customer."""
    return await Loan.get_or_none(id=loan_id, customer_id=customer_id)


async def instalments(loan_id: UUID) -> list[InstalmentRow]:
    """The plan of a loan, in order."""
    return await instalments_of(loan_id)


async def instalment(customer_id: UUID, instalment_id: UUID) -> tuple[LoanRow, InstalmentRow] | None:
    """One instalment of the customer, with its loan."""
    row = await Instalment.get_or_none(id=instalment_id)
    owner = await loan(customer_id, row.loan_id) if row is not None else None
    return (owner, row) if owner is not None and row is not None else None


def position(row: LoanRow, rows: list[InstalmentRow], day: date) -> Position:
    """What the loan owes on a business day."""
    return position_of(row, rows, day)


def status(row: LoanRow, owed: Position) -> str:
    """The loan's status on that day."""
    return status_on(row, owed)


def prepayment_rules(row: LoanRow, rows: list[InstalmentRow], day: date) -> tuple[PrepaymentRule, ...]:
    """What a prepayment on a business day may leave as it is."""
    rules = product_of(row.product_version).prepayment_of(Method(row.method))
    return offered(rules, [state_of(one) for one in rows], day)


async def repayments(loan_id: UUID, first: int, after: str | None) -> Page[RepaymentRow]:
    """The payments for a loan, newest first."""
    return await page(Repayment.filter(loan_id=loan_id), first, after)


async def repayment(customer_id: UUID, repayment_id: UUID) -> RepaymentRow | None:
    """One payment of the customer."""
    return await Repayment.get_or_none(id=repayment_id, customer_id=customer_id)


async def allocations(repayment_id: UUID) -> list[AllocationRow]:
    """What a payment is used for, in order: nothing, once it was taken back."""
    return await Allocation.filter(repayment_id=repayment_id, replaced_at__isnull=True).order_by("id")


async def contract_of(loan_id: UUID) -> ContractRow:
    """The signed contract of a loan."""
    return await Contract.get(loan_id=loan_id)


async def contract(customer_id: UUID, contract_id: UUID) -> ContractRow | None:
    """One contract of the customer."""
    return await Contract.get_or_none(id=contract_id, customer_id=customer_id)


async def contract_text(keys: Keys, row: ContractRow) -> str:
    """The signed text, opened for its own borrower."""
    customer = await Customer.get(id=row.customer_id)
    box = keys.subject(customer.id, customer.key_wrapped)
    return box.open("contract", "text_sealed", row.id, row.text_sealed).decode()


async def code_expiry(customer_id: UUID, code_id: UUID) -> datetime:
    """When a signing code of the customer ends."""
    return (await SigningCode.get(id=code_id, customer_id=customer_id)).expires_at


async def payout_of(loan_id: UUID) -> PayoutRow:
    """The payout of a loan."""
    return await Payout.get(loan_id=loan_id)


async def figures(cache: Cache, line: CreditLine) -> LineFigures:
    """Used and held of a line, hot under its version: a figure of another moment has another key."""
    key = f"line:{line.id}:{line.version}"
    kept = await cache.get(key)
    if kept is not None:
        used, held = json.loads(kept)
        return LineFigures(used, held)
    fresh = await line_figures(line.id)
    await cache.put(key, json.dumps([fresh.used_minor, fresh.held_minor]).encode())
    return fresh


async def next_due(line_id: UUID, day: date) -> tuple[LoanRow, InstalmentRow, Position] | None:
    """The oldest instalment of a line with anything to pay."""
    best: tuple[LoanRow, InstalmentRow, Position] | None = None
    open_loans = Loan.filter(line_id=line_id, status__in=("CURRENT", "LATE", "DEFAULTED"))
    for row in await open_loans.order_by("id").limit(LOANS_OF_A_LINE_MAX):
        rows = await instalments_of(row.id)
        owed = position_of(row, rows, day)
        for item, instalment_row in zip(owed.instalments, rows, strict=True):
            if item.total_minor > 0 and (best is None or item.due_on < best[1].due_on):
                best = (row, instalment_row, owed)
                break
    return best
