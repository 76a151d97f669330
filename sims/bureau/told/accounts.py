"""One account of a report, and the agreement that a revolving one stands under."""

from datetime import date

from sims.bureau.dates import day_back, month_back
from sims.bureau.people import Account

REVOLVING = "R4"
MONTHLY = "03"
REVOLVING_LIMIT = "10"
LONGEST = 7
UNTOLD = "#"
FIVE_CLASSES = "12233445"
OVERDUE = (("PD01CJ07", {2}), ("PD01CJ08", {3}), ("PD01CJ09", {4, 5, 6}), ("PD01CJ10", {7}))

Block = dict[str, object]


def told(n: int, account: Account, day: date, groups: frozenset[str]) -> Block:
    """The account with the number `n`, as far as the groups go."""
    block: Block = {
        "PD01A": {
            "PD01AI01": f"{n:04}",
            "PD01AD01": account.kind,
            "PD01AD02": account.lender_type,
            "PD01AD03": account.business,
            "PD01AD04": "CNY",
            "PD01AI02": account.lender,
            "PD01AR01": day_back(day, account.opened).isoformat(),
            "PD01AD06": MONTHLY,
            "PD01AI03": f"{account.lender}-{n:04}",
        },
        "PD01B": {
            "PD01BD01": "3" if account.closed else account.status,
            "PD01BD03": _five_class(account),
            "PD01BD04": _status(account, max(account.closed, 1)),
            "PD01BR03": day.isoformat(),
        },
    }
    if account.note:
        block["PD01Z"] = [{"PD01ZH": account.note}]
    if account.kind == REVOLVING:
        block["PD01A"] |= {"PD01AI04": f"{account.lender}-L{n:03}"}  # type: ignore[operator]
    if account.is_card and "card_usage" in groups:
        block["PD01A"] |= {"PD01AJ02": account.granted}  # type: ignore[operator]
        block["PD01C"] = {
            "PD01CJ02": account.balance,
            "PD01CJ12": account.balance,
            "PD01CJ14": account.balance,
            **_month(account, day),
        }
    if not account.is_card and "loan_balance" in groups:
        block["PD01A"] |= {"PD01AJ01": account.granted}  # type: ignore[operator]
        block["PD01B"] |= {"PD01BJ01": account.balance}  # type: ignore[operator]
        block["PD01C"] = {"PD01CJ01": account.balance, **_month(account, day)}
    if "repayment_24m" in groups:
        block["PD01D"] = _history(account, day, 24, ("PD01DR01", "PD01DR02", "PD01DD01"))
    if "repayment_60m" in groups:
        block["PD01E"] = {**_history(account, day, 60, ("PD01ER01", "PD01ER02", "PD01ED01")), "PD01ES01": 60}
    return block


def _month(account: Account, day: date) -> Block:
    """The last full month."""
    behind = _months_behind(account)
    return {
        "PD01CR01": month_back(day, 1),
        "PD01CJ04": account.due,
        "PD01CJ05": 0 if behind else account.due,
        "PD01CJ06": account.overdue,
        **{code: account.overdue if behind in months else 0 for code, months in OVERDUE},
        "PD01CS02": behind,
    }


def _months_behind(account: Account) -> int:
    sign = account.late.get(1, "0")
    return int(sign) if sign.isdigit() else LONGEST


def _five_class(account: Account) -> str:
    """The lender's class of the debt: normal, to be watched, substandard, doubtful, lost."""
    return FIVE_CLASSES[min(_months_behind(account), LONGEST)]


def _history(account: Account, day: date, length: int, codes: tuple[str, str, str]) -> Block:
    """The statuses of `length` months, oldest first, up to the last full month or the month of closing."""
    last = max(account.closed, 1)
    months = range(last + length - 1, last - 1, -1)
    statuses = "".join(_status(account, month) for month in months)
    return dict(zip(codes, (month_back(day, months[0]), month_back(day, months[-1]), statuses), strict=True))


def _status(account: Account, month: int) -> str:
    if month > account.opened:
        return "/"
    if month == account.closed:
        return "C"
    return account.late.get(month, UNTOLD if month in account.untold else "N")


def agreement(n: int, account: Account, day: date) -> Block:
    """The limit under which the revolving account `n` was drawn."""
    return {
        "PD02AD01": account.lender_type,
        "PD02AD02": REVOLVING_LIMIT,
        "PD02AD03": "CNY",
        "PD02AI01": f"{account.lender}-A{n:03}",
        "PD02AI02": account.lender,
        "PD02AI03": f"{account.lender}-L{n:03}",
        "PD02AJ01": account.granted,
        "PD02AJ04": account.balance,
        "PD02AR01": day_back(day, account.opened).isoformat(),
    }
