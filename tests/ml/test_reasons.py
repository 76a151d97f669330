import pytest

from ml.features import NAMES, Applicant, vector
from ml.serving.reasons import REASON_OF, reason_codes
from ml.serving.scorer import Scored, Scorer
from ml.training.book import BookRow, Profile, simulate_events, simulate_file
from tests.ml.conftest import ALL_SOURCES, AS_OF

CODES = {
    "DEBT_BURDEN_HIGH",
    "DELINQUENCY_RECENT",
    "FILE_THIN",
    "INCOME_UNVERIFIED",
    "INQUIRIES_MANY",
    "SCORE_LOW",
    "UTILISATION_HIGH",
    "SPENDING_HIGH",
    "SAVINGS_LOW",
    "BILLS_LATE",
}
APPLICANT = Applicant(age=30, segment="SALARIED", requested_minor=10_000_00, term_months=12)


def scored(*contributions: tuple[str, float]) -> Scored:
    return Scored(600, 0.1, "test", contributions)


def test_every_feature_has_a_reason_of_the_list() -> None:
    assert set(REASON_OF) == set(NAMES)
    assert set(REASON_OF.values()) == CODES


def test_reasons_come_strongest_first_and_once_each() -> None:
    codes = reason_codes(
        scored(
            ("late_bill_share", 0.9), ("queries_6", 0.5), ("queries_1", 0.4), ("buffer_months", 0.3), ("lenders", -1)
        )
    )

    assert codes == ("BILLS_LATE", "INQUIRIES_MANY", "SAVINGS_LOW")


def test_no_more_reasons_than_the_limit() -> None:
    strong = scored(("late_bill_share", 0.9), ("queries_6", 0.5), ("buffer_months", 0.3))

    assert reason_codes(strong, limit=2) == ("BILLS_LATE", "INQUIRIES_MANY")
    with pytest.raises(ValueError, match="at least one"):
        reason_codes(strong, limit=0)


def test_nothing_adverse_leaves_the_score_itself() -> None:
    assert reason_codes(scored(("late_bill_share", 0.001), ("queries_6", -0.5))) == ("SCORE_LOW",)


def test_contributions_are_sorted_with_ties_by_name(scorer: Scorer, vectors: list[tuple[float, ...]]) -> None:
    for row in vectors[:30]:
        told = scorer.score_full(row).contributions
        assert list(told) == sorted(told, key=lambda pair: (-pair[1], pair[0]))
        assert {name for name, _ in told} == set(NAMES)


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        (Profile.LATE_PAYER, "BILLS_LATE"),
        (Profile.STRETCHED, "SPENDING_HIGH"),
        (Profile.MULTI_LENDER, "INQUIRIES_MANY"),
    ],
)
def test_a_profile_hears_its_own_reason_most_often(scorer: Scorer, profile: Profile, code: str) -> None:
    def heard(who: Profile) -> int:
        rows = (
            vector(simulate_events(s, who, AS_OF, 12), ALL_SOURCES, simulate_file(s, who, AS_OF), APPLICANT, AS_OF)
            for s in range(20)
        )
        return sum(code in reason_codes(scorer.score_full(row), limit=3) for row in rows)

    assert heard(profile) > 10
    assert heard(profile) > heard(Profile.STEADY)


def test_nobody_hears_of_data_that_was_never_seen(scorer: Scorer, book: list[BookRow]) -> None:
    for row in book[:40]:
        nothing = vector([], frozenset(), None, row.applicant, row.as_of)
        codes = set(reason_codes(scorer.score_own(nothing), limit=10))
        assert not codes & {"BILLS_LATE", "SAVINGS_LOW", "SPENDING_HIGH"}
        assert "INCOME_UNVERIFIED" in codes


def test_a_clean_record_never_hears_of_delinquency(scorer: Scorer, book: list[BookRow]) -> None:
    clean = [row for row in book if row.file.worst_status_60 == 0 and row.file.overdue_now_minor == 0]
    assert len(clean) > 50
    for row in clean[:40]:
        told = vector(row.events, row.sources, row.file, row.applicant, row.as_of)
        assert "DELINQUENCY_RECENT" not in reason_codes(scorer.score_full(told), limit=10)


def test_a_source_that_nobody_has_to_connect_is_never_a_reason(
    scorer: Scorer, vectors: list[tuple[float, ...]]
) -> None:
    for row in vectors[:50]:
        assert dict(scorer.score_own(row).contributions)["vouches"] <= 0
