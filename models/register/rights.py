"""What is declared of requests about own data, of the copies that were handed out, and of what is erased when."""

from app.domain.oversight.privacy import Basis, Erasure, Source
from app.domain.oversight.retention import STAFF_TRAIL
from models.register.kinds import CUSTOMER_ID, ROW, WHOSE, Column, Retention, Table, coded, officer, sealed


def _of_rights(name: str, purpose: str, source: Source, columns: dict[str, Column]) -> Table:
    """A table that proves how a right was answered; its words go with the customer's key."""
    kept = Retention(STAFF_TRAIL)
    return Table(name, purpose, Basis.DUTY, source, kept, Erasure.SHREDDED, columns, links=(CUSTOMER_ID,))


REQUEST = coded("of which request")

TABLES = (
    _of_rights(
        "data_request",
        "answer what a customer asks about own data and decisions, in time",
        Source.CUSTOMER,
        {
            "id": ROW,
            "customer_id": WHOSE,
            "kind": coded("what is asked for"),
            "subject": coded("which field or decision it is about"),
            "state": coded("where it stands"),
            "asked_sealed": sealed("what the customer wrote"),
            "before_sealed": sealed("the value that a correction replaced"),
            "received_at": coded("when it came"),
            "due_on": coded("by which day it is answered"),
            "decision_id": coded("which decision a person is to look at"),
            "proposed_by": officer("the first of two officers"),
            "proposed_at": coded("when the first of two officers agreed"),
            "proposal_sealed": sealed("what the first of two officers noted").told_by(Source.STAFF),
            "settled_by": officer("who answered"),
            "settled_at": coded("when it ended"),
            "outcome": coded("how it ended"),
            "note_sealed": sealed("the answer").told_by(Source.STAFF),
            "new_decision_id": coded("which decision took the place of the old one"),
        },
    ),
    _of_rights(
        "data_copy",
        "prove when a copy of the data was handed out, and in which form",
        Source.DERIVED,
        {
            "id": ROW,
            "request_id": REQUEST,
            "customer_id": WHOSE,
            "format": coded("for machines or to be read"),
            "language": coded("in which language"),
            "made_at": coded("when"),
        },
    ),
    _of_rights(
        "erasure_step",
        "erase on the right day what a law holds until then",
        Source.DERIVED,
        {
            "id": ROW,
            "request_id": REQUEST,
            "customer_id": WHOSE,
            "erasure_class": coded("which data"),
            "basis": coded("which law holds them"),
            "erase_on": coded("on which day they are erased"),
            "done_at": coded("when it was done"),
        },
    ),
)
