"""Telling what an end of day did, how loans stood, and what the accounts held. Amounts are whole fen."""

import json
from typing import Any

from app.domain.days.trial import TrialBalance
from app.domain.money import Money
from app.flows.days.report import EndOfDayReport

TAPE_COLUMNS = (
    "status",
    "outstanding_minor",
    "due_minor",
    "past_due_minor",
    "days_past_due",
    "bucket",
    "interest_minor",
    "penalty_minor",
    "paid_fee_minor",
    "paid_penalty_minor",
    "paid_interest_minor",
    "paid_principal_minor",
    "paid_over_minor",
    "paid_recovered_minor",
    "year_fee_minor",
    "year_penalty_minor",
    "year_interest_minor",
    "year_principal_minor",
    "year_over_minor",
    "year_recovered_minor",
)


def end_of_day_json(report: EndOfDayReport) -> str:
    """See docs/formats/end-of-day.md."""
    days = [
        {"day": row.day.isoformat(), "loans": row.loans, "late": row.late, "pages": row.pages} for row in report.days
    ]
    told = {"businessDate": report.business_date.isoformat(), "days": days, "debits": report.debits}
    return json.dumps({"schema": "clearline-end-of-day/1", **told})


def end_of_day_text(report: EndOfDayReport) -> str:
    """The same for reading."""
    if not report.days:
        return f"{report.business_date}: every day before it is closed; {report.debits} debits presented"
    rows = [f"  {row.day}  {row.loans} loans, {row.late} late, {row.pages} pages" for row in report.days]
    head = f"{report.business_date}: {len(rows)} days closed, {report.debits} debits presented"
    return "\n".join([head, *rows])


def tape_json(row: dict[str, Any], loan: str) -> str:
    """One row of the loan tape as one line; see docs/formats/loan-tape.md."""
    values = {_camel(name): row[name] for name in TAPE_COLUMNS}
    return json.dumps({"schema": "clearline-loan-tape/1", "loan": loan, "day": str(row["day"]), **values})


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def trial_json(trial: TrialBalance) -> str:
    """See docs/formats/trial-balance.md."""
    accounts = [
        {
            "account": row.account.value,
            "debitMinor": row.debit_minor,
            "creditMinor": row.credit_minor,
            "balanceMinor": row.balance_minor,
        }
        for row in trial.accounts
    ]
    told = {
        "on": trial.on.isoformat(),
        "closed": trial.closed,
        "currency": trial.currency,
        "accounts": accounts,
        "debitMinor": trial.debit_minor,
        "creditMinor": trial.credit_minor,
        "balanced": trial.balanced,
    }
    return json.dumps({"schema": "clearline-trial-balance/1", **told})


def trial_text(trial: TrialBalance) -> str:
    """The same for reading."""

    def row(name: str, *amounts: int) -> str:
        return f"{name:<22}" + "".join(f"{Money(amount, trial.currency).text():>20}" for amount in amounts)

    so_far = "" if trial.closed else ", a day that is not over"
    head = f"trial balance of {trial.on}{so_far}, {trial.currency}"
    title = f"{'account':<22}{'debit':>20}{'credit':>20}{'balance':>20}"
    rows = [row(one.account.value, one.debit_minor, one.credit_minor, one.balance_minor) for one in trial.accounts]
    total = row("all", trial.debit_minor, trial.credit_minor, trial.debit_minor - trial.credit_minor)
    return "\n".join([head, title, *rows, total])
