"""The table of magic people: what is printed by `clearline personas` is what happens."""

import pytest

from tests.world import Person, World

TABLE = {
    # person: (outcome, a reason among those told, bureau records, inquiry status or None)
    "APPROVED": ("APPROVED", None, 1, "ANSWERED"),
    "DECLINED": ("DECLINED", "DELINQUENCY_RECENT", 1, "ANSWERED"),
    "REFERRED": ("REFERRED", "OBJECTION_OPEN", 1, "ANSWERED"),
    "BUREAU_TIMES_OUT": ("APPROVED", None, 1, "ANSWERED"),
    "THIN_FILE": ("COUNTEROFFERED", "FILE_THIN", 1, "ANSWERED"),
    "MISMATCH": ("DECLINED", "IDENTITY_UNVERIFIED", 0, "FAILED"),
    "MANY_LENDERS": ("COUNTEROFFERED", "LENDERS_MANY", 1, "ANSWERED"),
    "MINOR": ("DECLINED", "POLICY_AGE", 0, None),
}


@pytest.mark.parametrize("kind", TABLE)
async def test_each_magic_person_meets_what_is_printed(world: World, kind: str) -> None:
    outcome, reason, records, inquiry = TABLE[kind]
    person = await world.new(kind)
    application = await world.decided(person, "12000.00")
    decision = application["decision"]
    assert decision["outcome"] == outcome
    codes = [told["code"] for told in decision["reasons"]]
    assert reason is None or reason in codes
    assert len(codes) <= 4
    assert all(told["text"] for told in decision["reasons"])
    assert (decision["inquiry"] or {}).get("status") == inquiry
    assert await world.bureau_records(person) == records
    assert await world.inquiry_count(person) == records
    granted = outcome in {"APPROVED", "COUNTEROFFERED"}
    assert (application["offer"] is not None) is granted


async def test_a_decline_tells_at_least_three_reasons_where_there_are_as_many(world: World) -> None:
    application = await world.decided(await world.new("DECLINED"), "12000.00")
    assert len(application["decision"]["reasons"]) >= 3


async def test_an_officer_settles_what_was_referred_and_the_bureau_is_not_asked_again(world: World) -> None:
    person = await world.new("REFERRED")
    application = await world.decided(person, "12000.00")
    assert application["status"] == "IN_REVIEW"
    staff = Person("clt_sbx_staff_risk", "", "", "")
    waiting = (await world.ask("OfficerReferrals", {}, staff.token))["oversight"]["referrals"]["nodes"]
    assert [case["id"] for case in waiting] == [application["id"]]
    verdict = {
        "caseId": application["id"],
        "approve": True,
        "limit": {"amount": "8000.00", "currency": "CNY"},
        "note": "Objection concerns another lender; income is steady.",
    }
    settled = await world.act("ResolveReferral", staff, **verdict)
    assert settled["decision"]["byPerson"] is True
    assert settled["decision"]["outcome"] == "COUNTEROFFERED"
    again = await world.act("ResolveReferral", staff, **verdict)
    assert again["__typename"] == "DecisionClosed"
    after = await world.node("MyApplication", application["id"], person)
    assert (after["status"], after["offer"]["limit"]["amount"]) == ("DECIDED", "8000.00")
    assert await world.bureau_records(person) == 1


async def test_a_person_cannot_go_beyond_the_request_or_decline_without_a_reason(world: World) -> None:
    application = await world.decided(await world.new("REFERRED"), "12000.00")
    staff = Person("clt_sbx_staff_risk", "", "", "")
    for verdict in (
        {"approve": True, "limit": {"amount": "12000.01", "currency": "CNY"}},
        {"approve": True},
        {"approve": False},
    ):
        refused = await world.act(
            "ResolveReferral", staff, caseId=application["id"], note="Ten signs at least.", **verdict
        )
        assert refused["__typename"] == "InvalidInput"
    declined = await world.act(
        "ResolveReferral",
        staff,
        caseId=application["id"],
        approve=False,
        reasons=["BAD_DEBT"],
        note="Confirmed by phone.",
    )
    assert declined["decision"]["outcome"] == "DECLINED"
