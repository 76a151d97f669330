"""Cosignatures of C2SP tlog-cosignature, Ed25519 v1: a witness says since when it has seen a checkpoint, and no larger one."""

from typing import Final

from app.domain.proof.signed.keys import Kind, Line, Sign, VerifierKey
from app.domain.proof.strict import SIZE_MAX, malformed

_TIME_BYTES: Final = 8
_SIGNATURE_BYTES: Final = 64


def parts(signature: bytes) -> tuple[int, bytes]:
    """The time (whole seconds since 1970) and the Ed25519 signature.

    Raises:
        Unproven: MALFORMED.
    """
    if len(signature) != _TIME_BYTES + _SIGNATURE_BYTES:
        raise malformed("a cosignature has 72 bytes")
    seconds = int.from_bytes(signature[:_TIME_BYTES], "big")
    if not 0 < seconds <= SIZE_MAX:
        raise malformed("a cosignature tells no time")
    return seconds, signature[_TIME_BYTES:]


def message(seconds: int, text: str) -> bytes:
    """What a witness signs: a header, the time, the whole text of the checkpoint."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosign(key: VerifierKey, sign: Sign, text: str, seconds: int) -> Line:
    """The line of a witness under the text of a checkpoint.

    Raises:
        ValueError: the key is not a witness's, or there is no such time.
    """
    if key.kind is not Kind.COSIGNATURE or not 0 < seconds <= SIZE_MAX:
        raise ValueError("a witness's key and a time after 1970 are needed")
    return Line(key.name, key.id, seconds.to_bytes(_TIME_BYTES, "big") + sign(message(seconds, text)))
