"""What an audit looks for, as data: each rule with its severity, its days, its source in law, and who sees to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from app.domain.oversight.roles import Role
from app.domain.watching.rules import Severity

DUE_DAYS_MAX = 90


class AuditRuleId(StrEnum):
    """One kind of fault."""

    INQUIRY_WITHOUT_CONSENT = "INQUIRY_WITHOUT_CONSENT"
    CONSENT_USED_TWICE = "CONSENT_USED_TWICE"
    INQUIRY_UNRESOLVED = "INQUIRY_UNRESOLVED"
    BUREAU_RECORD_DIFFERS = "BUREAU_RECORD_DIFFERS"
    POSTING_UNBALANCED = "POSTING_UNBALANCED"
    CREDIT_NOT_THE_PAYMENTS = "CREDIT_NOT_THE_PAYMENTS"
    DAY_NOT_THE_BOOKS = "DAY_NOT_THE_BOOKS"
    DEBIT_WITHOUT_CAUSE = "DEBIT_WITHOUT_CAUSE"
    DECISION_NOT_REPRODUCIBLE = "DECISION_NOT_REPRODUCIBLE"
    LIMIT_CHANGE_WITHOUT_REASON = "LIMIT_CHANGE_WITHOUT_REASON"
    DRAW_OVER_LIMIT = "DRAW_OVER_LIMIT"
    LOAN_WITHOUT_CONTRACT = "LOAN_WITHOUT_CONTRACT"
    RECORD_MISSING = "RECORD_MISSING"
    STAFF_READ_WITHOUT_PURPOSE = "STAFF_READ_WITHOUT_PURPOSE"
    TRAINING_EXPIRED = "TRAINING_EXPIRED"
    RETENTION_OVERDUE = "RETENTION_OVERDUE"
    PRICE_DIFFERENCE = "PRICE_DIFFERENCE"


class Area(StrEnum):
    """What a rule is about; it says which officers see its findings."""

    DATA = "DATA"
    LENDING = "LENDING"


@dataclass(frozen=True, slots=True)
class AuditRule:
    """One rule. A finding of it is due `due_days` business days of the calendar after it was found.

    `of_the_past`: what happened stays in the book whatever is done about it, so that a person may close a finding
    for good; of any other rule a closed finding that is found again is always open again.

    Raises:
        ValueError: the days are out of range.
    """

    id: AuditRuleId
    severity: Severity
    due_days: int
    area: Area
    legal_source: str
    of_the_past: bool

    def __post_init__(self) -> None:
        if not 1 <= self.due_days <= DUE_DAYS_MAX:
            raise ValueError(f"{self.id} is due after 1 to {DUE_DAYS_MAX} days")


_R, _A = AuditRuleId, Area
_HIGH, _MEDIUM = Severity.HIGH, Severity.MEDIUM

AUDIT_RULES: Mapping[AuditRuleId, AuditRule] = MappingProxyType(
    {
        rule.id: rule
        for rule in (
            AuditRule(
                _R.INQUIRY_WITHOUT_CONSENT,
                _HIGH,
                3,
                _A.DATA,
                "Credit reporting regulations arts 18, 28",
                of_the_past=True,
            ),
            AuditRule(
                _R.CONSENT_USED_TWICE,
                _HIGH,
                3,
                _A.DATA,
                "Credit reporting regulations art. 20; PIPL art. 14",
                of_the_past=True,
            ),
            AuditRule(
                _R.INQUIRY_UNRESOLVED,
                _MEDIUM,
                7,
                _A.DATA,
                "Credit reporting regulations arts 22, 25",
                of_the_past=False,
            ),
            AuditRule(
                _R.BUREAU_RECORD_DIFFERS,
                _HIGH,
                3,
                _A.DATA,
                "Credit reporting regulations arts 18, 25",
                of_the_past=True,
            ),
            AuditRule(_R.POSTING_UNBALANCED, _HIGH, 3, _A.LENDING, "Accounting law art. 9", of_the_past=False),
            AuditRule(_R.CREDIT_NOT_THE_PAYMENTS, _HIGH, 3, _A.LENDING, "Civil Code art. 985", of_the_past=False),
            AuditRule(_R.DAY_NOT_THE_BOOKS, _HIGH, 3, _A.LENDING, "Accounting law art. 9", of_the_past=True),
            AuditRule(_R.DEBIT_WITHOUT_CAUSE, _HIGH, 3, _A.LENDING, "Civil Code art. 509", of_the_past=True),
            AuditRule(_R.DECISION_NOT_REPRODUCIBLE, _HIGH, 7, _A.LENDING, "PIPL art. 24", of_the_past=True),
            AuditRule(_R.LIMIT_CHANGE_WITHOUT_REASON, _MEDIUM, 7, _A.LENDING, "PIPL art. 24", of_the_past=True),
            AuditRule(
                _R.DRAW_OVER_LIMIT,
                _HIGH,
                3,
                _A.LENDING,
                "Internet lending measures 2020 (order no. 9)",
                of_the_past=True,
            ),
            AuditRule(
                _R.LOAN_WITHOUT_CONTRACT,
                _HIGH,
                7,
                _A.LENDING,
                "Civil Code art. 668; disclosure of all-in cost 2026 no. 2",
                of_the_past=True,
            ),
            AuditRule(
                _R.RECORD_MISSING,
                _HIGH,
                7,
                _A.DATA,
                "Credit reporting regulations art. 22; PIPL art. 51",
                of_the_past=True,
            ),
            AuditRule(
                _R.STAFF_READ_WITHOUT_PURPOSE,
                _HIGH,
                3,
                _A.DATA,
                "PIPL arts 6, 51; credit reporting regulations art. 22",
                of_the_past=True,
            ),
            AuditRule(_R.TRAINING_EXPIRED, _MEDIUM, 15, _A.DATA, "PIPL art. 51(4)", of_the_past=True),
            AuditRule(_R.RETENTION_OVERDUE, _MEDIUM, 15, _A.DATA, "PIPL arts 19, 47", of_the_past=False),
            AuditRule(
                _R.PRICE_DIFFERENCE,
                _MEDIUM,
                30,
                _A.LENDING,
                "PIPL art. 24; algorithm rules art. 21",
                of_the_past=False,
            ),
        )
    }
)

_SEEN_BY = {
    Area.DATA: frozenset({Role.COMPLIANCE, Role.PRIVACY}),
    Area.LENDING: frozenset({Role.COMPLIANCE, Role.RISK}),
}


def rules_seen_by(role: Role) -> tuple[AuditRuleId, ...]:
    """The rules whose findings a role sees: all by COMPLIANCE, those on data by PRIVACY, those on lending by RISK."""
    return tuple(rule.id for rule in AUDIT_RULES.values() if role in _SEEN_BY[rule.area])
