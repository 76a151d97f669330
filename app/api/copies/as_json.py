"""A copy for machines: one JSON object, written section by section (docs/formats/export.md)."""

from collections.abc import AsyncIterator
from datetime import datetime

import orjson

from app.api.reading.rights import CopyPage, copy_left_out

SCHEMA = "clearline-my-data/1"


async def as_json(
    pages: AsyncIterator[CopyPage], customer: str, made_at: datetime, language: str
) -> AsyncIterator[str]:
    """The copy, piece by piece. It is whole when, and only when, its last member says so."""
    head = {"schema": SCHEMA, "customer": customer, "madeAt": made_at, "language": language}
    yield _text(head)[:-1] + ',"sections":['
    rows, between_sections = 0, ""
    async for page in pages:
        if page.is_first:
            told = {"name": page.section.name, "purpose": page.section.purpose, "columns": page.section.columns}
            yield between_sections + _text(told)[:-1] + ',"rows":['
            rows, between_sections = 0, ","
        if page.rows:
            yield ("," if rows else "") + ",".join(_text(row) for row in page.rows)
            rows += len(page.rows)
        if page.is_last:
            yield "]}"
    yield f'],"leftOut":{_text(copy_left_out())},"complete":true}}\n'


def _text(value: object) -> str:
    return orjson.dumps(value).decode()
