"""What is declared of audits: runs, findings, and what happened to each."""

from app.domain.oversight.privacy import Basis, Erasure, Source
from app.domain.oversight.retention import STAFF_TRAIL
from models.register.kinds import (
    CUSTOMER_ID,
    ROW,
    Column,
    Link,
    Retention,
    Table,
    coded,
    internal,
    officer,
    sealed,
    secret,
)

TRAIL = Retention(STAFF_TRAIL)
WORDS = "what the officer wrote, under the finding's own key; it names nobody"


def _of_audit(name: str, purpose: str, columns: dict[str, Column], *links: Link) -> Table:
    """A table of the house's own control: the law holds it, and no customer's copy tells of it."""
    erasure = Erasure.HELD if links else Erasure.STAYS
    return Table(name, purpose, Basis.DUTY, Source.DERIVED, TRAIL, erasure, columns, links=links, in_copy=False)


TABLES = (
    _of_audit(
        "audit_run",
        "prove that the book is audited regularly (PIPL art. 54)",
        {
            "id": ROW,
            "cause": internal("by the calendar or on an officer's word"),
            "business_date": internal("of which day"),
            "started_at": internal("when it began"),
            "started_by": officer("on whose word"),
            "state": internal("whether it is under way"),
            "progress": internal("how far it has come, and its counts by rule"),
            "version": internal("how many pages it has looked at"),
            "ended_at": internal("when it ended"),
        },
    ),
    _of_audit(
        "audit_finding",
        "have each fault seen to by a person, and prove that it was",
        {
            "id": ROW,
            "rule": coded("which rule"),
            "subject_kind": coded("of what kind the row is that it is about"),
            "subject_id": coded("which row it is about"),
            "problem": coded("what is wrong with it"),
            "detail": internal("figures of groups; none of a person"),
            "customer_id": coded("which customer it is about"),
            "staff_id": officer("which officer it is about"),
            "severity": coded("how grave"),
            "state": coded("where it stands"),
            "due_on": coded("by when it is to be closed"),
            "found_at": coded("when it was found"),
            "found_run_id": internal("by which run"),
            "seen_at": coded("when it was seen last"),
            "seen_run_id": internal("by which run"),
            "seen_as": internal("what that run made of it"),
            "times_seen": internal("by how many runs"),
            "assigned_to": officer("who sees to it"),
            "closing": coded("how it was closed"),
            "closed_at": coded("when"),
            "closed_by": officer("by whom"),
            "evidence_sealed": sealed(WORDS),
            "key_wrapped": secret("the finding's own key, under the root key"),
        },
        CUSTOMER_ID,
    ),
    _of_audit(
        "audit_finding_step",
        "keep all that happened to a finding",
        {
            "id": ROW,
            "finding_id": coded("of which finding"),
            "number": coded("in which order"),
            "kind": coded("what happened"),
            "made_at": coded("when"),
            "run_id": internal("by which run"),
            "made_by": officer("by whom"),
            "assigned_to": officer("who was to see to it"),
            "closing": coded("how it was closed"),
            "note_sealed": sealed(WORDS),
        },
        Link("finding_id", "audit_finding"),
    ),
)
