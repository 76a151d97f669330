"""The tables of the staff's duties hold together, and what two people must do one never can."""

from uuid import UUID

import pytest

from app.domain.oversight.approval import NOTE_LENGTH_MAX, checkable, noted
from app.domain.oversight.roles import (
    CONCERNS,
    PURPOSES,
    PURPOSES_OF_ANY_CASE,
    PURPOSES_OF_CASE,
    VERBS,
    AccessPurpose,
    Cell,
    Concerns,
    Officer,
    Role,
    Verb,
    cell,
    roles_with,
)
from app.domain.refusals import ApprovalClosed, InvalidInput, OwnAccount, SamePerson

ONE, TWO = UUID(int=1), UUID(int=2)


def test_every_role_and_every_verb_stands_in_the_tables() -> None:
    assert set(VERBS) == set(PURPOSES) == set(Role)
    assert set(CONCERNS) == set(Verb)
    assert frozenset().union(*VERBS.values()) == set(Verb)
    assert frozenset().union(*PURPOSES.values()) == set(AccessPurpose)


def test_who_may_open_a_file_has_a_purpose_for_it_and_nobody_else_has() -> None:
    for role in Role:
        assert (Verb.OPEN_CUSTOMER_FILE in VERBS[role]) == (Verb.REVEAL_FIELD in VERBS[role]) == bool(PURPOSES[role])
    assert PURPOSES[Role.OPERATOR] == frozenset()


def test_every_kind_of_case_has_a_purpose_of_its_own_beside_those_of_any_case() -> None:
    for purposes in PURPOSES_OF_CASE.values():
        assert purposes
        assert not purposes & PURPOSES_OF_ANY_CASE
    assert frozenset().union(*PURPOSES_OF_CASE.values()) | PURPOSES_OF_ANY_CASE == set(AccessPurpose)


@pytest.mark.parametrize(
    ("proposing", "checking"),
    [
        (Verb.PROPOSE_RELEASE, (Verb.CONFIRM_RELEASE, Verb.REJECT_RELEASE)),
        (Verb.PROPOSE_WORDING, (Verb.CONFIRM_WORDING, Verb.REJECT_WORDING)),
    ],
)
def test_who_proposes_sees_what_waits_and_another_duty_may_check_too(
    proposing: Verb, checking: tuple[Verb, Verb]
) -> None:
    confirm, reject = checking
    assert roles_with(confirm) == roles_with(reject)
    assert set(roles_with(confirm)) > set(roles_with(proposing))
    for verb in (proposing, confirm):
        assert set(roles_with(verb)) <= set(roles_with(Verb.PENDING_APPROVALS))


def test_an_own_account_is_refused_or_left_out_wherever_a_person_is_meant() -> None:
    for role in Role:
        for verb in Verb:
            own, other = cell(role, verb, own=True), cell(role, verb, own=False)
            if other is Cell.FORBIDDEN or CONCERNS[verb] is Concerns.NOBODY:
                assert own is other
            else:
                assert (other, own in {Cell.OWN_ACCOUNT, Cell.LEFT_OUT}) == (Cell.YES, True)


def test_an_officer_is_kept_off_the_own_account_and_no_other() -> None:
    with pytest.raises(OwnAccount):
        Officer(ONE, Role.RISK, TWO).keep_off_own(TWO)
    Officer(ONE, Role.RISK, TWO).keep_off_own(ONE)
    Officer(ONE, Role.RISK).keep_off_own(TWO)


def test_a_proposal_is_checked_once_and_by_somebody_else() -> None:
    checkable(ONE, TWO, None)
    with pytest.raises(SamePerson):
        checkable(ONE, ONE, None)
    for checker in (ONE, TWO):
        with pytest.raises(ApprovalClosed) as closed:
            checkable(ONE, checker, "REJECTED")
        assert closed.value.outcome == "REJECTED"


def test_a_note_is_measured_without_the_blanks_around_it() -> None:
    assert noted("  ten signs.  ") == "ten signs."
    for wrong in ("", " " * 30, "  nine sig ", "x" * (NOTE_LENGTH_MAX + 1)):
        with pytest.raises(InvalidInput):
            noted(wrong)
