import copy
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.domain.consent.own_queries import OwnQuery
from app.doors.bureau.decoding import (
    FIELD_GROUPS,
    FieldsInsufficient,
    ReportMalformed,
    decode,
    own_queries,
    reported_id_number,
)
from sims.bureau.asking import Inquiry
from sims.bureau.people import SHARES, person
from sims.bureau.told.report import render
from sims.bureau.told.spoiling import malformed, of_somebody_else
from tests.sims.outsiders import GROUPS, NAME, id_number, question

# Per magic sequence: open loans, open cards, lenders, months since the first account; loan balance, card limit, card
# used, monthly due, overdue now (fen); overdue months of 24, worst of 24, worst of 60; approval queries of 1, 6, 24.
FIGURES = {
    "001": (1, 2, 1, 84, 296_000_00, 80_000_00, 8_600_00, 3_460_00, 0, 0, 0, 0, 0, 0, 1),
    "002": (5, 1, 5, 66, 286_000_00, 30_000_00, 29_700_00, 20_870_00, 27_170_00, 7, 4, 4, 4, 11, 17),
    "003": (2, 1, 2, 33, 30_000_00, 20_000_00, 13_600_00, 3_760_00, 0, 2, 1, 1, 1, 4, 7),
    "004": (1, 1, 1, 45, 9_000_00, 20_000_00, 3_000_00, 1_600_00, 0, 0, 0, 0, 0, 0, 2),
    "005": (0, 1, 0, 7, 0, 5_000_00, 600_00, 60_00, 0, 0, 0, 0, 0, 0, 1),
    "007": (1, 2, 1, 72, 38_000_00, 55_000_00, 5_500_00, 2_450_00, 0, 0, 0, 0, 0, 0, 2),
    "008": (6, 1, 6, 38, 96_000_00, 16_000_00, 8_800_00, 8_280_00, 0, 0, 0, 0, 1, 5, 13),
    "009": (0, 1, 0, 22, 0, 8_000_00, 1_200_00, 120_00, 0, 0, 0, 0, 0, 0, 1),
}
SPECIAL_PEOPLE = 2000


def report(id_number: str, **changes: object) -> dict[str, Any]:
    """The report of a person as it comes over the wire."""
    inquiry = Inquiry.model_validate_json(json.dumps(question(id_number, **changes)))
    told: dict[str, Any] = json.loads(json.dumps(render(inquiry, NAME, [])))
    return told


@pytest.mark.parametrize("sequence", FIGURES)
def test_a_magic_person_has_the_figures_of_the_story(sequence: str) -> None:
    file = decode(report(id_number(sequence)), GROUPS)
    told = (file.open_loans, file.open_cards, file.lenders, file.months_since_first_account)
    money = (
        file.loan_balance_minor,
        file.card_limit_minor,
        file.card_used_minor,
        file.monthly_due_minor,
        file.overdue_now_minor,
    )
    lateness = (file.overdue_months_24, file.worst_status_24, file.worst_status_60)
    queries = (file.approval_queries_1, file.approval_queries_6, file.approval_queries_24)
    assert told + money + lateness + queries == FIGURES[sequence]
    assert file.objection_mark == (sequence == "003")
    assert (file.bad_debt, file.enforcement, file.deceased) == (False, False, False)


@pytest.mark.parametrize(
    "day", ["2024-02-29T23:59:59.123456+08:00", "2026-07-31T16:00:00+00:00", "2027-12-31T00:00:00+08:00"]
)
@pytest.mark.parametrize("sequence", ["001", "002", "003", "008"])
def test_a_magic_person_is_the_same_on_every_day(sequence: str, day: str) -> None:
    permit = {"id": "p", "expiresAt": "2030-01-01T00:00:00+08:00"}
    file = decode(report(id_number(sequence), requestedAt=day, permit=permit), GROUPS)
    assert (file.open_loans, file.months_since_first_account) == (FIGURES[sequence][0], FIGURES[sequence][3])
    assert (file.overdue_months_24, file.approval_queries_1) == (FIGURES[sequence][9], FIGURES[sequence][12])


def test_every_kind_of_ordinary_person_is_decoded() -> None:
    people = [f"99{n:04}19880412{100 + n % 800}1" for n in range(SPECIAL_PEOPLE)]
    files = [decode(report(one), GROUPS) for one in people]
    assert {person(one).queries for one in people} == {story.queries for _, story in SHARES}
    assert sum(not file.has_record for file in files) > SPECIAL_PEOPLE // 20
    assert any(file.bad_debt and file.worst_status_24 == 8 for file in files)
    assert any(file.enforcement for file in files)
    assert any(file.deceased for file in files)
    assert sum(file.worst_status_24 == 0 for file in files) > SPECIAL_PEOPLE // 2


def test_the_header_gives_number_and_moment() -> None:
    file = decode(report(id_number("001")), GROUPS)
    assert file.reported_at == datetime(2026, 3, 2, 2, tzinfo=UTC)
    assert len(file.report_number) == 22


def test_the_header_tells_whose_report_it_is() -> None:
    told = report(id_number("001"))
    assert reported_id_number(told) == id_number("001")
    assert reported_id_number(of_somebody_else(told)) != id_number("001")


def test_of_the_query_records_those_under_our_name_are_told_by_day_and_reason() -> None:
    told = report(id_number("001"))
    others = [one["PH010Q02"] for one in told["PH01"]]
    told["PH01"].append({"PH010R01": "2026-03-01", "PH010D01": "24", "PH010Q02": "clearline", "PH010Q03": "26"})
    assert "clearline" not in others
    assert others
    assert own_queries(told, "clearline") == (OwnQuery(date(2026, 3, 1), "26"),)
    assert own_queries(told, "CLEARLINE") == ()


@pytest.mark.parametrize("code", ["PH010Q02", "PH010R01", "PH010Q03"])
def test_a_query_record_that_does_not_say_whose_when_or_why_spoils_the_report(code: str) -> None:
    told = report(id_number("001"))
    told["PH01"].append({"PH010R01": "2026-03-01", "PH010D01": "24", "PH010Q02": "clearline", "PH010Q03": "26"})
    del told["PH01"][-1][code]
    with pytest.raises(ReportMalformed, match=code):
        own_queries(told, "clearline")


def test_a_closed_account_counts_in_history_and_not_in_debt() -> None:
    told = report(id_number("001"))
    closed = next(one for one in told["PD01"] if one["PD01B"]["PD01BD01"] == "3")
    closed["PD01B"]["PD01BJ01"] = 999
    closed["PD01E"]["PD01ED01"] = "3" * 60
    file = decode(told, GROUPS)
    assert file.loan_balance_minor == 296_000_00
    assert file.worst_status_60 == 3
    assert file.worst_status_24 == 0


@pytest.mark.parametrize(
    ("sign", "weight"),
    [
        *((sign, 0) for sign in "N*#/ACM"),
        *((str(n), n) for n in range(1, 8)),
        *zip("DZBG", (7, 7, 8, 8), strict=True),
    ],
)
def test_a_status_sign_has_its_weight(sign: str, weight: int) -> None:
    told = report(id_number("005"))
    history = told["PD01"][0]["PD01D"]
    history["PD01DD01"] = "N" * 23 + sign
    file = decode(told, GROUPS)
    assert (file.worst_status_24, file.overdue_months_24) == (weight, int(weight > 0))


def test_months_before_the_window_are_left_out() -> None:
    told = report(id_number("005"))
    history = told["PD01"][0]["PD01D"]
    history["PD01DR02"] = "2026-01"
    history["PD01DD01"] = "71" + "N" * 22
    file = decode(told, GROUPS)
    assert (file.worst_status_24, file.overdue_months_24) == (1, 1)


def test_two_accounts_late_in_one_month_are_one_month() -> None:
    told = report(id_number("008"))
    for account in told["PD01"][:2]:
        account["PD01D"]["PD01DD01"] = "N" * 23 + "1"
    assert decode(told, GROUPS).overdue_months_24 == 1


@pytest.mark.parametrize(
    ("reason", "count"), [("02", 1), ("03", 1), ("24", 1), ("26", 1), ("01", 0), ("08", 0), ("25", 0)]
)
def test_only_queries_for_an_approval_count(reason: str, count: int) -> None:
    told = report(id_number("005"))
    told["PH01"] = [{"PH010R01": "2026-02-03", "PH010D01": "11", "PH010Q02": "B-OAK", "PH010Q03": reason}]
    file = decode(told, GROUPS)
    assert (file.approval_queries_1, file.approval_queries_6, file.approval_queries_24) == (count,) * 3


def test_a_month_of_queries_ends_on_the_same_day_of_the_month_before() -> None:
    told = report(id_number("005"))
    line = {"PH010D01": "11", "PH010Q02": "B-OAK", "PH010Q03": "02"}
    told["PH01"] = [line | {"PH010R01": day} for day in ("2026-02-03", "2026-02-02", "2025-09-03", "2025-09-02")]
    file = decode(told, GROUPS)
    assert (file.approval_queries_1, file.approval_queries_6, file.approval_queries_24) == (1, 3, 4)


def test_what_the_list_does_not_name_is_left_behind() -> None:
    told = report(id_number("001"))
    richer = told | {"PB02": {"PB020Q01": "somebody"}, "PE01": [{"PE01AJ01": "not a number"}]}
    assert decode(richer, GROUPS) == decode(told, GROUPS)


@pytest.mark.parametrize("fields", [[], ["loan_balance"], GROUPS[1:], [*GROUPS, "income"]])
def test_a_bureau_file_is_made_of_every_group_and_no_other(fields: list[str]) -> None:
    assert set(GROUPS) == FIELD_GROUPS
    with pytest.raises(FieldsInsufficient):
        decode(report(id_number("001")), fields)


Spoil = Callable[[dict[str, Any]], object]
SECRET = "secret-7391"
SPOILT: list[tuple[str, Spoil]] = [
    ("PA01", lambda r: r.pop("PA01")),
    ("PA01AI01", lambda r: r["PA01"].update(PA01AI01=7391)),
    ("PA01AR01", lambda r: r["PA01"].update(PA01AR01=SECRET)),
    ("PA01AR01", lambda r: r["PA01"].update(PA01AR01="2026-13-02T10:00:00+08:00")),
    ("PA01AR01", lambda r: r["PA01"].update(PA01AR01="2026-03-02T10:00:00")),
    ("PA01ES01", lambda r: r["PA01"].update(PA01ES01=True)),
    ("PC02", lambda r: r.update(PC02=[])),
    ("PC02A", lambda r: r["PC02"].update(PC02A={})),
    ("PC02AR02", lambda r: r["PC02"]["PC02A"][0].update(PC02AR02="2019-00")),
    ("PC02AR02", lambda r: r["PC02"]["PC02A"][0].update(PC02AR02="2027-01")),
    ("PC02CS01", lambda r: r["PC02"]["PC02C"].update(PC02CS01=-1)),
    ("PC02ES02", lambda r: r["PC02"]["PC02E"].update(PC02ES02="1")),
    ("PC02ES02", lambda r: r["PD01"].pop(0)),
    ("PC02HS02", lambda r: r["PC02"]["PC02H"].update(PC02HS02=7)),
    ("PD01", lambda r: r.pop("PD01")),
    ("PD01", lambda r: r["PD01"].append(SECRET)),
    ("PD01", lambda r: r.update(PD01=[{}] * 2001)),
    ("PD01AD01", lambda r: r["PD01"][0]["PD01A"].update(PD01AD01=SECRET)),
    ("PD01AI02", lambda r: r["PD01"][0]["PD01A"].update(PD01AI02="")),
    ("PD01AJ02", lambda r: r["PD01"][1]["PD01A"].update(PD01AJ02=1.5)),
    ("PD01BD01", lambda r: r["PD01"][0]["PD01B"].update(PD01BD01="9")),
    ("PD01BJ01", lambda r: r["PD01"][0]["PD01B"].update(PD01BJ01=SECRET)),
    ("PD01CJ02", lambda r: r["PD01"][1]["PD01C"].update(PD01CJ02=10**11)),
    ("PD01CJ04", lambda r: r["PD01"][0]["PD01C"].pop("PD01CJ04")),
    ("PD01CJ06", lambda r: r["PD01"][0]["PD01C"].update(PD01CJ06=None)),
    ("PD01DD01", lambda r: r["PD01"][0]["PD01D"].update(PD01DD01="N" * 23)),
    ("PD01DD01", lambda r: r["PD01"][0]["PD01D"].update(PD01DD01="N" * 23 + "Q")),
    ("PD01DR02", lambda r: r["PD01"][0]["PD01D"].update(PD01DR02="2026-2")),
    ("PD01ED01", lambda r: r["PD01"][0]["PD01E"].update(PD01ED01=["N"] * 60)),
    ("PD01E", lambda r: r["PD01"][0].pop("PD01E")),
    ("PH01", lambda r: r.pop("PH01")),
    ("PH010R01", lambda r: r["PH01"][0].update(PH010R01="2025-02-30")),
    ("PH010R01", lambda r: r["PH01"][0].update(PH010R01="2026-03-03")),
    ("PH010Q03", lambda r: r["PH01"][0].update(PH010Q03="99")),
    ("PF03", lambda r: r.pop("PF03")),
    ("PG01", lambda r: r.update(PG01=SECRET)),
    ("PG010H", lambda r: r.update(PG01=[{}])),
]


@pytest.mark.parametrize(("code", "spoil"), SPOILT)
def test_a_malformed_report_is_refused_by_its_code_and_never_by_a_value(code: str, spoil: Spoil) -> None:
    told = copy.deepcopy(report(id_number("001")))
    spoil(told)
    with pytest.raises(ReportMalformed) as refused:
        decode(told, GROUPS)
    assert refused.value.code == code
    assert str(refused.value) == f"bureau report: field {code} is missing or malformed"
    assert refused.value.__context__ is None


def test_what_the_bureau_calls_malformed_is_refused() -> None:
    with pytest.raises(ReportMalformed):
        decode(malformed(report(id_number("001"))), GROUPS)
