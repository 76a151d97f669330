"""The door by which notices leave."""

from uuid import uuid4

from app.doors.notices import Letter, Printed


def letter(body: str) -> Letter:
    return Letter(uuid4(), "FREEZE", "en", "13800000000", "Your line is frozen", body)


async def test_the_console_shows_a_letter_in_two_lines_without_signs_that_would_steer_it() -> None:
    said: list[str] = []
    await Printed(said.append).deliver(letter("Reason: \x1b[2J\nred."))
    assert [line.strip() for line in said] == ["✉ FREEZE             Your line is frozen", "Reason:  [2J red."]


def test_a_letter_names_nobody_when_it_is_logged() -> None:
    shown = repr(letter("secret"))
    assert "FREEZE" in shown
    assert not any(word in shown for word in ("13800000000", "secret", "Your line"))
