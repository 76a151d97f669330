"""Reading strict JSON field by field: nothing unknown, nothing double, nothing rounded; all problems at once."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from app.domain.money import AmountMalformed, Money, Rate, RateMalformed
from app.domain.policies.problems import PolicyUnsound, Problem, ProblemCode

DOCUMENT_BYTES_MAX = 32_768
DIGITS_MAX = 12
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,5})(?:\.([0-9]{1,4}))?")


@dataclass(frozen=True, slots=True)
class _Doubled:
    """An object that names a field twice; `names` are those."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Inexact:
    """A number with a point, an exponent or too many digits."""


def plain_json(text: str) -> object:
    """The values of a JSON text whose only numbers are whole ones.

    Raises:
        PolicyUnsound: it is too large or no such JSON.
    """
    if len(text.encode(errors="surrogatepass")) > DOCUMENT_BYTES_MAX:
        raise PolicyUnsound((Problem(ProblemCode.TOO_LARGE, ""),))
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_float=_inexact, parse_int=_whole, parse_constant=_inexact
        )
    except (ValueError, RecursionError) as error:
        raise PolicyUnsound((Problem(ProblemCode.NOT_JSON, ""),)) from error


def _object(pairs: list[tuple[str, object]]) -> object:
    names = [name for name, _ in pairs]
    doubled = tuple(sorted({name for name in names if names.count(name) > 1}))
    return _Doubled(doubled) if doubled else dict(pairs)


def _whole(digits: str) -> object:
    return int(digits) if len(digits) <= DIGITS_MAX else _Inexact()


def _inexact(_digits: str) -> object:
    return _Inexact()


def pointer(path: str, name: str | int) -> str:
    """The JSON pointer of a member (RFC 6901), cut where a stranger's name is long."""
    legible = str(name)[:64].encode(errors="replace").decode()
    return f"{path}/{legible.replace('~', '~0').replace('/', '~1')}"


@dataclass(slots=True)
class Fields:
    """One object of a document, and the problems of the whole. A field that cannot be read gives its least value."""

    values: dict[str, object]
    path: str = ""
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, code: ProblemCode, name: str | int = "") -> None:
        """Remember a problem of a member, or of the object itself."""
        self.problems.append(Problem(code, self.path if name == "" else pointer(self.path, name)))

    def at(self, name: str) -> str:
        """The pointer of a member."""
        return pointer(self.path, name)

    def allow(self, *names: str) -> None:
        """Every member must be one of these, and all of them are there."""
        for name in self.values:
            if name not in names:
                self.wrong(ProblemCode.UNKNOWN_FIELD, name)
        for name in names:
            if name not in self.values:
                self.wrong(ProblemCode.MISSING_FIELD, name)

    def member(self, name: str, *names: str) -> "Fields":
        """A member that is an object of exactly these members."""
        return self._member(self.values.get(name), name, names)

    def members(self, name: str, most: int, *names: str) -> Iterator["Fields"]:
        """A member that is a list of 1 to `most` such objects."""
        found = self._list(name, most)
        inner = Fields({}, self.at(name), self.problems)
        for number, value in enumerate(found):
            yield inner._member(value, number, names)

    def texts(self, name: str, allowed: tuple[str, ...]) -> list[str]:
        """A member that is a list of different words, each an allowed one."""
        found = self._list(name, len(allowed))
        for number, value in enumerate(found):
            place = f"{name}/{number}"
            if not isinstance(value, str):
                self.problems.append(Problem(ProblemCode.WRONG_TYPE, f"{self.path}/{place}"))
            elif value not in allowed:
                self.problems.append(Problem(ProblemCode.OUT_OF_RANGE, f"{self.path}/{place}"))
            elif value in found[:number]:
                self.problems.append(Problem(ProblemCode.DUPLICATE_NAME, f"{self.path}/{place}"))
        return [value for value in found if isinstance(value, str) and value in allowed]

    def name(self, name: str, pattern: str) -> str:
        """A member that is a word of a pattern."""
        text = self._text(name)
        if text is not None and not re.fullmatch(pattern, text, re.ASCII):
            self.wrong(ProblemCode.OUT_OF_RANGE, name)
        return text or ""

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number, both bounds within."""
        value = self.values.get(name)
        if name not in self.values:
            return low
        if type(value) is not int:
            self.wrong(ProblemCode.NOT_EXACT if isinstance(value, _Inexact) else ProblemCode.WRONG_TYPE, name)
            return low
        return self._within(name, value, low, high)

    def amount(self, name: str, low: int = 0) -> int:
        """An amount of yuan in a text, as fen."""
        text = self._text(name)
        if text is None:
            return low
        try:
            return self._within(name, Money.parse(text, "CNY", allow_zero=True).minor, low, 10**DIGITS_MAX)
        except AmountMalformed:
            self.wrong(ProblemCode.NOT_EXACT, name)
            return low

    def rate(self, name: str) -> Rate:
        """A rate above zero and below one, of at most eight decimals."""
        text = self._text(name)
        try:
            found = Rate.parse(text) if text is not None else Rate(1)
        except RateMalformed:
            self.wrong(ProblemCode.NOT_EXACT, name)
            return Rate(1)
        return Rate(self._within(name, found.scaled, 1, Rate.parse("1").scaled - 1))

    def decimal(self, name: str, most: int, places: int) -> Fraction:
        """A decimal above zero, at most `most`, of so many places."""
        text = self._text(name)
        if text is None:
            return Fraction(most)
        match = _DECIMAL.fullmatch(text)
        if match is None or len(match[2] or "") > places:
            self.wrong(ProblemCode.NOT_EXACT, name)
            return Fraction(most)
        found = Fraction(text)
        if not 0 < found <= most:
            self.wrong(ProblemCode.OUT_OF_RANGE, name)
        return found

    def _member(self, value: object, name: str | int, names: tuple[str, ...]) -> "Fields":
        inner = Fields({}, pointer(self.path, name), self.problems)
        match value:
            case dict():
                inner.values = value
                inner.allow(*names)
            case _Doubled():
                for double in value.names:
                    inner.wrong(ProblemCode.DUPLICATE_FIELD, double)
            case None if name not in self.values and isinstance(name, str):
                pass  # told as missing
            case _:
                inner.wrong(ProblemCode.WRONG_TYPE)
        return inner

    def _list(self, name: str, most: int) -> list[object]:
        value = self.values.get(name)
        if name not in self.values:
            return []
        if not isinstance(value, list):
            self.wrong(ProblemCode.WRONG_TYPE, name)
            return []
        if not 1 <= len(value) <= most:
            self.wrong(ProblemCode.OUT_OF_RANGE, name)
        return value[:most]

    def _text(self, name: str) -> str | None:
        value = self.values.get(name)
        if name not in self.values:
            return None
        if not isinstance(value, str):
            number = type(value) is int or isinstance(value, _Inexact)
            self.wrong(ProblemCode.NOT_EXACT if number else ProblemCode.WRONG_TYPE, name)
            return None
        return value

    def _within(self, name: str, value: int, low: int, high: int) -> int:
        if low <= value <= high:
            return value
        self.wrong(ProblemCode.OUT_OF_RANGE, name)
        return low


def document(text: str, *names: str) -> Fields:
    """The outermost object of a text, which has exactly these members.

    Raises:
        PolicyUnsound: it is too large, or no JSON object, or names a member twice.
    """
    told = plain_json(text)
    if isinstance(told, _Doubled):
        raise PolicyUnsound(tuple(Problem(ProblemCode.DUPLICATE_FIELD, pointer("", name)) for name in told.names))
    if not isinstance(told, dict):
        raise PolicyUnsound((Problem(ProblemCode.WRONG_TYPE, ""),))
    top = Fields(told)
    top.allow(*names)
    return top
