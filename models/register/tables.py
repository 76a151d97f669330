"""The privacy register: every table of the book, declared; and the few questions that code asks of it."""

from app.domain.oversight.privacy import DataClass, Guard
from models.register.declared import (
    audit,
    consent,
    credit,
    days,
    loans,
    notices,
    oversight,
    people,
    plumbing,
    proof,
    rights,
)
from models.register.kinds import Retention, Table

REGISTER: dict[str, Table] = {
    table.name: table
    for room in (people, consent, credit, loans, days, notices, oversight, audit, rights, plumbing, proof)
    for table in sorted(room.TABLES, key=lambda table: table.name)
}

# What lies in the open although it is personal words, or coded although it is sensitive; each with its reason.
IN_CLEAR: dict[tuple[str, str], str] = {
    ("behaviour_event", "kind"): "the profile and the watch select by it; known by ids alone, goes after 25 months",
    ("behaviour_event", "occurred_on"): "every reading cuts by it; known by ids alone, goes after 25 months",
    ("behaviour_event", "amount_minor"): "thousands are read for one figure; not sealed so far; goes after 25 months",
    ("decision", "score"): "compared over the book, between segments and versions; known by ids alone",
    ("decision", "own_score"): "compared over the book, between segments and versions; known by ids alone",
    ("decision", "grade"): "compared over the book, for it sets the price; known by ids alone",
    ("decision", "reasons"): "a constraint holds that every No has some; codes of a fixed list, known by ids alone",
    ("line_freeze", "reason"): "a constraint holds that there is one, and a queue shows it; not sealed so far",
    ("limit_change", "reason"): "a constraint holds that there is one; not sealed so far",
    ("staff", "login"): "colleagues and the access log name an officer by it",
    (
        "approval",
        "payload",
    ): "a constraint keeps it as it was made; ids of a release or a policy, or a text that is published",
    ("staff_training", "evidence"): "a certificate's number of an officer, for whoever checks the trainings",
}


class Undeclared(Exception):
    """The register does not know this table."""


def declared(name: str) -> Table:
    """What is declared of a table.

    Raises:
        Undeclared: nothing is.
    """
    if name not in REGISTER:
        raise Undeclared(name)
    return REGISTER[name]


def tables_of_customer() -> tuple[Table, ...]:
    """The tables that hold rows of customers, each with the links that lead to one and what erasure does to it."""
    return tuple(table for table in REGISTER.values() if table.of_customer)


def tables_with_an_end() -> tuple[Table, ...]:
    """The tables whose rows have a day after which they are past their time."""
    return tuple(
        table
        for table in REGISTER.values()
        if table.retention.since is not None and table.retention.rule.months is not None
    )


def retention_of(name: str) -> Retention:
    """For how long rows of a table are kept, and since when it counts.

    Raises:
        Undeclared: nothing is declared of it.
    """
    return declared(name).retention


def copied_columns(table: Table) -> tuple[str, ...]:
    """The columns of a table that a customer's copy of the own data holds."""
    return tuple(name for name, column in table.columns.items() if table.in_copy and column.in_copy)


def must_be_listed(name: str, column: str) -> bool:
    """Whether a column lies so open that it needs its reason in IN_CLEAR."""
    told = declared(name).columns[column]
    if told.data_class is DataClass.SENSITIVE_PERSONAL:
        return told.guard not in {Guard.SEALED, Guard.KEYED}
    return told.data_class is DataClass.PERSONAL and told.guard is Guard.CLEAR
