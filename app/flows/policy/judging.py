"""The policies of the book: which one judges an occupation at a moment, and each by its name."""

from collections.abc import Collection
from datetime import datetime

from app.domain.deciding.outcome import Occupation
from app.domain.deciding.policy import Policy
from app.domain.policies.document import read_draft
from app.domain.policies.segments import Published, judge_of
from models.credit import PolicyVersion

VERSIONS_MAX = 1000
_READ: dict[str, Policy] = {}  # by digest: a document of the book never changes


async def policy_for(occupation: Occupation, at: datetime) -> Policy:
    """The policy that judges an occupation at a moment. It answers the same ever after: the past has no changes.

    Raises:
        NoPolicy: the book was opened without its policies.
    """
    return judge_of(occupation, await published_policies(), at)


async def published_policies() -> list[Published]:
    """Every published policy, also those whose day is still to come; at most VERSIONS_MAX, newest first."""
    rows = (
        await PolicyVersion.filter(state="PUBLISHED")
        .order_by("-effective_from", "-id")
        .limit(VERSIONS_MAX)
        .values("id", "sha256", "effective_from")
    )
    unread = [row["id"] for row in rows if row["sha256"] not in _READ]
    if unread:
        for version in await PolicyVersion.filter(id__in=unread):
            read_row(version)
    return [Published(_READ[row["sha256"]], row["effective_from"]) for row in rows]


async def policy_named(version: str) -> Policy:
    """The policy of a name that a decision or a line keeps.

    Raises:
        DoesNotExist: no such policy.
    """
    return read_row(await PolicyVersion.get(version=version))


async def policies_named(versions: Collection[str]) -> dict[str, Policy]:
    """Those policies of the names that the book holds, by name; at most VERSIONS_MAX names."""
    return {
        row.version: read_row(row) for row in await PolicyVersion.filter(version__in=list(versions)[:VERSIONS_MAX])
    }


def read_row(row: PolicyVersion) -> Policy:
    """The policy of a row; its document is read once a process."""
    if row.sha256 not in _READ:
        _READ[row.sha256] = read_draft(row.document).policy
    return _READ[row.sha256]
