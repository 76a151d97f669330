"""The published attack vectors (Wycheproof) of the primitives that the keys door is built from."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tests.needs import require_shared


def cases(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    told = json.loads(require_shared("vectors", "tlog", "wycheproof", name).read_text(encoding="utf-8"))
    return [(group, case) for group in told["testGroups"] for case in group["tests"]]


def raw(value: str) -> bytes:
    return bytes.fromhex(value)


def test_aes_256_gcm_under_our_nonce_and_tag_length() -> None:
    tried = 0
    for group, case in cases("aes_gcm_test.json"):
        if (group["keySize"], group["ivSize"], group["tagSize"]) != (256, 96, 128):
            continue
        cipher, sealed = AESGCM(raw(case["key"])), raw(case["ct"]) + raw(case["tag"])
        if case["result"] == "valid":
            assert cipher.decrypt(raw(case["iv"]), sealed, raw(case["aad"])) == raw(case["msg"])
            assert cipher.encrypt(raw(case["iv"]), raw(case["msg"]), raw(case["aad"])) == sealed
        else:
            with pytest.raises(InvalidTag):
                cipher.decrypt(raw(case["iv"]), sealed, raw(case["aad"]))
        tried += 1
    assert tried >= 60


def test_hkdf_sha256() -> None:
    tried = 0
    for _, case in cases("hkdf_sha256_test.json"):
        made = {"algorithm": SHA256(), "length": case["size"], "salt": raw(case["salt"]), "info": raw(case["info"])}
        if case["result"] == "valid":
            assert HKDF(**made).derive(raw(case["ikm"])) == raw(case["okm"])
        else:
            with pytest.raises(ValueError, match="derive"):
                HKDF(**made)
        tried += 1
    assert tried == 86


def test_hmac_sha256() -> None:
    tried = 0
    for group, case in cases("hmac_sha256_test.json"):
        made = hmac.new(raw(case["key"]), raw(case["msg"]), hashlib.sha256).digest()[: group["tagSize"] // 8]
        assert hmac.compare_digest(made, raw(case["tag"])) is (case["result"] == "valid")
        tried += 1
    assert tried == 174
