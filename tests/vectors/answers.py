"""What the rules answered beside what a vector expects, each number at the precision that the vector prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from app.domain.money import half_up
from tests.vectors.reading import NotApplicable, Why, is_number, number

SHOWN_PLACES = 12
FEN = 100


@dataclass(frozen=True)
class Fen:
    """An amount that was rounded by its rule: it is compared digit for digit."""

    minor: int
    per_unit: int = FEN

    @property
    def exact(self) -> Fraction:
        return Fraction(self.minor, self.per_unit)


@dataclass(frozen=True)
class Either:
    """Figures that published sources print one or the other of."""

    choices: tuple[Any, ...]


@dataclass(frozen=True)
class Tolerance:
    """What a vector allows, by field or for all; words that are no number allow nothing."""

    by_name: Mapping[str, Any]
    for_all: Fraction | None

    @classmethod
    def of(cls, raw: Any, expected: Mapping[str, Any]) -> "Tolerance":
        given = {name: value for name, value in (raw or {}).items() if is_number(value)}
        wide = [number(value) for name, value in given.items() if name not in expected]
        return cls(given, max(wide) if wide else None)

    def at(self, name: str) -> Fraction | None:
        if name in self.by_name:
            return number(self.by_name[name])
        return self.for_all


def differences(expected: Any, got: Any, tolerance: Tolerance, name: str = "") -> list[str]:
    """Where an answer differs; an expected field without an answer does not apply."""
    if isinstance(got, Either):
        found = [differences(expected, choice, tolerance, name) for choice in got.choices]
        return min(found, key=len)
    if isinstance(expected, Mapping):
        return _objects(expected, got, tolerance, name)
    if isinstance(expected, list):
        return _lists(expected, got, tolerance, name)
    if got is None:
        raise NotApplicable(Why.UNKNOWN_FIELD, name)
    if isinstance(got, str | date | bool):
        return [] if str(expected) == str(got) else [f"{name}: {got} for {expected}"]
    return _numbers(expected, got, tolerance.at(name), name)


def _objects(expected: Mapping[str, Any], got: Any, tolerance: Tolerance, name: str) -> list[str]:
    if not isinstance(got, Mapping):
        raise NotApplicable(Why.UNKNOWN_FIELD, name or "the answer is no object")
    found = []
    for word, value in expected.items():
        found += differences(value, named(got, word), tolerance, word)
    return found


def named(got: Mapping[str, Any], word: str) -> Any:
    """The answer by a name; one that ends in `_percent` is the rate of that name, times a hundred."""
    rate = got.get(word.removesuffix("_percent"))
    if got.get(word) is None and word.endswith("_percent") and rate is not None:
        return times_hundred(rate)
    return got.get(word)


def _lists(expected: Sequence[Any], got: Any, tolerance: Tolerance, name: str) -> list[str]:
    if got is None:
        raise NotApplicable(Why.UNKNOWN_FIELD, name)
    rows = list(got)
    numbered = [row for row in expected if isinstance(row, Mapping) and ("n" in row or "year" in row)]
    if numbered and len(numbered) == len(expected):
        key = "n" if "n" in expected[0] else "year"
        by_number = {row[key]: row for row in rows}
        missing = [row[key] for row in expected if row[key] not in by_number]
        if missing:
            return [f"{name}: no row {missing[0]}"]
        return [text for row in expected for text in differences(row, by_number[row[key]], tolerance, name)]
    if len(expected) != len(rows):
        return [f"{name}: {len(rows)} entries for {len(expected)}"]
    return [
        text for one, other in zip(expected, rows, strict=True) for text in differences(one, other, tolerance, name)
    ]


def _numbers(expected: Any, got: Any, allowed: Fraction | None, name: str) -> list[str]:
    wanted, found = number(expected), exact(got)
    if allowed is not None:
        right = abs(found - wanted) <= allowed
    elif isinstance(got, Fen) or "/" in str(expected):
        right = found == wanted
    else:
        unit = 10 ** _places(str(expected))
        right = half_up(found.numerator * unit, found.denominator) == wanted * unit
    return [] if right else [f"{name}: {shown(got)} for {expected}"]


def _places(text: str) -> int:
    return len(text.partition(".")[2])


def times_hundred(answer: Any) -> Any:
    """An answer as a percentage."""
    if isinstance(answer, Either):
        return Either(tuple(times_hundred(choice) for choice in answer.choices))
    return exact(answer) * 100


def exact(answer: Any) -> Fraction:
    """A number as a fraction."""
    if isinstance(answer, Fen):
        return answer.exact
    if isinstance(answer, int | Decimal | Fraction):
        return Fraction(answer)
    raise NotApplicable(Why.UNKNOWN_FIELD, f"no number: {answer!r}")


def shown(answer: Any) -> Any:
    """An answer as JSON: numbers are strings of at most twelve decimals."""
    if isinstance(answer, Mapping):
        return {name: shown(value) for name, value in answer.items() if value is not None}
    if isinstance(answer, Either):
        return [shown(choice) for choice in answer.choices]
    if isinstance(answer, list | tuple):
        return [shown(value) for value in answer]
    if isinstance(answer, Fen | Decimal | Fraction):
        return _text(exact(answer))
    return str(answer) if isinstance(answer, date) else answer


def _text(value: Fraction) -> str:
    units = half_up(value.numerator * 10**SHOWN_PLACES, value.denominator)
    whole, rest = divmod(abs(units), 10**SHOWN_PLACES)
    decimals = f"{rest:0{SHOWN_PLACES}d}".rstrip("0")
    return f"{'-' if units < 0 else ''}{whole}{'.' if decimals else ''}{decimals}"
