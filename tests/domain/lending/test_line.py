import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.lending.line import available_minor, may_draw
from tests.domain.lending.cases import case, fast, fen

amounts = st.integers(0, 10**10)


@pytest.mark.parametrize("index", [0, 1])
def test_draws_one_after_another_never_pass_the_limit(index: int) -> None:
    right = case("C027")
    inputs, expected = right["inputs"][index], right["expected"][index]
    limit, held, refused = fen(inputs["limit"]), 0, 0
    for text in inputs["draws"]:
        if may_draw(amount_minor=fen(text), limit_minor=limit, used_minor=0, held_minor=held):
            held += fen(text)
        else:
            refused += 1
    assert refused == expected["LimitExceeded"]
    left = available_minor(limit_minor=limit, used_minor=0, held_minor=held)
    assert left == fen(expected["available"])


def test_a_raised_limit_frees_the_difference_at_once() -> None:
    inputs, expected = case("C070")["inputs"][0], case("C070")["expected"][0]
    free = available_minor(limit_minor=fen(inputs["raiseTo"]), used_minor=fen(inputs["balance"]), held_minor=0)
    assert free == fen(expected["available"])


def test_a_cut_below_the_balance_leaves_nothing_and_calls_nothing_in() -> None:
    inputs, expected = case("C070")["inputs"][1], case("C070")["expected"][1]
    limit, used = fen(inputs["cutTo"]), fen(inputs["balance"])
    assert available_minor(limit_minor=limit, used_minor=used, held_minor=0) == fen(expected["availableAfterCut"])
    assert not may_draw(amount_minor=1, limit_minor=limit, used_minor=used, held_minor=0)
    used -= fen(inputs["thenRepayPrincipal"])
    assert available_minor(limit_minor=limit, used_minor=used, held_minor=0) == fen(expected["availableAfterRepay"])
    assert may_draw(amount_minor=1_000_00, limit_minor=limit, used_minor=used, held_minor=0)
    assert not may_draw(amount_minor=1_000_01, limit_minor=limit, used_minor=used, held_minor=0)


def test_nothing_is_no_draw() -> None:
    for amount in (0, -1):
        assert not may_draw(amount_minor=amount, limit_minor=100, used_minor=0, held_minor=0)


@fast
@given(amounts, amounts, amounts, amounts)
def test_available_is_never_negative_and_a_draw_never_passes_it(limit: int, used: int, held: int, draw: int) -> None:
    free = available_minor(limit_minor=limit, used_minor=used, held_minor=held)
    assert free >= 0
    if may_draw(amount_minor=draw, limit_minor=limit, used_minor=used, held_minor=held):
        assert used + held + draw <= limit


def test_one_fen_may_be_drawn_while_it_is_free() -> None:
    assert may_draw(amount_minor=1, limit_minor=1, used_minor=0, held_minor=0)
    assert not may_draw(amount_minor=1, limit_minor=1, used_minor=0, held_minor=1)
