"""Files of receipts: one an inquiry, several of a person, and what no set of files may hide."""

import pytest

from app.domain.proof import bundle
from app.domain.proof.bundle import Chain
from app.domain.proof.record import RecordClass
from app.domain.proof.strict import Unproven
from app.doors.signing import verify
from tests.domain.proof.a_log import POLICY, SMALL
from tests.domain.proof.chain_cases import BAD, GOOD, of
from tests.domain.proof.receipt_cases import GOOD as ONE


def judged(files: list[bytes]) -> Chain:
    return bundle.chained([bundle.verify_file(data, [POLICY], verify) for data in files])


@pytest.mark.parametrize("name", GOOD)
def test_what_is_held_and_what_is_missing_is_told(name: str) -> None:
    files, told = GOOD[name]
    assert judged(files) == told


@pytest.mark.parametrize("name", BAD)
def test_files_that_prove_nothing_together_are_refused(name: str) -> None:
    files, fault = BAD[name]
    with pytest.raises(Unproven) as refused:
        judged(files)
    assert refused.value.fault == fault


def test_a_file_holds_the_intent_and_its_outcome() -> None:
    intent, outcome = bundle.verify_file(of(2), [POLICY], verify)
    assert (intent.receipt.kind, outcome.receipt.kind) == (RecordClass.INQUIRY_INTENT, RecordClass.INQUIRY_OUTCOME)
    assert outcome.receipt.previous == intent.index


def test_a_single_receipt_is_a_file_too() -> None:
    (proven,) = bundle.verify_file(ONE, [POLICY], verify)
    assert proven.index == SMALL.at


def test_no_bit_of_a_file_is_free() -> None:
    data = of(1)
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ (1 << at % 8)]) + data[at + 1 :]
        with pytest.raises(Unproven):
            bundle.verify_file(changed, [POLICY], verify)
