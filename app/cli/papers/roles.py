"""The page that tells who of the staff may do what, made from the tables of the law."""

from app.domain.oversight.roles import (
    ACCESS_VALID,
    CONCERNS,
    PURPOSES,
    AccessPurpose,
    Concerns,
    Role,
    Verb,
    cell,
)
from app.settings import ROOT

PAGE = ROOT / "docs" / "roles.md"
_HEAD = """# Who of the staff may do what

Made from `app/domain/oversight/roles.py` by `clearline schema export`; never edited. Tests walk every cell over HTTP.

A cell tells what an officer of the role gets, asking about somebody **other** or about an **own** account (an officer
may be a customer too):

| Word | Meaning |
|---|---|
| yes | it is done, or shown |
| FORBIDDEN | the code of a top-level error; nothing is done or shown |
| OwnAccount | the refusal of that name; nothing is done or shown |
| left out | the list is shown without the own account |

A customer's token gets FORBIDDEN for every operation here, no token UNAUTHENTICATED.
"""
_PURPOSES = """
## For which purpose a file may be opened

An opening runs for {minutes} minutes of business time, is on record before anything is shown, and the customer sees it
(`viewer.accesses`). What is masked is revealed field by field, each by an event that the customer sees too.
"""


def page() -> str:
    """The text of docs/roles.md."""
    minutes = int(ACCESS_VALID.total_seconds()) // 60
    return "\n".join([_HEAD, *_operations(), _PURPOSES.format(minutes=minutes), *_purposes()]) + "\n"


def write(*, check: bool) -> bool:
    """Write the page (or, with `check`, only compare); whether it was not up to date."""
    text = page()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return False
    if not check:
        PAGE.write_text(text, encoding="utf-8")
    return True


def _operations() -> list[str]:
    heads = [f"{role} {whose}" for role in Role for whose in ("other", "own")]
    rows = [_row(["Operation", "About", *heads]), _row(["---"] * (len(heads) + 2))]
    about = {Concerns.NOBODY: "nobody", Concerns.LIST: "a list", Concerns.PERSON: "a person"}
    for verb in Verb:
        cells = [cell(role, verb, own=own).value for role in Role for own in (False, True)]
        rows.append(_row([f"`{verb}`", about[CONCERNS[verb]], *cells]))
    return rows


def _purposes() -> list[str]:
    rows = [_row(["Purpose", *Role]), _row(["---"] * (len(Role) + 1))]
    for purpose in AccessPurpose:
        cells = ["yes" if purpose in PURPOSES[role] else "no" for role in Role]
        rows += [_row([f"`{purpose}`", *cells])]
    return rows


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
