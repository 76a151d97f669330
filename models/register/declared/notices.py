"""What is declared of notices, and of what deciding costs."""

from app.domain.oversight.privacy import Basis, Erasure, Source
from app.domain.oversight.retention import CREDIT_FILE, MACHINE
from models.register.kinds import CUSTOMER_ID, ROW, WHOSE, Link, Retention, Table, coded, internal, sensitive

TABLES = (
    Table(
        "notice",
        "tell a customer what was done or is due, and prove later that it was told",
        Basis.CONTRACT,
        Source.DERIVED,
        Retention(CREDIT_FILE),
        Erasure.HELD,
        {
            "id": ROW,
            "customer_id": WHOSE,
            "kind": coded("what is told"),
            "about_id": coded("of which row"),
            "period": coded("for which day, week or freeze, so that it is told once"),
            "facts_sealed": sensitive("the amounts, days and reasons that it names"),
            "arose_at": coded("when it came about"),
            "not_before": coded("from when it may be sent"),
            "state": coded("whether it was sent"),
            "attempts": internal("how often that was tried"),
            "closed_at": coded("when that ended"),
            "read_at": coded("when the customer read it"),
        },
        links=(CUSTOMER_ID,),
    ),
    Table(
        "assessment_cost",
        "know what deciding costs",
        Basis.CONTRACT,
        Source.DERIVED,
        Retention(MACHINE),
        Erasure.DELETED,
        {
            "case_id": coded("of which application or increase"),
            "walks": internal("in how many walks it was decided"),
            "cpu_us": internal("the processor time that they took"),
        },
        links=(Link("case_id", "application"), Link("case_id", "limit_increase")),
        in_copy=False,
        key=("case_id",),
    ),
)
