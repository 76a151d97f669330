"""Amounts and rates as exact integers, and the one rounding rule."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering
from typing import Self

MINOR_PER_MAJOR = 100
MAX_AMOUNT_MINOR = 10**15
MAX_AMOUNT_TEXT = 24
RATE_SCALE = 10**8
RATE_PLACES = 8
MAX_RATE_TEXT = 16

Rounding = Callable[[int, int], int]
"""Makes a whole number of a numerator and a positive denominator; the product knows `half_up` alone."""

_AMOUNT = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]{1,2}))?")
_LEADING_ZERO = re.compile(r"0[0-9]+(?:\.[0-9]*)?")
_FINE_FRACTION = re.compile(r"[0-9]+\.[0-9]{3,}")
_RATE = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]{1,8}))?")
_CURRENCY = re.compile(r"[A-Z]{3}")


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies met in one operation."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"{left} and {right} do not mix")
        self.left = left
        self.right = right


class AmountProblem(StrEnum):
    """What is wrong with a written amount."""

    EMPTY = "EMPTY"
    TOO_LONG = "TOO_LONG"
    NOT_DIGITS = "NOT_DIGITS"
    LEADING_ZERO = "LEADING_ZERO"
    TOO_FINE = "TOO_FINE"
    TOO_LARGE = "TOO_LARGE"
    ZERO = "ZERO"


class AmountMalformed(ValueError):
    """A text is no amount; `problem` says why, the text itself is never repeated."""

    def __init__(self, problem: AmountProblem) -> None:
        super().__init__(f"not an amount: {problem}")
        self.problem = problem


class RateMalformed(ValueError):
    """A text is no rate of at most eight decimals."""

    def __init__(self) -> None:
        super().__init__("not a rate: plain digits with at most eight decimals are wanted")


def half_up(numerator: int, denominator: int) -> int:
    """The whole number nearest to numerator/denominator; a half goes away from zero, on both sides alike.

    Raises:
        ValueError: the denominator is not positive.
    """
    if denominator <= 0:
        raise ValueError("a denominator is positive")
    if numerator < 0:
        return -((denominator - 2 * numerator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def _decimal_text(units: int, places: int) -> str:
    sign = "-" if units < 0 else ""
    whole, fraction = divmod(abs(units), 10**places)
    return f"{sign}{whole}.{fraction:0{places}d}" if places else f"{sign}{whole}"


def _problem(text: str) -> AmountProblem:
    if not text:
        return AmountProblem.EMPTY
    if len(text) > MAX_AMOUNT_TEXT:
        return AmountProblem.TOO_LONG
    if _LEADING_ZERO.fullmatch(text):
        return AmountProblem.LEADING_ZERO
    return AmountProblem.TOO_FINE if _FINE_FRACTION.fullmatch(text) else AmountProblem.NOT_DIGITS


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (fen for CNY); amounts of one currency add, subtract and compare.

    Raises:
        TypeError: the minor units are not a whole number.
        ValueError: the currency is not three capital letters.
    """

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("minor units are a whole number")
        if not _CURRENCY.fullmatch(self.currency):
            raise ValueError("a currency is three capital letters")

    @classmethod
    def parse(cls, text: str, currency: str, *, allow_zero: bool = False) -> Self:
        """The amount that plain ASCII digits with at most two decimals say: "1000" and "1000.00" are one.

        Raises:
            AmountMalformed: signs, exponents, spaces, separators, other digits, leading zeros, more decimals,
                more than MAX_AMOUNT_MINOR, or (unless allowed) zero.
        """
        match = _AMOUNT.fullmatch(text) if len(text) <= MAX_AMOUNT_TEXT else None
        if match is None:
            raise AmountMalformed(_problem(text))
        minor = int(match[1]) * MINOR_PER_MAJOR + int((match[2] or "").ljust(2, "0"))
        if minor > MAX_AMOUNT_MINOR:
            raise AmountMalformed(AmountProblem.TOO_LARGE)
        if minor == 0 and not allow_zero:
            raise AmountMalformed(AmountProblem.ZERO)
        return cls(minor, currency)

    def text(self) -> str:
        """Digits with two decimals, as "1234.50"; a negative amount begins with a minus sign."""
        return _decimal_text(self.minor, 2)

    def _same(self, other: "Money") -> int:
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.minor

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """A fraction of one in units of 1e-8: `Rate(40_000)` is 0.0004, four ten-thousandths."""

    scaled: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The rate that plain ASCII digits with at most eight decimals say.

        Raises:
            RateMalformed: anything else.
        """
        match = _RATE.fullmatch(text) if len(text) <= MAX_RATE_TEXT else None
        if match is None:
            raise RateMalformed
        return cls(int(match[1]) * RATE_SCALE + int((match[2] or "").ljust(RATE_PLACES, "0")))

    @classmethod
    def yearly(cls, daily: "Rate", base: int) -> Self:
        """The nominal yearly rate of a daily one on a year of `base` days, always shown with its base."""
        return cls(daily.scaled * base)

    def text(self, places: int = RATE_PLACES) -> str:
        """Digits with `places` decimals (0 to 8), rounded HALF_UP.

        Raises:
            ValueError: another number of places.
        """
        if not 0 <= places <= RATE_PLACES:
            raise ValueError("a rate shows 0 to 8 decimals")
        return _decimal_text(half_up(self.scaled, 10 ** (RATE_PLACES - places)), places)
