"""The examples of docs/formats are what the outsiders take and give."""

import json
import re
from typing import Any

import pytest

from app.doors.bureau.decoding import decode
from sims.bureau.app import build as build_bureau
from sims.payments.app import build as build_payments
from tests.needs import ROOT
from tests.sims.outsiders import GROUPS, id_number, in_memory, question


def examples(page: str) -> dict[str, list[Any]]:
    """The JSON blocks of a page by the heading that they stand under."""
    text = (ROOT / "docs" / "formats" / page).read_text()
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)[1:]
    blocks = [re.findall(r"```json\n(.*?)```", part, re.DOTALL) for part in parts[1::2]]
    return {title: [json.loads(one) for one in found] for title, found in zip(parts[::2], blocks, strict=True)}


async def test_the_bureaus_examples_hold() -> None:
    told = examples("bureau.md")
    asked, answer = told["POST /inquiries"]
    async with in_memory(build_bureau(":memory:")) as bureau:
        (introduction,) = told["POST /institutions"]
        assert (await bureau.post("/institutions", json=introduction)).status_code == 204
        given = (await bureau.post("/inquiries", json=asked)).json()
        assert given | {"report": answer["report"]} == answer
        assert (await bureau.get(f"/inquiries/{asked['reference']}")).json() == given
        search, page = told["GET /records, POST /records/search"]
        assert (await bureau.post("/records/search", json=search)).json() == page
        await bureau.post("/inquiries", json=asked)
        assert [(await bureau.get("/counts")).json()] == told["GET /counts, POST /counts/search"]
        assert (await bureau.post("/faults", json=told["POST /faults, DELETE /faults"][0])).status_code == 204
        assert [(await bureau.get("/healthz")).json()] == told["GET /healthz"]


async def test_the_report_of_the_page_is_a_report_that_the_bureau_gives() -> None:
    (shown,) = examples("bureau.md")["The report: `clearline-bureau-report/1`"]
    async with in_memory(build_bureau(":memory:")) as bureau:
        given = (await bureau.post("/inquiries", json=question(id_number("005")))).json()["report"]
    number = given["PA01"]["PA01AI01"]
    assert given == shown | {"PA01": shown["PA01"] | {"PA01AI01": number}}
    assert decode(shown, GROUPS).open_cards == 1


@pytest.mark.parametrize("way", ["payouts", "debits"])
async def test_the_banks_examples_hold(way: str) -> None:
    told = examples("payments.md")
    order, placed = told["POST /payouts, POST /debits"]
    (status,) = told["GET /payouts/{reference}, GET /debits/{reference}"]
    async with in_memory(build_payments(":memory:")) as bank:
        assert (await bank.post(f"/{way}", json=order)).json() == placed
        settled = (await bank.get(f"/{way}/{order['reference']}")).json()
        assert settled == status | {"kind": way.upper().removesuffix("S")}
        assert (await bank.get("/movements")).json() == {"movements": [settled], "next": None}
