"""The trial balance at any date is what the postings of that date hold, in the flows, on the command line and for officers."""

import asyncio
import json
import sys
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from app.api.scalars import encode_id
from app.cli.verbs import cli
from app.flows.days.trial import trial_balance_on
from app.flows.sandbox.book import staff_token
from tests.flows.days.collecting import borrower, business_date_of
from tests.flows.houses import environment
from tests.world import World


async def test_each_day_keeps_its_balance_whatever_comes_later(world: World) -> None:
    person, loan = await borrower(world, mandate=False)
    start = await business_date_of(world)
    await world.advance(3)
    before = await trial_balance_on(start + timedelta(days=2), start + timedelta(days=3))
    paid = {"amount": "700.00", "currency": "CNY"}
    await world.act("Repay", person, loanId=encode_id("Loan", loan.id), amount=paid)
    today = start + timedelta(days=3)
    now = await trial_balance_on(today, today)
    assert (before.closed, now.closed) == (True, False)
    assert await trial_balance_on(start + timedelta(days=2), today) == before
    balances = {row.account.value: row.balance_minor for row in now.accounts}
    assert balances["CASH"] == 70_000 - loan.principal_minor
    assert before.balanced
    assert sum(balances.values()) == 0
    told = await world.ask("TrialBalance", {"on": now.on.isoformat()}, staff_token("operator"))
    shown = told["oversight"]["trialBalance"]
    assert {row["account"]: round(float(row["balance"]["amount"]) * 100) for row in shown["accounts"]} == balances
    assert (shown["balanced"], shown["closed"]) == (True, False)
    ahead = f'{{ oversight {{ trialBalance(on: "{today + timedelta(days=1)}") {{ closed }} }} }}'
    (error,) = (await world.post({"query": ahead}, staff_token("operator"))).json()["errors"]
    assert (error["extensions"]["code"], error["message"]) == (
        "BAD_REQUEST",
        "该日尚未到来，请选择今天或更早的日期。",
    )


async def test_the_loan_tape_is_printed_with_each_loan_by_its_id_in_the_contract(world: World) -> None:
    _, loan = await borrower(world, mandate=False)
    start = await business_date_of(world)
    await world.advance(2)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "loan-tape", "--on", start.isoformat(),
        env=environment(world.house.settings), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    printed, _ = await process.communicate()
    (row,) = [json.loads(line) for line in printed.splitlines()]
    told = (row["schema"], row["loan"], row["day"], row["outstandingMinor"])
    assert told == ("clearline-loan-tape/1", encode_id("Loan", loan.id), start.isoformat(), loan.principal_minor)


def test_the_command_line_tells_the_same(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLEARLINE_HOME", str(tmp_path))
    runner = CliRunner()
    assert runner.invoke(cli, ["migrate", "--seed"]).exit_code == 0
    told = json.loads(runner.invoke(cli, ["trial-balance", "--json"]).stdout)
    assert (told["schema"], told["balanced"], told["debitMinor"]) == ("clearline-trial-balance/1", True, 0)
    assert json.loads(runner.invoke(cli, ["end-of-day", "--json"]).stdout)["days"] == []
    assert json.loads(runner.invoke(cli, ["end-of-day", "--json"]).stdout)["debits"] == 0
    assert runner.invoke(cli, ["loan-tape"]).exit_code == 1
    for day, why in (("1999-12-31", "2000 to 2999"), ("2999-12-31", "has not come")):
        refused = runner.invoke(cli, ["trial-balance", "--on", day])
        assert (refused.exit_code, why in refused.stderr) == (2, True)
