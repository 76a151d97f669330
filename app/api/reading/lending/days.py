"""What is collected from a customer's account, and under which word; each read scoped to its viewer."""

from collections.abc import Sequence
from typing import TypeAlias
from uuid import UUID

from app.api.reading.pages import Page, page
from models.loans import Debit, DebitMandate, Repayment

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
    found = await page(Debit.filter(loan_id=loan_id), first, after)
    await _as_they_stand(found.rows)
    return found


async def debit(customer_id: UUID, debit_id: UUID) -> DebitRow | None:
    """One debit of the customer."""
    rows = await Debit.filter(id=debit_id, customer_id=customer_id)
    await _as_they_stand(rows)
    return rows[0] if rows else None


async def _as_they_stand(rows: Sequence[DebitRow]) -> None:
    """What was taken and given back reads RETURNED. The table keeps what the debit itself came to; its repayment is undone."""
    made = [row.repayment_id for row in rows if row.repayment_id is not None]
    undone = (
        set(await Repayment.filter(id__in=made, undone_at__isnull=False).values_list("id", flat=True)) if made else ()
    )
    for row in rows:
        if row.repayment_id in undone:
            row.state = "RETURNED"
