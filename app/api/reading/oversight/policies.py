"""What officers see of the policies: versions newest first, and the one that each follows."""

from typing import TypeAlias

from app.api.reading.pages import Page, page
from app.domain.policies.differences import Difference, differences
from app.flows.policy.judging import read_row
from app.flows.policy.publishing import policy_row_of
from models.credit import PolicyVersion
from models.oversight.staff import Approval

PolicyRow: TypeAlias = PolicyVersion


async def policies(segment: str | None, first: int, after: str | None) -> Page[PolicyRow]:
    """Drafts, published and rejected policies, of one segment or of all, newest first."""
    query = PolicyVersion.all()
    if segment is not None:
        query = query.filter(segment=segment.replace("\x00", " "))  # PostgreSQL compares no NUL; no name has a blank
    return await page(query, first, after)


async def policy_of(approval: Approval) -> PolicyRow:
    """The policy that a proposal is about."""
    return await policy_row_of(approval)


async def changes(row: PolicyRow) -> tuple[PolicyRow | None, tuple[Difference, ...]]:
    """The published policy of the segment that this one follows or would follow, and what differs."""
    before = (
        await PolicyVersion.filter(segment=row.segment, state="PUBLISHED", effective_from__lt=row.effective_from)
        .order_by("-effective_from", "-id")
        .first()
    )
    return before, differences(read_row(before) if before else None, read_row(row))
