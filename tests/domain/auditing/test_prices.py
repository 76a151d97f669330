from dataclasses import replace

from app.domain.auditing.prices import GROUP_MIN, Group, gaps

DUE = 40_000
FAIR = Group("SALARIED", "language", "zh-CN", GROUP_MIN, GROUP_MIN * DUE, GROUP_MIN * DUE)
OTHER = replace(FAIR, name="en")


def paying(group: Group, more: int) -> Group:
    return replace(group, paid_sum=group.paid_sum + more * group.lines)


def test_groups_that_pay_what_their_grades_give_do_not_differ() -> None:
    worse = replace(OTHER, paid_sum=GROUP_MIN * 55_000, due_sum=GROUP_MIN * 55_000)
    assert gaps([FAIR, worse]) == []


def test_a_gap_of_one_percent_is_within_and_a_unit_more_is_beyond() -> None:
    assert gaps([FAIR, paying(OTHER, 400)]) == []
    dear = paying(OTHER, 401)
    assert gaps([FAIR, dear]) == [(dear, FAIR)]


def test_cheaper_than_their_grades_is_a_gap_too() -> None:
    cheap = paying(OTHER, -1000)
    assert gaps([FAIR, cheap]) == [(FAIR, cheap)]


def test_a_group_of_a_few_is_left_out() -> None:
    few = replace(OTHER, lines=GROUP_MIN - 1, paid_sum=(GROUP_MIN - 1) * 90_000, due_sum=(GROUP_MIN - 1) * DUE)
    assert gaps([FAIR, few]) == []


def test_groups_of_another_segment_or_kind_are_not_compared() -> None:
    dear = paying(OTHER, 5000)
    assert gaps([FAIR, replace(dear, segment="SMALL_BUSINESS"), replace(dear, kind="occupation")]) == []
