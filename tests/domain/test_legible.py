"""What may be written for another to read."""

import pytest

from app.domain.legible import legible

LEAST, MOST = 10, 20


@pytest.mark.parametrize(
    "text", ["ten signs.", "  ten signs. \n", "one line\nand more", "我没有更换过任何设备。", "👩‍👩‍👧 and her child"]
)
def test_what_can_be_read_stands_without_the_blanks_around_it(text: str) -> None:
    assert legible(text, LEAST, MOST) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "nine sig.",
        "x" * (MOST + 1),
        " " * MOST,
        "a note \x00 with NUL",
        "a bell \x07 rings",
        "\x1b[31m in red",
        "\u200b" * MOST,
        "\u202e" * MOST,
        "\ufeff \u200b\n" * 5,
        "eight\u200b\u200b\u200b sig",
    ],
)
def test_what_nobody_can_read_or_no_database_keeps_does_not_stand(text: str) -> None:
    assert legible(text, LEAST, MOST) is None
