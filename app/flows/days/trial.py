"""The trial balance of the book at the end of any day, from the postings and nothing else."""

from datetime import date

from app.domain.days.trial import DayAhead, TrialBalance, trial_balance
from app.domain.lending.postings import Account
from app.domain.lending.product import CURRENCY
from app.flows.days.reading import is_closed
from models.connection import fetch, plain


async def trial_balance_on(day: date, today: date) -> TrialBalance:
    """What each account held when a business day ended, or holds so far if it has not ended.

    Raises:
        DayAhead: the day has not come.
    """
    if day > today:
        raise DayAhead(day, today)
    rows = await fetch(
        "SELECT source, destination, sum(amount_minor) AS total FROM posting"
        " WHERE effective_on <= $1 AND currency = $2 GROUP BY source, destination",
        *(plain(day), CURRENCY),
    )
    moved = [(Account(row["source"]), Account(row["destination"]), int(row["total"])) for row in rows]
    return trial_balance(day, CURRENCY, moved, closed=await is_closed(day))
