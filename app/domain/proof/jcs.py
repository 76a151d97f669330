"""Canonical JSON (RFC 8785): one text for each value, and a reader that takes that text alone."""

import json
import math
from typing import Final, NoReturn

from app.domain.proof.strict import malformed

JSON_BYTES_MAX: Final = 1024 * 1024
DEPTH_MAX: Final = 32
SAFE_MAX: Final = 2**53 - 1  # beyond it two readers could take a number differently

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

_plain: Final = json.JSONEncoder(ensure_ascii=False).encode
_PLAIN_BELOW: Final = 21  # decimal exponents from which ECMAScript writes a number with an "e"
_PLAIN_ABOVE: Final = -7


def canonical(value: Json) -> bytes:
    """The canonical text of a value.

    Raises:
        Unproven: MALFORMED when there is none: an unsafe integer, an infinity, half a surrogate pair, too deep.
    """
    try:
        return _written(value, 0).encode("utf-8")
    except UnicodeEncodeError:
        raise malformed("a text holds half a character") from None


def parse(data: bytes) -> Json:
    """Read JSON of any spacing and order; no member twice, no number that is not finite.

    Raises:
        Unproven: MALFORMED.
    """
    value = _read(data)
    canonical(value)
    return value


def parse_canonical(data: bytes) -> Json:
    """Read JSON that is canonical already, byte for byte.

    Raises:
        Unproven: MALFORMED.
    """
    value = _read(data)
    if canonical(value) != data:
        raise malformed("the JSON is not canonical")
    return value


def _read(data: bytes) -> Json:
    if len(data) > JSON_BYTES_MAX:
        raise malformed(f"the JSON is longer than {JSON_BYTES_MAX} bytes")
    try:
        value: Json = _READER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise malformed("not JSON in UTF-8") from None
    return value


def _written(value: Json, depth: int) -> str:
    if depth > DEPTH_MAX:
        raise malformed(f"the JSON is deeper than {DEPTH_MAX}")
    match value:
        case None | bool() | str():
            return _plain(value)
        case int():
            if abs(value) > SAFE_MAX:
                raise malformed("an integer is not below 2^53")
            return str(value)
        case float():
            return _ecmascript(value)
        case list():
            return f"[{','.join(_written(item, depth + 1) for item in value)}]"
        case dict():
            names = sorted(value, key=lambda name: name.encode("utf-16-be"))
            return f"{{{','.join(f'{_plain(name)}:{_written(value[name], depth + 1)}' for name in names)}}}"


def _ecmascript(value: float) -> str:
    """A double as ECMAScript's Number.prototype.toString writes it; Python finds the same shortest digits."""
    if not math.isfinite(value):
        raise malformed("a number is not finite")
    if value == 0:
        return "0"
    sign, digits, exponent = _digits(value)
    point = len(digits) + exponent  # digits before the decimal point
    if _PLAIN_ABOVE < point - 1 < _PLAIN_BELOW:
        if exponent >= 0:
            return sign + digits + "0" * exponent
        return sign + (f"{digits[:point]}.{digits[point:]}" if point > 0 else f"0.{'0' * -point}{digits}")
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def _digits(value: float) -> tuple[str, str, int]:
    """Sign, shortest digits without zeros at the end, and the power of ten that they are multiplied by."""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    found = (whole + fraction).lstrip("0")
    digits = found.rstrip("0")
    return "-" if value < 0 else "", digits, int(exponent or 0) - len(fraction) + len(found) - len(digits)


def _number(text: str) -> int | float:
    """An integer that is safe, or the double that every reader makes of it."""
    return int(text) if len(text) <= len(str(SAFE_MAX)) + 1 and abs(int(text)) <= SAFE_MAX else float(text)


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _no_constant(_name: str) -> NoReturn:
    raise ValueError("not a number")


_READER: Final = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_no_constant, parse_int=_number)
