"""What must stand beside a row: a signed contract beside a loan, a record for the log beside each act of the heart."""

from app.domain.auditing.rules import AuditRuleId
from app.domain.proof.record import RecordClass
from app.flows.audit.looks.scan import Look, by_sql

_CONTRACT = """
WITH page AS (SELECT * FROM loan WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, CASE
    WHEN c.id IS NULL THEN 'NO_CONTRACT'
    WHEN c.customer_id <> page.customer_id THEN 'ANOTHER_PERSON'
    WHEN length(c.disclosure_sha256) <> 64 OR c.disclosure_seconds_read = 0 THEN 'NO_DISCLOSURE'
    WHEN s.id IS NULL OR s.used_at IS NULL OR s.quote_digest <> page.quote_digest THEN 'NOT_SIGNED'
    WHEN c.signed_at > page.paid_out_at THEN 'SIGNED_AFTER_PAYOUT'
    END AS problem
FROM page LEFT JOIN contract c ON c.loan_id = page.id LEFT JOIN signing_code s ON s.id = c.signing_code_id
ORDER BY page.id
"""

_CONSENT = """
WITH page AS (SELECT * FROM consent WHERE id > $1 AND purpose IN ('FIRST_APPLICATION', 'LIMIT_INCREASE')
    ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, CASE
    WHEN NOT EXISTS (SELECT 1 FROM log_outbox o WHERE o.subject_id = page.id AND o.class IN ($3, $4)) THEN 'NO_ANSWER'
    WHEN page.withdrawn_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM log_outbox o WHERE o.subject_id = page.id AND o.class = $5) THEN 'NO_WITHDRAWAL'
    END AS problem
FROM page ORDER BY page.id
"""

_INQUIRY = """
WITH page AS (SELECT * FROM inquiry WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, CASE
    WHEN NOT EXISTS (SELECT 1 FROM log_outbox o WHERE o.subject_id = page.permit_id AND o.class = $3) THEN 'NO_PERMIT'
    WHEN NOT EXISTS (SELECT 1 FROM log_outbox o WHERE o.subject_id = page.id AND o.class = $4
        AND o.entry_id = page.intent_entry_id) THEN 'NO_INTENT'
    WHEN (page.closed_at IS NOT NULL OR page.state NOT IN ('INTENT_PENDING', 'INTENT_LOGGED', 'SENDING'))
        AND NOT EXISTS (SELECT 1 FROM log_outbox o WHERE o.subject_id = page.id AND o.class = $5
        AND o.previous_entry_id = page.intent_entry_id) THEN 'NO_OUTCOME'
    WHEN EXISTS (SELECT 1 FROM bureau_report r WHERE r.inquiry_id = page.id AND r.destroyed_at = r.received_at)
        AND NOT EXISTS (SELECT 1 FROM log_outbox o WHERE o.subject_id = page.id AND o.class = $6) THEN 'NO_ERASURE'
    END AS problem
FROM page ORDER BY page.id
"""

_DECISION = """
WITH page AS (SELECT id, customer_id FROM decision WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, CASE WHEN NOT EXISTS (SELECT 1 FROM log_outbox o WHERE o.subject_id = page.id
    AND o.class = $3) THEN 'NO_DECISION' END AS problem
FROM page ORDER BY page.id
"""

_LIMIT_CHANGE = """
WITH page AS (SELECT id, customer_id FROM limit_change WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, CASE WHEN NOT EXISTS (SELECT 1 FROM log_outbox o WHERE o.subject_id = page.id
    AND o.class = $3) THEN 'NO_CHANGE' END AS problem
FROM page ORDER BY page.id
"""

_FREEZE = """
WITH page AS (SELECT * FROM line_freeze WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, CASE
    WHEN NOT EXISTS (SELECT 1 FROM log_outbox o WHERE o.subject_id = page.id AND o.class = $3) THEN 'NO_FREEZE'
    WHEN page.released_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM log_outbox o WHERE o.subject_id = page.id AND o.class = $4) THEN 'NO_RELEASE'
    END AS problem
FROM page ORDER BY page.id
"""


def _recorded(kind: str, sql: str, *classes: RecordClass) -> Look:
    return by_sql(AuditRuleId.RECORD_MISSING, kind, sql, *(int(number) for number in classes))


_C = RecordClass
PAPERS = (
    by_sql(AuditRuleId.LOAN_WITHOUT_CONTRACT, "Loan", _CONTRACT),
    _recorded("Consent", _CONSENT, _C.CONSENT_GIVEN, _C.CONSENT_REFUSED, _C.CONSENT_WITHDRAWN),
    _recorded("Inquiry", _INQUIRY, _C.PERMIT_ISSUED, _C.INQUIRY_INTENT, _C.INQUIRY_OUTCOME, _C.REPORT_ERASED),
    _recorded("Decision", _DECISION, _C.DECISION),
    _recorded("LimitChange", _LIMIT_CHANGE, _C.LIMIT_CHANGE),
    _recorded("Freeze", _FREEZE, _C.FREEZE, _C.RELEASE),
)
