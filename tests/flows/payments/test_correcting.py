"""What two officers put right: a payment taken back or booked late, a claim that leaves the book; and a payout undone."""

from datetime import date
from typing import Any

from app.api.scalars import encode_id
from app.domain.auditing.rules import AuditRuleId
from app.domain.lending.product import product_on
from app.flows.audit.looks import LOOKS
from app.flows.audit.looks.scan import FIRST, Sight
from app.flows.payments.banking import Outcome, Told
from app.flows.rights.standing import standing_of
from models.lending.payments import Payment
from models.loans import Loan, Payout, Repayment
from tests.flows.payments.loans import days_pass, drawn, pay, stands, today, told
from tests.flows.payments.test_trials import cny, gid
from tests.flows.rounds import books_agree, customer_id, figures
from tests.world import Person, World

NOTE = "The bank's letter of today lies in the file."


def officer(login: str) -> Person:
    return Person(f"clt_sbx_staff_{login}", "", "", "")


async def put_right(world: World, **asked: Any) -> Any:
    """Proposed by one operator and confirmed by another; the answer of whichever refused."""
    made = await world.act("ProposeCorrection", officer("operator"), note=NOTE, **asked)
    if made["__typename"] != "ApprovalPayload":
        return made
    approval = made["approval"]["id"]
    alone = await world.act("ConfirmCorrection", officer("operator"), approvalId=approval, note=NOTE)
    assert alone["__typename"] == "SamePerson"
    return await world.act("ConfirmCorrection", officer("operator2"), approvalId=approval, note=NOTE)


async def test_a_person_takes_a_payment_back_with_a_second_persons_word(house: World) -> None:
    (person, loan), (_, twin) = await drawn(house, "6000.00", 6), await drawn(house, "6000.00", 6)
    await days_pass(house, 40)
    repayment = await pay(house, person, loan, 1_200_00)
    key = encode_id("Repayment", repayment)
    done = await put_right(house, wish="MISTAKEN", repaymentId=key)
    assert done["approval"]["outcome"] == "CONFIRMED"
    assert await stands(house, loan) == await stands(house, twin)
    again = await put_right(house, wish="MISTAKEN", repaymentId=key)
    assert again["violations"][0]["code"] == "PAYMENT_UNDONE"
    assert await books_agree(person) == []


async def test_a_person_books_a_payment_late_for_its_own_day(house: World) -> None:
    (_, loan), (twin, other) = await drawn(house, "6000.00", 6), await drawn(house, "6000.00", 6)
    value_on = await days_pass(house, 31)
    await pay(house, twin, other, 1_000_00)
    await days_pass(house, 20)
    late = {"amount": cny(1_000_00), "valueOn": value_on.isoformat(), "reference": f"late-{loan}"}
    done = await put_right(house, wish="BOOK_LATE", loanId=gid(loan), late=late)
    assert done["approval"]["outcome"] == "CONFIRMED"
    assert await stands(house, loan) == await stands(house, other)
    assert (await put_right(house, wish="BOOK_LATE", loanId=gid(loan), late=late))["violations"][0]["code"] == (
        "PAYMENT_KNOWN"
    )
    assert await told(house, twin, Told.RETURNED, f"back-{loan}", 1_000_00, value_on) is Outcome.WAITING
    for reference, why in (
        (f"back-{loan}", "PAYMENT_UNDONE"),
        (str((await Payout.get(loan_id=loan)).id), "PAYMENT_KNOWN"),
    ):
        refused = await put_right(house, wish="BOOK_LATE", loanId=gid(loan), late={**late, "reference": reference})
        assert refused["violations"][0]["code"] == why
    early = {**late, "reference": "too-early", "valueOn": date(2024, 1, 1).isoformat()}
    refused = await put_right(house, wish="BOOK_LATE", loanId=gid(loan), late=early)
    assert refused["violations"][0]["code"] == "VALUE_DAY"
    both = await put_right(house, wish="RETURNED", loanId=gid(loan), late=late)
    assert both["violations"][0]["code"] == "CORRECTION_PARTS"


async def test_a_correction_that_changes_the_plan_issues_the_annex_that_holds_and_no_other_does(house: World) -> None:
    person, loan = await drawn(house, "6000.00", 6)
    planned = (await house.node("MyLoan", gid(loan), person))["instalments"]
    due_on = await days_pass(house, 31)
    await days_pass(house, 5)
    repayment = await pay(house, person, loan, 3_000_00)
    await put_right(house, wish="MISTAKEN", repaymentId=encode_id("Repayment", repayment))
    for reference, minor in (("due", 100_00), ("ahead", 2_500_00)):
        late = {"amount": cny(minor), "valueOn": due_on.isoformat(), "reference": f"{reference}-{loan}"}
        assert (await put_right(house, wish="BOOK_LATE", loanId=gid(loan), late=late))["approval"] is not None
    shown = await house.node("MyLoan", gid(loan), person)
    ahead, due, mistaken = shown["corrections"]["nodes"]
    assert [row["kind"] for row in (ahead, due, mistaken)] == ["BACK_DATED", "BACK_DATED", "MISTAKEN"]
    assert due["annex"] is None
    for row in planned:
        assert f"{row['dueOn']}  {row['amount']['amount']} CNY" in mistaken["annex"]["text"]
    left = [row for row in shown["instalments"] if row["status"] != "PAID"]
    assert left
    for row in left:
        assert f"{row['dueOn']}  {row['outstanding']['amount']} CNY" in ahead["annex"]["text"]


async def test_a_late_payment_is_held_against_the_payoff_of_its_own_day(house: World) -> None:
    person, loan = await drawn(house, "1000.00", 3)
    drawn_on = await today(house)
    await days_pass(house, 10)
    await pay(house, person, loan, 1_010_00)
    most = 1_000_00 + product_on(drawn_on).line_most_minor
    late = {"amount": cny(most + 1), "valueOn": drawn_on.isoformat(), "reference": f"most-{loan}"}
    refused = await put_right(house, wish="BOOK_LATE", loanId=gid(loan), late=late)
    assert refused["violations"][0]["code"] == "PAYMENT_FAR_TOO_LARGE"
    taken = await put_right(house, wish="BOOK_LATE", loanId=gid(loan), late={**late, "amount": cny(most)})
    assert taken["approval"]["outcome"] == "CONFIRMED"
    certificate = await house.ask("SettlementCertificate", {"input": {"loanId": gid(loan)}}, person.token)
    told = certificate["settlementCertificate"]["certificate"]
    assert (told["settledOn"], told["bookedOn"]) == (drawn_on.isoformat(), (await today(house)).isoformat())
    assert told["settledOn"] in told["text"]


async def test_a_payout_that_comes_back_leaves_no_debt_and_what_was_paid_is_a_credit(house: World) -> None:
    person, loan = await drawn(house, "6000.00", 3)
    await days_pass(house, 40)
    repayment = await pay(house, person, loan, 700_00)
    payout = await Payout.get(loan_id=loan)
    day = await today(house)
    for outcome in (Outcome.UNDONE, Outcome.KNOWN):
        assert await told(house, person, Told.RETURNED, str(payout.id), 6_000_00, day) is outcome
    shown = await house.node("MyLoan", gid(loan), person)
    assert (shown["status"], shown["outstanding"]["amount"], shown["credit"]["amount"]) == ("VOID", "0.00", "700.00")
    _, _, balances = await stands(house, loan)
    assert {account.value: total for account, total in balances.items()} == {
        "CASH": 700_00,
        "CUSTOMER_CREDIT": -700_00,
    }
    line = await figures(house, person)
    assert (line["balance"], line["available"]) == (0, line["limit"])
    assert (await Payout.get(id=payout.id)).failure_code == "ACCOUNT_RETURNED"
    assert await books_agree(person) == []
    reference = (await house.ask("MyPayments", {}, person.token))["viewer"]["payments"]["nodes"][0]["reference"]
    assert await told(house, person, Told.RETURNED, reference, 700_00, day) is Outcome.UNDONE
    assert (await Repayment.get(id=repayment)).undone_at is not None
    assert (await stands(house, loan))[2] == {}
    assert (await Loan.get(id=loan)).status == "VOID"


async def test_the_audit_finds_a_corrected_book_in_balance(house: World) -> None:
    looks = [look for look in LOOKS if look.rule is AuditRuleId.POSTING_UNBALANCED]
    desk = house.house.desk
    now = await desk.refresh_clock()
    for look in looks:
        seen = await look.page(Sight(desk, now, now.date(), now.date()), FIRST, {})
        assert (seen.rows > 0, seen.faults) == (True, ())
    assert looks


async def test_a_refund_out_of_a_returned_payment_is_owed_back_before_anything_ends_or_begins(house: World) -> None:
    person, loan = await drawn(house, "1000.00", 3)
    await pay(house, person, loan, 1_500_00)
    first = await Payment.get(customer_id=await customer_id(person))
    assert (await house.act("RefundCredit", person))["__typename"] == "RefundCreditPayload"
    await house.settle()
    day = await today(house)
    assert await told(house, person, Told.RETURNED, first.reference, 1_500_00, day) is Outcome.UNDONE
    await pay(house, person, loan, 1_000_00)
    answer = await house.ask("SettlementCertificate", {"input": {"loanId": gid(loan)}}, person.token)
    refused = answer["settlementCertificate"]
    assert (refused["__typename"], refused["payoff"]["amount"]) == ("LoanNotSettled", "500.00")
    order = await house.signable(person, "500.00")
    assert (await house.act("Draw", person, **order))["__typename"] == "LineInArrears"
    standing = await standing_of(await customer_id(person), await today(house))
    assert (standing.loans, standing.credit_minor) == (((loan, 500_00),), 0)
    late = {"amount": cny(500_00), "valueOn": (await today(house)).isoformat(), "reference": f"back-{loan}"}
    assert (await put_right(house, wish="BOOK_LATE", loanId=gid(loan), late=late))["approval"][
        "outcome"
    ] == "CONFIRMED"
    assert (await standing_of(await customer_id(person), await today(house))).loans == ()
    assert (await house.act("Draw", person, **await house.signable(person, "500.00")))[
        "__typename"
    ] == "DrawLoanPayload"
