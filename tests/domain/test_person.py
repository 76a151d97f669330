import json
import unicodedata
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.person import (
    IdNumber,
    IdNumberInvalid,
    IdNumberProblem,
    NameInvalid,
    NameProblem,
    PersonName,
    PhoneNumber,
    PhoneNumberInvalid,
    PhoneProblem,
    make_id_number,
)
from tests.needs import require_shared

fast = settings(max_examples=200, deadline=None, database=None, derandomize=True)

SOUND = "990000199003070013"


def id_problem(text: str) -> IdNumberProblem:
    with pytest.raises(IdNumberInvalid) as caught:
        IdNumber.parse(text)
    said = f"{caught.value} {caught.value!r} {caught.value.args}"
    assert not text or text not in said
    assert "19900307" not in said
    return caught.value.problem


# ---- identity number


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (SOUND, SOUND),
        ("99000019900307003X", "99000019900307003X"),
        ("99000019900307003x", "99000019900307003X"),
        ("99000019900307003ｘ", "99000019900307003X"),
        ("９９００００１９９００３０７００１３", SOUND),
        (" 990000 19900307 0013　", SOUND),
    ],
)
def test_a_sound_id_number_is_kept_in_one_form(text: str, kept: str) -> None:
    assert IdNumber.parse(text).value == kept


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("990000199003070012", IdNumberProblem.CHECK_DIGIT),
        ("990000199002300016", IdNumberProblem.BIRTH_DATE),
        ("990000000003070010", IdNumberProblem.BIRTH_DATE),
        ("99000019900307003\u0425", IdNumberProblem.CHARACTER),
        ("99000019900307003\u0445", IdNumberProblem.CHARACTER),
        ("99000019900307003\u03a7", IdNumberProblem.CHARACTER),
        ("99000019900307003\u2169", IdNumberProblem.CHARACTER),
        ("9900001990030700\u0661\u0663", IdNumberProblem.CHARACTER),
        ("X90000199003070013", IdNumberProblem.CHARACTER),
        ("990000900307001", IdNumberProblem.LENGTH),
        ("99000019900307001", IdNumberProblem.LENGTH),
        ("9900001990030700133", IdNumberProblem.LENGTH),
        ("", IdNumberProblem.LENGTH),
        ("9" * 10_000, IdNumberProblem.LENGTH),
        ("000000199003070010", IdNumberProblem.REGION),
        ("970000199003070010", IdNumberProblem.REGION),
    ],
)
def test_an_unsound_id_number_is_told_what_is_wrong(text: str, problem: IdNumberProblem) -> None:
    assert id_problem(text) is problem


def test_an_old_number_of_15_digits_is_told_that_18_are_wanted() -> None:
    with pytest.raises(IdNumberInvalid, match=r"old number of 15 digits.*18 characters"):
        IdNumber.parse("990000900307001")


def test_a_number_of_17_signs_is_told_that_18_are_wanted() -> None:
    with pytest.raises(IdNumberInvalid, match="18 characters, and this has 17"):
        IdNumber.parse("99000019900307001")


def test_the_shared_id_numbers_fare_as_their_vector_says() -> None:
    cases = json.loads(require_shared("vectors", "faults", "cases.json").read_text(encoding="utf-8"))
    (case,) = [case for case in cases if case["id"] == "C046"]
    fared = []
    for text in case["inputs"]["ids"]:
        try:
            fared.append(IdNumber.parse(text).value)
        except IdNumberInvalid as wrong:
            fared.append(wrong.problem)
    problem = IdNumberProblem
    assert fared[:4] == [SOUND, "99000019900307003X", "99000019900307003X", SOUND]
    assert fared[4:6] == [problem.CHECK_DIGIT, problem.BIRTH_DATE]
    assert fared[6:] == [problem.CHARACTER, problem.LENGTH, problem.LENGTH]


def test_the_parts_of_an_id_number_are_read() -> None:
    number = IdNumber.parse(SOUND)
    assert (number.birth_date, number.sequence, number.is_sandbox_region) == (date(1990, 3, 7), 1, True)


def test_a_real_region_is_not_the_sandbox() -> None:
    assert not IdNumber.parse(make_id_number("110101", date(1990, 3, 7), 1)).is_sandbox_region


@pytest.mark.parametrize("region", ["110101", "659999", "710000", "810000", "820000", "830000", "911156", "990000"])
def test_each_kind_of_card_has_a_known_region(region: str) -> None:
    assert make_id_number(region, date(1990, 3, 7), 1).startswith(region)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(1990, 3, 7), date(2008, 3, 6), 17),
        (date(1990, 3, 7), date(2008, 3, 7), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2008, 2, 29), 0),
    ],
)
def test_age_counts_full_years(born: date, day: date, age: int) -> None:
    assert IdNumber.parse(make_id_number("990000", born, 1)).age_on(day) == age


def test_a_birth_in_the_future_is_no_birth_date() -> None:
    with pytest.raises(IdNumberInvalid) as caught:
        IdNumber.parse(SOUND).age_on(date(1990, 3, 6))
    assert caught.value.problem is IdNumberProblem.BIRTH_DATE


def test_an_id_number_is_never_shown_whole() -> None:
    number = IdNumber.parse(SOUND)
    for shown in (repr(number), str(number), f"{number}", number.masked, repr([number])):
        assert "19900307" not in shown
        assert SOUND not in shown
    assert number.masked == "99**************13"


def test_an_unsound_id_number_cannot_be_built_around_parse() -> None:
    with pytest.raises(IdNumberInvalid):
        IdNumber("99000019900307003x")


@pytest.mark.parametrize(("region", "sequence"), [("99", 1), ("99000a", 1), ("９９００００", 1), ("990000", 1000)])
def test_parts_that_make_no_number_are_refused(region: str, sequence: int) -> None:
    with pytest.raises(IdNumberInvalid):
        make_id_number(region, date(1990, 3, 7), sequence)


@fast
@given(born=st.dates(date(1900, 1, 1), date(2026, 11, 23)), sequence=st.integers(0, 999))
def test_a_made_number_reads_back(born: date, sequence: int) -> None:
    number = IdNumber.parse(make_id_number("990000", born, sequence))
    assert (number.birth_date, number.sequence) == (born, sequence)


@fast
@given(sequence=st.integers(0, 999), place=st.integers(14, 17), step=st.integers(1, 9))
def test_one_mistyped_digit_is_always_found(sequence: int, place: int, step: int) -> None:
    number = make_id_number("990000", date(1990, 3, 7), sequence)
    if not number[place].isdigit():
        return
    typed = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    assert id_problem(typed) is IdNumberProblem.CHECK_DIGIT


# ---- name


@pytest.mark.parametrize("dot", ["\u00b7", "\u2022", "\u30fb", ".", "\uff0e", "\u2027", "\u22c5", "\uff65", "\u3002"])
def test_a_dot_stays_as_typed_and_matches_the_canonical_name(dot: str) -> None:
    name = PersonName.parse(f"艾力{dot}买买提")
    assert name.value == f"艾力{dot}买买提"
    assert name.canonical == "艾力\u00b7买买提"
    assert name.matches(PersonName.parse("艾力\u00b7买买提"))


def test_blanks_around_a_dot_do_not_hinder_a_match() -> None:
    assert PersonName.parse("艾力 \u2022 买买提").canonical == "艾力\u00b7买买提"


@pytest.mark.parametrize(
    "text",
    [
        "李\U0002bc20",
        "王\U0003158e",
        "周\u4b8c",
        "张\u3007",
        "\uf9dc\U0002f80a",
        "李",
        "阿" * 22,
        "李" * 50,
        "\U0003158e" * 50,
        "José O'Neil-Smith",
        "Nguyễn Văn An",
        "김민준",
        "ᠪᠠᠲᠤ",
    ],
)
def test_letters_of_any_plane_come_back_code_point_for_code_point(text: str) -> None:
    assert PersonName.parse(text).value == text


def test_a_decomposed_name_is_composed() -> None:
    assert PersonName.parse(unicodedata.normalize("NFD", "José 김민준")).value == "José 김민준"


def test_length_is_counted_after_composing() -> None:
    decomposed = unicodedata.normalize("NFD", "ễ" * 50)
    assert len(PersonName.parse(decomposed).value) == 50


def test_a_name_is_trimmed_and_runs_of_blanks_are_one() -> None:
    assert PersonName.parse("　 Anna\u00a0  Lee ").value == "Anna Lee"


@pytest.mark.parametrize("sign", ["\ue000", "\uf8ff", "\U000f0000", "\U0010fffd"])
def test_a_private_use_sign_is_to_be_retyped(sign: str) -> None:
    with pytest.raises(NameInvalid, match="Retype") as caught:
        PersonName.parse(f"李{sign}")
    assert caught.value.problem is NameProblem.RETYPE


@pytest.mark.parametrize(
    "text",
    [
        "李\u202e明",
        "李\u2066明",
        "\u200f李明",
        "李\u200b明",
        "李\u200d明",
        "李明\ufeff",
        "李\x00明",
        "李\n明",
        "李\u0085明",
        "李\ufe0f明",
        "李\U000e0100",
        "李\u3164明",
        "李\ud800",
        "李\U0002ffff",
        "李\U000e0041",
        "李\u034f明",
    ],
)
def test_controls_and_signs_nobody_sees_are_refused(text: str) -> None:
    with pytest.raises(NameInvalid) as caught:
        PersonName.parse(text)
    assert caught.value.problem is NameProblem.CHARACTER


@pytest.mark.parametrize(
    "text",
    ["'; --", "李明'; --", "<b>李</b>", '李"明', "李明2", "李😀", "·李", "李·", "李··明", "--", "\u0301李", "A, B"],
)
def test_punctuation_that_parts_no_letters_is_refused(text: str) -> None:
    with pytest.raises(NameInvalid) as caught:
        PersonName.parse(text)
    assert caught.value.problem is NameProblem.CHARACTER


@pytest.mark.parametrize("text", ["", "  ", "李" * 51, "李" * 100_000])
def test_a_name_has_1_to_50_signs(text: str) -> None:
    with pytest.raises(NameInvalid) as caught:
        PersonName.parse(text)
    assert caught.value.problem is NameProblem.LENGTH


def test_a_name_is_not_shown_by_accident() -> None:
    name = PersonName.parse("艾力·买买提")
    assert "艾力" not in f"{name!r} {name}"
    assert name.masked == "艾**"
    with pytest.raises(NameInvalid) as caught:
        PersonName.parse("艾力;")
    assert "艾力" not in f"{caught.value} {caught.value!r}"


@fast
@given(st.text(max_size=60))
def test_a_kept_name_is_stable_and_anything_else_a_typed_refusal(text: str) -> None:
    try:
        name = PersonName.parse(text)
    except NameInvalid:
        return
    assert PersonName.parse(name.value) == name
    assert PersonName.parse(name.canonical).canonical == name.canonical


# ---- mobile number


@pytest.mark.parametrize(
    "text",
    [
        "12000138000",
        "+8612000138000",
        "+86 120-0013-8000",
        "008612000138000",
        "8612000138000",
        "１２０００１３８０００",
    ],
)
def test_a_mobile_number_is_kept_as_eleven_digits(text: str) -> None:
    assert PhoneNumber.parse(text).value == "12000138000"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("1200013800", PhoneProblem.LENGTH),
        ("120001380000", PhoneProblem.LENGTH),
        ("1" * 1_000, PhoneProblem.LENGTH),
        ("22000138000", PhoneProblem.PREFIX),
        ("+44 7700 900000", PhoneProblem.CHARACTER),
        ("1200013800a", PhoneProblem.CHARACTER),
        ("1200013800\u0660", PhoneProblem.CHARACTER),
        ("", PhoneProblem.CHARACTER),
    ],
)
def test_an_unsound_mobile_number_is_told_what_is_wrong(text: str, problem: PhoneProblem) -> None:
    with pytest.raises(PhoneNumberInvalid) as caught:
        PhoneNumber.parse(text)
    assert caught.value.problem is problem
    assert not text or text not in str(caught.value)


def test_a_mobile_number_is_not_shown_by_accident() -> None:
    phone = PhoneNumber.parse("12000138000")
    assert f"{phone!r} {phone}" == "PhoneNumber(*******8000) PhoneNumber(*******8000)"
