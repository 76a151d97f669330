"""The trial balance, for those who answer for the book: totals of accounts, no person in it."""

from datetime import date

import strawberry

from app.api.caller import Info
from app.api.errors import bad_request
from app.api.scalars import Money
from app.domain.calendar import business_date
from app.domain.days.trial import DayAhead
from app.domain.days.trial import TrialBalance as ExactTrial
from app.domain.lending.postings import Account
from app.domain.oversight.roles import Verb
from app.flows.days.trial import trial_balance_on

EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)

strawberry.enum(Account, name="Account", description="Where amounts lie in the double entry.")


@strawberry.type(description="Above zero: we have it or are owed it. Below: we owe it or have earned it.")
class AccountTotals:
    account: Account
    debit: Money
    credit: Money
    balance: Money


@strawberry.type(description="All accounts when a business day ended, from the postings. `closed`: it is over.")
class TrialBalance:
    on: date
    closed: bool
    accounts: list[AccountTotals]
    debit: Money
    credit: Money
    balanced: bool

    @classmethod
    def of(cls, exact: ExactTrial) -> "TrialBalance":
        """From the exact totals."""

        def money(minor: int) -> Money:
            return Money.of(minor, exact.currency)

        return cls(
            on=exact.on,
            closed=exact.closed,
            accounts=[
                AccountTotals(
                    account=row.account,
                    debit=money(row.debit_minor),
                    credit=money(row.credit_minor),
                    balance=money(row.balance_minor),
                )
                for row in exact.accounts
            ],
            debit=money(exact.debit_minor),
            credit=money(exact.credit_minor),
            balanced=exact.balanced,
        )


@strawberry.type
class OversightTrial:
    @strawberry.field(
        description="What every account held when a business day ended. Roles RISK, COMPLIANCE, OPERATOR."
    )
    async def trial_balance(self, info: Info, on: date) -> TrialBalance:
        info.context.may(Verb.TRIAL_BALANCE)
        if not EARLIEST <= on <= LATEST:
            raise bad_request("PERIOD_WRONG")
        today = business_date(await info.context.desk.refresh_clock())
        try:
            return TrialBalance.of(await trial_balance_on(on, today))
        except DayAhead:
            raise bad_request("DAY_AHEAD") from None
