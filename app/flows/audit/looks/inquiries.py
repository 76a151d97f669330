"""The heart, looked at from behind: each inquiry under its own live consent, spent once, ended, and as the bureau has it."""

from app.domain.auditing.rules import AuditRuleId
from app.flows.audit.looks.scan import by_sql

_WITHOUT_CONSENT = """
WITH page AS (SELECT * FROM inquiry WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, CASE
    WHEN c.id IS NULL OR c.refused THEN 'NO_CONSENT'
    WHEN p.id IS NULL THEN 'NO_PERMIT'
    WHEN c.customer_id <> page.customer_id OR p.customer_id <> page.customer_id THEN 'ANOTHER_PERSON'
    WHEN c.purpose <> page.purpose OR p.purpose <> page.purpose THEN 'ANOTHER_PURPOSE'
    WHEN p.consent_id <> page.consent_id
        OR COALESCE(p.application_id, p.limit_increase_id) <> COALESCE(page.application_id, page.limit_increase_id)
        THEN 'ANOTHER_PERMIT'
    WHEN page.opened_at < c.decided_at THEN 'BEFORE_CONSENT'
    WHEN page.opened_at > c.withdrawn_at THEN 'AFTER_WITHDRAWAL'
    WHEN EXISTS (SELECT 1 FROM inquiry_attempt a WHERE a.inquiry_id = page.id AND a.started_at > c.withdrawn_at)
        THEN 'SENT_AFTER_WITHDRAWAL'
    WHEN page.opened_at >= c.expires_at OR page.opened_at > c.superseded_at THEN 'CONSENT_OVER'
    WHEN EXISTS (SELECT 1 FROM consent_wording w JOIN consent_wording later
            ON later.purpose = w.purpose AND later.language = w.language AND later.effective_from > w.effective_from
        WHERE w.id = c.wording_id AND later.effective_from <= page.opened_at) THEN 'WORDING_OUTDATED'
    WHEN c.used_at IS NULL THEN 'CONSENT_NOT_SPENT'
    WHEN EXISTS (SELECT 1 FROM inquiry_attempt a WHERE a.inquiry_id = page.id AND a.started_at >= p.expires_at)
        THEN 'SENT_AFTER_PERMIT'
    END AS problem
FROM page LEFT JOIN consent c ON c.id = page.consent_id LEFT JOIN permit p ON p.id = page.permit_id
ORDER BY page.id
"""

_USED_TWICE = """
WITH page AS (SELECT id, customer_id FROM consent WHERE id > $1 ORDER BY id LIMIT $2)
SELECT page.id, page.customer_id, CASE
    WHEN (SELECT count(*) FROM inquiry i WHERE i.consent_id = page.id) > 1 THEN 'TWO_INQUIRIES'
    WHEN (SELECT count(*) FROM permit p WHERE p.consent_id = page.id) > 1 THEN 'TWO_PERMITS'
    WHEN (SELECT count(*) FROM application a WHERE a.consent_id = page.id)
        + (SELECT count(*) FROM limit_increase l WHERE l.consent_id = page.id) > 1 THEN 'TWO_CASES'
    END AS problem
FROM page ORDER BY page.id
"""

_UNRESOLVED = """
SELECT id, customer_id, CASE WHEN closed_at IS NULL AND deadline_at < $3 THEN 'PAST_DEADLINE' END AS problem
FROM inquiry WHERE id > $1 ORDER BY id LIMIT $2
"""

_DIFFERS = """
SELECT id, customer_id, CASE WHEN result <> 'MATCHED' THEN result END AS problem
FROM reconciliation_result WHERE id > $1 ORDER BY id LIMIT $2
"""

INQUIRIES = (
    by_sql(AuditRuleId.INQUIRY_WITHOUT_CONSENT, "Inquiry", _WITHOUT_CONSENT),
    by_sql(AuditRuleId.CONSENT_USED_TWICE, "Consent", _USED_TWICE),
    by_sql(AuditRuleId.INQUIRY_UNRESOLVED, "Inquiry", _UNRESOLVED, with_now=True),
    by_sql(AuditRuleId.BUREAU_RECORD_DIFFERS, "ReconciliationResult", _DIFFERS),
)
