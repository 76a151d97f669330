"""The page that tells who of the staff may do what, made from the tables of the law."""

from app.cli.papers.pages import head, row, written
from app.domain.oversight.roles import (
    ACCESS_VALID,
    CONCERNS,
    PURPOSES,
    AccessPurpose,
    Concerns,
    Role,
    Verb,
    cell,
    courses_for,
)
from app.domain.oversight.training import DUE_WITHIN, MONTHS_VALID
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

Courses: what the officer must have learnt. Without one that counts on the business date, an act is answered by
`TrainingExpired` and a list by the code `TRAINING_EXPIRED`, before anything is written or shown.
"""
_PURPOSES = """
## For which purpose a file may be opened

An opening runs for {minutes} minutes of business time, is on record before anything is shown, and the customer sees it
(`viewer.accesses`). What is masked is revealed field by field, each by an event that the customer sees too.
"""


_COURSES = """
## How long a course counts

Compliance records it (`recordTraining`), nobody an own one; {days} days before it runs out it shows as DUE.
"""


def page() -> str:
    """The text of docs/roles.md."""
    minutes = int(ACCESS_VALID.total_seconds()) // 60
    purposes = [_PURPOSES.format(minutes=minutes), *_purposes()]
    courses = [_COURSES.format(days=DUE_WITHIN.days), *head(["Course", "Months"])]
    courses += [row([f"`{course}`", str(months)]) for course, months in MONTHS_VALID.items()]
    return "\n".join([_HEAD, *_operations(), *purposes, *courses]) + "\n"


def write(*, check: bool) -> bool:
    """Write the page (or, with `check`, only compare); whether it was not up to date."""
    return written(PAGE, page(), check=check)


def _operations() -> list[str]:
    heads = [f"{role} {whose}" for role in Role for whose in ("other", "own")]
    rows = head(["Operation", "About", *heads, "Courses"])
    about = {Concerns.NOBODY: "nobody", Concerns.LIST: "a list", Concerns.PERSON: "a person"}
    for verb in Verb:
        cells = [cell(role, verb, own=own).value for role in Role for own in (False, True)]
        courses = ", ".join(f"`{course}`" for course in courses_for(verb)) or "none"
        rows.append(row([f"`{verb}`", about[CONCERNS[verb]], *cells, courses]))
    return rows


def _purposes() -> list[str]:
    rows = head(["Purpose", *Role])
    for purpose in AccessPurpose:
        cells = ["yes" if purpose in PURPOSES[role] else "no" for role in Role]
        rows.append(row([f"`{purpose}`", *cells]))
    return rows
