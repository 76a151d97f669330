"""A payment tried before it is made: what it would pay, and the plan after it. Nothing is written, nobody is asked.

The id of a trial seals what was shown. A payment that names it is booked only if it would still do exactly that.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from app.domain.calendar import business_date
from app.domain.lending.accrual import InstalmentState, Payoff, payoff
from app.domain.lending.allocation import rules_of
from app.domain.lending.prepayment import Debt, Preview, Shares, offered, previews, share_out
from app.domain.lending.product import CURRENCY, AllocationTarget, Method, PrepaymentRule, product_of
from app.domain.money import Money
from app.domain.refusals import InvalidInput, NotFound, TrialStale
from app.flows.allowed.loans import check_prepay, check_repay
from app.flows.book.position import OPEN_STATUSES, instalments_of, position_of, state_of, terms_of
from app.flows.payments.receiving import most_of, must_fit
from app.flows.payments.refunding import credit_of
from app.flows.payments.sealing import NotOurs, seal, unseal
from app.flows.unit import Desk, Unit
from models.loans import Loan

TRIAL_VALID = timedelta(minutes=30)
LOANS_MAX = 500
PAYOFF_DAYS_MAX = 366
_PURPOSE, _PREFIX = "trial", "t1."


@dataclass(frozen=True, slots=True)
class Part:
    """What one loan would take of a payment, how it stands before it in `states`, and its plan after it."""

    loan: Loan
    states: tuple[InstalmentState, ...]
    amount_minor: int
    preview: Preview

    @property
    def relevels(self) -> bool:
        """Whether principal is prepaid, so that the plan changes."""
        lines = self.preview.lines
        return any(line.target is AllocationTarget.PRINCIPAL and line.instalment is None for line in lines)


@dataclass(frozen=True, slots=True)
class Trial:
    """A payment as it would be booked now. `seal` is the trial's id.

    `credit_minor` is what no loan takes, `back_minor` what pays back refunded credit of a payment that came back.
    """

    seal: str
    amount: Money
    parts: tuple[Part, ...]
    credit_minor: int
    back_minor: int
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class PayoffOn:
    """What ends a loan on a day, if nothing else is paid until then."""

    loan: Loan
    day: date
    end: Payoff


async def prepayment_previews(desk: Desk, customer_id: UUID, loan_id: UUID, amount: Money) -> list[Trial]:
    """A payment for one loan under each rule that its product offers, the default first.

    Raises:
        NotFound: not the customer's loan. InvalidInput: nothing is owed ahead of its time, or the amount or currency
            does not fit.
    """
    now = await desk.refresh_clock()
    loan = await _own_open_loan(customer_id, loan_id)
    await check_prepay(loan, business_date(now))
    rows, day = await instalments_of(loan.id), max(business_date(now), loan.drawn_on)
    must_fit(amount, loan.currency, most_of(loan, position_of(loan, rows, day)))
    rules = product_of(loan.product_version).prepayment_of(Method(loan.method))
    choice = offered(rules, [state_of(row) for row in rows], day)
    parts = await _tried(loan, amount.minor, business_date(now), choice)
    return [_trial(desk, customer_id, amount, (part,), Shares((), 0), now, part.preview.rule) for part in parts]


async def agreed_rule(unit: Unit, loan: Loan, amount_minor: int, trial_id: str) -> PrepaymentRule:
    """The rule that the customer agreed to by a preview, if the payment would still do exactly what was shown.

    Raises:
        NotFound: no preview of the customer's. InvalidInput: nothing is owed ahead of its time any more.
        TrialStale: it would do otherwise, or the trial is over, or of another payment.
    """
    body = _opened(unit, loan.customer_id, trial_id, of_one_loan=True)
    await check_prepay(loan, unit.today())
    rule = PrepaymentRule(body["rule"])
    if body["shown"] != _shown(await _tried(loan, amount_minor, unit.today(), [rule]), Shares((), 0)):
        raise TrialStale
    return rule


async def payment_trial(desk: Desk, customer_id: UUID, amount: Money, first: UUID | None) -> Trial:
    """A payment shared among all loans of the customer: the chosen one first, then as Civil Code 560 has it.

    Raises:
        NotFound: the chosen loan is not the customer's. InvalidInput: nothing is owed, or the amount does not fit.
    """
    now = await desk.refresh_clock()
    shares, loans = await shared(customer_id, amount, business_date(now), first)
    parts = await _parts(shares, loans, business_date(now))
    return _trial(desk, customer_id, amount, parts, shares, now, None, await _owed_back(customer_id, shares))


async def check_split(
    unit: Unit, customer_id: UUID, shares: Shares[UUID], loans: dict[UUID, Loan], trial_id: str
) -> None:
    """Whether a payment would still be shared and booked as its trial showed.

    Raises:
        NotFound: no trial of the customer's. TrialStale: it would not, or the trial is over, or of another payment.
    """
    body = _opened(unit, customer_id, trial_id, of_one_loan=False)
    back = await _owed_back(customer_id, shares)
    if body["shown"] != _shown(await _parts(shares, loans, unit.today()), shares, back):
        raise TrialStale


async def shared(
    customer_id: UUID, amount: Money, day: date, first: UUID | None
) -> tuple[Shares[UUID], dict[UUID, Loan]]:
    """How a payment of today is shared among the open loans of a customer and what is owed back, and those loans.

    Raises:
        NotFound: the chosen loan is not the customer's. InvalidInput: nothing is owed, or the amount does not fit.
    """
    loans = await Loan.filter(customer_id=customer_id, status__in=OPEN_STATUSES).order_by("id").limit(LOANS_MAX)
    by_id = {loan.id: loan for loan in loans}
    if first is not None and first not in by_id:
        await _own_open_loan(customer_id, first)
    back = (await credit_of(customer_id)).owed_back_minor
    if not loans:
        _must_be_owed_back(amount, back)
        return Shares((), 0, amount.minor), by_id
    debts = [await _debt(loan, day) for loan in loans]
    owed = sum(payoff(debt.owed).total_minor for debt in debts) + back
    must_fit(amount, loans[0].currency, owed + product_of(loans[0].product_version).line_most_minor)
    return share_out(amount.minor, debts, first, back), by_id


def _must_be_owed_back(amount: Money, back_minor: int) -> None:
    """Who has no open loan pays what is owed back, and no more: there is nothing that more could be a credit of.

    Raises:
        InvalidInput: nothing is owed, less than that, or another currency.
    """
    if not back_minor:
        raise InvalidInput.at("amount", problem="NOTHING_OWED")
    must_fit(amount, CURRENCY)
    if amount.minor > back_minor:
        raise InvalidInput.at("amount", "amount", problem="MORE_THAN_OWED_BACK")


async def payoff_on(desk: Desk, customer_id: UUID, loan_id: UUID, day: date) -> PayoffOn:
    """What ends a loan on a day from today on.

    Raises:
        NotFound: not the customer's loan. InvalidInput: nothing is owed, or the day is over or too far ahead.
    """
    today = business_date(await desk.refresh_clock())
    loan = await _own_open_loan(customer_id, loan_id)
    if not today <= day <= today + timedelta(days=PAYOFF_DAYS_MAX):
        raise InvalidInput.at("on", problem="PAYOFF_DAY")
    return PayoffOn(loan, day, payoff(position_of(loan, await instalments_of(loan.id), day)))


async def _own_open_loan(customer_id: UUID, loan_id: UUID) -> Loan:
    loan = await Loan.get_or_none(id=loan_id, customer_id=customer_id)
    if loan is None:
        raise NotFound
    check_repay(loan)
    return loan


async def _debt(loan: Loan, day: date) -> Debt[UUID]:
    terms = terms_of(loan)
    owed = position_of(loan, await instalments_of(loan.id), day)
    return Debt(loan.id, owed, terms.interest.rate, terms.penalty, rules_of(product_of(loan.product_version)))


async def _tried(loan: Loan, amount_minor: int, day: date, choice: Sequence[PrepaymentRule] = ()) -> tuple[Part, ...]:
    """A payment under each rule of a choice; without one, under the first of the product."""
    counted = max(day, loan.drawn_on) if loan.charged_off_on is None else loan.charged_off_on
    states = [state_of(row) for row in await instalments_of(loan.id)]
    rules = rules_of(product_of(loan.product_version))
    shown = previews(amount_minor, terms_of(loan), states, counted, choice or [rules.prepayment], rules)
    return tuple(Part(loan, tuple(states), amount_minor, one) for one in shown)


async def _owed_back(customer_id: UUID, shares: Shares[UUID]) -> int:
    """All that the customer owes back, where the payment pays some of it."""
    return (await credit_of(customer_id)).owed_back_minor if shares.back_minor else 0


async def _parts(shares: Shares[UUID], loans: dict[UUID, Loan], day: date) -> tuple[Part, ...]:
    return tuple([part for key, amount in shares.shares for part in await _tried(loans[key], amount, day)])


def _trial(
    desk: Desk,
    customer_id: UUID,
    amount: Money,
    parts: tuple[Part, ...],
    shares: Shares[UUID],
    now: datetime,
    rule: PrepaymentRule | None,
    owed_back_minor: int = 0,
) -> Trial:
    valid_until = now + TRIAL_VALID
    body: dict[str, object] = {
        "customer": customer_id.hex,
        "rule": rule.value if rule else "",
        "day": business_date(now).isoformat(),
        "until": valid_until.isoformat(),
        "shown": _shown(parts, shares, owed_back_minor),
    }
    sealed = seal(desk.keys, _PURPOSE, _PREFIX, body)
    return Trial(sealed, amount, parts, shares.credit_minor, shares.back_minor, valid_until)


def _opened(unit: Unit, customer_id: UUID, trial_id: str, *, of_one_loan: bool) -> dict[str, str]:
    """What a trial of the customer's holds: a preview of one loan under a rule, or the split of a whole payment.

    Raises:
        NotFound: it is none; told apart from another's by nobody. TrialStale: it is over.
    """
    try:
        body, _ = unseal(unit.desk.keys, _PURPOSE, _PREFIX, trial_id)
    except NotOurs as error:
        raise NotFound from error
    if body["customer"] != customer_id.hex or bool(body["rule"]) is not of_one_loan:
        raise NotFound
    if unit.now >= datetime.fromisoformat(body["until"]) or body["day"] != unit.today().isoformat():
        raise TrialStale
    return body


def _shown(parts: Sequence[Part], shares: Shares[UUID], owed_back_minor: int = 0) -> str:
    """A digest of all that a trial shows, each part's lines and the rows that are left, and of what it stands on.

    Two payments may do the same one after the other: as each changes what it stands on, a trial agrees to one.
    """
    told = [
        [
            part.loan.id.hex,
            part.amount_minor,
            part.preview.settled,
            [astuple(state) for state in part.states],
            [[line.target, line.instalment, line.amount_minor, line.on_interest] for line in part.preview.lines],
            [[row.number, row.due_on.isoformat(), *row[3:]] for row in part.preview.rows],
        ]
        for part in parts
    ]
    left = [shares.credit_minor, shares.back_minor, owed_back_minor]
    return hashlib.sha256(json.dumps([told, left], default=str).encode()).hexdigest()
