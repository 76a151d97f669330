"""What a verifier refuses, and the strict readers that every format of the log shares.

Text from the wire never reaches `int()` or a lenient decoder unread: a form that two readers could take differently is
no form at all.
"""

import base64
import binascii
import re
from enum import StrEnum
from typing import Final

HASH_BYTES: Final = 32
SIZE_MAX: Final = 2**63 - 1  # a tree's size, an index, a time: signed 64 bits, as other implementations keep them

_DECIMAL: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


class Fault(StrEnum):
    """Why something proves nothing. The words are the same in every language that verifies."""

    MALFORMED = "MALFORMED"
    PROOF_WRONG = "PROOF_WRONG"
    SIGNATURE_WRONG = "SIGNATURE_WRONG"
    SIGNATURE_MISSING = "SIGNATURE_MISSING"
    SIGNATURE_UNKNOWN = "SIGNATURE_UNKNOWN"
    KEY_AMBIGUOUS = "KEY_AMBIGUOUS"
    LOG_UNKNOWN = "LOG_UNKNOWN"
    QUORUM_MISSING = "QUORUM_MISSING"
    POLICY_UNKNOWN = "POLICY_UNKNOWN"
    FOREIGN = "FOREIGN"


class Unproven(Exception):
    """What was shown does not prove what it says; `fault` tells which check refused it."""

    def __init__(self, fault: Fault, told: str) -> None:
        super().__init__(f"{fault.value}: {told}")
        self.fault = fault
        self.told = told


def malformed(told: str) -> Unproven:
    """The refusal of something that does not follow its format."""
    return Unproven(Fault.MALFORMED, told)


def decimal(text: str, what: str, most: int = SIZE_MAX) -> int:
    """A whole number from 0 to `most` in ASCII digits: no sign, no leading zero, nothing around it.

    Raises:
        Unproven: MALFORMED.
    """
    number = int(text) if _DECIMAL.fullmatch(text) else most + 1
    if number > most:
        raise malformed(f"{what} is not a decimal number up to {most}")
    return number


def base64_bytes(text: str, what: str, length: int | None = None) -> bytes:
    """The bytes of standard, padded, canonical base64: one text for each value and no other.

    Raises:
        Unproven: MALFORMED, also when the bytes are not `length` long.
    """
    try:
        found = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise malformed(f"{what} is not base64") from None
    if to_base64(found) != text:
        raise malformed(f"{what} is not canonical base64")
    if length is not None and len(found) != length:
        raise malformed(f"{what} has {len(found)} bytes, not {length}")
    return found


def to_base64(value: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(value).decode("ascii")


def text_of(data: bytes, what: str, most: int) -> str:
    """UTF-8 of at most `most` bytes without control characters other than the newline, ending in one.

    Raises:
        Unproven: MALFORMED.
    """
    if len(data) > most:
        raise malformed(f"{what} is longer than {most} bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise malformed(f"{what} is not UTF-8") from None
    if _CONTROL.search(text):
        raise malformed(f"{what} holds a control character")
    if not text.endswith("\n"):
        raise malformed(f"{what} does not end in a newline")
    return text


def check_hash(value: bytes, what: str) -> bytes:
    """`value`, if it is as long as a hash.

    Raises:
        Unproven: MALFORMED.
    """
    if len(value) != HASH_BYTES:
        raise malformed(f"{what} has {len(value)} bytes, not {HASH_BYTES}")
    return value
