"""What a person may correct, and what is told at once."""

from datetime import date

from app.domain.person import make_id_number
from tests.world import World


async def test_a_name_and_number_that_did_not_match_may_be_corrected_at_once(world: World) -> None:
    person = await world.new("MISMATCH")
    declined = await world.decided(person, "5000.00")
    assert [reason["code"] for reason in declined["decision"]["reasons"]] == ["IDENTITY_UNVERIFIED"]
    person.applicant["idNumber"] = person.id_number = make_id_number("990777", date(1990, 5, 5), 1)
    again = await world.decided(person, "5000.00")
    assert again["decision"]["outcome"] == "APPROVED"
    assert await world.bureau_records(person) == 1


async def test_a_number_that_the_bureau_matched_is_not_exchanged(world: World) -> None:
    person = await world.new("THIN_FILE")
    await world.decided(person, "5000.00")
    await world.skip(31)
    person.applicant["idNumber"] = make_id_number("990777", date(1990, 5, 5), 1)
    await world.grant(person)
    refused = await world.apply(person)
    assert [violation["code"] for violation in refused["violations"]] == ["ID_OTHER_THAN_BEFORE"]


async def test_everything_wrong_with_an_application_is_told_at_once(world: World) -> None:
    person = await world.new()
    refused = await world.apply(
        person,
        applicant={"name": "x1", "idNumber": "123", "phone": "12"},
        limit={"amount": "1,000", "currency": "CNY"},
        termMonths=7,
    )
    told = {(tuple(violation["path"]), violation["code"]) for violation in refused["violations"]}
    assert told == {
        (("input", "limit", "amount"), "AMOUNT_NOT_DIGITS"),
        (("input", "applicant", "name"), "NAME_CHARACTER"),
        (("input", "applicant", "idNumber"), "ID_LENGTH"),
        (("input", "applicant", "phone"), "PHONE_LENGTH"),
        (("input", "termMonths"), "TERM_NOT_OFFERED"),
    }
