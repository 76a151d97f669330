"""The rates that people got, against the rates that the policies give reason for (app/domain/auditing/prices.py)."""

from fractions import Fraction
from typing import Any
from uuid import UUID, uuid5

from app.domain.auditing.finding import Fault
from app.domain.auditing.prices import Group, gaps
from app.domain.auditing.rules import AuditRuleId
from app.domain.deciding.policy import Policy
from app.domain.money import Rate, half_up
from app.flows.audit.looks.scan import PAGE, Look, Memo, Seen, Sight, by_sql, following, key, rows_after
from app.flows.policy.judging import policies_named

RULE = AuditRuleId.PRICE_DIFFERENCE
_PAIRS = UUID("b3c1a0c8-6b5e-5d0e-9a55-6b8f6f6f2a11")  # our own name space: a pair has the same id each time

_LINES = """
WITH page AS (SELECT * FROM credit_line WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, page.segment, page.daily_scaled, a.occupation, w.language, d.grade, d.policy_version
FROM page LEFT JOIN application a ON a.id = page.application_id
    LEFT JOIN offer o ON o.application_id = a.id LEFT JOIN decision d ON d.id = o.decision_id
    LEFT JOIN consent c ON c.id = a.consent_id LEFT JOIN consent_wording w ON w.id = c.wording_id
ORDER BY page.id
"""

_LOANS = """
WITH page AS (SELECT * FROM loan WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id,
    CASE WHEN l.id IS NULL OR l.daily_scaled <> page.daily_scaled THEN 'NOT_THE_LINES_RATE' END AS problem
FROM page LEFT JOIN credit_line l ON l.id = page.line_id ORDER BY page.id
"""


async def _lines(_sight: Sight, after: UUID, memo: Memo) -> Seen:
    rows = await rows_after(_LINES, after, PAGE)
    policies = await policies_named({str(row["policy_version"]) for row in rows})
    faults = []
    for row in rows:
        due = _due(row, policies.get(str(row["policy_version"])))
        if due != row["daily_scaled"]:
            subject = UUID(str(row["id"]))
            faults.append(Fault(RULE, "CreditLine", subject, "NOT_THE_GRADES_RATE", key(row["customer_id"])))
        if due is not None:
            for kind in ("occupation", "language"):
                _count(memo, f"{row['segment']}|{kind}|{row[kind]}", int(row["daily_scaled"]), due)
    going_on = following(rows, PAGE)
    if going_on is None:
        faults += [_fault(dear, cheap) for dear, cheap in gaps(_groups(memo))]
    return Seen(len(rows), tuple(faults), going_on)


def _due(row: dict[str, Any], policy: Policy | None) -> int | None:
    """The rate of the line's grade in the policy that decided; None where the book does not tell it."""
    grades = policy.grades if policy else ()
    return next((grade.daily.scaled for grade in grades if grade.name == row["grade"]), None)


def _count(memo: Memo, name: str, paid: int, due: int) -> None:
    lines, paid_sum, due_sum = memo.get(name, (0, 0, 0))
    memo[name] = (lines + 1, paid_sum + paid, due_sum + due)


def _groups(memo: Memo) -> list[Group]:
    found = []
    for told, (lines, paid_sum, due_sum) in memo.items():
        segment, kind, name = told.split("|")
        found.append(Group(segment, kind, name, lines, paid_sum, due_sum))
    return found


def _fault(dear: Group, cheap: Group) -> Fault:
    names = "|".join((dear.segment, dear.kind, *sorted((dear.name, cheap.name))))
    told = " against ".join(
        f"{group.name} {_rate(group.mean)} a day on the mean of {group.lines} lines" for group in (dear, cheap)
    )
    gap = _rate(dear.unexplained - cheap.unexplained)
    detail = f"{dear.segment} by {dear.kind}: {told}; {gap} not explained by grades"
    return Fault(RULE, "PriceGroups", uuid5(_PAIRS, names), "GROUPS_APART", detail=detail)


def _rate(exact: Fraction) -> str:
    return Rate(half_up(exact.numerator, exact.denominator)).text()


PRICES = (
    Look("PRICE_DIFFERENCE/CreditLine", RULE, _lines),
    by_sql(RULE, "Loan", _LOANS),
)
