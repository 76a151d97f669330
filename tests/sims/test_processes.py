"""The outsiders as processes: what a client sees on a real connection, and what a kill leaves."""

import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import httpx2
import pytest

from tests.needs import ROOT
from tests.sims.outsiders import id_number, process, question

PERSON = id_number("001")


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    with process("sims.bureau", tmp_path_factory.mktemp("bureau") / "store.sqlite") as (_, client):
        yield client


def counts(client: httpx2.Client, person: str = PERSON) -> dict[str, int]:
    found: dict[str, int] = client.post("/counts/search", json={"subject": person}).json()
    return found


def test_a_record_outlives_a_kill(tmp_path: Path) -> None:
    asked = question()
    with process("sims.bureau", tmp_path / "bureau.sqlite") as (child, client):
        answer = client.post("/inquiries", json=asked).json()
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    with process("sims.bureau", tmp_path / "bureau.sqlite") as (_, client):
        assert client.get(f"/inquiries/{asked['reference']}").json() == answer
        assert client.post("/inquiries", json=asked).json() == answer
        assert counts(client) == {"records": 1, "receptions": 2}


def test_a_reset_breaks_off_in_the_body_after_the_record(bureau: httpx2.Client) -> None:
    bureau.post("/faults", json={"next": 1, "fault": "RESET"})
    asked = question()
    with pytest.raises(httpx2.RemoteProtocolError):
        bureau.post("/inquiries", json=asked)
    assert bureau.get(f"/inquiries/{asked['reference']}").json()["status"] == "ANSWERED"
    assert counts(bureau) == {"records": 1, "receptions": 1}


def test_004_keeps_a_client_waiting_after_the_record(bureau: httpx2.Client) -> None:
    asked = question(id_number("004"))
    with pytest.raises(httpx2.ReadTimeout):
        bureau.post("/inquiries", json=asked, timeout=0.3)
    assert bureau.get(f"/inquiries/{asked['reference']}").json()["status"] == "ANSWERED"


def test_a_timeout_before_the_record_leaves_none(bureau: httpx2.Client) -> None:
    bureau.post("/faults", json={"next": 1, "fault": "TIMEOUT_BEFORE"})
    asked = question(id_number("007"))
    with pytest.raises(httpx2.ReadTimeout):
        bureau.post("/inquiries", json=asked, timeout=0.3)
    assert bureau.get(f"/inquiries/{asked['reference']}").status_code == 404
    assert counts(bureau, id_number("007")) == {"records": 0, "receptions": 1}


@pytest.mark.parametrize(("module", "number"), [("sims.bureau", signal.SIGTERM), ("sims.payments", signal.SIGINT)])
def test_an_outsider_leaves_cleanly_when_told(tmp_path: Path, module: str, number: signal.Signals) -> None:
    with process(module, tmp_path / "store.sqlite") as (child, client):
        assert client.get("/healthz").status_code == 200
        child.send_signal(number)
        assert child.wait(10) == 0


def test_an_order_outlives_a_kill(tmp_path: Path) -> None:
    order = {
        "reference": str(uuid4()),
        "amountMinor": 100_00,
        "currency": "CNY",
        "account": {"holder": "林*川", "tail": "0042"},
        "requestedAt": "2026-03-02T10:00:00+08:00",
    }
    with process("sims.payments", tmp_path / "payments.sqlite") as (child, client):
        client.post("/hold", json={"on": True})
        assert client.post("/payouts", json=order).json()["status"] == "PENDING"
        child.send_signal(signal.SIGKILL)
        child.wait()
    with process("sims.payments", tmp_path / "payments.sqlite") as (_, client):
        assert client.get(f"/payouts/{order['reference']}").json()["status"] == "PENDING"
        client.post("/hold", json={"on": False})
        assert client.get(f"/payouts/{order['reference']}").json()["status"] == "PAID"


def test_outsiders_import_nothing_of_the_product() -> None:
    sources = [path.read_text() for path in (ROOT / "sims").rglob("*.py")]
    lines = [line.strip() for source in sources for line in source.splitlines()]
    ours = ("from app", "import app", "from models", "import models", "from ml", "import ml")
    assert len(sources) > 10
    assert not [line for line in lines if line.startswith(ours)]
