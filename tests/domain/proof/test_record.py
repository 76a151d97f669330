"""Records of the log: canonical bytes and commitments."""

import base64
import json

import pytest

from app.domain.proof.record import RecordClass, canonical, commitment
from tests.needs import require_shared


def test_keys_are_ordered_and_nothing_is_between_them() -> None:
    assert canonical({"b": 1, "a": "借", "c": None, "d": True}) == '{"a":"借","b":1,"c":null,"d":true}'.encode()


def test_the_order_of_writing_does_not_change_the_commitment() -> None:
    salt = bytes(32)
    assert commitment(salt, {"a": 1, "b": 2}) == commitment(salt, {"b": 2, "a": 1})


def test_another_salt_or_another_fact_is_another_commitment() -> None:
    facts: dict[str, str | int | bool | None] = {"a": 1}
    first = commitment(bytes(32), facts)
    assert first != commitment(bytes(31) + b"\1", facts)
    assert first != commitment(bytes(32), {"a": 2})
    assert len(first) == 32


def test_numbers_that_readers_could_take_differently_are_refused() -> None:
    with pytest.raises(ValueError, match="2\\^53"):
        canonical({"n": 2**53})


def test_a_short_salt_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        commitment(b"short", {"a": 1})


def test_class_numbers_stay_for_ever() -> None:
    assert {kind.name: kind.value for kind in RecordClass} == {
        "CONSENT_GIVEN": 1,
        "CONSENT_WITHDRAWN": 2,
        "PERMIT_ISSUED": 3,
        "INQUIRY_INTENT": 4,
        "INQUIRY_OUTCOME": 5,
        "DECISION": 6,
        "LIMIT_CHANGE": 7,
        "FREEZE": 8,
        "REPORT_ERASED": 9,
        "CONSENT_REFUSED": 10,
        "RELEASE": 11,
        "RECONCILIATION": 12,
    }


def test_published_canonical_cases_of_flat_records_agree() -> None:
    """RFC 8785 cases whose values a record may hold (strings, safe integers, booleans, null), from the shared file."""
    file = require_shared("vectors", "tlog", "jcs_rfc8785.json")
    tried = []
    for case in json.loads(file.read_text(encoding="utf-8"))["cases"]:
        parsed = json.loads(base64.b64decode(case["input_base64"]))
        if isinstance(parsed, dict) and all(
            value is None or isinstance(value, str | bool | int) for value in parsed.values()
        ):
            assert canonical(parsed) == base64.b64decode(case["output_base64"])
            tried.append(case["name"])
    assert {"french", "weird"} <= set(tried)
