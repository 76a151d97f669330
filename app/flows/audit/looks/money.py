"""The book of account against itself: what postings, plans, payments and limits say of the same loan and line."""

from app.domain.auditing.rules import AuditRuleId
from app.flows.audit.looks.scan import by_sql

# What the postings hold, what the plan says is open, what came in, and what it was spread on.
_UNBALANCED = """
WITH page AS (SELECT * FROM loan WHERE id > $1 ORDER BY id LIMIT $2),
held AS (
    SELECT q.loan_id,
        sum(CASE WHEN q.amount_minor <= 0 OR q.source = q.destination OR q.currency <> page.currency
            OR q.line_id <> page.line_id OR q.customer_id <> page.customer_id THEN 1 ELSE 0 END) AS broken,
        sum(CASE 'LOAN_PRINCIPAL' WHEN destination THEN amount_minor WHEN source THEN -amount_minor ELSE 0 END)
            AS principal,
        sum(CASE 'LOAN_HELD' WHEN destination THEN amount_minor WHEN source THEN -amount_minor ELSE 0 END) AS on_hold,
        sum(CASE 'PAYOUT_PENDING' WHEN destination THEN amount_minor WHEN source THEN -amount_minor ELSE 0 END)
            AS pending,
        sum(CASE WHEN cause <> 'REPAYMENT' THEN 0 WHEN destination = 'CASH' THEN amount_minor
            WHEN source = 'CASH' THEN -amount_minor ELSE 0 END) AS taken,
        sum(CASE source || '>' || destination WHEN 'INTEREST_RECEIVABLE>CASH' THEN amount_minor
            WHEN 'CASH>INTEREST_RECEIVABLE' THEN -amount_minor ELSE 0 END) AS interest,
        sum(CASE source || '>' || destination WHEN 'PENALTY_RECEIVABLE>CASH' THEN amount_minor
            WHEN 'CASH>PENALTY_RECEIVABLE' THEN -amount_minor ELSE 0 END) AS penalty
    FROM posting q JOIN page ON page.id = q.loan_id GROUP BY q.loan_id),
plan AS (
    SELECT i.loan_id, sum(i.principal_minor - i.paid_principal_minor) AS open
    FROM instalment i JOIN page ON page.id = i.loan_id GROUP BY i.loan_id),
taken AS (
    SELECT r.loan_id, sum(r.amount_minor) AS amount
    FROM repayment r JOIN page ON page.id = r.loan_id WHERE r.undone_at IS NULL GROUP BY r.loan_id),
spread AS (
    SELECT r.loan_id, sum(a.amount_minor) AS amount,
        sum(CASE a.target WHEN 'PRINCIPAL' THEN a.amount_minor ELSE 0 END) AS principal,
        sum(CASE a.target WHEN 'INTEREST' THEN a.amount_minor ELSE 0 END) AS interest,
        sum(CASE a.target WHEN 'PENALTY' THEN a.amount_minor ELSE 0 END) AS penalty
    FROM repayment r JOIN page ON page.id = r.loan_id JOIN allocation a ON a.repayment_id = r.id
    WHERE a.replaced_at IS NULL GROUP BY r.loan_id)
SELECT page.id, page.customer_id, CASE
    WHEN held.loan_id IS NULL THEN 'NO_POSTINGS'
    WHEN held.broken > 0 THEN 'POSTING_BROKEN'
    WHEN held.on_hold <> CASE page.status WHEN 'PENDING_PAYOUT' THEN page.principal_minor ELSE 0 END THEN 'HOLD_WRONG'
    WHEN held.pending <> -held.on_hold THEN 'PAYOUT_WRONG'
    WHEN held.principal <> CASE WHEN page.status IN ('PENDING_PAYOUT', 'VOID') OR page.charged_off_on IS NOT NULL THEN 0
        ELSE page.principal_minor - COALESCE(spread.principal, 0) END THEN 'PRINCIPAL_WRONG'
    WHEN page.status NOT IN ('PENDING_PAYOUT', 'VOID')
        AND page.principal_minor - COALESCE(spread.principal, 0) <> COALESCE(plan.open, 0) THEN 'PLAN_WRONG'
    WHEN page.status = 'REPAID' AND COALESCE(plan.open, 0) <> 0 THEN 'REPAID_BUT_OWED'
    WHEN held.taken <> COALESCE(taken.amount, 0) THEN 'TAKEN_WRONG'
    WHEN COALESCE(spread.amount, 0) <> COALESCE(taken.amount, 0) THEN 'SPREAD_WRONG'
    WHEN held.interest <> COALESCE(spread.interest, 0) AND page.charged_off_on IS NULL
        THEN 'INTEREST_WRONG'
    WHEN held.penalty <> COALESCE(spread.penalty, 0) AND page.charged_off_on IS NULL THEN 'PENALTY_WRONG'
    END AS problem
FROM page LEFT JOIN held ON held.loan_id = page.id LEFT JOIN plan ON plan.loan_id = page.id
    LEFT JOIN taken ON taken.loan_id = page.id LEFT JOIN spread ON spread.loan_id = page.id
ORDER BY page.id
"""

# Credit that payments made, beside what refunds and paying back moved; whatever else moved credit is a fault.
_CREDIT = """
WITH page AS (SELECT * FROM loan WHERE id > $1 ORDER BY id LIMIT $2),
moved AS (
    SELECT q.loan_id, sum(CASE q.source WHEN 'CUSTOMER_CREDIT' THEN q.amount_minor ELSE -q.amount_minor END) AS credit
    FROM posting q JOIN page ON page.id = q.loan_id AND 'CUSTOMER_CREDIT' IN (q.source, q.destination)
    WHERE NOT (q.cause = 'REFUND' AND EXISTS (SELECT 1 FROM credit_refund c WHERE c.id = q.cause_id
            AND c.customer_id = q.customer_id))
        AND NOT (q.cause = 'PAID_BACK' AND EXISTS (SELECT 1 FROM payment p WHERE p.id = q.cause_id
            AND p.customer_id = q.customer_id))
    GROUP BY q.loan_id),
paid AS (
    SELECT r.loan_id, sum(a.amount_minor) AS credit
    FROM repayment r JOIN page ON page.id = r.loan_id JOIN allocation a ON a.repayment_id = r.id
    WHERE a.replaced_at IS NULL AND a.target = 'OVERPAYMENT' GROUP BY r.loan_id)
SELECT page.id, page.customer_id,
    CASE WHEN COALESCE(moved.credit, 0) <> COALESCE(paid.credit, 0) THEN 'CREDIT_WRONG' END AS problem
FROM page LEFT JOIN moved ON moved.loan_id = page.id LEFT JOIN paid ON paid.loan_id = page.id
ORDER BY page.id
"""

# What left the credit for a refund, and what left the house, by how far the refund is.
_REFUND = """
WITH page AS (SELECT * FROM credit_refund WHERE id > $1 ORDER BY id LIMIT $2),
moved AS (
    SELECT q.cause_id,
        sum(CASE 'CUSTOMER_CREDIT' WHEN q.destination THEN q.amount_minor WHEN q.source THEN -q.amount_minor ELSE 0 END)
            AS held,
        sum(CASE 'CASH' WHEN q.source THEN q.amount_minor WHEN q.destination THEN -q.amount_minor ELSE 0 END) AS gone
    FROM posting q JOIN page ON page.id = q.cause_id WHERE q.cause IN ('REFUND', 'PAID_BACK') GROUP BY q.cause_id)
SELECT page.id, page.customer_id, CASE
    WHEN COALESCE(moved.held, 0) <> CASE page.state WHEN 'FAILED' THEN 0 ELSE page.amount_minor END
        OR COALESCE(moved.gone, 0) <> CASE page.state WHEN 'PAID' THEN page.amount_minor ELSE 0 END
        THEN 'REFUND_WRONG' END AS problem
FROM page LEFT JOIN moved ON moved.cause_id = page.id
ORDER BY page.id
"""

# What loans took of a payment, and what it paid back of refunded credit; nothing, once it came back.
_PAYMENT = """
WITH page AS (SELECT * FROM payment WHERE id > $1 ORDER BY id LIMIT $2),
taken AS (
    SELECT r.payment_id, sum(r.amount_minor) AS amount
    FROM repayment r JOIN page ON page.id = r.payment_id WHERE r.undone_at IS NULL GROUP BY r.payment_id),
back AS (
    SELECT q.cause_id, sum(CASE q.destination WHEN 'CASH' THEN q.amount_minor ELSE -q.amount_minor END) AS amount
    FROM posting q JOIN page ON page.id = q.cause_id WHERE q.cause IN ('REFUND', 'PAID_BACK') GROUP BY q.cause_id)
SELECT page.id, page.customer_id, CASE
    WHEN COALESCE(taken.amount, 0) + COALESCE(back.amount, 0)
        <> CASE WHEN page.undone_at IS NULL THEN page.amount_minor ELSE 0 END THEN 'PAYMENT_NOT_SPREAD' END AS problem
FROM page LEFT JOIN taken ON taken.payment_id = page.id LEFT JOIN back ON back.cause_id = page.id
ORDER BY page.id
"""

# What a line had out after the draw was held, against the limit of that moment; stamps stand in the order of commits.
_OVER_LIMIT = """
WITH page AS (SELECT * FROM loan WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, CASE
    WHEN (SELECT COALESCE(sum(CASE WHEN q.destination IN ('LOAN_PRINCIPAL', 'LOAN_HELD') THEN q.amount_minor ELSE 0 END)
            - sum(CASE WHEN q.source IN ('LOAN_PRINCIPAL', 'LOAN_HELD') THEN q.amount_minor ELSE 0 END), 0)
        FROM posting q WHERE q.line_id = page.line_id AND q.posted_at <= page.drawn_at)
        > COALESCE((SELECT h.to_minor FROM limit_change h WHERE h.line_id = page.line_id
        AND h.changed_at <= page.drawn_at ORDER BY h.changed_at DESC, h.id DESC LIMIT 1), 0) THEN 'OVER_LIMIT'
    WHEN EXISTS (SELECT 1 FROM line_freeze f WHERE f.line_id = page.line_id AND f.started_at < page.drawn_at
        AND (f.released_at IS NULL OR f.released_at > page.drawn_at)) THEN 'WHILE_FROZEN'
    END AS problem
FROM page ORDER BY page.id
"""

_CHANGE_WITHOUT_REASON = """
WITH page AS (SELECT * FROM limit_change WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, s.id AS staff_id, CASE
    WHEN trim(page.reason) = '' THEN 'NO_REASON'
    WHEN trim(page.actor) = '' THEN 'NO_ACTOR'
    WHEN page.reason IN ('LINE_OPENED', 'INCREASE_GRANTED') AND (d.id IS NULL
        OR d.outcome NOT IN ('APPROVED', 'COUNTEROFFERED') OR d.limit_minor <> page.to_minor
        OR d.customer_id <> page.customer_id) THEN 'NOT_AS_DECIDED'
    WHEN page.from_minor <> COALESCE((SELECT b.to_minor FROM limit_change b WHERE b.line_id = page.line_id
        AND b.id < page.id ORDER BY b.id DESC LIMIT 1), 0) THEN 'CHAIN_BROKEN'
    END AS problem
FROM page LEFT JOIN decision d ON d.id = page.decision_id
    LEFT JOIN staff s ON page.actor = 'officer:' || CAST(s.id AS text)
ORDER BY page.id
"""

_LIMIT_WITHOUT_CHANGE = """
WITH page AS (SELECT * FROM credit_line WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, CASE WHEN page.limit_minor <> COALESCE((SELECT h.to_minor FROM limit_change h
    WHERE h.line_id = page.id ORDER BY h.id DESC LIMIT 1), -1) THEN 'LIMIT_NOT_THE_LAST_CHANGES' END AS problem
FROM page ORDER BY page.id
"""

MONEY = (
    by_sql(AuditRuleId.POSTING_UNBALANCED, "Loan", _UNBALANCED),
    by_sql(AuditRuleId.CREDIT_NOT_THE_PAYMENTS, "Loan", _CREDIT),
    by_sql(AuditRuleId.CREDIT_NOT_THE_PAYMENTS, "CreditRefund", _REFUND),
    by_sql(AuditRuleId.CREDIT_NOT_THE_PAYMENTS, "Payment", _PAYMENT),
    by_sql(AuditRuleId.LIMIT_CHANGE_WITHOUT_REASON, "LimitChange", _CHANGE_WITHOUT_REASON),
    by_sql(AuditRuleId.LIMIT_CHANGE_WITHOUT_REASON, "CreditLine", _LIMIT_WITHOUT_CHANGE),
    by_sql(AuditRuleId.DRAW_OVER_LIMIT, "Loan", _OVER_LIMIT),
)
