"""Telling the privacy register: declarations only, no database is opened."""

import json
from typing import Any

from models.register.kinds import Table
from models.register.tables import IN_CLEAR, REGISTER


def as_json() -> str:
    """See docs/formats/privacy.md."""
    tables = [_told(table) for table in REGISTER.values()]
    return json.dumps({"schema": "clearline-register/1", "tables": tables}, ensure_ascii=False)


def as_text() -> str:
    """The same for reading, a line a table; docs/privacy-register.md holds the rest."""
    return "\n".join(
        f"{table.name:<22} {len(table.columns):>3} columns  {table.retention.rule.name:<14} {table.erasure:<9} {table.purpose}"
        for table in REGISTER.values()
    )


def _told(table: Table) -> dict[str, Any]:
    rule = table.retention.rule
    return {
        "name": table.name,
        "purpose": table.purpose,
        "ofCustomer": [{"column": link.column, "table": link.table} for link in table.links],
        "erasure": table.erasure,
        "inCopy": table.in_copy,
        "retention": {
            "rule": rule.name,
            "months": rule.months,
            "since": table.retention.since,
            "only": table.retention.only,
            "atEnd": rule.at_end,
            "why": rule.why,
            "hold": rule.hold,
        },
        "columns": [
            {
                "name": name,
                "purpose": column.purpose,
                "class": column.data_class,
                "guard": column.guard,
                "basis": column.basis or table.basis,
                "source": column.source or table.source,
                "whyInClear": IN_CLEAR.get((table.name, name)),
            }
            for name, column in table.columns.items()
        ],
    }
