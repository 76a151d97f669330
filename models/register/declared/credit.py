"""What is declared of applications, decisions, lines and limits."""

from app.domain.oversight.privacy import Basis, Erasure, Source
from app.domain.oversight.retention import CREDIT_FILE
from models.register.kinds import (
    CURRENCY,
    CUSTOMER_ID,
    ROW,
    WHOSE,
    Column,
    Retention,
    Table,
    clear,
    coded,
    internal,
    officer,
    sealed,
    sensitive,
    sensitive_coded,
)


def _held(name: str, purpose: str, source: Source, columns: dict[str, Column]) -> Table:
    """A table of the credit file: needed for the contract, held by law after it."""
    kept = Retention(CREDIT_FILE)
    return Table(name, purpose, Basis.CONTRACT, source, kept, Erasure.HELD, columns, links=(CUSTOMER_ID,))


TABLES = (
    _held(
        "application",
        "judge a wish for a line",
        Source.CUSTOMER,
        {
            "id": ROW,
            "customer_id": WHOSE,
            "consent_id": coded("the consent that it is bound to"),
            "status": coded("how far it is"),
            "is_open": coded("whether it is open; one at a time"),
            "requested_minor": coded("the limit asked for, in fen"),
            "currency": CURRENCY,
            "term_months": coded("the term asked for"),
            "occupation": coded("what the applicant does, as told"),
            "submitted_at": coded("when it came"),
            "closed_at": coded("when it ended"),
        },
    ),
    _held(
        "credit_line",
        "keep what the customer may draw, at which price",
        Source.DERIVED,
        {
            "id": ROW,
            "customer_id": WHOSE,
            "application_id": coded("from which application"),
            "status": coded("whether it may be used"),
            "segment": coded("whose policy applies"),
            "limit_minor": coded("the limit, in fen"),
            "currency": CURRENCY,
            "daily_scaled": coded("the daily rate, in 1e-8"),
            "product_version": coded("on which terms"),
            "policy_version": coded("by which policy"),
            "opened_at": coded("since when"),
            "version": internal("counts changes"),
        },
    ),
    _held(
        "limit_increase",
        "judge a wish for more",
        Source.CUSTOMER,
        {
            "id": ROW,
            "customer_id": WHOSE,
            "line_id": coded("of which line"),
            "consent_id": coded("the consent that it is bound to"),
            "status": coded("how far it is"),
            "is_open": coded("whether it is open; one at a time"),
            "before_minor": coded("the limit before, in fen"),
            "requested_minor": coded("the limit asked for, in fen"),
            "granted_minor": coded("the limit granted, in fen"),
            "requested_at": coded("when it came"),
            "closed_at": coded("when it ended"),
        },
    ),
    _held(
        "decision",
        "say yes or no with reasons, and be able to make the decision again",
        Source.DERIVED,
        {
            "id": ROW,
            "customer_id": WHOSE,
            "application_id": coded("on which application"),
            "limit_increase_id": coded("on which increase"),
            "number": coded("which decision of the case"),
            "outcome": coded("yes, no, or a person decides"),
            "reasons": sensitive_coded("the reasons, as codes"),
            "score": sensitive_coded("the score with the bureau's answer"),
            "own_score": sensitive_coded("the score on own data"),
            "grade": sensitive_coded("the grade of the score"),
            "limit_minor": coded("the limit granted, in fen"),
            "daily_scaled": coded("the daily rate granted, in 1e-8"),
            "policy_version": coded("by which policy"),
            "policy_sha256": coded("digest of that policy"),
            "model_version": coded("by which model"),
            "inquiry_id": coded("on which inquiry's answer"),
            "inputs_sealed": sensitive("all that the decision was made from, but for the bureau's report"),
            "inputs_digest": coded("the digest of that"),
            "from_report_sealed": sensitive("what it took from the report; emptied with the report").told_by(
                Source.BUREAU
            ),
            "decided_at": coded("when"),
            "decided_by": officer("which officer decided; null for the machine"),
            "note_sealed": sealed("what the officer noted").told_by(Source.STAFF),
        },
    ),
    _held(
        "offer",
        "hold what was offered until the customer answers",
        Source.DERIVED,
        {
            "id": ROW,
            "application_id": coded("on which application"),
            "customer_id": WHOSE,
            "decision_id": coded("by which decision"),
            "limit_minor": coded("the limit offered, in fen"),
            "currency": CURRENCY,
            "daily_scaled": coded("the daily rate offered, in 1e-8"),
            "valid_until": coded("until when"),
            "accepted_at": coded("when it was accepted"),
        },
    ),
    _held(
        "limit_change",
        "tell who changed a limit, why, from what to what",
        Source.DERIVED,
        {
            "id": ROW,
            "line_id": coded("of which line"),
            "customer_id": WHOSE,
            "from_minor": coded("the limit before, in fen"),
            "to_minor": coded("the limit after, in fen"),
            "reason": clear("why, as the customer is told it").told_by(Source.STAFF),
            "actor": coded("the rule, the flow or the officer's id that changed it"),
            "decision_id": coded("by which decision"),
            "changed_at": coded("when"),
        },
    ),
    _held(
        "line_freeze",
        "keep a line from being drawn on, with a reason and an end",
        Source.DERIVED,
        {
            "id": ROW,
            "line_id": coded("which line"),
            "customer_id": WHOSE,
            "reason": clear("why, as the customer is told it").told_by(Source.STAFF),
            "actor": coded("the rule, the flow or the officer's id that froze it"),
            "started_at": coded("since when"),
            "ends_at": coded("until when at the latest"),
            "released_at": coded("when it was released"),
            "released_by": coded("the rule, the flow or the officer's id that released it"),
        },
    ),
)
