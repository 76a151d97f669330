"""What a vector says, read exactly: numbers are fractions, a missing word is a named reason and never a crash."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Any

MOST_NUMBER_TEXT = 400


class Why(StrEnum):
    """Why a vector does not apply; each is a kind of reason, none names a vector."""

    NOT_A_VECTOR = "the file or entry is not of the schema"
    NO_FIGURE = "the source gives a formula and no literal figure"
    UNKNOWN_KIND = "the kind is not known"
    UNKNOWN_METHOD = "the method or function is not known"
    UNKNOWN_CONVENTION = "the convention is not known"
    UNKNOWN_FIELD = "the expected field is not known"
    MISSING_INPUT = "an input that the rule needs is missing"


class NotApplicable(Exception):
    """A vector speaks of something that the runner has no rule for."""

    def __init__(self, why: Why, what: str) -> None:
        super().__init__(f"{why}: {what}")
        self.why = why
        self.what = what


def number(value: Any) -> Fraction:
    """A number as vectors write it: "0.06/12", "-157119/12", "1/365 + 365/365", 30."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise NotApplicable(Why.NOT_A_VECTOR, f"a number is a string or a whole number, not {value!r}")
    text = str(value).replace(" ", "")
    if not text or len(text) > MOST_NUMBER_TEXT:
        raise NotApplicable(Why.NOT_A_VECTOR, f"not a number: {text[:40]!r}")
    total = Fraction(0)
    try:
        for term in text.split("+"):
            numerator, _, denominator = term.partition("/")
            total += Fraction(numerator) / Fraction(denominator or 1)
    except (ValueError, ZeroDivisionError):
        raise NotApplicable(Why.NOT_A_VECTOR, f"not a number: {text[:40]!r}") from None
    return total


def is_number(value: Any) -> bool:
    """Whether a value reads as a number."""
    try:
        number(value)
    except NotApplicable:
        return False
    return True


class Inputs:
    """The inputs of a vector; `get` words are optional, all others are needed."""

    def __init__(self, raw: Any) -> None:
        if not isinstance(raw, Mapping):
            raise NotApplicable(Why.NOT_A_VECTOR, "inputs are an object")
        self.raw: Mapping[str, Any] = raw

    def __contains__(self, name: str) -> bool:
        return self.raw.get(name) is not None

    def first_of(self, *names: str) -> Any:
        """The value of the first of several words for one thing."""
        for name in names:
            if name in self:
                return self.raw[name]
        raise NotApplicable(Why.MISSING_INPUT, " or ".join(names))

    def number(self, *names: str, otherwise: Fraction | int | None = None) -> Fraction:
        """A number."""
        if otherwise is not None and not any(name in self for name in names):
            return Fraction(otherwise)
        return number(self.first_of(*names))

    def whole(self, *names: str, otherwise: int | None = None) -> int:
        """A whole number."""
        found = self.number(*names, otherwise=otherwise)
        if found.denominator != 1:
            raise NotApplicable(Why.NOT_A_VECTOR, f"{names[0]} is not whole")
        return int(found)

    def text(self, *names: str, otherwise: str | None = None) -> str:
        """A word."""
        if otherwise is not None and not any(name in self for name in names):
            return otherwise
        return str(self.first_of(*names))

    def day(self, *names: str) -> date:
        """A date."""
        return day(self.first_of(*names))

    def rows(self, *names: str) -> list["Inputs"]:
        """A list of objects."""
        return [Inputs(item) for item in listed(self.first_of(*names))]

    def numbers(self, *names: str) -> list[Fraction]:
        """A list of numbers."""
        return [number(item) for item in listed(self.first_of(*names))]


def listed(value: Any) -> Sequence[Any]:
    """A list."""
    if isinstance(value, list):
        return value
    raise NotApplicable(Why.NOT_A_VECTOR, "a list is wanted")


def day(value: Any) -> date:
    """A date of ISO 8601."""
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise NotApplicable(Why.NOT_A_VECTOR, f"not a date: {value!r}") from None
