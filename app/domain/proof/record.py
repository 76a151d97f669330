"""Records of the log: canonical bytes, a salted commitment, the classes of what is recorded, and the leaf."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Self

from app.domain.proof import jcs
from app.domain.proof.strict import HASH_BYTES, SIZE_MAX, malformed

SALT_BYTES = 32
LEAF_BYTES: Final = 42
_DOMAIN = b"clearline/record/v1\0"

Scalar = str | int | bool | None


class RecordClass(IntEnum):
    """What a record tells. Numbers are for ever: they stand in the leaf."""

    CONSENT_GIVEN = 1
    CONSENT_WITHDRAWN = 2
    PERMIT_ISSUED = 3
    INQUIRY_INTENT = 4
    INQUIRY_OUTCOME = 5
    DECISION = 6
    LIMIT_CHANGE = 7
    FREEZE = 8
    REPORT_ERASED = 9
    CONSENT_REFUSED = 10
    RELEASE = 11
    RECONCILIATION = 12


def canonical(record: Mapping[str, Scalar]) -> bytes:
    """Canonical JSON of a flat record (RFC 8785 for strings, integers, booleans and null; keys in UTF-16 order).

    Raises:
        ValueError: a value is no scalar, or a number that two readers could take differently.
    """
    for value in record.values():
        if value is not None and not isinstance(value, str | int):
            raise ValueError("a record holds texts, integers, truth values and null")
        if isinstance(value, int) and abs(value) > jcs.SAFE_MAX:
            raise ValueError("a record holds only integers below 2^53")
    return jcs.canonical(dict(record))


def commitment(salt: bytes, record: Mapping[str, Scalar]) -> bytes:
    """HMAC-SHA256 of the record under its salt: hides without the salt, binds with it.

    Raises:
        ValueError: the salt is not 32 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError("the salt has 32 bytes")
    return hmac.new(salt, _DOMAIN + canonical(record), hashlib.sha256).digest()


_SUBJECT: Final = b"clearline/subject/v1\0"
_VERSION: Final = b"\x01"
_INDEX_BYTES: Final = 8
_NO_INDEX: Final = b"\xff" * _INDEX_BYTES


def subject_mark(salt: bytes, id_number: str) -> str:
    """Whom an intent is about, for nobody to read who does not hold `salt`, which stands in no record and no receipt."""
    return hmac.new(salt, _SUBJECT + id_number.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Leaf:
    """What the log holds of a record: its class, the index of the step before it, and the commitment. No personal data."""

    kind: RecordClass
    previous: int | None
    commitment: bytes

    def __bytes__(self) -> bytes:
        """The entry: version, class, index of the previous step (all ones when there is none), commitment.

        Raises:
            ValueError: the index or the commitment does not fit.
        """
        return leaf_of(self.kind, self.previous, self.commitment)

    @classmethod
    def parse(cls, entry: bytes) -> Self:
        """Read a leaf.

        Raises:
            Unproven: MALFORMED, also for a version or a class that is not known here.
        """
        if len(entry) != LEAF_BYTES or entry[:1] != _VERSION:
            raise malformed("not a leaf of this log")
        index = entry[2 : 2 + _INDEX_BYTES]
        leaf = cls(kind_of(entry[1]), None if index == _NO_INDEX else int.from_bytes(index, "big"), entry[10:])
        if leaf.previous is not None and leaf.previous > SIZE_MAX:
            raise malformed("a leaf points nowhere")
        return leaf


_HEADS: Final = {int(kind): _VERSION + bytes([kind]) for kind in RecordClass}


def leaf_of(kind: int, previous: int | None, committed: bytes) -> bytes:
    """The entry of a `Leaf`, for those who make very many.

    Raises:
        ValueError: the class is unknown, or the index or the commitment does not fit.
    """
    fits = previous is None or 0 <= previous <= SIZE_MAX
    if not fits or len(committed) != HASH_BYTES or kind not in _HEADS:
        raise ValueError("the class, the index or the commitment does not fit into a leaf")
    return _HEADS[kind] + (_NO_INDEX if previous is None else previous.to_bytes(_INDEX_BYTES, "big")) + committed


def kind_of(number: int) -> RecordClass:
    """The class of this number.

    Raises:
        Unproven: MALFORMED when there is none.
    """
    try:
        return RecordClass(number)
    except ValueError:
        raise malformed("a record of an unknown class") from None
