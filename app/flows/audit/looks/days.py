"""The days of the book against its postings, and each debit against the word that allowed it."""

from app.domain.auditing.rules import AuditRuleId
from app.flows.audit.looks.scan import by_sql

# What the last row of a loan's tape says, what the postings hold up to that day, and whether a closed day has no row.
_DAY = """
WITH page AS (SELECT * FROM loan WHERE id > $1 ORDER BY id LIMIT $2),
last AS (
    SELECT t.* FROM loan_day t JOIN page ON page.id = t.loan_id
    WHERE t.day = (SELECT max(u.day) FROM loan_day u WHERE u.loan_id = t.loan_id)),
held AS (
    SELECT q.loan_id,
        sum(CASE 'LOAN_PRINCIPAL' WHEN q.destination THEN q.amount_minor WHEN q.source THEN -q.amount_minor ELSE 0 END)
            AS principal,
        sum(CASE 'INTEREST_RECEIVABLE' WHEN q.destination THEN q.amount_minor WHEN q.source THEN -q.amount_minor
            ELSE 0 END) AS interest,
        sum(CASE 'PENALTY_RECEIVABLE' WHEN q.destination THEN q.amount_minor WHEN q.source THEN -q.amount_minor
            ELSE 0 END) AS penalty
    FROM posting q JOIN last ON last.loan_id = q.loan_id AND q.effective_on <= last.day GROUP BY q.loan_id)
SELECT page.id, page.customer_id, CASE
    WHEN page.charged_off_on IS NULL AND held.principal <> last.outstanding_minor THEN 'PRINCIPAL_NOT_THE_POSTINGS'
    WHEN held.interest <> last.interest_minor THEN 'INTEREST_NOT_THE_POSTINGS'
    WHEN held.penalty <> last.penalty_minor THEN 'PENALTY_NOT_THE_POSTINGS'
    WHEN page.status IN ('CURRENT', 'LATE', 'DEFAULTED') AND EXISTS (SELECT 1 FROM book_day b
        WHERE b.closed_at IS NOT NULL AND b.day >= page.drawn_on
        AND NOT EXISTS (SELECT 1 FROM loan_day t WHERE t.loan_id = page.id AND t.day = b.day)
        AND (SELECT sum(CASE 'LOAN_PRINCIPAL' WHEN q.destination THEN q.amount_minor WHEN q.source THEN -q.amount_minor
            ELSE 0 END) FROM posting q WHERE q.loan_id = page.id AND q.effective_on <= b.day) > 0) THEN 'DAY_MISSING'
    END AS problem
FROM page LEFT JOIN last ON last.loan_id = page.id LEFT JOIN held ON held.loan_id = page.id
ORDER BY page.id
"""

_DEBIT = """
WITH page AS (SELECT * FROM debit WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, CASE
    WHEN m.id IS NULL OR m.customer_id <> page.customer_id OR m.line_id <> l.line_id
        OR l.customer_id <> page.customer_id THEN 'ANOTHERS_MANDATE'
    WHEN page.created_at < m.agreed_at OR page.created_at > m.ended_at THEN 'NO_MANDATE_THEN'
    WHEN page.state = 'PAID' AND (r.id IS NULL OR r.loan_id <> page.loan_id OR r.amount_minor <> page.amount_minor)
        THEN 'NOT_THE_REPAYMENT'
    END AS problem
FROM page LEFT JOIN debit_mandate m ON m.id = page.mandate_id LEFT JOIN loan l ON l.id = page.loan_id
    LEFT JOIN repayment r ON r.id = page.repayment_id
ORDER BY page.id
"""

DAYS = (
    by_sql(AuditRuleId.DAY_NOT_THE_BOOKS, "Loan", _DAY),
    by_sql(AuditRuleId.DEBIT_WITHOUT_CAUSE, "Debit", _DEBIT),
)
