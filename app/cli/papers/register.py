"""The privacy register as a page, made from what is declared beside the tables."""

from collections import Counter

from app.cli.papers.pages import head, row, written
from app.domain.oversight.privacy import DataClass
from app.domain.oversight.retention import RULES, Rule
from app.settings import ROOT
from models.register.kinds import Column, Table
from models.register.tables import IN_CLEAR, REGISTER

PAGE = ROOT / "docs" / "privacy-register.md"
_HEAD = """# Privacy register

Made from `models/register` by `clearline schema export`; never edited. A column of the database that is not declared there
fails the build. The words are those of `app/domain/oversight/privacy.py`; `clearline privacy register --json` tells the same
to machines, `oversight {{ privacyRegister }}` to officers of COMPLIANCE and PRIVACY.

{tables} tables, {columns} columns: {counts}.

| Word | Meaning |
|---|---|
| PUBLIC, INTERNAL | anybody may read it; the machine's own, about nobody |
| PERSONAL, SENSITIVE_PERSONAL | about somebody; what art. 28 of the personal information law protects |
| SECRET | what opens a door; never in clear |
| SEALED | encrypted under the key of the customer whose row it is |
| KEYED | a digest that can be compared and not read, or a wrapped key |
| CODED | an id, number, day or word of a fixed list; who it is about is known only through an id |
| CLEAR | as it was written |
| DELETED, HELD | at erasure: gone at once; stored and used for nothing else until its time ends |
| SHREDDED, UNLINKED, STAYS | at erasure: unreadable, for the key is destroyed; its link cut; nobody's, so it stays |

Basis: the items of art. 13. CONSENT, WRITTEN_CONSENT (also decree on credit reporting art. 18), CONTRACT, STAFF (managing those
who work here), DUTY (a duty by law), NONE (nobody can be told by it).
"""


def page() -> str:
    """The text of docs/privacy-register.md."""
    classes = Counter(column.data_class for table in REGISTER.values() for column in table.columns.values())
    counts = ", ".join(f"{classes[kind]} {kind}" for kind in DataClass)
    columns = sum(classes.values())
    parts = [_HEAD.format(tables=len(REGISTER), columns=columns, counts=counts), *_rules(), *_in_clear()]
    for table in sorted(REGISTER.values(), key=lambda table: table.name):
        parts += _table(table)
    return "\n".join(parts) + "\n"


def write(*, check: bool) -> bool:
    """Write the page (or, with `check`, only compare); whether it was not up to date."""
    return written(PAGE, page(), check=check)


def _rules() -> list[str]:
    rows = [
        row([f"`{rule.name}`", _time(rule), rule.at_end.value, rule.why, rule.hold or "none"])
        for rule in sorted(RULES, key=lambda rule: rule.name)
    ]
    return ["## For how long\n", *head(["Rule", "Months", "At its end", "Why", "Held by law"]), *rows, ""]


def _time(rule: Rule) -> str:
    return str(rule.months) if rule.months is not None else "no calendar"


def _in_clear() -> list[str]:
    rows = [row([f"`{table}.{column}`", reason]) for (table, column), reason in sorted(IN_CLEAR.items())]
    return ["## What is personal and lies open, and why\n", *head(["Column", "Why"]), *rows, ""]


def _table(table: Table) -> list[str]:
    kept = table.retention
    counted = f", from `{kept.since}`" if kept.since else ""
    narrowed = f", where `{kept.only}`" if kept.only else ""
    told = [
        f"## {table.name}\n",
        f"Purpose: {table.purpose}. Basis {table.basis}, told by {table.source}. Whose: {_whose(table)}.",
        f"Kept by `{kept.rule.name}`{counted}{narrowed}. At erasure: {table.erasure}.\n",
    ]
    rows = [row(_cells(name, column, table)) for name, column in table.columns.items()]
    return [*told, *head(["Column", "Class", "Form", "For", "Told by"]), *rows, ""]


def _whose(table: Table) -> str:
    if not table.links:
        return "no customer's"
    paths = [f"`{link.column}`" + (f" of `{link.table}`" if link.table else "") for link in table.links]
    return "the customer's by " + " or ".join(paths)


def _cells(name: str, column: Column, table: Table) -> list[str]:
    return [f"`{name}`", column.data_class, column.guard, column.purpose, column.source or table.source]
