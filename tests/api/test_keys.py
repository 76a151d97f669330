"""A key makes one act happen once: for one person, one kind of act, one input, however it is spelled."""

import unicodedata
from typing import Any
from uuid import uuid4

from tests.api.rows import row_counts
from tests.world import Person, World


async def loan_of(world: World, person: Person, amount: str = "1000.00") -> str:
    drawn = await world.draw(person, amount)
    await world.settle()
    return str(drawn["loan"]["id"])


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


async def test_two_people_with_one_key_do_not_meet(room: World) -> None:
    key = str(uuid4())
    one, two = await room.with_line(), await room.with_line()
    loans = [await loan_of(room, person) for person in (one, two)]
    paid = [
        await room.act("Repay", person, idempotencyKey=key, loanId=loan, amount=yuan("100.00"))
        for person, loan in zip((one, two), loans, strict=True)
    ]
    assert [answer["__typename"] for answer in paid] == ["MakeRepaymentPayload"] * 2
    assert [answer["loan"]["id"] for answer in paid] == loans
    frozen = [
        await room.act("FreezeMyLine", person, idempotencyKey=key, lineId=person.line_id, reason="a test")
        for person in (one, two)
    ]
    assert [answer["line"]["id"] for answer in frozen] == [one.line_id, two.line_id]
    released = [
        await room.act("ReleaseMyLine", person, idempotencyKey=key, lineId=person.line_id) for person in (one, two)
    ]
    assert [answer["line"]["status"] for answer in released] == ["ACTIVE"] * 2


async def test_one_key_for_two_kinds_of_act_never_gives_the_others_payload(room: World) -> None:
    key = str(uuid4())
    person = await room.with_line()
    drawn = await room.act("Draw", person, idempotencyKey=key, **await room.signable(person))
    await room.settle()
    paid = await room.act("Repay", person, idempotencyKey=key, loanId=drawn["loan"]["id"], amount=yuan("10.00"))
    assert paid["__typename"] == "MakeRepaymentPayload"
    assert paid["repayment"]["amount"]["amount"] == "10.00"


async def test_two_amounts_with_own_keys_are_both_booked_and_with_one_key_conflict(room: World) -> None:
    person = await room.with_line()
    loan, key = await loan_of(room, person), str(uuid4())
    first = await room.act("Repay", person, idempotencyKey=key, loanId=loan, amount=yuan("100.00"))
    await room.act("Repay", person, loanId=loan, amount=yuan("200.00"))
    before = await row_counts()
    other = await room.act("Repay", person, idempotencyKey=key, loanId=loan, amount=yuan("300.00"))
    assert other["__typename"] == "IdempotencyConflict"
    assert await row_counts() == before
    repaid = (await room.node("MyLoan", loan, person))["repayments"]["nodes"]
    assert sorted(node["amount"]["amount"] for node in repaid) == ["100.00", "200.00"]
    again = await room.act("Repay", person, idempotencyKey=key, loanId=loan, amount=yuan("100.00"))
    assert again["repayment"]["id"] == first["repayment"]["id"]


async def test_other_spellings_of_one_input_are_replays_of_one_effect(room: World) -> None:
    person = await room.with_line()
    loan, key = await loan_of(room, person), str(uuid4())
    first = await room.act("Repay", person, idempotencyKey=key, loanId=loan, amount=yuan("100"))
    before = await row_counts()
    spellings: list[dict[str, Any]] = [
        {"idempotencyKey": key, "loanId": loan, "amount": yuan("100.0")},
        {"idempotencyKey": key.upper(), "loanId": loan, "amount": yuan("100.00")},
        {"idempotencyKey": key.replace("-", ""), "loanId": loan, "amount": yuan("100")},
        {"amount": {"currency": "CNY", "amount": "100.00"}, "loanId": loan, "idempotencyKey": f"{{{key}}}"},
    ]
    for spelling in spellings:
        again = await room.act("Repay", person, **spelling)
        assert again["repayment"] == first["repayment"]
    assert await row_counts() == before


async def test_a_name_composed_or_not_and_a_moment_in_another_zone_are_one_input(room: World) -> None:
    person, keys = await room.new(), (str(uuid4()), str(uuid4()))
    wording = (await room.ask("ReadConsent", {"purpose": "FIRST_APPLICATION"}, person.token))["consentWording"]
    shown = {"wordingSha256": wording["sha256"], "language": "zh-CN", "secondsRead": 9, "channel": "APP"}
    given = [
        await room.act(
            "GrantConsent",
            person,
            idempotencyKey=keys[0],
            purpose="FIRST_APPLICATION",
            evidence={**shown, "shownAt": moment},
        )
        for moment in ("2026-01-01T08:00:00+08:00", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000+00:00")
    ]
    assert len({answer["consent"]["id"] for answer in given}) == 1
    applied = [
        await room.apply(
            person,
            idempotencyKey=keys[1],
            applicant={**person.applicant, "name": unicodedata.normalize(form, "Zoë")},
        )
        for form in ("NFC", "NFD")
    ]
    assert [answer["__typename"] for answer in applied] == ["SubmitApplicationPayload"] * 2
    assert applied[0]["application"]["id"] == applied[1]["application"]["id"]


async def test_every_act_is_replayed_with_the_same_ids_and_no_further_row(room: World) -> None:
    person = await room.new()
    wording = (await room.ask("ReadConsent", {"purpose": "FIRST_APPLICATION"}, person.token))["consentWording"]
    evidence = {"wordingSha256": wording["sha256"], "language": "zh-CN", "secondsRead": 9, "channel": "APP"}
    evidence["shownAt"] = "2026-01-01T00:00:00Z"

    async def twice(operation: str, **asked: Any) -> Any:
        key = str(uuid4())
        first = await room.act(operation, person, idempotencyKey=key, **asked)
        before = await row_counts()
        assert await room.act(operation, person, idempotencyKey=key, **asked) == first
        assert await row_counts() == before
        return first

    await twice("RefuseConsent", purpose="MARKETING")
    given = await twice("GrantConsent", purpose="FIRST_APPLICATION", evidence=evidence)
    await twice("WithdrawConsent", consentId=given["consent"]["id"])
    await room.grant(person)
    asked = {"applicant": person.applicant, "limit": yuan("5000.00"), "termMonths": 12}
    application = (await twice("Apply", **asked))["application"]
    await room.settle()
    person.line_id = (await twice("AcceptOffer", applicationId=application["id"]))["line"]["id"]
    quote = (await room.quote(person))["quote"]
    await twice("SendSigningCode", quoteId=quote["id"])
    loan = (await twice("Draw", **await room.signable(person)))["loan"]
    await room.settle()
    await twice("Repay", loanId=loan["id"], amount=yuan("10.00"))
    await room.grant(person, "LIMIT_INCREASE")
    await twice("AskForMore", lineId=person.line_id, limit=yuan("9000.00"))
    await twice("FreezeMyLine", lineId=person.line_id, reason="a test")
    await twice("ReleaseMyLine", lineId=person.line_id)


async def test_a_key_of_a_refused_act_is_free_again(room: World) -> None:
    person, key = await room.new(), str(uuid4())
    assert (await room.apply(person, idempotencyKey=key))["__typename"] == "ConsentRequired"
    await room.grant(person)
    assert (await room.apply(person, idempotencyKey=key))["__typename"] == "SubmitApplicationPayload"


async def test_a_draw_is_replayed_after_its_code_and_its_quote_are_spent(room: World) -> None:
    person, key = await room.with_line(), str(uuid4())
    signable = await room.signable(person)
    first = await room.act("Draw", person, idempotencyKey=key, **signable)
    again = await room.act("Draw", person, idempotencyKey=key, **signable)
    assert again["loan"]["id"] == first["loan"]["id"]
    changed = await room.act("Draw", person, idempotencyKey=key, **{**signable, "use": "TRAVEL"})
    assert changed["__typename"] == "IdempotencyConflict"
    fresh = await room.act("Draw", person, **signable)
    assert fresh["__typename"] in {"CodeWrong", "QuoteStale"}
    assert (await room.ask("Home", {}, person.token))["viewer"]["line"]["available"]["amount"] == "4000.00"
