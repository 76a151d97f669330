"""The words of the privacy register: how secret something is, how it is guarded, on which basis it is kept, from whom.

Sources: personal information law (PIPL) arts 6, 13, 28, 45, 47, 51, 55; decree on credit reporting arts 18, 28.
"""

from enum import StrEnum


class DataClass(StrEnum):
    """How much harm a leak does. SENSITIVE_PERSONAL is of PIPL art. 28."""

    PUBLIC = "PUBLIC"
    INTERNAL = "INTERNAL"
    PERSONAL = "PERSONAL"
    SENSITIVE_PERSONAL = "SENSITIVE_PERSONAL"
    SECRET = "SECRET"  # noqa: S105 - a class of data


class Guard(StrEnum):
    """In which form a column lies in the database.

    SEALED: under the key of the customer whose row it is. KEYED: a keyed digest, which can be compared and not read.
    CODED: an id, a number, a day or a word of a fixed list, that the book computes with; who it is about is known
    only through an id. CLEAR: as it was written.
    """

    SEALED = "SEALED"
    KEYED = "KEYED"
    CODED = "CODED"
    CLEAR = "CLEAR"


class Basis(StrEnum):
    """Why it may be processed: the items of PIPL art. 13; NONE where nobody can be told by it."""

    CONSENT = "CONSENT"
    WRITTEN_CONSENT = "WRITTEN_CONSENT"
    CONTRACT = "CONTRACT"
    STAFF = "STAFF"
    DUTY = "DUTY"
    NONE = "NONE"


class Source(StrEnum):
    """Who told it. DERIVED: made here from what others told."""

    CUSTOMER = "CUSTOMER"
    BUREAU = "BUREAU"
    FEED = "FEED"
    PAYMENTS = "PAYMENTS"
    STAFF = "STAFF"
    DERIVED = "DERIVED"


class Erasure(StrEnum):
    """What becomes of a customer's rows when the customer asks for erasure.

    DELETED: they go at once. HELD: a law holds them until their retention ends; stored, and used for nothing else
    (PIPL art. 47). SHREDDED: they stay, and cannot be read once the customer's key is destroyed. UNLINKED: the row is
    another's, and only its link to the customer is cut. STAYS: the row is nobody's, or its keeping is itself the duty.
    """

    DELETED = "DELETED"
    HELD = "HELD"
    SHREDDED = "SHREDDED"
    UNLINKED = "UNLINKED"
    STAYS = "STAYS"
