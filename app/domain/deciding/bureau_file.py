"""What the bureau tells, in our words: the allow-list of a report, and nothing beside it."""

from dataclasses import dataclass
from datetime import datetime

WORST_STATUS_BAD_DEBT = 8


@dataclass(frozen=True, slots=True)
class BureauFile:
    """The consented fields of one second-generation report.

    Amounts are fen; counts are plain numbers; a repayment status is 0 (never late) to 7 (over 180 days), 8 for bad
    debt (codes B and G). `months_since_first_account` is None for a person without any account.
    """

    report_number: str
    reported_at: datetime
    open_loans: int
    open_cards: int
    lenders: int
    months_since_first_account: int | None
    loan_balance_minor: int
    card_limit_minor: int
    card_used_minor: int
    monthly_due_minor: int
    overdue_now_minor: int
    overdue_months_24: int
    worst_status_24: int
    worst_status_60: int
    approval_queries_1: int
    approval_queries_6: int
    approval_queries_24: int
    bad_debt: bool
    objection_mark: bool
    enforcement: bool
    deceased: bool

    @property
    def has_record(self) -> bool:
        """Whether any account was ever reported for the person."""
        return self.months_since_first_account is not None
