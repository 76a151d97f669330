"""A seeded, invented book: own data, bureau files, and what came of the loans. No real person is in it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from numpy.random import Generator

from app.domain.calendar import BUSINESS_ZONE
from app.domain.deciding.behaviour import BehaviourEvent, DataSource, EventKind
from app.domain.deciding.bureau_file import WORST_STATUS_BAD_DEBT, BureauFile
from ml.features import Applicant
from ml.training.people import (
    Profile,
    Stream,
    Traits,
    generator,
    month_number,
    pick_profile,
    strain_at,
    traits,
)

__all__ = ["BookRow", "Profile", "make_book", "simulate_events", "simulate_file"]

MAX_MONTHS = 120
MAX_PEOPLE = 200_000
MAX_A_MONTH = 6  # events of one kind in one month


BOOK_START = date(2022, 10, 1)
BOOK_DAYS = 3 * 365
SECOND_ROW_SHARE = 0.35
CONNECTS = {  # the share of people who connect a source
    DataSource.PAYMENTS: 0.93,
    DataSource.WEALTH: 0.65,
    DataSource.LIFE_SERVICES: 0.75,
    DataSource.SOCIAL: 0.30,
}


@dataclass(frozen=True, slots=True)
class BookRow:
    """One application of the book and what came of it: `bad` is 90 days overdue within 12 months of `as_of`."""

    person: int
    profile: Profile
    as_of: date
    applicant: Applicant
    sources: frozenset[DataSource]
    events: list[BehaviourEvent]
    file: BureauFile
    bad: bool


def simulate_events(seed: int, profile: Profile, as_of: date, months: int = 24) -> list[BehaviourEvent]:
    """Own data of all sources of the person of a seed, oldest first, over `months` months before `as_of`.

    A later `as_of` only adds events and drops old ones: a month once told stays as it was.

    Raises:
        ValueError: months outside 1..`MAX_MONTHS`.
    """
    if not 1 <= months <= MAX_MONTHS:
        raise ValueError(f"between 1 and {MAX_MONTHS} months, not {months}")
    person, last = traits(seed, profile), month_number(as_of)
    events: list[BehaviourEvent] = []
    for year in range((last - months) // 12, last // 12 + 1):
        events += _year(person, year, range(last - months, last + 1))
    first = _day(last - months, as_of.day)
    return sorted((e for e in events if first <= e.occurred_on < as_of), key=lambda e: (e.occurred_on, e.kind))


def _day(month: int, day: int) -> date:
    """A day of a counted month; beyond its end, the last day."""
    after = date((month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)
    return min(after, after.replace(day=min(day, after.day)))


def _fen(yuan: float) -> int:
    return max(0, round(yuan * 100))


def _count(draw: float, mean: float) -> int:
    """A Poisson number by inversion of one uniform draw, at most `MAX_A_MONTH`."""
    chance = total = math.exp(-mean)
    count = 0
    while draw > total and count < MAX_A_MONTH:
        count += 1
        chance *= mean / count
        total += chance
    return count


def _year(person: Traits, year: int, wanted: range) -> Iterator[BehaviourEvent]:
    """The events of a calendar year; drawn by the year, so that each month is the same whoever asks."""
    draw = generator(person.seed, Stream.EVENTS, year)
    noise = draw.normal(size=(12, 3)).tolist()
    chance = draw.uniform(size=(12, 8)).tolist()
    for index in range(12):
        if year * 12 + index in wanted:
            yield from _month(person, year * 12 + index, noise[index], chance[index])


def _month(person: Traits, month: int, noise: list[float], chance: list[float]) -> Iterator[BehaviourEvent]:
    strain, business = strain_at(person, month), person.segment == "SMALL_BUSINESS"
    swing = 0.35 if business else 0.08 + 0.04 * max(strain, 0)
    festival = 0.15 if month % 12 in {0, 1} else 0.0  # the month before and of the Spring Festival
    income = person.income * math.exp(swing * noise[0] - 0.06 * strain)
    spending = person.income * min(1.6, 0.72 + 0.09 * strain + festival) * math.exp(0.12 * noise[1])
    if chance[0] < person.presence:
        if chance[1] < (0.93 if business else 0.985) - 0.03 * max(strain, 0):
            yield BehaviourEvent(EventKind.SALARY_IN, _day(month, 10), _fen(income))
        yield BehaviourEvent(EventKind.SPENDING, _day(month, 28), _fen(spending))
        for n in range(_count(chance[2], 0.12 * math.exp(0.8 * strain + 0.2 * person.laxity))):
            yield BehaviourEvent(EventKind.CASH_SHORTFALL, _day(month, 5 + 4 * n), _fen(80 + 900 * chance[3]))
    balance = person.buffer_months * person.income * math.exp(0.35 * noise[2] - 0.35 * strain)
    yield BehaviourEvent(EventKind.BALANCE, _day(month, 31), _fen(balance))
    late = min(0.85, 0.06 * math.exp(0.75 * person.laxity + 0.35 * strain))
    for day, drawn in ((8, chance[4]), (20, chance[5])):
        kind = EventKind.BILL_LATE if drawn < late else EventKind.BILL_ON_TIME
        yield BehaviourEvent(kind, _day(month, day), _fen(60 + 240 * chance[6]))
    for n in range(_count(chance[7], 0.09 * math.exp(-0.5 * person.laxity))):
        yield BehaviourEvent(EventKind.CONTACT_VOUCHED, _day(month, 3 + n), 0)


def simulate_file(seed: int, profile: Profile, as_of: date) -> BureauFile:
    """The bureau's file on the person of a seed, as of a day; a thin person may have no account."""
    person = traits(seed, profile)
    draw = generator(seed, Stream.FILE)
    month = month_number(as_of)
    age = None if person.first_account_month is None else month - person.first_account_month
    if age is None or age <= 0:
        return _empty_file(person, draw, as_of)
    return _file(person, draw, as_of, age)


def _queries(person: Traits, draw: Generator) -> tuple[int, int, int]:
    """Approval queries of 1, 6 and 24 months, each holding the one before."""
    pace = 0.14 * math.exp(0.75 * person.hunger + 0.15 * person.strain)
    one, five, rest = (int(draw.poisson(min(pace * span, 60))) for span in (1, 5, 18))
    return one, one + five, one + five + rest


def _report(person: Traits, as_of: date) -> tuple[str, datetime]:
    return f"SIM{person.seed % 10**12:012d}", datetime.combine(as_of, time(0), tzinfo=BUSINESS_ZONE)


def _empty_file(person: Traits, draw: Generator, as_of: date) -> BureauFile:
    number, reported_at = _report(person, as_of)
    one, six, all_of_them = _queries(person, draw)
    return BureauFile(
        report_number=number,
        reported_at=reported_at,
        open_loans=0,
        open_cards=0,
        lenders=0,
        months_since_first_account=None,
        loan_balance_minor=0,
        card_limit_minor=0,
        card_used_minor=0,
        monthly_due_minor=0,
        overdue_now_minor=0,
        overdue_months_24=0,
        worst_status_24=0,
        worst_status_60=0,
        approval_queries_1=one,
        approval_queries_6=six,
        approval_queries_24=all_of_them,
        bad_debt=False,
        objection_mark=False,
        enforcement=False,
        deceased=False,
    )


def _file(person: Traits, draw: Generator, as_of: date, age: int) -> BureauFile:
    number, reported_at = _report(person, as_of)
    strain = strain_at(person, month_number(as_of))
    one, six, all_of_them = _queries(person, draw)
    loans = int(draw.poisson(min(8.0, 0.7 * math.exp(0.55 * person.hunger))))
    cards = int(draw.poisson(min(8.0, 1.3 * math.exp(0.25 * person.hunger))))
    lenders = max(1, loans + cards - int(draw.binomial(loans + cards, 0.25)))
    limit = cards * person.income * 1.8 * math.exp(0.3 * draw.normal())
    used = limit / (1 + math.exp(-(-0.9 + 0.7 * strain + 0.4 * person.hunger + 0.6 * draw.normal())))
    balance = loans * person.income * 2.2 * math.exp(0.5 * draw.normal())
    lateness = math.exp(min(2.5, 0.9 * person.laxity + 0.55 * strain))
    late_months = min(24, int(draw.poisson(0.35 * lateness)))
    worst = _worst(draw, late_months)
    older = max(worst, _worst(draw, min(36, int(draw.poisson(0.4 * lateness)))))
    overdue = late_months > 0 and draw.uniform() < 0.05 * late_months
    bad_debt = older == WORST_STATUS_BAD_DEBT
    return BureauFile(
        report_number=number,
        reported_at=reported_at,
        open_loans=loans,
        open_cards=cards,
        lenders=lenders if loans + cards else 0,
        months_since_first_account=age,
        loan_balance_minor=_fen(balance),
        card_limit_minor=_fen(limit),
        card_used_minor=_fen(used),
        monthly_due_minor=_fen(balance / 14 + 0.1 * used),
        overdue_now_minor=_fen(300 + 2500 * draw.uniform()) if overdue else 0,
        overdue_months_24=late_months,
        worst_status_24=worst,
        worst_status_60=older,
        approval_queries_1=one,
        approval_queries_6=six,
        approval_queries_24=all_of_them,
        bad_debt=bad_debt,
        objection_mark=bool(draw.uniform() < 0.01),
        enforcement=bad_debt and bool(draw.uniform() < 0.3),
        deceased=False,
    )


def _worst(draw: Generator, late_months: int) -> int:
    """The worst repayment status of some late months: mostly 1, seldom the end of the scale."""
    if late_months == 0:
        return 0
    return min(WORST_STATUS_BAD_DEBT, 1 + int(draw.poisson(0.18 * late_months)))


def make_book(people: int, seed: int) -> Iterator[BookRow]:
    """The rows of a book, person by person; some people apply a second time. The same seed gives the same book.

    Raises:
        ValueError: people outside 1..`MAX_PEOPLE`.
    """
    if not 1 <= people <= MAX_PEOPLE:
        raise ValueError(f"between 1 and {MAX_PEOPLE} people, not {people}")
    for number in range(people):
        own_seed = seed * MAX_PEOPLE + number
        draw = generator(own_seed, Stream.APPLICATION)
        profile = pick_profile(draw)
        sources = frozenset(source for source, share in CONNECTS.items() if draw.uniform() < share)
        age, first = int(draw.integers(19, 62)), int(draw.integers(BOOK_DAYS))
        again = first + int(draw.integers(270, 600))
        days = [first, again] if draw.uniform() < SECOND_ROW_SHARE and again < BOOK_DAYS else [first]
        for day in days:
            as_of = BOOK_START + timedelta(days=day)
            yield _row(draw, number=number, seed=own_seed, profile=profile, sources=sources, age=age, as_of=as_of)


def _row(
    draw: Generator,
    *,
    number: int,
    seed: int,
    profile: Profile,
    sources: frozenset[DataSource],
    age: int,
    as_of: date,
) -> BookRow:
    person = traits(seed, profile)
    months_of_income = math.exp(0.25 + 0.25 * person.hunger + 0.45 * draw.normal())
    asked = min(300_000, max(1_000, round(person.income * months_of_income, -3)))
    term = (3, 6, 12, 24)[int(draw.choice(4, p=[0.2, 0.25, 0.4, 0.15]))]
    file = simulate_file(seed, profile, as_of)
    return BookRow(
        person=number,
        profile=profile,
        as_of=as_of,
        applicant=Applicant(age, person.segment, _fen(asked), term),
        sources=sources,
        events=simulate_events(seed, profile, as_of, months=13),
        file=file,
        bad=_turns_bad(person, as_of, asked / person.income, file.overdue_months_24, draw),
    )


def _turns_bad(person: Traits, as_of: date, months_of_income: float, late_months: int, draw: Generator) -> bool:
    """Chance decides at odds of the traits, the size of the request, the segment, the season and plain luck."""
    month = month_number(as_of)
    log_odds = (
        -3.35
        + 0.62 * strain_at(person, month)
        + 0.62 * person.laxity
        + 0.55 * person.hunger
        + 0.35 * math.log(months_of_income)
        + 0.10 * min(late_months, 6)
        + (0.25 if person.segment == "SMALL_BUSINESS" else 0.0)
        + (0.20 if person.first_account_month is None else 0.0)
        + 0.10 * math.sin(2 * math.pi * (month % 12) / 12)
        + 0.35 * draw.normal()
    )
    return bool(draw.uniform() < 1 / (1 + math.exp(-log_odds)))
