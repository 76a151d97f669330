"""Signed notices of a neighbour: HMAC-SHA256 over its time and the very bytes, so that none is forged or kept long."""

import hashlib
import hmac
import re
from enum import StrEnum

SKEW_SECONDS_MAX = 300
_SECONDS = re.compile(r"[0-9]{1,12}")
_HEX = re.compile(r"[0-9a-fA-F]{64}")


class SignatureProblem(StrEnum):
    """Why a notice is not taken."""

    MISSING = "SIGNATURE_MISSING"
    MALFORMED = "SIGNATURE_MALFORMED"
    STALE = "TIMESTAMP_STALE"
    WRONG = "SIGNATURE_WRONG"


class NotSigned(Exception):
    """The notice does not come from the holder of the key, or does not come from now."""

    def __init__(self, problem: SignatureProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def sign(key: bytes, timestamp: str, body: bytes) -> str:
    """The signature of a body at a moment, as hex digits: HMAC-SHA256 over timestamp, full stop, body."""
    return hmac.new(key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def check(key: bytes, timestamp: str | None, signature: str | None, body: bytes, now_seconds: int) -> None:
    """Check that the holder of `key` signed exactly these bytes within `SKEW_SECONDS_MAX` of `now_seconds`.

    `timestamp` is whole seconds since 1970 in ASCII digits; both headers may hold anything.

    Raises:
        NotSigned: saying which of the two it is.
    """
    if not timestamp or not signature:
        raise NotSigned(SignatureProblem.MISSING)
    if not _SECONDS.fullmatch(timestamp) or not _HEX.fullmatch(signature):
        raise NotSigned(SignatureProblem.MALFORMED)
    if not hmac.compare_digest(sign(key, timestamp, body), signature.lower()):
        raise NotSigned(SignatureProblem.WRONG)
    if abs(now_seconds - int(timestamp)) > SKEW_SECONDS_MAX:
        raise NotSigned(SignatureProblem.STALE)
