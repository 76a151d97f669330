"""What is still free under a limit."""


def available_minor(*, limit_minor: int, used_minor: int, held_minor: int) -> int:
    """What may still be drawn, in fen: the limit less principal owed and payouts pending, never negative.

    A limit that was cut below what is used leaves nothing to draw and calls nothing in.
    """
    return max(0, limit_minor - used_minor - held_minor)


def may_draw(*, amount_minor: int, limit_minor: int, used_minor: int, held_minor: int) -> bool:
    """Whether a draw fits under the limit as it stands."""
    free = available_minor(limit_minor=limit_minor, used_minor=used_minor, held_minor=held_minor)
    return 0 < amount_minor <= free
