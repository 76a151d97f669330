from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx2
import pytest

from sims.bureau.app import build
from tests.sims.announced import LOG, ORIGIN, POLICY, intent_of
from tests.sims.outsiders import GROUPS, NAME, id_number, in_memory, question

PERSON = id_number("001")


@pytest.fixture
async def bureau() -> AsyncIterator[httpx2.AsyncClient]:
    async with in_memory(build(":memory:", timeout_seconds=0)) as client:
        yield client


async def counts(bureau: httpx2.AsyncClient, person: str = PERSON) -> dict[str, int]:
    answer = await bureau.post("/counts/search", json={"subject": person})
    assert answer.json() == (await bureau.get("/counts", params={"subject": person})).json()
    found: dict[str, int] = answer.json()
    return found


async def test_an_answer_carries_the_report_and_leaves_one_record(bureau: httpx2.AsyncClient) -> None:
    asked = question()
    answer = await bureau.post("/inquiries", json=asked)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["reference"], body["status"]) == (asked["reference"], "ANSWERED")
    assert body["report"]["PA01"]["PA01BI01"] == PERSON
    assert await counts(bureau) == {"records": 1, "receptions": 1}


async def test_the_same_question_again_gets_the_same_report_and_no_second_record(
    bureau: httpx2.AsyncClient,
) -> None:
    asked = question()
    first = (await bureau.post("/inquiries", json=asked)).json()
    later = asked | {"requestedAt": "2026-03-02T10:05:00+08:00"}
    assert (await bureau.post("/inquiries", json=later)).json() == first
    assert await counts(bureau) == {"records": 1, "receptions": 2}


async def test_a_reference_never_stands_for_two_questions(bureau: httpx2.AsyncClient) -> None:
    asked = question()
    await bureau.post("/inquiries", json=asked)
    other = await bureau.post("/inquiries", json=asked | {"fields": ["loan_balance"]})
    assert (other.status_code, other.json()["code"]) == (409, "REFERENCE_REUSED")
    assert await counts(bureau) == {"records": 1, "receptions": 2}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"purpose": "ACCOUNT_REVIEW", "reasonCode": "01"}, 422, "UNKNOWN_PURPOSE"),
        ({"reasonCode": "26"}, 422, "REASON_MISMATCH"),
        ({"purpose": "LIMIT_INCREASE"}, 422, "REASON_MISMATCH"),
        ({"consent": None}, 422, "CONSENT_MISSING"),
        ({"fields": ["loan_balance", "income"]}, 422, "UNKNOWN_FIELDS"),
        ({"fields": []}, 422, "UNKNOWN_FIELDS"),
        ({"requestedAt": "2026-03-02T10:32:01+08:00"}, 422, "PERMIT_EXPIRED"),
        ({"requestedAt": "2026-03-02T10:00:00"}, 400, "MALFORMED"),
        ({"reference": "one"}, 400, "MALFORMED"),
        ({"more": 1}, 400, "MALFORMED"),
    ],
)
async def test_a_question_out_of_order_is_refused_without_a_record(
    bureau: httpx2.AsyncClient, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = await bureau.post("/inquiries", json=question() | changes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await counts(bureau))["records"] == 0


async def test_a_permit_may_be_a_little_late_by_the_skew_of_two_clocks(bureau: httpx2.AsyncClient) -> None:
    late = question(requestedAt="2026-03-02T10:32:00+08:00")
    assert (await bureau.post("/inquiries", json=late)).status_code == 200


@pytest.mark.parametrize(("member", "code"), [("consent", "CONSENT_USED"), ("permit", "PERMIT_USED")])
async def test_a_consent_and_a_permit_serve_one_reference(bureau: httpx2.AsyncClient, member: str, code: str) -> None:
    first = question()
    await bureau.post("/inquiries", json=first)
    answer = await bureau.post("/inquiries", json=question(PERSON, **{member: first[member]}))
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert await counts(bureau) == {"records": 1, "receptions": 2}


async def test_a_malformed_question_is_refused_by_member_and_not_by_value(bureau: httpx2.AsyncClient) -> None:
    answer = await bureau.post(
        "/inquiries", json=question() | {"subject": {"name": NAME, "idNumber": "99010119900307"}}
    )
    assert answer.json() == {"code": "MALFORMED", "message": "does not fit: subject.idNumber"}


async def test_a_name_of_somebody_else_is_not_matched_and_leaves_no_record(bureau: httpx2.AsyncClient) -> None:
    await bureau.post("/inquiries", json=question())
    answer = await bureau.post("/inquiries", json=question(subject={"name": "何海", "idNumber": PERSON}))
    assert (answer.status_code, answer.json()["code"]) == (404, "SUBJECT_NOT_MATCHED")
    assert (await counts(bureau))["records"] == 1


async def test_sequence_006_never_matches(bureau: httpx2.AsyncClient) -> None:
    answer = await bureau.post("/inquiries", json=question(id_number("006")))
    assert answer.json()["code"] == "SUBJECT_NOT_MATCHED"
    assert await counts(bureau, id_number("006")) == {"records": 0, "receptions": 1}


@pytest.mark.parametrize("dot", ["\u2022", "\u2027", "\u30fb", "\uff0e", "."])
async def test_every_kind_of_middle_dot_is_the_same_name(bureau: httpx2.AsyncClient, dot: str) -> None:
    for name in ("艾力\u00b7买买提", f"艾力{dot}买买提"):
        answer = await bureau.post("/inquiries", json=question(subject={"name": name, "idNumber": PERSON}))
        assert answer.json()["report"]["PA01"]["PA01BQ01"] == "艾力\u00b7买买提"


@pytest.mark.parametrize(("one", "other"), [("Zoë", "Zoe\u0308"), ("ＡＢ　Ｃ", "AB C"), ("李𫰠", "李𫰠")])
async def test_spellings_of_one_name_match(bureau: httpx2.AsyncClient, one: str, other: str) -> None:
    for name in (one, other):
        answer = await bureau.post("/inquiries", json=question(subject={"name": name, "idNumber": PERSON}))
        assert answer.status_code == 200


async def test_the_next_report_shows_the_question_before_to_everybody(bureau: httpx2.AsyncClient) -> None:
    first = (await bureau.post("/inquiries", json=question())).json()["report"]
    second = (await bureau.post("/inquiries", json=question(institution="B-OAK"))).json()["report"]
    seen = {"PH010R01": "2026-03-02", "PH010D01": "24", "PH010Q02": "clearline", "PH010Q03": "02"}
    assert seen not in first["PH01"]
    assert second["PH01"] == [seen, *first["PH01"]]
    assert second["PC05"]["PC05B"]["PC05BS03"] == first["PC05"]["PC05B"]["PC05BS03"] + 1


async def test_a_question_leaves_the_report_after_two_years(bureau: httpx2.AsyncClient) -> None:
    await bureau.post("/inquiries", json=question())
    later: dict[str, Any] = {
        "permit": {"id": "p", "expiresAt": "2028-03-02T10:30:00+08:00"},
        "requestedAt": "2028-03-02T10:00:00+08:00",
    }
    report = (await bureau.post("/inquiries", json=question(PERSON, **later))).json()["report"]
    assert "clearline" not in {line["PH010Q02"] for line in report["PH01"]}


async def test_the_report_holds_the_asked_groups_alone(bureau: httpx2.AsyncClient) -> None:
    report = (await bureau.post("/inquiries", json=question(fields=["loan_balance"]))).json()["report"]
    assert report.keys() == {"schema", "PA01", "PD01", "PD02"}
    assert report["PA01"].keys() == {"PA01AI01", "PA01AR01"}
    assert {account["PD01A"]["PD01AD01"] for account in report["PD01"]} == {"D1"}
    assert all("PD01D" not in account for account in report["PD01"])


async def test_the_status_by_reference_answers_and_counts_nothing(bureau: httpx2.AsyncClient) -> None:
    asked = question()
    unknown = await bureau.get(f"/inquiries/{asked['reference']}")
    assert unknown.status_code == 404
    assert unknown.json() == {"reference": asked["reference"], "status": "NOT_RECORDED"}
    answer = (await bureau.post("/inquiries", json=asked)).json()
    assert (await bureau.get(f"/inquiries/{asked['reference']}")).json() == answer
    assert await counts(bureau) == {"records": 1, "receptions": 1}


async def test_records_come_in_bounded_pages_with_the_person_masked(bureau: httpx2.AsyncClient) -> None:
    asked = [question() for _ in range(3)]
    for one in asked:
        await bureau.post("/inquiries", json=one)
    search: dict[str, object] = {"institution": "clearline", "subject": PERSON, "limit": 2}
    page = (await bureau.post("/records/search", json=search)).json()
    rest = (await bureau.get("/records", params={"after": page["next"], "limit": 2})).json()
    records = page["records"] + rest["records"]
    assert [record["reference"] for record in records] == [one["reference"] for one in asked]
    assert rest["next"] is None
    assert {record["subject"] for record in records} == {"**************0011"}
    assert (await bureau.get("/records", params={"limit": 501})).status_code == 400
    assert (await bureau.get("/records", params={"institution": "B-OAK"})).json()["records"] == []


@pytest.mark.parametrize(
    ("fault", "status", "code", "records"),
    [
        ("TIMEOUT_BEFORE", 504, "TIMEOUT", 0),
        ("TIMEOUT_AFTER", 504, "TIMEOUT", 1),
        ("HTTP_500_BEFORE", 500, "INTERNAL", 0),
        ("HTTP_500_AFTER", 500, "INTERNAL", 1),
    ],
)
async def test_a_failure_strikes_once_and_the_same_question_is_answered_then(
    bureau: httpx2.AsyncClient, fault: str, status: int, code: str, records: int
) -> None:
    await bureau.post("/faults", json={"subject": PERSON, "fault": fault})
    asked = question()
    failed = await bureau.post("/inquiries", json=asked)
    assert (failed.status_code, failed.json()["code"]) == (status, code)
    assert await counts(bureau) == {"records": records, "receptions": 1}
    assert (await bureau.post("/inquiries", json=asked)).status_code == 200
    assert await counts(bureau) == {"records": 1, "receptions": 2}


async def test_a_lost_report_stays_recorded_and_lost(bureau: httpx2.AsyncClient) -> None:
    await bureau.post("/faults", json={"next": 1, "fault": "REPORT_LOST"})
    asked = question()
    answer = (await bureau.post("/inquiries", json=asked)).json()
    assert answer["status"] == "RECORDED_NO_REPORT"
    assert "report" not in answer
    assert (await bureau.get(f"/inquiries/{asked['reference']}")).json() == answer


@pytest.mark.parametrize(
    ("fault", "member", "value"),
    [("MALFORMED", "PA01AR01", "yesterday"), ("WRONG_SUBJECT", "PA01BI01", "990000190001010999")],
)
async def test_a_spoilt_answer_is_right_again_by_reference(
    bureau: httpx2.AsyncClient, fault: str, member: str, value: str
) -> None:
    await bureau.post("/faults", json={"next": 1, "fault": fault})
    asked = question()
    spoilt = (await bureau.post("/inquiries", json=asked)).json()
    assert spoilt["report"]["PA01"][member] == value
    right = (await bureau.get(f"/inquiries/{asked['reference']}")).json()
    assert right["report"]["PA01"][member] != value


async def test_a_slow_answer_is_the_right_answer(bureau: httpx2.AsyncClient) -> None:
    await bureau.post("/faults", json={"next": 1, "fault": "SLOW", "seconds": 0.01})
    assert (await bureau.post("/inquiries", json=question())).json()["status"] == "ANSWERED"


async def test_a_share_of_faults_is_chosen_by_the_reference_until_deleted(bureau: httpx2.AsyncClient) -> None:
    await bureau.post("/faults", json={"rate": 0.5, "fault": "HTTP_500_BEFORE"})
    asked = [question(id_number("500"), reference=f"00000000-0000-4000-8000-{n:012}") for n in range(40)]
    first = [(await bureau.post("/inquiries", json=one)).status_code for one in asked]
    again = [(await bureau.post("/inquiries", json=one)).status_code for one in asked]
    assert first == again
    assert 10 < first.count(500) < 30
    await bureau.delete("/faults")
    assert {(await bureau.post("/inquiries", json=one)).status_code for one in asked} == {200}


async def test_a_fault_for_one_person_spares_another(bureau: httpx2.AsyncClient) -> None:
    await bureau.post("/faults", json={"subject": PERSON, "fault": "HTTP_500_BEFORE", "times": 2})
    assert (await bureau.post("/inquiries", json=question(id_number("007")))).status_code == 200
    answers = [(await bureau.post("/inquiries", json=question())).status_code for _ in range(3)]
    assert answers == [500, 500, 200]


@pytest.mark.parametrize(
    ("order", "told"),
    [
        ({"fault": "SLOW"}, "body (needs exactly one of subject, next and rate)"),
        ({"fault": "SLOW", "next": 1, "rate": 0.5}, "body (needs exactly one of subject, next and rate)"),
        ({"fault": "SLOW", "next": 1, "seconds": 121}, "body (seconds must be 0 to 120 but for SKEW)"),
        ({"fault": "SLOW", "next": 0}, "next"),
        ({"fault": "SLOW", "rate": 2}, "rate"),
        ({"next": 1}, "fault (is needed)"),
        ({"fault": "SLOWEST", "next": 1}, "fault (one of 'TIMEOUT_BEFORE', 'TIMEOUT_AFTER'"),
    ],
)
async def test_a_fault_that_does_not_fit_is_told_what_it_needs(
    bureau: httpx2.AsyncClient, order: dict[str, object], told: str
) -> None:
    answer = await bureau.post("/faults", json=order)
    assert answer.status_code == 400
    assert answer.json()["message"].startswith(f"does not fit: {told}")
    assert "SLOWEST" not in answer.text


async def test_004_is_recorded_and_silent_the_first_time(bureau: httpx2.AsyncClient) -> None:
    asked = question(id_number("004"))
    assert (await bureau.post("/inquiries", json=asked)).status_code == 504
    status = (await bureau.get(f"/inquiries/{asked['reference']}")).json()
    assert status["status"] == "ANSWERED"
    assert (await bureau.post("/inquiries", json=asked)).json() == status
    other = question(id_number("004"), purpose="LIMIT_INCREASE", reasonCode="26")
    assert (await bureau.post("/inquiries", json=other)).status_code == 200
    assert await counts(bureau, id_number("004")) == {"records": 2, "receptions": 3}


async def test_every_group_is_known_to_the_bureau(bureau: httpx2.AsyncClient) -> None:
    for group in GROUPS:
        assert (await bureau.post("/inquiries", json=question(fields=[group]))).status_code == 200
    assert (await bureau.get("/healthz")).json() == {"status": "UP"}


# ---- announced before it is asked -------------------------------------------------------------------------


def _swapped(intent: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    assert old in intent["proof"]
    return {**intent, "proof": intent["proof"].replace(old, new, 1)}


DAMAGES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "one witness only": lambda asked: intent_of(asked, "north"),
    "another record under the same leaf": lambda asked: {
        **intent_of(asked),
        "record": {**intent_of(asked)["record"], "number": 2},
    },
    "another salt": lambda asked: {**intent_of(asked), "salt": "A" * 43 + "="},
    "another previous index": lambda asked: {**intent_of(asked), "previousIndex": None},
    "another place": lambda asked: _swapped(intent_of(asked), "index 1", "index 2"),
    "a place that is no number": lambda asked: _swapped(intent_of(asked), "index 1", "index 01"),
    "another size": lambda asked: _swapped(intent_of(asked), "\n3\n", "\n4\n"),
    "another log": lambda asked: _swapped(intent_of(asked), ORIGIN, "clearline.example/another"),
    "no proof at all": lambda asked: {**intent_of(asked), "proof": "trust me"},
    "a signature of nobody": lambda asked: _swapped(intent_of(asked), "— north", "— nobody"),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_an_intent_that_is_not_proven_opens_nothing(bureau: httpx2.AsyncClient, damage: str) -> None:
    asked = question()
    answer = await bureau.post("/inquiries", json={**asked, "intent": DAMAGES[damage](asked)})
    assert (answer.status_code, answer.json()["code"]) == (422, "INTENT_UNPROVEN")
    assert await counts(bureau) == {"records": 0, "receptions": 1}
    assert (await bureau.post("/inquiries", json=asked)).status_code == 200


@pytest.mark.parametrize("fact", ["inquiry", "permit", "consent", "purpose", "class", "bureau", "subject"])
async def test_an_intent_of_another_question_opens_nothing(bureau: httpx2.AsyncClient, fact: str) -> None:
    asked = question()
    answer = await bureau.post("/inquiries", json={**asked, "intent": intent_of(asked, **{fact: "another"})})
    assert (answer.status_code, answer.json()["code"]) == (422, "INTENT_OF_ANOTHER")
    assert (await counts(bureau))["records"] == 0


async def test_without_an_intent_and_without_an_introduction_nothing_opens(bureau: httpx2.AsyncClient) -> None:
    answer = await bureau.post("/inquiries", json=question() | {"intent": None})
    assert answer.json()["code"] == "INTENT_MISSING"
    answer = await bureau.post("/inquiries", json=question(institution="nobody"))
    assert answer.json()["code"] == "LOG_UNKNOWN"
    assert await counts(bureau) == {"records": 0, "receptions": 2}


@pytest.mark.parametrize(
    "policy",
    [
        "",
        "quorum none\n",
        POLICY.replace("quorum seen\n", ""),
        POLICY.replace("quorum seen", "quorum other"),
        POLICY.replace(f"log {LOG.vkey}\n", ""),
        POLICY.replace("group seen 2", "group seen x"),
        POLICY.replace(f"{LOG.vkey}", f"{LOG.vkey}"[:-4] + "AAA="),
        POLICY + "and so on\n",
    ],
)
async def test_a_policy_that_asks_for_nobody_or_cannot_be_read_introduces_nobody(
    bureau: httpx2.AsyncClient, policy: str
) -> None:
    answer = await bureau.post("/institutions", json={"institution": "clearline", "policy": policy})
    assert answer.status_code in {400, 422}
    assert (await bureau.post("/inquiries", json=question())).status_code == 200  # the earlier one still holds


async def test_a_later_sending_may_carry_a_later_proof(bureau: httpx2.AsyncClient) -> None:
    asked = question()
    first = (await bureau.post("/inquiries", json=asked)).json()
    again = await bureau.post("/inquiries", json={**asked, "intent": intent_of(asked, "north", "east", "south")})
    assert again.json() == first
