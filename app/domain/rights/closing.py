"""What stands in the way of closing an account, or of erasing it: facts, each by its kind, never a sentence."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class BlockerKind(StrEnum):
    """Why an account cannot be closed or erased yet."""

    OPEN_LOAN = "OPEN_LOAN"
    PAYOUT_IN_FLIGHT = "PAYOUT_IN_FLIGHT"
    CREDIT_TO_REFUND = "CREDIT_TO_REFUND"
    OPEN_APPLICATION = "OPEN_APPLICATION"
    OPEN_INCREASE = "OPEN_INCREASE"
    OPEN_APPEAL = "OPEN_APPEAL"
    OPEN_REQUEST = "OPEN_REQUEST"
    OPEN_LINE = "OPEN_LINE"


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing in the way: what it is, and how much is at stake in fen, where it is money."""

    kind: BlockerKind
    subject_id: UUID | None = None
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's affairs that have not ended. `loans` are paid out and not repaid, each with what is owed in fen."""

    loans: tuple[tuple[UUID, int], ...] = ()
    payouts: tuple[tuple[UUID, int], ...] = ()
    credit_minor: int = 0
    applications: tuple[UUID, ...] = ()
    increases: tuple[UUID, ...] = ()
    appeals: tuple[UUID, ...] = ()
    requests: tuple[UUID, ...] = ()
    line: UUID | None = None


def blockers_of_closing(standing: Standing) -> tuple[Blocker, ...]:
    """What must end before the account can be closed, money first. The line is no blocker: closing closes it."""
    kinds = (
        (BlockerKind.OPEN_APPLICATION, standing.applications),
        (BlockerKind.OPEN_INCREASE, standing.increases),
        (BlockerKind.OPEN_APPEAL, standing.appeals),
        (BlockerKind.OPEN_REQUEST, standing.requests),
    )
    credit = Blocker(BlockerKind.CREDIT_TO_REFUND, None, standing.credit_minor)
    return (
        *(Blocker(BlockerKind.OPEN_LOAN, key, owed) for key, owed in standing.loans),
        *(Blocker(BlockerKind.PAYOUT_IN_FLIGHT, key, amount) for key, amount in standing.payouts),
        *((credit,) if standing.credit_minor > 0 else ()),
        *(Blocker(kind, key) for kind, keys in kinds for key in keys),
    )


def blockers_of_erasure(standing: Standing) -> tuple[Blocker, ...]:
    """What must end before anything can be erased: all of the above, and the line itself."""
    line = (Blocker(BlockerKind.OPEN_LINE, standing.line),) if standing.line is not None else ()
    return (*blockers_of_closing(standing), *line)
