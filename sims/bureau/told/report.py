"""One report in the codes of the second generation, cut to the groups that were asked for."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sims.bureau.asking import Inquiry
from sims.bureau.dates import BUREAU_ZONE, day_back, day_of, month_back
from sims.bureau.people import Account, Person, person
from sims.bureau.store import ASKER_TYPE, Recorded
from sims.bureau.told.accounts import REVOLVING, Block, agreement, told

Known = Callable[[str, date], Person]
SCHEMA = "clearline-bureau-report/1"
ID_CARD = "10"
DECEASED = "DECEASED"
QUERY_MONTHS = 24
BASICS = frozenset({"account_summary", "repayment_24m", "repayment_60m"})
SUMMARIES = (("PC02E", ("D1",)), ("PC02F", ("R4",)), ("PC02G", ("R1",)))
PUBLIC_BLOCKS = ("PE01", "PF01", "PF02", "PF04")  # post-paid services, tax, judgments, penalties: nobody has any


@dataclass(frozen=True, slots=True)
class Line:
    """One query record as a report shows it."""

    day: date
    institution_type: str
    institution: str
    reason: str


def render(inquiry: Inquiry, name: str, earlier: list[Recorded], known: Known | None = None) -> Block:
    """The report of the person on the day of the question; the question itself is not on it.

    `known` is what the bureau holds on people beside its register of questions; without it, their stories alone.
    """
    day, groups = day_of(inquiry.at), frozenset(inquiry.fields)
    story = known(inquiry.subject.id_number, day) if known else person(inquiry.subject.id_number)
    report: Block = {"schema": SCHEMA, "PA01": _header(inquiry, name, story, groups)}
    if "identity_header" in groups:
        report["PG01"] = [{"PG010D01": "1", "PG010H": DECEASED}] if story.deceased else []
    if "account_summary" in groups:
        report["PC02"] = _summary(story.accounts, day)
    if groups & (BASICS | {"loan_balance", "card_usage"}):
        report["PD01"] = [told(n, one, day, groups) for n, one in enumerate(story.accounts, 1) if _shown(one, groups)]
    if "loan_balance" in groups:
        report["PD02"] = [agreement(n, one, day) for n, one in enumerate(story.accounts, 1) if one.kind == REVOLVING]
    if "inquiries_24m" in groups:
        lines = _lines(story, earlier, day)
        report["PC05"] = _query_summary(lines, day)
        report["PH01"] = [_query(line) for line in lines]
    if "public_records" in groups:
        report["PC03"] = {"PC030S01": 0}
        report["PC04"] = {"PC040S01": story.enforced}
        report |= {code: [] for code in PUBLIC_BLOCKS}
        report["PF03"] = [_enforcement(day, n) for n in range(story.enforced)]
    return report


def _header(inquiry: Inquiry, name: str, story: Person, groups: frozenset[str]) -> Block:
    header: Block = {
        "PA01AI01": hashlib.sha256(inquiry.key.encode()).hexdigest()[:22].upper(),
        "PA01AR01": inquiry.at.astimezone(BUREAU_ZONE).isoformat(timespec="seconds"),
    }
    if "identity_header" in groups:
        header |= {
            "PA01BQ01": name,
            "PA01BD01": ID_CARD,
            "PA01BI01": inquiry.subject.id_number,
            "PA01BI02": inquiry.institution,
            "PA01BD02": inquiry.reason_code,
            "PA01ES01": story.objections,
        }
    return header


def _shown(account: Account, groups: frozenset[str]) -> bool:
    return bool(groups & BASICS) or ("card_usage" if account.is_card else "loan_balance") in groups


def _summary(accounts: tuple[Account, ...], day: date) -> Block:
    unsettled = [account for account in accounts if not account.closed]
    first_months = {account.business: 0 for account in accounts}
    for account in accounts:
        first_months[account.business] = max(first_months[account.business], account.opened)
    counted = Counter(account.business for account in accounts)
    bad = [account for account in accounts if account.status == "4"]
    cards = [account for account in unsettled if account.is_card]
    return {
        "PC02A": [
            {"PC02AD01": business, "PC02AR02": month_back(day, months), "PC02AS03": counted[business]}
            for business, months in first_months.items()
        ],
        "PC02B": {"PC02BS01": 0, "PC02BS02": 0, "PC02BJ01": 0},
        "PC02C": {"PC02CS01": len(bad), "PC02CJ01": sum(account.balance for account in bad)},
        "PC02D": list(_overdue_summary(accounts)),
        **{code: _outstanding(code, [one for one in unsettled if one.kind in kinds]) for code, kinds in SUMMARIES},
        "PC02H": {
            "PC02HS01": len({card.lender for card in cards}),
            "PC02HS02": len(cards),
            "PC02HJ01": sum(card.granted for card in cards),
            "PC02HJ02": max((card.granted for card in cards), default=0),
            "PC02HJ03": min((card.granted for card in cards), default=0),
            "PC02HJ04": sum(card.balance for card in cards),
            "PC02HJ05": sum(card.balance for card in cards),
        },
    }


def _outstanding(code: str, accounts: list[Account]) -> Block:
    return {
        f"{code}S01": len({account.lender for account in accounts}),
        f"{code}S02": len(accounts),
        f"{code}J01": sum(account.granted for account in accounts),
        f"{code}J02": sum(account.balance for account in accounts),
        f"{code}J03": sum(account.due for account in accounts),
    }


def _overdue_summary(accounts: tuple[Account, ...]) -> Iterable[Block]:
    for kind in ("D1", "R4", "R1", "R2"):
        late = [account for account in accounts if account.kind == kind and account.late]
        if late:
            yield {
                "PC02DD01": kind,
                "PC02DS02": len(late),
                "PC02DS03": len({month for account in late for month in account.late}),
                "PC02DJ01": max(max(account.overdue, account.due) for account in late),
                "PC02DS04": max(len(account.late) for account in late),
            }


def _lines(story: Person, earlier: list[Recorded], day: date) -> list[Line]:
    """What others asked in the last two years, and what was asked here, newest first."""
    others = [
        Line(day - timedelta(days=one.days), one.institution_type, one.institution, one.reason)
        for one in story.queries
    ]
    here = [
        Line(day_of(datetime.fromisoformat(one.recorded_at)), ASKER_TYPE, one.institution, one.reason)
        for one in earlier
    ]
    since = day_back(day, QUERY_MONTHS)
    return sorted(
        (line for line in others + here if since < line.day <= day), key=lambda line: line.day, reverse=True
    )


def _query(line: Line) -> Block:
    return {
        "PH010R01": line.day.isoformat(),
        "PH010D01": line.institution_type,
        "PH010Q02": line.institution,
        "PH010Q03": line.reason,
    }


def _query_summary(lines: list[Line], day: date) -> Block:
    since = day_back(day, 1)
    recent = {code: [line for line in lines if line.reason == code and line.day > since] for code in ("02", "03")}
    whole = Counter(line.reason for line in lines)
    last = lines[0] if lines else None
    return {
        "PC05A": last
        and {
            "PC05AR01": last.day.isoformat(),
            "PC05AD01": last.institution_type,
            "PC05AI01": last.institution,
            "PC05AQ01": last.reason,
        },
        "PC05B": {
            "PC05BS01": len({line.institution for line in recent["02"]}),
            "PC05BS02": len({line.institution for line in recent["03"]}),
            "PC05BS03": len(recent["02"]),
            "PC05BS04": len(recent["03"]),
            "PC05BS05": 0,
            "PC05BS06": whole["01"],
            "PC05BS07": whole["08"],
            "PC05BS08": whole["19"],
        },
    }


def _enforcement(day: date, n: int) -> Block:
    return {
        "PF03AQ01": f"Court {n + 1}",
        "PF03AR01": day_back(day, 9 + n).isoformat(),
        "PF03AJ01": 52_000,
        "PF03AQ03": "OPEN",
    }
