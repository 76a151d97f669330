"""Whether the log may be signed."""

from enum import StrEnum


class Standing(StrEnum):
    """What the witnesses' last checkpoints say of the tree in this database.

    UNCHECKED: nobody has asked yet. FIT: it begins with each of them. NO_QUORUM: those that are silent could have been
    a quorum, so nobody knows. FORKED: one of them is no beginning of it, so an older copy of the database was restored,
    or somebody else holds the key: nothing more is signed.
    """

    UNCHECKED = "UNCHECKED"
    FIT = "FIT"
    NO_QUORUM = "NO_QUORUM"
    FORKED = "FORKED"
