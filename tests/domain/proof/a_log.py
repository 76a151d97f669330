"""A small log with its witnesses, made from fixed seeds: what a receipt is cut from."""

import hashlib
from dataclasses import dataclass, replace

from app.domain.proof.receipt import Receipt
from app.domain.proof.record import Leaf, RecordClass, Scalar, commitment
from app.domain.proof.signed import cosignature, note
from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.signed.keys import Kind, Line
from app.domain.proof.signed.note import Note
from app.domain.proof.signed.tlog_proof import TlogProof
from app.domain.proof.tree import merkle
from app.doors.signing import SigningKey

ORIGIN = "clearline.example/inquiries-test"
SEEN = 1_767_139_200
SALT = bytes(range(32))
RECORD: dict[str, Scalar] = {
    "at": "2026-03-02T10:00:00+08:00",
    "class": "INQUIRY_INTENT",
    "entry": "0195a1f0-0000-7000-8000-000000000003",
    "of": "0195a1f0-0000-7000-8000-000000000002",
    "purpose": "FIRST_APPLICATION",
    "fields": "identity_header loan_balance 还款",
    "number": 1,
    "previous": None,
}


def key(name: str, kind: Kind = Kind.ED25519) -> SigningKey:
    return SigningKey.of_seed(name, kind, hashlib.sha256(f"test {name}".encode()).digest())


LOG = key(ORIGIN)
WITNESSES = {name: key(f"{name}.example/w", Kind.COSIGNATURE) for name in ("north", "east", "south")}
POLICY = (
    f"log {LOG.vkey}\n"
    + "".join(f"witness {name} {signer.vkey} https://{name}.example/\n" for name, signer in WITNESSES.items())
    + "group seen 2 north east south\nquorum seen\n"
).encode()


@dataclass(frozen=True)
class SmallLog:
    """Eleven leaves, the eighth of which is our record's."""

    record: dict[str, Scalar]
    salt: bytes = SALT
    kind: RecordClass = RecordClass.INQUIRY_INTENT
    previous: int | None = 5
    at: int = 7
    size: int = 11

    def hashes(self) -> list[bytes]:
        ours = bytes(Leaf(self.kind, self.previous, commitment(self.salt, self.record)))
        entries = [ours if index == self.at else b"%d" % index for index in range(self.size)]
        return [merkle.leaf_hash(entry) for entry in entries]

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(ORIGIN, self.size, merkle.root(self.size, merkle.nodes_of(self.hashes())))

    def signed(self, *cosigners: str) -> Note:
        return signed(self.checkpoint(), *cosigners)

    def receipt(self, *cosigners: str, policy: bytes = POLICY) -> Receipt:
        path = merkle.inclusion_proof(self.at, self.size, merkle.nodes_of(self.hashes()))
        proof = TlogProof(self.at, tuple(path), str(self.signed(*cosigners or ("north", "south"))))
        return Receipt(self.kind, self.record, self.salt, self.previous, proof, policy)


def signed(head: Checkpoint, *cosigners: str) -> Note:
    lines: list[Line] = []
    for name in cosigners:
        signer = WITNESSES[name]
        lines.append(cosignature.cosign(signer.vkey, signer.sign, head.text(), SEEN))
    return note.sign_note(head.text(), LOG.vkey, LOG.sign, lines)


SMALL = SmallLog(RECORD)


def with_checkpoint(receipt: Receipt, checkpoint: str) -> Receipt:
    return replace(receipt, proof=replace(receipt.proof, checkpoint=checkpoint))
