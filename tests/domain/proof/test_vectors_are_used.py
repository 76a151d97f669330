"""No file of the shared vectors of the log is passed over without a word."""

from tests.needs import ROOT, require_shared

NAMED_BY_PATH = {
    "aes_gcm_test": "the keys door",
    "ed25519_test": "the signing door",
    "hkdf_sha256_test": "the keys door",
    "hmac_sha256_test": "the keys door",
}
NOT_USED = {
    "aead_aes_siv_cmac_test": "no SIV",
    "aes_gcm_siv_test": "no GCM-SIV",
    "aes_kwp_test": "no key wrap of that form",
    "aes_siv_cmac_test": "no SIV",
    "json_web_crypto_test": "no JOSE",
    "json_web_encryption_test": "no JOSE",
    "json_web_key_test": "no JOSE",
    "json_web_signature_test": "no JOSE",
    "mldsa_44_verify_test": "no ML-DSA yet",
    "x25519_test": "no key agreement",
}


def test_every_file_is_tried_or_told_why_not() -> None:
    folder = require_shared("vectors", "tlog")
    files = {path.stem for path in folder.rglob("*.json")}
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    tried = {name for name in files if f'load("{name}")' in sources or f'"{name}.json"' in sources}
    assert files - tried == set(NOT_USED)
    assert set(NAMED_BY_PATH) <= tried
