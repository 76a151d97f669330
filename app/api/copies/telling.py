"""Names and values of the book as a person reads them: yuan, Beijing time, words for codes. All of it escaped."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from html import escape
from pathlib import Path

from app.api import words
from app.domain.calendar import BUSINESS_ZONE
from app.domain.money import Money, Rate

_FOLDER = Path(__file__).resolve().parents[1] / "locale"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{32,}")
_CODE = re.compile(r"[A-Z][A-Z0-9_]+")
_UNBROKEN = re.compile(r"[A-Za-z0-9+/=_-]{40,}")  # keys and digests; Chinese has no blanks either
_GROUPS = ("reason", "rule", "access")
_TAIL, _LONG_TAIL = 8, 24
_DIGITS_OF_A_GROUP = 3
DEPTH_MAX = 6
DAILY_PLACES, YEARLY_PLACES = 6, 4
_ALWAYS_THE_SAME = frozenset({"customer_id", "currency"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as HTML, and how it is set: "n" for numbers, "t" for times, else as text."""

    html: str
    kind: str = ""


@cache
def _catalogue(language: str) -> dict[str, dict[str, str]]:
    path = _FOLDER / f"copy.{language}.json"
    loaded: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def page_word(language: str, code: str, **facts: object) -> str:
    """A sentence of the page."""
    return _catalogue(language)["page"][code].format(**facts)


def title(language: str, table: str) -> str:
    """A table's name for a reader."""
    return _catalogue(language)["tables"].get(table, table)


def why(language: str, table: str, purpose: str) -> str:
    """Why a table exists; in English as the privacy register says it."""
    told = _catalogue(language)["why"].get(table, purpose)
    return told[:1].upper() + told[1:]


def label(language: str, column: str) -> str:
    """A column's name for a reader; one that has none is spelt out from its own."""
    known = _catalogue(language)["columns"].get(column)
    if known is not None:
        return known
    plain = re.sub(r"_(minor|scaled|sealed|id)$", "", column).replace("_", " ")
    return plain[:1].upper() + plain[1:]


def is_told(column: str) -> bool:
    """Whether a column tells a reader anything; what is the same in every row stands at the head of the page."""
    return column not in _ALWAYS_THE_SAME


def local(moment: datetime) -> str:
    """A moment in Beijing time."""
    return moment.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def cell_of(language: str, table: str, column: str, value: object, row: Mapping[str, object]) -> Cell:
    """One value of a row."""
    if isinstance(value, int) and not isinstance(value, bool) and column.endswith("_minor"):
        return Cell(_yuan(value, str(row.get("currency", "CNY"))), "n")
    if isinstance(value, int) and column.endswith("_scaled"):
        return Cell(_percent(value, DAILY_PLACES if column.startswith("daily") else YEARLY_PLACES), "n")
    if isinstance(value, str) and column == "reasons":
        return Cell(_list(language, json.loads(value)) or "—")
    if table == "profile" and column == "figure":
        return Cell(escape(words.say(language, "figure", str(value))))
    return _plain(language, value, 0)


def _plain(language: str, value: object, depth: int) -> Cell:
    if value is None:
        return Cell("—")
    if isinstance(value, bool):
        return Cell(escape(page_word(language, "yes" if value else "no")))
    if isinstance(value, datetime):
        return Cell(local(value), "t")
    if isinstance(value, date):
        return Cell(value.isoformat(), "t")
    if isinstance(value, int | float):
        return Cell(escape(str(value)), "n")
    if isinstance(value, dict):
        return Cell(_nested(language, value, depth))
    if isinstance(value, list):
        return Cell(_list(language, value, depth))
    return Cell(_text(language, str(value)))


def _text(language: str, text: str) -> str:
    if _UUID.fullmatch(text) or _DIGEST.fullmatch(text):
        return f'<code title="{escape(text)}">…{escape(text[-_TAIL:])}</code>'
    if _UNBROKEN.fullmatch(text):
        return f'<code title="{escape(text)}">…{escape(text[-_LONG_TAIL:])}</code>'
    if "\n" in text:
        return f"<pre>{escape(text)}</pre>"
    if _CODE.fullmatch(text):
        return escape(_word(language, text))
    try:
        moment = datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        moment = None
    return local(moment) if moment is not None and moment.tzinfo is not None else escape(text)


def _word(language: str, code: str) -> str:
    """A code spelt out, or the code itself."""
    known = _catalogue(language)["words"].get(code)
    if known is not None:
        return known
    for group in _GROUPS:
        told = words.say(language, group, code)
        if told != code:
            return told
    return code


def _list(language: str, values: list[object], depth: int = 0) -> str:
    told = [_plain(language, value, depth + 1).html for value in values]
    return "；".join(told) if language == "zh-CN" else "; ".join(told)


def _nested(language: str, values: dict[str, object], depth: int) -> str:
    if depth >= DEPTH_MAX:
        return escape(json.dumps(values, ensure_ascii=False, default=str))
    lines = "".join(
        f"<dt>{escape(label(language, str(name)))}</dt><dd>{_member(language, str(name), value, depth)}</dd>"
        for name, value in values.items()
    )
    return f"<dl>{lines}</dl>"


def _member(language: str, name: str, value: object, depth: int) -> str:
    if name.endswith("_minor") and isinstance(value, int) and not isinstance(value, bool):
        return _yuan(value, "CNY")
    return _plain(language, value, depth + 1).html


def _yuan(minor: int, currency: str) -> str:
    """An amount with thousands apart: ¥12,345.60."""
    text = Money(minor, currency).text()
    whole, _, cents = text.lstrip("-").partition(".")
    groups = [whole[max(0, end - _DIGITS_OF_A_GROUP) : end] for end in range(len(whole), 0, -_DIGITS_OF_A_GROUP)]
    sign = "−" if text.startswith("-") else ""
    mark = "¥" if currency == "CNY" else f"{escape(currency)} "
    return f"{sign}{mark}{','.join(reversed(groups))}.{cents}"


def _percent(scaled: int, places: int) -> str:
    return f"{Rate(scaled * 100).text(places - 2)} %"
