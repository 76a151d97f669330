"""Intents as an institution's log announces them, from fixed keys: one question, one log of a few leaves."""

import hashlib
from typing import Any

from app.domain.proof.record import Leaf, RecordClass, Scalar, commitment, subject_mark
from app.domain.proof.signed import cosignature, note
from app.domain.proof.signed.checkpoint import Checkpoint
from app.domain.proof.signed.keys import Kind
from app.domain.proof.signed.tlog_proof import TlogProof
from app.domain.proof.strict import to_base64
from app.domain.proof.tree import merkle
from app.doors.signing import SigningKey

ORIGIN = "clearline.example/inquiries-2026"
SEEN = 1_772_416_801
SALT = bytes(range(32))
SUBJECT_SALT = bytes(range(32, 64))


def key(name: str, kind: Kind = Kind.ED25519) -> SigningKey:
    return SigningKey.of_seed(name, kind, hashlib.sha256(f"announced {name}".encode()).digest())


LOG = key(ORIGIN)
WITNESSES = {name: key(f"{name}.example/w", Kind.COSIGNATURE) for name in ("north", "east", "south")}
POLICY = (
    f"log {LOG.vkey}\n"
    + "".join(f"witness {name} {signer.vkey}\n" for name, signer in WITNESSES.items())
    + "group seen 2 north east south\nquorum seen\n"
)
INSTITUTIONS = ("clearline", "B-OAK")


def intent_of(asked: dict[str, Any], *cosigners: str, **changes: Scalar) -> dict[str, Any]:
    """The proven intent of a question; `changes` are facts of another."""
    record: dict[str, Scalar] = {
        "class": "INQUIRY_INTENT",
        "bureau": "bureau.example",
        "subject": subject_mark(SUBJECT_SALT, asked["subject"]["idNumber"]),
        "inquiry": asked["reference"],
        "permit": asked["permit"]["id"],
        "consent": (asked["consent"] or {"id": "none"})["id"],
        "purpose": asked["purpose"],
        **changes,
    }
    leaf = bytes(Leaf(RecordClass.INQUIRY_INTENT, 0, commitment(SALT, record)))
    hashes = [merkle.leaf_hash(entry) for entry in (b"0", leaf, b"2")]
    nodes = merkle.nodes_of(hashes)
    text = Checkpoint(ORIGIN, 3, merkle.root(3, nodes)).text()
    signers = [WITNESSES[name] for name in cosigners or ("north", "south")]
    lines = [cosignature.cosign(signer.vkey, signer.sign, text, SEEN) for signer in signers]
    signed = note.sign_note(text, LOG.vkey, LOG.sign, lines)
    proof = TlogProof(1, tuple(merkle.inclusion_proof(1, 3, nodes)), str(signed))
    return {
        "record": record,
        "salt": to_base64(SALT),
        "subjectSalt": to_base64(SUBJECT_SALT),
        "previousIndex": 0,
        "proof": str(proof),
    }
