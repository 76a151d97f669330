"""How a table and its columns are declared in the privacy register. The words are of app/domain/oversight/privacy.py."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from app.domain.oversight.privacy import Basis, DataClass, Erasure, Guard, Source
from app.domain.oversight.retention import Rule


@dataclass(frozen=True, slots=True)
class Retention:
    """The rule of a table: `since` is the column from which it counts (a day `…_on` or a moment `…_at`).

    None: it counts from what has no column, which `why` of the rule tells. `only` narrows it to some rows, as a
    condition in SQL.
    """

    rule: Rule
    since: str | None = None
    only: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """How a row names its customer: `column` holds the customer's id, or the id of a row of `table`, which does."""

    column: str
    table: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """What a column is for, and how it is kept. `source` and `basis` are the table's where they are None."""

    purpose: str
    data_class: DataClass
    guard: Guard
    source: Source | None = None
    basis: Basis | None = None
    in_copy: bool = True

    def told_by(self, source: Source) -> "Column":
        """The same from another source than the table's."""
        return replace(self, source=source)

    @property
    def personal(self) -> bool:
        """Whether it tells something of a person."""
        return self.data_class in {DataClass.PERSONAL, DataClass.SENSITIVE_PERSONAL}


@dataclass(frozen=True, slots=True)
class Table:
    """One table: why it exists, on which basis, from whom, of whom, how long, and each of its columns.

    `links` lead to the customer, any of them; a table without links holds nobody's rows, or only the staff's.
    `in_copy` tells whether a customer's copy of the own data holds it (PIPL art. 45); INTERNAL and SECRET columns
    never stand there. `key` are the columns of the primary key.
    """

    name: str
    purpose: str
    basis: Basis
    source: Source
    retention: Retention
    erasure: Erasure
    columns: Mapping[str, Column]
    links: tuple[Link, ...] = ()
    in_copy: bool = True
    key: tuple[str, ...] = ("id",)

    @property
    def of_customer(self) -> bool:
        """Whether it holds rows of customers."""
        return bool(self.links)


CUSTOMER_ID = Link("customer_id")


def public(purpose: str) -> Column:
    """Anybody may read it."""
    return Column(purpose, DataClass.PUBLIC, Guard.CLEAR)


def internal(purpose: str) -> Column:
    """The machine's own; it tells nothing of anybody."""
    return Column(purpose, DataClass.INTERNAL, Guard.CLEAR, in_copy=False)


def coded(purpose: str) -> Column:
    """An id, number, day or fixed word of somebody's affairs."""
    return Column(purpose, DataClass.PERSONAL, Guard.CODED)


def officer(purpose: str) -> Column:
    """The id of one of the staff, who is somebody else than the customer: no copy of the customer's data holds it."""
    return Column(purpose, DataClass.PERSONAL, Guard.CODED, in_copy=False)


def sensitive_coded(purpose: str) -> Column:
    """The same of what art. 28 protects; only for what IN_CLEAR lists with its reason."""
    return Column(purpose, DataClass.SENSITIVE_PERSONAL, Guard.CODED)


def clear(purpose: str) -> Column:
    """Words about somebody as they were written; only for what IN_CLEAR lists with its reason."""
    return Column(purpose, DataClass.PERSONAL, Guard.CLEAR)


def sealed(purpose: str) -> Column:
    """Under the customer's own key."""
    return Column(purpose, DataClass.PERSONAL, Guard.SEALED)


def sensitive(purpose: str) -> Column:
    """What art. 28 protects, under the customer's own key."""
    return Column(purpose, DataClass.SENSITIVE_PERSONAL, Guard.SEALED)


def keyed(purpose: str) -> Column:
    """A keyed digest of something personal."""
    return Column(purpose, DataClass.PERSONAL, Guard.KEYED, in_copy=False)


def secret(purpose: str) -> Column:
    """What opens a door, by its digest or wrapped."""
    return Column(purpose, DataClass.SECRET, Guard.KEYED, in_copy=False)


ROW = internal("names the row")
WHOSE = coded("whose row it is")
CURRENCY = coded("the currency of the amounts")
