"""Whether the log may be signed."""

from enum import StrEnum


class Standing(StrEnum):
    """What the witnesses' last checkpoints say of the tree in this database.

    UNCHECKED: nobody has asked yet. FIT: it begins with each of them. NO_QUORUM: those that are silent could have been
    a quorum, so nobody knows; or those that answer are none, so nothing can be published. FORKED: one of them is no
    beginning of it, so an older copy of the database was restored, or somebody else holds the key: nothing more is signed.
    """

    UNCHECKED = "UNCHECKED"
    FIT = "FIT"
    NO_QUORUM = "NO_QUORUM"
    FORKED = "FORKED"


class ReceiptState(StrEnum):
    """How much of an inquiry can be proven to anybody.

    COMPLETE: its intent, and its last outcome. PARTIAL: its intent; an outcome is still to come, or to be cosigned.
    WAITING_FOR_LOG: its records wait for their place. WAITING_FOR_QUORUM: too few witnesses have cosigned.
    LOG_STOPPED: the log may not be signed. ERASED: what could be opened was destroyed with the person's key; files that
    were fetched before still hold.
    """

    COMPLETE = "COMPLETE"
    PARTIAL = "PARTIAL"
    WAITING_FOR_LOG = "WAITING_FOR_LOG"
    WAITING_FOR_QUORUM = "WAITING_FOR_QUORUM"
    LOG_STOPPED = "LOG_STOPPED"
    ERASED = "ERASED"

    @property
    def is_provable(self) -> bool:
        """Whether there is a file to fetch."""
        return self in {ReceiptState.COMPLETE, ReceiptState.PARTIAL}
