"""What somebody writes for another to read: characters that are seen, no control characters."""

import unicodedata

_LINES = frozenset("\n\r\t")
_CONTROL = frozenset({"Cc", "Cs"})
_STEERING = "Cf"  # turns or joins other characters and is not seen itself
_UNSEEN = frozenset({"Zs", "Zl", "Zp", _STEERING})


def legible(text: str, least: int, most: int) -> str | None:
    """The text without blanks around it; None where it has fewer characters to see, or more characters, than it may.

    None too where it holds a control character but a line's end or a tab: not every database keeps them.
    """
    kept = text.strip()
    if len(kept) > most:
        return None
    kinds = [unicodedata.category(character) for character in kept if character not in _LINES]
    if _CONTROL.intersection(kinds) or _UNSEEN.issuperset(kinds):
        return None
    return kept if len(kept) - kinds.count(_STEERING) >= least else None
