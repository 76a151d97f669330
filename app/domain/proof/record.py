"""Records of the log: canonical bytes, a salted commitment, and the classes of what is recorded."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from enum import IntEnum

SALT_BYTES = 32
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


def canonical(record: Mapping[str, Scalar]) -> bytes:
    """Canonical JSON of a flat record (RFC 8785 for strings, integers, booleans and null; keys in UTF-16 order).

    Raises:
        ValueError: a number is not a safe integer, so two readers could disagree about it.
    """
    for value in record.values():
        if isinstance(value, int) and not -(2**53) < value < 2**53:
            raise ValueError("a record holds only integers below 2^53")
    ordered = dict(sorted(record.items(), key=lambda item: item[0].encode("utf-16-be")))
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def commitment(salt: bytes, record: Mapping[str, Scalar]) -> bytes:
    """HMAC-SHA256 of the record under its salt: hides without the salt, binds with it.

    Raises:
        ValueError: the salt is not 32 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError("the salt has 32 bytes")
    return hmac.new(salt, _DOMAIN + canonical(record), hashlib.sha256).digest()
