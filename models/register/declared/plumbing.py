"""What is declared of the machine's own tables."""

from app.domain.oversight.privacy import Basis, Erasure, Source
from app.domain.oversight.retention import MACHINE, PROOF, REQUEST_KEY
from models.register.kinds import (
    CUSTOMER_ID,
    ROW,
    WHOSE,
    Column,
    Link,
    Retention,
    Table,
    coded,
    internal,
    keyed,
    sealed,
    secret,
)


def _machine(name: str, purpose: str, columns: dict[str, Column], key: str = "id") -> Table:
    """A table that tells nothing of anybody."""
    kept = Retention(MACHINE)
    return Table(name, purpose, Basis.NONE, Source.DERIVED, kept, Erasure.STAYS, columns, key=(key,))


TABLES = (
    Table(
        "idempotent_request",
        "do what is asked for once, however often it is sent",
        Basis.CONTRACT,
        Source.CUSTOMER,
        Retention(REQUEST_KEY, since="created_at"),
        Erasure.DELETED,
        {
            "actor_id": WHOSE,
            "operation": coded("what was asked for"),
            "idempotency_key": coded("the caller's own key"),
            "input_mac": keyed("whether the same was asked for again"),
            "result": coded("the ids of what came of it"),
            "created_at": coded("when"),
        },
        links=(Link("actor_id"),),
        in_copy=False,
        key=("actor_id", "operation", "idempotency_key"),
    ),
    Table(
        "job",
        "do later what was promised in a commit",
        Basis.CONTRACT,
        Source.DERIVED,
        Retention(MACHINE),
        Erasure.DELETED,
        {
            "id": ROW,
            "kind": internal("what is to be done"),
            "subject_id": coded("to which row"),
            "due_at_us": internal("when"),
            "lease_until_us": internal("until when a worker has it"),
            "attempts": internal("how often it was tried"),
            "state": internal("whether it is done"),
            "trouble": internal("the name of the last fault"),
        },
        links=(
            Link("subject_id"),
            Link("subject_id", "application"),
            Link("subject_id", "limit_increase"),
            Link("subject_id", "loan"),
            Link("subject_id", "notice"),
        ),
        in_copy=False,
    ),
    Table(
        "log_outbox",
        "let anybody verify later that nothing was changed",
        Basis.DUTY,
        Source.DERIVED,
        Retention(PROOF),
        Erasure.SHREDDED,
        {
            "id": ROW,
            "entry_id": coded("names the record"),
            "class": coded("of what kind it is"),
            "previous_entry_id": coded("which record of the same case came before"),
            "customer_id": WHOSE,
            "subject_id": coded("of which row it speaks"),
            "salt_sealed": sealed("what keeps the commitment from being guessed"),
            "record_sealed": sealed("the record itself"),
            "commitment": keyed("what is published in its stead"),
        },
        links=(CUSTOMER_ID,),
    ),
    _machine(
        "business_clock",
        "know the business date",
        {
            "id": ROW,
            "offset_seconds": internal("how far a sandbox is ahead"),
            "book_date": internal("up to which day the end of day has run"),
            "swept_on": internal("on which day every line was looked at last"),
        },
    ),
    _machine(
        "key_check",
        "refuse to write with other keys",
        {"id": ROW, "fingerprint": secret("the fingerprint of the keys")},
    ),
    _machine(
        "schema_migration",
        "know which steps the database has taken",
        {
            "number": internal("which step"),
            "name": internal("its name"),
            "sha256": internal("the digest of its text"),
        },
        key="number",
    ),
)
