"""What stands in the way of closing and of erasing: every fact, once, and nothing else."""

from uuid import uuid4

from app.domain.rights.closing import Blocker, BlockerKind, Standing, blockers_of_closing, blockers_of_erasure

FULL = Standing(
    loans=((uuid4(), 12_345), (uuid4(), 1)),
    payouts=((uuid4(), 100),),
    credit_minor=7,
    applications=(uuid4(),),
    increases=(uuid4(),),
    appeals=(uuid4(),),
    requests=(uuid4(),),
    line=uuid4(),
)


def test_nothing_stands_in_the_way_of_an_account_that_has_nothing_open() -> None:
    assert blockers_of_closing(Standing()) == blockers_of_erasure(Standing()) == ()


def test_each_fact_is_a_blocker_with_its_amount() -> None:
    found = blockers_of_closing(FULL)
    assert [blocker.kind for blocker in found] == [
        BlockerKind.OPEN_LOAN,
        BlockerKind.OPEN_LOAN,
        BlockerKind.PAYOUT_IN_FLIGHT,
        BlockerKind.CREDIT_TO_REFUND,
        BlockerKind.OPEN_APPLICATION,
        BlockerKind.OPEN_INCREASE,
        BlockerKind.OPEN_APPEAL,
        BlockerKind.OPEN_REQUEST,
    ]
    assert found[0] == Blocker(BlockerKind.OPEN_LOAN, FULL.loans[0][0], 12_345)
    assert found[3] == Blocker(BlockerKind.CREDIT_TO_REFUND, None, 7)


def test_an_open_line_is_in_the_way_of_an_erasure_and_not_of_closing() -> None:
    line = uuid4()
    assert blockers_of_closing(Standing(line=line)) == ()
    assert blockers_of_erasure(Standing(line=line)) == (Blocker(BlockerKind.OPEN_LINE, line),)
    assert blockers_of_erasure(FULL)[:-1] == blockers_of_closing(FULL)
