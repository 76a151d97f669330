"""What lenders tell of their own accounts, month by month. Telling is not asking: no record of a question comes of it.

Sources: regulation on the credit reporting industry, art. 15 (tell the person before bad data), 16 (bad data stay five
years after the end of the default), 25 (a correction is annotated).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from sims.bureau.asking import IdNumber
from sims.bureau.dates import month_back, months_between
from sims.bureau.intents import Id
from sims.bureau.people import Account
from sims.wire import Message

ACCOUNTS_MAX = 200
DAYS_A_SIGN = 30
SIGN_MAX = 7
BAD_STAYS_MONTHS = 60
LENDER_TYPE = "24"
BUSINESS = "91"

Yuan = Annotated[int, Field(ge=0, lt=10**12)]
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]


class Told(Message):
    """One account in one month. Amounts are whole yuan; `noticed_at` is when the person was told of the bad news in it."""

    account: Id
    id_number: IdNumber
    kind: Literal["D1", "R4"] = "R4"
    granted: Yuan
    balance: Yuan
    due: Yuan
    overdue: Yuan
    days_past_due: Annotated[int, Field(ge=0, le=10_000)]
    opened_on: date
    closed_on: date | None = None
    noticed_at: AwareDatetime | None = None

    @property
    def sign(self) -> str:
        """The status of the month: N, or 1 for 1 to 30 days past due up to 7 for more than 180."""
        return str(min(SIGN_MAX, -(-self.days_past_due // DAYS_A_SIGN))) if self.days_past_due else "N"


class Update(Message):
    """The file of a month. `reported_at` is the bureau's time, since it has no clock."""

    institution: Id
    month: Month
    reported_at: AwareDatetime
    accounts: Annotated[list[Told], Field(min_length=1, max_length=ACCOUNTS_MAX)]


class Correction(Message):
    """One account in one month anew, and the words by which the report tells that it was corrected."""

    institution: Id
    month: Month
    reported_at: AwareDatetime
    account: Told
    annotation: Annotated[str, StringConstraints(min_length=1, max_length=200)]


Row = tuple[str, Told, str]
"""A month of an account, what was told of it, and the annotation of its correction, empty where there is none."""


def blocked(told: Told, month: str, reported_at: AwareDatetime) -> str | None:
    """Why an account is not taken in; None when it is."""
    if told.days_past_due and (told.noticed_at is None or told.noticed_at > reported_at):
        return "ADVERSE_WITHOUT_NOTICE"
    if f"{told.opened_on:%Y-%m}" > month or (told.closed_on is not None and told.closed_on < told.opened_on):
        return "NOT_OPEN"
    return None if bool(told.overdue) == bool(told.days_past_due) else "OVERDUE_UNCLEAR"


def outlived(rows: Sequence[Row], day: date) -> list[str]:
    """The bad months of one account, oldest first in `rows`, whose default ended five years before `day`: they must go."""
    end, gone, run = month_back(day, BAD_STAYS_MONTHS), list[str](), list[str]()
    for month, told, _ in rows:
        if told.days_past_due:
            run.append(month)
            continue
        gone += run if month <= end else []
        run = []
    return gone


def accounts_of(rows: Iterable[tuple[str, str, Row]], day: date) -> tuple[Account, ...]:
    """The reported accounts of a person as a report of `day` shows them: up to the last full month.

    `rows` are institution, account and month, in this order.
    """
    shown = []
    for (institution, _), group in groupby(rows, key=lambda one: one[:2]):
        months = {months_between(row[0], day): row for _, _, row in group}
        full = {back: row for back, row in months.items() if back >= 1}
        if full:
            shown.append(_account(institution, full, day))
    return tuple(shown)


def _account(institution: str, months: dict[int, Row], day: date) -> Account:
    last = months[min(months)][1]
    opened = months_between(f"{last.opened_on:%Y-%m}", day)
    notes = [note for _, _, note in months.values() if note]
    return Account(
        last.kind,
        institution,
        LENDER_TYPE,
        BUSINESS,
        last.granted,
        last.balance,
        last.due,
        opened,
        closed=max(1, months_between(f"{last.closed_on:%Y-%m}", day)) if last.closed_on else 0,
        overdue=last.overdue if 1 in months else 0,
        status="2" if last.days_past_due else "1",
        late={back: told.sign for back, (_, told, _) in months.items() if told.days_past_due},
        untold=frozenset(range(1, opened + 1)) - set(months),
        note=notes[-1] if notes else "",
    )
