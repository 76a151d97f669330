"""From the bureau's codes to our words: an allow-list, and an error that names a code and never a value."""

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NoReturn

from app.domain.calendar import add_months, business_date
from app.domain.consent.own_queries import OwnQuery
from app.domain.deciding.bureau_file import WORST_STATUS_BAD_DEBT, BureauFile

FIELD_GROUPS: Final = frozenset(
    {
        "identity_header",
        "account_summary",
        "repayment_24m",
        "repayment_60m",
        "loan_balance",
        "card_usage",
        "inquiries_24m",
        "public_records",
    }
)
"""The groups that a consent may name. A decision needs every one: a figure that was not asked for is not zero."""

YEARS: Final = range(2000, 3000)
MAX_BLOCKS: Final = 2000
MAX_YUAN: Final = 10**10
MAX_COUNT: Final = 10**5
FEN_A_YUAN: Final = 100
SHORT_MONTHS, LONG_MONTHS = 24, 60
MONTHS_A_YEAR: Final = 12
OLDEST, NEWEST = timedelta(days=1), timedelta(days=5)
"""How far the time of a report may lie before and after the question: two clocks differ, and a record may come late."""

LOANS: Final = frozenset({"D1", "R1", "R4"})
CARDS: Final = frozenset({"R2", "R3"})
SETTLED, BAD_DEBT = "3", "4"
ACCOUNT_STATUSES: Final = frozenset("12345678")
APPROVALS: Final = frozenset({"02", "03", "24", "26"})
REASONS: Final = APPROVALS | {"01", "08", "09", "16", "18", "19", "20", "21", "22", "23", "25"}
DECEASED: Final = "DECEASED"
OPEN_LOAN_COUNTS: Final = (("PC02E", "PC02ES02"), ("PC02F", "PC02FS02"), ("PC02G", "PC02GS02"))

# Second-generation status signs; D and Z (somebody else, or the pledged goods, paid) weigh as the longest arrears.
STATUS_WEIGHTS: Final = (
    dict.fromkeys("N*#/ACM", 0)
    | {str(late): late for late in range(1, 8)}
    | dict.fromkeys("DZ", 7)
    | dict.fromkeys("BG", WORST_STATUS_BAD_DEBT)
)

Block = Mapping[str, object]


class ReportMalformed(ValueError):
    """The report does not keep its format; `code` names the first field that does not."""

    def __init__(self, code: str) -> None:
        super().__init__(f"bureau report: field {code} is missing or malformed")
        self.code = code


class FieldsInsufficient(ValueError):
    """The consented groups of fields are not those that a bureau file is made of."""

    def __init__(self) -> None:
        super().__init__("a bureau file needs every field group: " + ", ".join(sorted(FIELD_GROUPS)))


@dataclass(frozen=True, slots=True)
class _Account:
    is_card: bool
    is_open: bool
    is_bad_debt: bool
    lender: str
    limit: int
    balance: int
    due: int
    overdue: int
    short: tuple[tuple[int, int], ...]
    long: tuple[tuple[int, int], ...]


def decode(report: Mapping[str, object], fields: Collection[str]) -> BureauFile:
    """The bureau file of one report; whatever the allow-list does not name is left behind.

    Raises:
        FieldsInsufficient: `fields` are not all of FIELD_GROUPS.
        ReportMalformed: a needed block or code is missing, of another type, or of an unknown value.
    """
    if set(fields) != FIELD_GROUPS:
        raise FieldsInsufficient
    header = _block(report, "PA01")
    reported_at = _moment(header, "PA01AR01")
    day = business_date(reported_at)
    summary = _block(report, "PC02")
    accounts = [_account(one) for one in _blocks(report, "PD01")]
    _check_counts(summary, accounts)
    late_24 = _recent((one.short for one in accounts), day, SHORT_MONTHS)
    late_60 = _recent((one.long for one in accounts), day, LONG_MONTHS)
    queries = [_approval(one, day) for one in _blocks(report, "PH01")]
    loans = [one for one in accounts if not one.is_card and one.is_open]
    cards = [one for one in accounts if one.is_card and one.is_open]
    worst_60 = max((weight for _, weight in late_60), default=0)
    return BureauFile(
        report_number=_text(header, "PA01AI01"),
        reported_at=reported_at,
        open_loans=len(loans),
        open_cards=len(cards),
        lenders=len({loan.lender for loan in loans}),
        months_since_first_account=_months_since_first(summary, day),
        loan_balance_minor=sum(loan.balance for loan in loans),
        card_limit_minor=sum(card.limit for card in cards),
        card_used_minor=sum(card.balance for card in cards),
        monthly_due_minor=sum(one.due for one in loans + cards),
        overdue_now_minor=sum(one.overdue for one in loans + cards),
        overdue_months_24=len({month for month, weight in late_24 if weight > 0}),
        worst_status_24=max((weight for _, weight in late_24), default=0),
        worst_status_60=worst_60,
        approval_queries_1=_asked_since(queries, day, 1),
        approval_queries_6=_asked_since(queries, day, 6),
        approval_queries_24=_asked_since(queries, day, SHORT_MONTHS),
        bad_debt=_has_bad_debt(summary, accounts) or worst_60 == WORST_STATUS_BAD_DEBT,
        objection_mark=_count(header, "PA01ES01") > 0,
        enforcement=len(_blocks(report, "PF03")) > 0,
        deceased=any(_text(one, "PG010H") == DECEASED for one in _blocks(report, "PG01")),
    )


def own_queries(report: Mapping[str, object], institution: str) -> tuple[OwnQuery, ...]:
    """The query records that stand under our name in a report: day and reason. What others asked is left behind.

    Raises:
        ReportMalformed: a query record does not say whose it is, when it was made, or why.
    """
    return tuple(
        OwnQuery(_date(one, "PH010R01"), _one_of(one, "PH010Q03", REASONS))
        for one in _blocks(report, "PH01")
        if _text(one, "PH010Q02") == institution
    )


def check_moment(file: BureauFile, asked_at: datetime) -> None:
    """Refuse a report that was not made for this question: a copy of an old one, or one of days to come.

    Raises:
        ReportMalformed: its time is too far from `asked_at`.
    """
    if not asked_at - OLDEST <= file.reported_at <= asked_at + NEWEST:
        raise ReportMalformed("PA01AR01")


def reported_id_number(report: Mapping[str, object]) -> str:
    """The ID number in the report's header: the caller compares it with the person that was asked about.

    Raises:
        ReportMalformed: there is none.
    """
    return _matching(_block(report, "PA01"), "PA01BI01", r"[0-9]{17}[0-9X]")


def _account(block: Block) -> _Account:
    basics, latest, month = _block(block, "PD01A"), _block(block, "PD01B"), _block(block, "PD01C")
    is_card = _one_of(basics, "PD01AD01", LOANS | CARDS) in CARDS
    status = _one_of(latest, "PD01BD01", ACCOUNT_STATUSES)
    return _Account(
        is_card=is_card,
        is_open=status != SETTLED,
        is_bad_debt=status == BAD_DEBT,
        lender=_text(basics, "PD01AI02"),
        limit=_fen(basics, "PD01AJ02") if is_card else 0,
        balance=_fen(month, "PD01CJ02") if is_card else _fen(latest, "PD01BJ01"),
        due=_fen(month, "PD01CJ04"),
        overdue=_fen(month, "PD01CJ06"),
        short=_history(_block(block, "PD01D"), SHORT_MONTHS, "PD01DR02", "PD01DD01"),
        long=_history(_block(block, "PD01E"), LONG_MONTHS, "PD01ER02", "PD01ED01"),
    )


def _history(block: Block, length: int, last_code: str, code: str) -> tuple[tuple[int, int], ...]:
    """(month number, weight) of each month, oldest first; the last sign belongs to the last month."""
    last, signs = _month(block, last_code), _text(block, code)
    if len(signs) != length or not STATUS_WEIGHTS.keys() >= set(signs):
        raise ReportMalformed(code)
    return tuple((last - length + n, STATUS_WEIGHTS[sign]) for n, sign in enumerate(signs, 1))


def _recent(histories: Iterable[tuple[tuple[int, int], ...]], day: date, months: int) -> list[tuple[int, int]]:
    first = day.year * MONTHS_A_YEAR + day.month - months
    return [one for history in histories for one in history if one[0] >= first]


def _check_counts(summary: Block, accounts: list[_Account]) -> None:
    """A report with fewer accounts than its summary counts would make a debtor look free of debt."""
    loans = sum(_count(_block(summary, block), code) for block, code in OPEN_LOAN_COUNTS)
    if loans != sum(one.is_open and not one.is_card for one in accounts):
        raise ReportMalformed("PC02ES02")
    if _count(_block(summary, "PC02H"), "PC02HS02") != sum(one.is_open and one.is_card for one in accounts):
        raise ReportMalformed("PC02HS02")


def _has_bad_debt(summary: Block, accounts: list[_Account]) -> bool:
    return _count(_block(summary, "PC02C"), "PC02CS01") > 0 or any(one.is_bad_debt for one in accounts)


def _months_since_first(summary: Block, day: date) -> int | None:
    months = [_month(one, "PC02AR02") for one in _blocks(summary, "PC02A")]
    if not months:
        return None
    now = day.year * MONTHS_A_YEAR + day.month
    return now - min(months) if max(months) <= now else _refuse("PC02AR02")


def _approval(block: Block, day: date) -> date | None:
    """The day of a query that asked for an approval; None for a query of another kind."""
    asked = _date(block, "PH010R01")
    if asked > day:
        raise ReportMalformed("PH010R01")
    return asked if _one_of(block, "PH010Q03", REASONS) in APPROVALS else None


def _asked_since(queries: list[date | None], day: date, months: int) -> int:
    since = add_months(day, -months, day.day)
    return sum(asked is not None and asked > since for asked in queries)


def _block(parent: Block, code: str) -> Block:
    found = parent.get(code)
    return found if isinstance(found, Mapping) else _refuse(code)


def _blocks(parent: Block, code: str) -> list[Block]:
    found = parent.get(code)
    if not isinstance(found, list) or len(found) > MAX_BLOCKS:
        raise ReportMalformed(code)
    return [one if isinstance(one, Mapping) else _refuse(code) for one in found]


def _text(block: Block, code: str) -> str:
    found = block.get(code)
    return found if isinstance(found, str) and found else _refuse(code)


def _one_of(block: Block, code: str, known: frozenset[str]) -> str:
    found = _text(block, code)
    return found if found in known else _refuse(code)


def _matching(block: Block, code: str, pattern: str) -> str:
    found = _text(block, code)
    return found if re.fullmatch(pattern, found, re.ASCII) else _refuse(code)


def _count(block: Block, code: str, most: int = MAX_COUNT) -> int:
    """A whole number of 0 to `most`: no text, no fraction, and no truth value, which Python calls a number."""
    found = block.get(code)
    if type(found) is int and 0 <= found <= most:
        return found
    raise ReportMalformed(code)


def _fen(block: Block, code: str) -> int:
    """The bureau counts whole yuan."""
    return _count(block, code, MAX_YUAN) * FEN_A_YUAN


def _date(block: Block, code: str) -> date:
    text = _matching(block, code, r"\d{4}-\d{2}-\d{2}")
    # Raised outside the handler, so that the library's error, which quotes the value, is not carried along.
    with suppress(ValueError):
        return date.fromisoformat(text)
    raise ReportMalformed(code)


def _month(block: Block, code: str) -> int:
    """The number of a month since year 0; one month later is one more."""
    year, month = _matching(block, code, r"[12]\d{3}-(0[1-9]|1[0-2])").split("-")
    return int(year) * MONTHS_A_YEAR + int(month)


def _moment(block: Block, code: str) -> datetime:
    text = _matching(block, code, r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})")
    with suppress(ValueError):
        return moment_of(text)
    raise ReportMalformed(code)


def moment_of(text: str) -> datetime:
    """A moment that a bureau tells: with its offset, and in years in which every reckoning stays inside the calendar.

    Raises:
        ValueError: it is none.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or moment.year not in YEARS:
        raise ValueError("no moment of these centuries")
    return moment


def _refuse(code: str) -> NoReturn:
    raise ReportMalformed(code)
