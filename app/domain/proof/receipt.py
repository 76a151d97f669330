"""Receipts: one file that proves, offline, that a record stood in the log before a quorum of witnesses.

The browser's twin is web/receipt/receipt.mjs: the same steps in the same order, refusing with the same words.
Docs: docs/formats/receipt.md.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.proof import jcs
from app.domain.proof.record import SALT_BYTES, Leaf, RecordClass, Scalar, commitment, kind_of
from app.domain.proof.signed import policy as policies
from app.domain.proof.signed import tlog_proof
from app.domain.proof.signed.keys import Verify
from app.domain.proof.signed.policy import Judged
from app.domain.proof.signed.tlog_proof import TlogProof
from app.domain.proof.strict import Fault, Unproven, base64_bytes, malformed, to_base64
from app.domain.proof.tree.merkle import leaf_hash, verify_inclusion

SCHEMA: Final = "clearline-receipt/1"
RECEIPT_BYTES_MAX: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says; nothing is verified yet."""

    kind: RecordClass
    record: Mapping[str, Scalar]
    salt: bytes
    previous: int | None
    proof: TlogProof
    policy: bytes

    def __bytes__(self) -> bytes:
        """The file.

        Raises:
            Unproven: MALFORMED when it could not be read again.
        """
        return jcs.canonical(
            {
                "schema": SCHEMA,
                "class": int(self.kind),
                "record": dict(self.record),
                "salt": to_base64(self.salt),
                "previousIndex": self.previous,
                "proof": str(self.proof),
                "policy": self.policy.decode("utf-8"),
            }
        )


@dataclass(frozen=True, slots=True)
class Proven:
    """A receipt that holds: the record stood at `index` of the log when the witnesses saw `judged.checkpoint`."""

    receipt: Receipt
    judged: Judged

    @property
    def index(self) -> int:
        """Where the record stands in the log."""
        return self.receipt.proof.index


def verify(data: bytes, trusted: Collection[bytes], by: Verify) -> Proven:
    """Check a receipt against policies that the holder trusts. A receipt's own policy alone proves nothing.

    1. The file is a receipt in canonical form, so that no byte of it is free.
    2. Its policy is, byte for byte, one that the holder trusts, or such a one without addresses and remarks.
    3. Its checkpoint is signed by a log and a quorum of that policy, and carries no other line.
    4. Record and salt give the commitment; class, previous index and commitment give the leaf.
    5. The leaf stands at the index, under the root of the checkpoint.

    Raises:
        Unproven: the fault of the first step that does not hold.
    """
    receipt = parse(data)  # 1
    if receipt.policy not in trusted and receipt.policy not in map(policies.bare, trusted):  # 2
        raise Unproven(Fault.POLICY_UNKNOWN, "the receipt names a policy that is not among those given")
    judged = policies.judge(policies.parse(receipt.policy), receipt.proof.checkpoint.encode(), by)  # 3
    if judged.beside:
        raise Unproven(Fault.SIGNATURE_UNKNOWN, "a signature line that the policy does not know, or a second one")
    leaf = Leaf(receipt.kind, receipt.previous, commitment(receipt.salt, receipt.record))  # 4
    proof, tree = receipt.proof, judged.checkpoint
    verify_inclusion(proof.index, tree.size, leaf_hash(bytes(leaf)), proof.hashes, tree.root)  # 5
    return Proven(receipt, judged)


def parse(data: bytes) -> Receipt:
    """Read a receipt. Its record is flat, and says itself of which class it is.

    Raises:
        Unproven: MALFORMED.
    """
    if len(data) > RECEIPT_BYTES_MAX:
        raise malformed(f"a receipt has at most {RECEIPT_BYTES_MAX} bytes")
    match jcs.parse_canonical(data):
        case {
            "schema": str(schema),
            "class": int(number),
            "record": dict(record),
            "salt": str(salt),
            "previousIndex": int() | None as previous,
            "proof": str(proof),
            "policy": str(policy),
            **others,
        } if schema == SCHEMA and not others and not isinstance(number, bool) and not isinstance(previous, bool):
            kind = kind_of(number)
        case _:
            raise malformed(f"not a receipt of the schema {SCHEMA}")
    found = tlog_proof.parse(proof.encode())
    if found.extra is not None:
        raise malformed("the proof of a receipt has no extra data")
    if previous is not None and not 0 <= previous < found.index:
        raise malformed("the step before a record stands before it in the log")
    flat = _flat(record)
    if flat.get("class") != kind.name:
        raise malformed("the record says that it is of another class")
    return Receipt(kind, flat, base64_bytes(salt, "the salt", SALT_BYTES), previous, found, policy.encode())


def _flat(record: dict[str, jcs.Json]) -> dict[str, Scalar]:
    flat: dict[str, Scalar] = {}
    for name, value in record.items():
        if value is not None and not isinstance(value, str | int):
            raise malformed("a record holds texts, integers, truth values and null")
        flat[name] = value
    return flat
