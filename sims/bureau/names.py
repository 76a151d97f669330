"""When two spellings are one name: composed letters, one middle dot, half-width signs."""

import unicodedata

MIDDLE_DOT = "\u00b7"
DOTS = frozenset("\u00b7\u2022\u2027\u30fb\uff0e.")
FULL_WIDTH_FIRST, FULL_WIDTH_LAST, FULL_WIDTH_SHIFT = 0xFF01, 0xFF5E, 0xFEE0


def fold(name: str) -> str:
    """The form of a name that is compared; letters of every plane are kept."""
    return "".join(_sign(sign) for sign in unicodedata.normalize("NFC", name))


def _sign(sign: str) -> str:
    if sign in DOTS:
        return MIDDLE_DOT
    code = ord(sign)
    if FULL_WIDTH_FIRST <= code <= FULL_WIDTH_LAST:
        return chr(code - FULL_WIDTH_SHIFT)
    return " " if sign == "\u3000" else sign
