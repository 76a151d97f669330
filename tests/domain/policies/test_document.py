"""A policy document is read to the letter or not at all."""

import json
from typing import Any

import pytest

from app.domain.deciding.policy import Policy
from app.domain.policies.checking import read_policy
from app.domain.policies.differences import Difference, differences
from app.domain.policies.document import canonical, digest_of, read_draft
from app.domain.policies.fields import DOCUMENT_BYTES_MAX
from app.domain.policies.problems import PROBLEMS_MAX, PolicyUnsound
from models.shipped.policies import FOLDER, shipped_policies
from tests.domain.deciding.cases import SALARIED
from tests.domain.policies.documents import Spoil, salaried, spoilt, with_


def refused(text: str) -> list[tuple[str, str]]:
    with pytest.raises(PolicyUnsound) as caught:
        read_draft(text)
    assert all(problem.case is None for problem in caught.value.problems)
    return [(problem.code.value, problem.path) for problem in caught.value.problems]


@pytest.mark.parametrize("policy", shipped_policies(), ids=lambda policy: str(policy.version))
def test_a_shipped_policy_is_sound_and_comes_back_from_its_canonical_text(policy: Policy) -> None:
    text = (FOLDER / f"{policy.version}.json").read_text(encoding="utf-8")
    assert read_policy(text) == read_policy(canonical(policy)) == policy


def test_one_policy_of_each_segment_is_shipped() -> None:
    segments = [policy.segment for policy in shipped_policies()]
    assert sorted(segments) == ["SALARIED", "SMALL_BUSINESS"]


def test_the_digest_is_of_what_is_said_and_not_of_how_it_is_written() -> None:
    told = salaried()
    told["grades"].reverse()
    told["occupations"].reverse()
    told["grades"][0]["incomeMultiple"] += ".00"
    assert digest_of(read_draft(json.dumps(told, indent=3)).policy) == digest_of(SALARIED)
    told["estimateSpread"] = 41
    assert digest_of(read_draft(json.dumps(told)).policy) != digest_of(SALARIED)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "NOT_JSON"),
        ("{", "NOT_JSON"),
        ("[" * 20_000, "NOT_JSON"),
        ("[]", "WRONG_TYPE"),
        ("1.5", "WRONG_TYPE"),
        ('{"format": 1, "format": 2}', "DUPLICATE_FIELD"),
        ('{"a": "' + "x" * DOCUMENT_BYTES_MAX + '"}', "TOO_LARGE"),
        (spoilt(with_(format="clearline-policy/2")), "UNKNOWN_FORMAT"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_document_of_the_format_is_refused(text: str, code: str) -> None:
    assert refused(text)[0][0] == code


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (with_(more=1), ("UNKNOWN_FIELD", "/more")),
        (with_(grades__0__colour="red"), ("UNKNOWN_FIELD", "/grades/0/colour")),
        (lambda told: told["limits"].pop("step"), ("MISSING_FIELD", "/limits/step")),
        (lambda told: told.pop("refer"), ("MISSING_FIELD", "/refer")),
        (with_(age=18), ("WRONG_TYPE", "/age")),
        (with_(age=None), ("WRONG_TYPE", "/age")),
        (with_(age__least=True), ("WRONG_TYPE", "/age/least")),
        (with_(age__least="18"), ("WRONG_TYPE", "/age/least")),
        (with_(age__least=18.0), ("NOT_EXACT", "/age/least")),
        (with_(age__least=10**13), ("NOT_EXACT", "/age/least")),
        (with_(grades={}), ("WRONG_TYPE", "/grades")),
        (with_(grades=[]), ("OUT_OF_RANGE", "/grades")),
        (with_(grades__0__dailyRate=0.0002), ("NOT_EXACT", "/grades/0/dailyRate")),
        (with_(grades__0__dailyRate="2e-4"), ("NOT_EXACT", "/grades/0/dailyRate")),
        (with_(grades__0__dailyRate="0.000200001"), ("NOT_EXACT", "/grades/0/dailyRate")),
        (with_(grades__0__dailyRate="0"), ("OUT_OF_RANGE", "/grades/0/dailyRate")),
        (with_(grades__0__limitCap=200000), ("NOT_EXACT", "/grades/0/limitCap")),
        (with_(grades__0__limitCap="200,000"), ("NOT_EXACT", "/grades/0/limitCap")),
        (with_(grades__0__limitCap="-1"), ("NOT_EXACT", "/grades/0/limitCap")),
        (with_(grades__0__incomeMultiple="8.001"), ("NOT_EXACT", "/grades/0/incomeMultiple")),
        (with_(grades__0__incomeMultiple="0"), ("OUT_OF_RANGE", "/grades/0/incomeMultiple")),
        (with_(grades__0__incomeMultiple="٨"), ("NOT_EXACT", "/grades/0/incomeMultiple")),
        (with_(grades__0__from=901), ("OUT_OF_RANGE", "/grades/0/from")),
        (with_(grades__0__to=739), ("OUT_OF_RANGE", "/grades/0/to")),
        (with_(grades__1__name="A"), ("DUPLICATE_NAME", "/grades/1/name")),
        (with_(grades__1__name="b"), ("OUT_OF_RANGE", "/grades/1/name")),
        (with_(occupations=["ASTRONAUT"]), ("OUT_OF_RANGE", "/occupations/0")),
        (with_(occupations=["OTHER", "OTHER"]), ("DUPLICATE_NAME", "/occupations/1")),
        (with_(occupations=[]), ("OUT_OF_RANGE", "/occupations")),
        (with_(occupations=[1]), ("WRONG_TYPE", "/occupations/0")),
        (with_(segment="salaried"), ("OUT_OF_RANGE", "/segment")),
        (with_(version="v 1"), ("OUT_OF_RANGE", "/version")),
        (with_(version="salaried-1\n"), ("OUT_OF_RANGE", "/version")),
        (with_(limits__burden="1.1"), ("OUT_OF_RANGE", "/limits/burden")),
        (with_(limits__step="300.00"), ("OUT_OF_RANGE", "/limits/step")),
        (with_(limits__step="0"), ("OUT_OF_RANGE", "/limits/step")),
        (with_(limits__most="400.00"), ("OUT_OF_RANGE", "/limits/most")),
        (with_(hardRules__worstStatus24=9), ("OUT_OF_RANGE", "/hardRules/worstStatus24")),
        (with_(estimateSpread=-1), ("OUT_OF_RANGE", "/estimateSpread")),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else None,
)
def test_a_member_that_is_not_of_the_format_is_told_with_its_place(spoil: Spoil, problem: tuple[str, str]) -> None:
    assert problem in refused(spoilt(spoil))


def test_a_member_that_stands_twice_is_refused_wherever_it_stands() -> None:
    text = spoilt(with_()).replace('"least": 18', '"least": 18, "least": 19')
    assert refused(text) == [("DUPLICATE_FIELD", "/age/least")]


def test_all_problems_are_told_at_once_and_never_more_than_fifty() -> None:
    both = refused(spoilt(with_(age__least="18", limits__step=1)))
    assert [path for _, path in both] == ["/age/least", "/limits/step"]
    with pytest.raises(PolicyUnsound) as caught:
        read_draft(json.dumps({f"x{number}": 1 for number in range(500)}))
    assert len(caught.value.problems) == PROBLEMS_MAX


def test_a_name_of_a_stranger_is_shown_legibly() -> None:
    told: dict[str, Any] = salaried()
    told["\ud800/" + "x" * 500] = 1
    ((_, path),) = refused(json.dumps(told))
    assert path.startswith("/?~1xx")
    assert len(path) < 80


def test_what_changed_is_told_member_by_member() -> None:
    told = salaried()
    told["grades"][4]["limitCap"] = "9000.00"
    told["estimateSpread"] = 30
    after = read_draft(json.dumps(told)).policy
    assert differences(SALARIED, after) == (
        Difference("/estimateSpread", "40", "30"),
        Difference("/grades/E/limitCap", "8000.00", "9000.00"),
    )
    first = differences(None, after)
    assert all(change.before is None for change in first)
    assert Difference("/occupations", None, "OTHER, SALARIED, STUDENT") in first
    assert differences(after, after) == ()
