"""Receipts: one that holds, and everything that does not."""

from collections.abc import Iterator

import pytest

from app.domain.proof import receipt as receipts
from app.domain.proof.strict import Unproven
from app.doors.signing import verify
from tests.domain.proof.a_log import ORIGIN, RECORD, SEEN
from tests.domain.proof.receipt_cases import CASES, GOOD, KEPT, TRUSTED, Case
from tests.domain.proof.vectors import refuses
from tests.needs import LONG


def test_a_receipt_tells_what_was_recorded_where_and_who_saw_it_when() -> None:
    proven = receipts.verify(GOOD, TRUSTED, verify)
    assert (proven.index, proven.judged.checkpoint.size, proven.judged.checkpoint.origin) == (7, 11, ORIGIN)
    assert dict(proven.receipt.record) == RECORD
    assert dict(proven.judged.witnessed) == {"north": SEEN, "south": SEEN}
    assert bytes(proven.receipt) == GOOD


@pytest.mark.parametrize("at", range(len(KEPT)))
def test_a_receipt_without_addresses_holds_by_the_same_keys_wherever_they_are_reached(at: int) -> None:
    data, kept = KEPT[at]
    assert receipts.verify(data, [kept], verify).index == 7


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_bad_receipt_is_refused_by_the_check_that_is_for_it(case: Case) -> None:
    with pytest.raises(Unproven) as refused:
        receipts.verify(case.data, case.trusted, verify)
    assert refused.value.fault is case.fault, refused.value


def accepted(changed: Iterator[bytes]) -> list[bytes]:
    return [data for data in changed if not refuses(lambda d=data: receipts.verify(d, TRUSTED, verify))]  # type: ignore[misc]


def test_every_changed_bit_is_refused() -> None:
    """Each bit in the longer profile; in the plain one a bit of each byte, another one from byte to byte."""
    whole, bits = int.from_bytes(GOOD, "big"), len(GOOD) * 8
    tried = range(bits) if LONG else range(0, bits - 7, 9)
    assert accepted((whole ^ (1 << bit)).to_bytes(len(GOOD), "big") for bit in tried) == []


def edits() -> Iterator[bytes]:
    """At every position: cut off there, the byte left out, a space put in, the byte made a zero."""
    for at in range(len(GOOD)):
        yield GOOD[:at]
        yield GOOD[:at] + GOOD[at + 1 :]
        yield GOOD[:at] + b" " + GOOD[at:]
        yield GOOD[:at] + b"\0" + GOOD[at + 1 :]


def test_every_cut_and_every_added_byte_is_refused() -> None:
    assert accepted(edits()) == []
