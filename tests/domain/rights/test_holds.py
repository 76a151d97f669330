"""What is erased when: at once what nothing holds, the rest with the key, after the longest hold."""

from datetime import date, timedelta

from app.domain.rights.holds import (
    AT_ONCE,
    WITH_THE_KEY,
    ErasureClass,
    HoldBasis,
    Kept,
    erasure_plan,
    source_events_erased_on,
)

TODAY = date(2026, 11, 26)


def last(kept: Kept) -> tuple[date, HoldBasis | None]:
    plan = erasure_plan(kept, TODAY)
    assert [one.erasure_class for one in plan] == [*AT_ONCE, *WITH_THE_KEY]
    assert set(ErasureClass) == {one.erasure_class for one in plan}
    assert {one.erase_on for one in plan[: len(AT_ONCE)]} == {TODAY}
    (end,) = {(one.erase_on, one.basis) for one in plan[len(AT_ONCE) :]}
    return end


def test_without_a_hold_the_key_goes_the_next_day() -> None:
    assert last(Kept()) == (TODAY + timedelta(days=1), None)


def test_an_inquiry_holds_five_years() -> None:
    assert last(Kept(last_inquiry_on=date(2026, 11, 20))) == (date(2031, 11, 20), HoldBasis.CREDIT_REPORTING_DECREE)


def test_a_contract_holds_ten_years_after_its_end_and_outlasts_the_inquiry() -> None:
    kept = Kept(last_inquiry_on=TODAY, last_contract_ended_on=date(2026, 10, 1))
    assert last(kept) == (date(2036, 10, 1), HoldBasis.ANTI_MONEY_LAUNDERING)


def test_a_hold_that_is_over_holds_nothing() -> None:
    kept = Kept(last_inquiry_on=date(2015, 1, 1), last_contract_ended_on=date(2016, 1, 1))
    assert last(kept) == (TODAY + timedelta(days=1), None)


def test_an_old_contract_and_a_young_inquiry_hold_until_the_later_of_the_two() -> None:
    kept = Kept(last_inquiry_on=TODAY, last_contract_ended_on=date(2018, 1, 1))
    assert last(kept) == (date(2031, 11, 26), HoldBasis.CREDIT_REPORTING_DECREE)


def test_the_last_of_february_has_its_day_in_every_year() -> None:
    assert last(Kept(last_inquiry_on=date(2028, 2, 29)))[0] == date(2033, 2, 28)


def test_the_events_of_a_withdrawn_source_go_after_a_week() -> None:
    assert source_events_erased_on(TODAY) == date(2026, 12, 3)
