from itertools import product

import pytest

from app.domain.auditing.finding import (
    Closing,
    FindingState,
    FindingStep,
    ImpossibleStep,
    Seen,
    seen_again,
    step,
    worded,
)
from app.domain.auditing.rules import AUDIT_RULES, Area, AuditRuleId, rules_seen_by
from app.domain.oversight.roles import Role
from app.domain.refusals import InvalidInput

S, T = FindingState, FindingStep
STEPS = {
    (S.OPEN, T.ASSIGNED): S.ASSIGNED,
    (S.ASSIGNED, T.ASSIGNED): S.ASSIGNED,
    (S.REOPENED, T.ASSIGNED): S.ASSIGNED,
    (S.OPEN, T.CLOSED): S.CLOSED,
    (S.ASSIGNED, T.CLOSED): S.CLOSED,
    (S.REOPENED, T.CLOSED): S.CLOSED,
    (S.CLOSED, T.REOPENED): S.REOPENED,
}


@pytest.mark.parametrize(("present", "asked"), list(product(S, T)))
def test_every_step_leads_where_it_should_or_nowhere(present: FindingState, asked: FindingStep) -> None:
    if (present, asked) in STEPS:
        assert step(present, asked) is STEPS[present, asked]
    else:
        with pytest.raises(ImpossibleStep):
            step(present, asked)


@pytest.mark.parametrize("state", [S.OPEN, S.ASSIGNED, S.REOPENED])
def test_a_fault_whose_finding_is_not_closed_is_known(state: FindingState) -> None:
    assert seen_again(state, None, same_problem=False) is Seen.KNOWN


@pytest.mark.parametrize(
    ("closing", "same", "seen"),
    [
        (Closing.MENDED, True, Seen.REOPENED),
        (Closing.REMAINS, True, Seen.REMAINS),
        (Closing.REMAINS, False, Seen.REOPENED),
    ],
)
def test_a_closed_finding_is_open_again_unless_the_same_fault_remains(
    closing: Closing, same: bool, seen: Seen
) -> None:
    assert seen_again(S.CLOSED, closing, same_problem=same) is seen


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("too short", "NOTE_LENGTH"),
        ("x" * 2001, "NOTE_LENGTH"),
        ("her phone is 138-0013-8000, call", "NOTE_NAMES_SOMEBODY"),
        ("number 110101 1990 0307 8515 was wrong", "NOTE_NAMES_SOMEBODY"),
    ],
)
def test_evidence_has_a_length_and_names_nobody(text: str, problem: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        worded(text, "evidence")
    assert [(violation.path, violation.problem) for violation in refused.value.violations] == [
        (("evidence",), problem)
    ]


def test_evidence_that_is_long_enough_loses_its_blanks() -> None:
    assert (
        worded("  Mended on 2026-11-26, see ticket 4711.  ", "evidence") == "Mended on 2026-11-26, see ticket 4711."
    )


def test_compliance_sees_every_rule_privacy_those_on_data_risk_those_on_lending_and_operators_none() -> None:
    data = {rule.id for rule in AUDIT_RULES.values() if rule.area is Area.DATA}
    assert set(rules_seen_by(Role.COMPLIANCE)) == set(AuditRuleId) == set(AUDIT_RULES)
    assert set(rules_seen_by(Role.PRIVACY)) == data
    assert set(rules_seen_by(Role.RISK)) == set(AuditRuleId) - data
    assert rules_seen_by(Role.OPERATOR) == ()
