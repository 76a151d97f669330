"""A signed notice: from the holder of the key, these very bytes, now."""

import pytest

from app.doors.signed import SKEW_SECONDS_MAX, NotSigned, SignatureProblem, check, sign

KEY, BODY, NOW = b"k" * 32, b'{"a": 1}', 1_772_323_200


def problem(
    timestamp: str | None, signature: str | None, body: bytes = BODY, now: int = NOW
) -> SignatureProblem | None:
    try:
        check(KEY, timestamp, signature, body, now)
    except NotSigned as refused:
        return refused.problem
    return None


def test_a_signature_over_these_bytes_and_this_moment_holds() -> None:
    signature = sign(KEY, str(NOW), BODY)
    assert problem(str(NOW), signature) is None
    assert problem(str(NOW), signature.upper()) is None


@pytest.mark.parametrize("side", [-1, 1])
def test_a_moment_holds_to_the_second_of_the_skew_and_no_longer(side: int) -> None:
    edge, beyond = NOW + side * SKEW_SECONDS_MAX, NOW + side * (SKEW_SECONDS_MAX + 1)
    assert problem(str(edge), sign(KEY, str(edge), BODY)) is None
    assert problem(str(beyond), sign(KEY, str(beyond), BODY)) is SignatureProblem.STALE


def test_any_changed_byte_is_found() -> None:
    signature = sign(KEY, str(NOW), BODY)
    assert problem(str(NOW), signature, BODY + b" ") is SignatureProblem.WRONG
    assert problem(str(NOW + 1), signature) is SignatureProblem.WRONG
    assert problem(str(NOW), sign(b"other", str(NOW), BODY)) is SignatureProblem.WRONG


@pytest.mark.parametrize("text", ["", "-1", "1e9", " 1772323200", "１７７２", "1772323200\n", "9" * 13])
def test_a_timestamp_is_plain_digits(text: str) -> None:
    expected = SignatureProblem.MALFORMED if text else SignatureProblem.MISSING
    assert problem(text, "0" * 64) is expected


@pytest.mark.parametrize("text", ["0" * 63, "0" * 65, "é" * 64, "g" * 64, "0" * 64 + "\n"])
def test_a_signature_is_64_hex_digits(text: str) -> None:
    assert problem(str(NOW), text) is SignatureProblem.MALFORMED
