"""Published vectors of what is signed: notes, checkpoints, cosignatures, proofs, policies; canonical JSON; Ed25519 itself."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from app.domain.proof import jcs
from app.domain.proof.signed import checkpoint, cosignature, note, policy, tlog_proof
from app.domain.proof.signed.keys import Kind, Line, SecretKey, VerifierKey
from app.domain.proof.strict import Unproven, to_base64
from app.domain.proof.tree.merkle import leaf_hash
from app.doors.signing import SigningKey, verify
from tests.domain.proof.vectors import Tally, load, refuses, unbase64
from tests.needs import require_shared


def reads(act: Callable[[], object]) -> bool:
    return not refuses(act)


def test_signed_notes() -> None:
    told, tally = load("signed_note"), Tally("signed_note")
    (case,) = told["sign"]
    signer = SigningKey(SecretKey.parse(case["skey"]))
    signed = str(note.sign_note(case["text"], signer.vkey, signer.sign)).encode()
    tally.check("sign", holds=signed == unbase64(case["note_base64"]))
    for case in told["sign_must_refuse"]:
        key = VerifierKey(case.get("signer_name", "name"), Kind.ED25519, signer.vkey.public)
        tally.check(case["why"], holds=refuses(lambda c=case, k=key: note.sign_note(c["text"], k, signer.sign)))  # type: ignore[misc]
    for case in told["vkeys"]:
        tally.check(case["vkey"], holds=reads(lambda c=case: VerifierKey.parse(c["vkey"])) is case["valid"])  # type: ignore[misc]
    for mutated in mutations(told["vkeys"][0]["vkey"]):
        tally.check(mutated, holds=refuses(lambda m=mutated: VerifierKey.parse(m)))  # type: ignore[misc]
    for case in told["open"]:
        tally.check(case["id"], holds=opens_as_told(case))
    tally.done(least=25)


def mutations(vkey: str) -> set[str]:
    """Every proper substring, and the key with any one byte made one higher."""
    parts = {vkey[start:end] for start in range(len(vkey)) for end in range(start, len(vkey) + 1)} - {vkey}
    return parts | {vkey[:at] + chr(ord(sign) + 1) + vkey[at + 1 :] for at, sign in enumerate(vkey)}


def opens_as_told(case: dict[str, Any]) -> bool:
    keys = [VerifierKey.parse(vkey) for vkey in case["keys"]]
    try:
        found = note.open_note(unbase64(case["note_base64"]), keys, verify)
    except Unproven:
        return not case["valid"]
    names = [key.name for key, _ in found.verified], [line.name for line in found.unknown]
    return bool(case["valid"]) and names == (case["verified"], case["unverified"])


def test_checkpoints() -> None:
    told, tally = load("checkpoint"), Tally("checkpoint")
    for case in told["parse"]:
        strictly = case["valid"] and not case.get("lenient_only")
        tally.check(case["id"], holds=reads(lambda c=case: checkpoint.parse(c["body"])) is strictly)  # type: ignore[misc]
    for case in told["signed"]:
        opened = note.open_note(case["note"].encode(), [VerifierKey.parse(case["vkey"])], verify)
        head = checkpoint.parse(opened.text)
        tally.check(
            case["id"], holds=head.text() == opened.text and str(note.parse(case["note"].encode())) == case["note"]
        )
    format_of_go = told["sumdb_tree_format"]
    good = checkpoint.parse(format_of_go["good"])
    tally.check("sumdb", holds=good.root == leaf_hash(format_of_go["root_is_leaf_hash_of"].encode()))
    other_origin, *bad = format_of_go["bad"]
    # The first is bad only to whoever expects that origin: it is our policy, not the format, that knows origins.
    tally.check("sumdb origin", holds=checkpoint.parse(other_origin).origin != good.origin)
    for body in bad:
        tally.check(body, holds=refuses(lambda b=body: checkpoint.parse(b)))  # type: ignore[misc]
    _sigsum(told["sigsum"], tally)
    tally.done(least=54)


def _sigsum(told: dict[str, Any], tally: Tally) -> None:
    name, size, root, *_ = told["note"].split("\n")
    seed = bytes.fromhex(told["private_seed_hex"])
    key = SigningKey.of_seed(name, Kind.ED25519, seed)
    text = f"{name}\n{size}\n{root}\n"
    tally.check("sigsum", holds=str(note.sign_note(text, key.vkey, key.sign)) == told["note"])
    line = note.parse(told["note"].encode()).lines[0]
    changed_root = bytearray(unbase64(root))
    changed_root[3] ^= 1
    mutated = {
        "origin+='x'": (f"{name}x\n{size}\n{root}\n", line),
        "key id byte 2 ^= 1": (text, Line(line.name, flipped(line.key_id, 2), line.signature)),
        "size += 1": (f"{name}\n{int(size) + 1}\n{root}\n", line),
        "root byte 3 ^= 1": (f"{name}\n{size}\n{to_base64(bytes(changed_root))}\n", line),
        "signature byte 4 ^= 1": (text, Line(line.name, line.key_id, flipped(line.signature, 4))),
    }
    assert list(mutated) == told["mutations_must_fail"]
    for case, (told_text, told_line) in mutated.items():
        data = str(note.Note(told_text, (told_line,))).encode()
        tally.check(case, holds=refuses(lambda d=data: note.open_note(d, [key.vkey], verify)))  # type: ignore[misc]


def flipped(value: bytes, at: int) -> bytes:
    return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]


def test_cosignatures() -> None:
    told, tally = load("cosignature"), Tally("cosignature")
    for case in told["verify"]:
        key = VerifierKey.parse(case["vkey"])
        opened = note.open_note(case["note"].encode(), [key], verify)
        ((_, line),) = opened.verified
        head = checkpoint.parse(opened.text)
        right = cosignature.parts(line.signature)[0] == case["timestamp"]
        right &= hashlib.sha256(head.origin.encode()).hexdigest() == case["origin_hash_hex"]
        seed = hashlib.sha256(case["seed"].removeprefix("sha256('").removesuffix("')").encode()).digest()
        signer = SigningKey(SecretKey(key.name, key.id, key.kind, seed))
        again = cosignature.cosign(signer.vkey, signer.sign, opened.text, case["timestamp"])
        tally.check(case["id"], holds=right and again == line)
    example = told["signed_message_example"]
    text = example.split("\n", 2)[2]
    tally.check("message", holds=cosignature.message(1679315147, text).decode() == example)
    for case in told["timestamp_of_base64"]:
        signature = unbase64(case["b64"])[4:]
        if "error" in case:
            tally.check(case["error"], holds=refuses(lambda s=signature: cosignature.parts(s)))  # type: ignore[misc]
        else:
            tally.check(case["timestamp"], holds=cosignature.parts(signature)[0] == case["timestamp"])
    for case in told["vkeys"]:
        tally.check(case["vkey"], holds=reads(lambda c=case: VerifierKey.parse(c["vkey"])) is case["valid"])  # type: ignore[misc]
    tally.done(least=11)


def test_a_post_quantum_cosignature_is_read_by_its_form_and_left_aside() -> None:
    told, tally = load("cosignature_mldsa44_derived"), Tally("cosignature_mldsa44_derived")
    log = VerifierKey.parse(load("tessera_testlog")["vkey"])
    key = VerifierKey.parse(told["vkey"])
    tally.check("vkey", holds=key.kind is Kind.ML_DSA_44 and str(key) == told["vkey"])
    opened = note.open_note(told["note"].encode(), [log, key], verify)
    tally.check("ignored", holds=[known for known, _ in opened.verified] == [log] and opened.unknown[0].is_by(key))
    alone = str(note.Note(opened.text, opened.unknown)).encode()
    tally.check("alone it proves nothing", holds=refuses(lambda: note.open_note(alone, [log, key], verify)))
    tally.leave_out(1, "signature to verify: browsers have no ML-DSA, and both verifiers judge alike")
    tally.done(least=3)


def test_proof_files() -> None:
    told, tally = load("tlog_proof"), Tally("tlog_proof")
    for case in told["marshal"]:
        extra = None if case["extra_base64"] is None else unbase64(case["extra_base64"])
        made = tlog_proof.TlogProof(case["index"], tuple(map(unbase64, case["hashes"])), case["checkpoint"], extra)
        tally.check(
            case["index"], holds=str(made) == case["want"] and tlog_proof.parse(case["want"].encode()) == made
        )
    for case in told["parse_errors"]:
        text = case.get("proof") or "c2sp.org/tlog-proof@v1\nindex 0\n" + "a" * 66560 + "\n"
        tally.check(case["why"], holds=refuses(lambda t=text: tlog_proof.parse(t.encode())))  # type: ignore[misc]
    tally.done(least=11)


def test_policies() -> None:
    told, tally = load("tlog_policy"), Tally("tlog_policy")
    for number, case in enumerate([*told["good"], *told["bad"]]):
        ended = case["policy"].rstrip("\n") + "\n"  # refused for what is wrong with it, not for its last line
        for text in {case["policy"], ended}:
            tally.check(
                (number, case.get("error")),
                holds=reads(lambda t=text: policy.parse(t.encode())) is case["spec_valid"],  # type: ignore[misc]
            )
    found = policy.parse(told["good"][0]["policy"].encode())
    tally.check("quorum", holds=found.reached(frozenset({"w1", "w2"})) and not found.reached(frozenset({"w1"})))
    tally.done(least=17)


def test_canonical_json() -> None:
    tally = Tally("jcs_rfc8785")
    for case in load("jcs_rfc8785")["cases"]:
        wanted = unbase64(case["output_base64"])
        tally.check(case["name"], holds=jcs.canonical(jcs.parse(unbase64(case["input_base64"]))) == wanted)
        tally.check((case["name"], "again"), holds=jcs.canonical(jcs.parse_canonical(wanted)) == wanted)
    tally.done(least=12)


def test_ed25519() -> None:
    file = require_shared("vectors", "tlog", "wycheproof", "ed25519_test.json")
    told, tally = json.loads(file.read_text(encoding="utf-8")), Tally("wycheproof/ed25519_test")
    for group in told["testGroups"]:
        public = bytes.fromhex(group["publicKey"]["pk"])
        for case in group["tests"]:
            judged = verify(public, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            tally.check((case["tcId"], case["comment"]), holds=judged is (case["result"] == "valid"))
    tally.done(least=151)
