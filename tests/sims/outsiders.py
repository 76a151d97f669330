"""Questions for the outsiders, in memory or as processes of their own."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import uuid4

import httpx2
from starlette.applications import Starlette

from tests.needs import ROOT
from tests.sims.announced import INSTITUTIONS, POLICY, intent_of

START_LINE = " simulator listening on "
GROUPS = [
    "identity_header",
    "account_summary",
    "repayment_24m",
    "repayment_60m",
    "loan_balance",
    "card_usage",
    "inquiries_24m",
    "public_records",
]
NAME = "林小川"


def id_number(sequence: str, region: str = "990101") -> str:
    """An invented ID number; the bureau does not check the last digit."""
    return f"{region}19900307{sequence}1"


def question(person: str = id_number("001"), **changes: object) -> dict[str, object]:
    """A question that is in order and announced, with fresh ids, and with some members changed."""
    asked: dict[str, object] = {
        "reference": str(uuid4()),
        "institution": "clearline",
        "purpose": "FIRST_APPLICATION",
        "reasonCode": "02",
        "subject": {"name": NAME, "idNumber": person},
        "consent": {"id": str(uuid4()), "sha256": "ab" * 32},
        "permit": {"id": str(uuid4()), "expiresAt": "2026-03-02T10:30:00+08:00"},
        "fields": GROUPS,
        "requestedAt": "2026-03-02T10:00:00+08:00",
    } | changes
    return {"intent": intent_of(asked)} | asked


@asynccontextmanager
async def in_memory(app: Starlette) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of an application in this process."""
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://outsider") as client,
    ):
        for institution in (
            INSTITUTIONS if any(getattr(route, "path", "") == "/institutions" for route in app.routes) else ()
        ):
            await client.post("/institutions", json={"institution": institution, "policy": POLICY})
        yield client


@contextmanager
def process(module: str, store: Path, *more: str) -> Iterator[tuple[subprocess.Popen[str], httpx2.Client]]:
    """An outsider as a process on a free port, ready, with a client; killed in the end if it still runs."""
    command = [sys.executable, "-m", module, "--port", "0", "--store", str(store), *more]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            said = child.stdout.readline()
            assert START_LINE in said
            with httpx2.Client(base_url=said.split(START_LINE)[1].strip(), timeout=10) as client:
                for institution in INSTITUTIONS if module == "sims.bureau" else ():
                    client.post("/institutions", json={"institution": institution, "policy": POLICY})
                yield child, client
        finally:
            child.kill()
