"""What is collected from a customer's account, and under which word; each read scoped to its viewer."""

from typing import TypeAlias
from uuid import UUID

from app.api.reading.pages import Page, page
from models.loans import Debit, DebitMandate

DebitRow: TypeAlias = Debit
MandateRow: TypeAlias = DebitMandate


async def running_mandate(line_id: UUID) -> MandateRow | None:
    """The mandate that runs for a line."""
    return await DebitMandate.get_or_none(line_id=line_id, ended_at__isnull=True)


async def mandate(customer_id: UUID, mandate_id: UUID) -> MandateRow | None:
    """One mandate of the customer, running or ended."""
    return await DebitMandate.get_or_none(id=mandate_id, customer_id=customer_id)


async def debits(loan_id: UUID, first: int, after: str | None) -> Page[DebitRow]:
    """The debits of a loan, newest first."""
    return await page(Debit.filter(loan_id=loan_id), first, after)


async def debit(customer_id: UUID, debit_id: UUID) -> DebitRow | None:
    """One debit of the customer."""
    return await Debit.get_or_none(id=debit_id, customer_id=customer_id)
