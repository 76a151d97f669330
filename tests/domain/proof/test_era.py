"""Which policies may judge a checkpoint of a size: one, or at a change both."""

import pytest

from app.domain.proof.signed.era import Era, in_force

ERAS = (Era(1, 0, b"old"), Era(2, 10, b"new"), Era(3, 10, b"newer"))


@pytest.mark.parametrize(("size", "numbers"), [(1, [1]), (9, [1]), (10, [1, 2, 3]), (11, [3]), (10**9, [3])])
def test_a_policy_is_in_force_from_its_first_checkpoint_to_that_of_the_next(size: int, numbers: list[int]) -> None:
    assert [era.number for era in in_force(ERAS, size)] == numbers


def test_what_is_signed_names_the_log_the_size_and_the_very_bytes() -> None:
    told = {
        Era(*one).text(origin) for one in ((1, 0, b"a"), (1, 0, b"b"), (1, 5, b"a"), (2, 0, b"a")) for origin in "xy"
    }
    assert len(told) == 8
