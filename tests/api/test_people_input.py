"""Who applies, as typed: valid numbers and names are taken as they are, wrong ones told by field and never repeated."""

import unicodedata
from typing import Any

import pytest

from tests.world import Person, World

GOOD_ID = "990000199003070013"
NAME, PHONE = "林小川", "10012345678"


def applicant(name: str = NAME, id_number: str = GOOD_ID, phone: str = PHONE) -> dict[str, str]:
    return {"name": name, "idNumber": id_number, "phone": phone}


async def answer_to(world: World, person: Person, **fields: str) -> Any:
    return await world.apply(person, applicant=applicant(**fields))


def told(answer: Any) -> list[tuple[list[str], str]]:
    assert answer["__typename"] == "InvalidInput", answer
    assert all(violation["message"] != violation["code"] for violation in answer["violations"])
    return [(violation["path"], violation["code"]) for violation in answer["violations"]]


@pytest.fixture(scope="module")
async def somebody(room: World) -> Person:
    return await room.new()


@pytest.mark.parametrize(
    "typed",
    [
        GOOD_ID,
        "99000019900307003X",
        "99000019900307003x",
        "９９００００１９９００３０７００１３",
        "99000019900307003Ｘ",
        " 990000 19900307 0013 ",
    ],
)
async def test_a_sound_id_number_gets_past_the_form(room: World, somebody: Person, typed: str) -> None:
    assert (await answer_to(room, somebody, id_number=typed))["__typename"] == "ConsentRequired"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("990000199003070012", "ID_CHECK_DIGIT"),
        ("990000199002300016", "ID_BIRTH_DATE"),
        ("99000019900307003Х", "ID_CHARACTER"),
        ("99000019900307003\u200bX", "ID_CHARACTER"),
        ("990000900307001", "ID_LENGTH"),
        ("99000019900307001", "ID_LENGTH"),
        ("9900001990030700133", "ID_LENGTH"),
        ("020000199003070010", "ID_REGION"),
        ("", "ID_LENGTH"),
        ("9" * 30_000, "ID_LENGTH"),
    ],
    ids=range(10),
)
async def test_a_wrong_id_number_is_told_at_its_field_and_never_repeated(
    room: World, somebody: Person, typed: str, code: str
) -> None:
    asked = {"input": {"idempotencyKey": "0" * 32, "applicant": applicant(id_number=typed), "termMonths": 12}}
    asked["input"]["limit"] = {"amount": "5000", "currency": "CNY"}
    query = "mutation A($input: SubmitApplicationInput!) { submitApplication(input: $input) {"
    query += " __typename ... on InvalidInput { violations { path code message } } } }"
    for language in ("zh-CN", "en"):
        answer = await room.post(
            {"query": query, "variables": asked}, somebody.token, **{"accept-language": language}
        )
        assert told(answer.json()["data"]["submitApplication"]) == [(["input", "applicant", "idNumber"], code)]
        assert not typed or typed not in answer.text
        assert NAME not in answer.text
        assert PHONE not in answer.text


async def test_a_small_x_is_kept_as_a_large_one(room: World) -> None:
    first, second = await room.new(), await room.new()
    await room.grant(first)
    await room.grant(second)
    taken = await answer_to(room, first, id_number="99000019900307003x")
    assert taken["__typename"] == "SubmitApplicationPayload"
    same = await answer_to(room, second, id_number="99000019900307003X")
    assert told(same) == [(["input", "applicant", "idNumber"], "ID_NOT_USABLE")]


async def test_production_takes_no_invented_region(room: World, somebody: Person) -> None:
    room.house.desk.sandbox = False
    try:
        answer = await answer_to(room, somebody)
    finally:
        room.house.desk.sandbox = True
    assert told(answer) == [(["input", "applicant", "idNumber"], "ID_REGION")]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1001234567", "PHONE_LENGTH"),
        ("100123456789", "PHONE_LENGTH"),
        ("20012345678", "PHONE_PREFIX"),
        ("1001234567a", "PHONE_CHARACTER"),
        ("", "PHONE_CHARACTER"),
        ("1" * 30_000, "PHONE_LENGTH"),
    ],
    ids=range(6),
)
async def test_a_wrong_phone_is_told_at_its_field(room: World, somebody: Person, typed: str, code: str) -> None:
    assert told(await answer_to(room, somebody, phone=typed)) == [(["input", "applicant", "phone"], code)]


async def test_everything_wrong_with_an_application_is_told_at_once(room: World, somebody: Person) -> None:
    asked = applicant(name="1", id_number="2", phone="3")
    answer = await room.apply(somebody, "499.99", applicant=asked, termMonths=5)
    assert told(answer) == [
        (["input", "applicant", "name"], "NAME_CHARACTER"),
        (["input", "applicant", "idNumber"], "ID_LENGTH"),
        (["input", "applicant", "phone"], "PHONE_PREFIX"),
        (["input", "limit", "amount"], "LIMIT_OUTSIDE_PRODUCT"),
        (["input", "termMonths"], "TERM_NOT_OFFERED"),
    ]


NAMES = {
    "middle dot": "艾力\u00b7买买提",
    "bullet": "艾力\u2022买买提",
    "katakana dot": "艾力\u30fb买买提",
    "full stop": "艾力.买买提",
    "plane 2": "李\U0002bc20",
    "plane 3": "王\U0003158e",
    "extension A": "周\u4b8c",
    "compatibility ideograph": "林\ufa19",
    "one sign": "丑",
    "twenty-two signs": "阿卜杜热合曼\u00b7阿卜杜热依木\u00b7麦麦提艾力江",
    "composed": "Zoë Müller",
}


@pytest.mark.parametrize("typed", NAMES.values(), ids=NAMES.keys())
async def test_a_name_comes_back_code_point_for_code_point(room: World, typed: str) -> None:
    person = await room.new()
    await room.grant(person)
    applied = await room.apply(person, applicant={**person.applicant, "name": typed})
    assert applied["__typename"] == "SubmitApplicationPayload"
    query = (
        "query($input: QuoteInput!) { quote(input: $input) { ... on QuotePayload { quote { contract { text } } } } }"
    )
    asked = {"input": {"amount": {"amount": "1000", "currency": "CNY"}, "termMonths": 3}}
    text = (await room.ask(query, asked, person.token))["quote"]["quote"]["contract"]["text"]
    assert f"借款人：{typed}\n" in text


async def test_a_decomposed_name_is_composed(room: World) -> None:
    person = await room.new()
    await room.grant(person)
    await room.apply(person, applicant={**person.applicant, "name": unicodedata.normalize("NFD", "Zoë")})
    quote = (await room.quote(await _lineless(person), "1000.00", 3))["quote"]
    assert "Zoë\n" in quote["contract"]["text"]


async def _lineless(person: Person) -> Person:
    """Somebody who asks at published terms: no line is named."""
    person.line_id = None  # type: ignore[assignment]  # the input's null
    return person


@pytest.mark.parametrize("dot", ["\u00b7", "\u2022", "\u2027", "\u30fb", "\uff0e", "."])
async def test_no_kind_of_dot_is_a_mismatch_at_the_bureau(room: World, dot: str) -> None:
    person = await room.new()
    person.applicant = {**person.applicant, "name": f"艾力{dot}买买提"}
    decision = (await room.decided(person))["decision"]
    assert (decision["outcome"], decision["inquiry"]["status"]) == ("APPROVED", "ANSWERED")


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("李\ue000", "NAME_RETYPE"),
        ("李\U000f0001", "NAME_RETYPE"),
        ("李\u202e四", "NAME_CHARACTER"),
        ("李\u200b四", "NAME_CHARACTER"),
        ("李\u0000四", "NAME_CHARACTER"),
        ("李\n四", "NAME_CHARACTER"),
        ("'; --", "NAME_CHARACTER"),
        ("Robert'); DROP TABLE customer", "NAME_CHARACTER"),
        ("李四{borrower}", "NAME_CHARACTER"),
        ("·", "NAME_CHARACTER"),
        ("", "NAME_LENGTH"),
        ("   ", "NAME_LENGTH"),
        ("李" * 51, "NAME_LENGTH"),
        ("李" * 15_000, "NAME_LENGTH"),
    ],
    ids=range(14),
)
async def test_signs_that_cannot_stand_in_a_name_are_refused(
    room: World, somebody: Person, typed: str, code: str
) -> None:
    assert told(await answer_to(room, somebody, name=typed)) == [(["input", "applicant", "name"], code)]
