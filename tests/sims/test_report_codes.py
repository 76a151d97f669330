"""Each code and each coded value of a report stands in the published tables of the second generation."""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from sims.bureau.asking import Inquiry
from sims.bureau.people import MAGIC, SHARES, Person
from sims.bureau.told.report import render
from tests.needs import require_shared
from tests.sims.outsiders import NAME, id_number, question

TABLES = {
    "PD01AD01": "account_type",
    "PD01AD02": "org_type",
    "PD01AD03": "business_kind",
    "PD01AD06": "repay_frequency",
    "PD01BD03": "five_class",
    "PD01BD04": "repay_status",
    "PD02AD01": "org_type",
    "PD02AD02": "credit_limit_kind",
    "PC02DD01": "account_type",
    "PC02AD01": "business_kind",
    "PC05AD01": "org_type",
    "PC05AQ01": "inquiry_reason",
    "PH010D01": "org_type",
    "PH010Q03": "inquiry_reason",
}
SIGNS = ("PD01DD01", "PD01ED01")
PEOPLE = [f"99{n:04}19880412{100 + n % 800}1" for n in range(250)] + [id_number(sequence) for sequence in MAGIC]


@cache
def tables(name: str) -> Any:
    return json.loads(require_shared("vectors", "bureau", f"pboc_{name}.json").read_text(encoding="utf-8"))


def told(value: object) -> Iterator[tuple[str, object]]:
    """Every code with its value, wherever it stands."""
    if isinstance(value, dict):
        for code, inner in value.items():
            yield code, inner
            yield from told(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from told(inner)


@cache
def given() -> list[tuple[str, object]]:
    """Every code with its value, of everybody."""
    return [one for number in PEOPLE for one in told(report(number))]


def report(number: str) -> dict[str, Any]:
    inquiry = Inquiry.model_validate_json(json.dumps(question(number)))
    found: dict[str, Any] = json.loads(json.dumps(render(inquiry, NAME, [])))
    return found


def test_every_code_of_a_report_stands_in_the_field_tables() -> None:
    known = {row["code"] for rows in tables("fields")["blocks"].values() for row in rows}
    codes = {code for code, _ in given() if re.fullmatch(r"P[A-H].{6}", code)}
    assert codes <= known
    assert len(codes) > 90


@pytest.mark.parametrize("code", [*TABLES, *SIGNS])
def test_every_coded_value_stands_in_its_table(code: str) -> None:
    values = {value for name, value in given() if name == code}
    if code in SIGNS:
        values = set("".join(str(value) for value in values))
    assert values
    assert values <= set(tables("codes")[TABLES.get(code, "repay_status")])


def test_the_status_of_each_account_is_one_of_its_kind() -> None:
    known = tables("codes")["account_status"]
    for number in PEOPLE[-40:]:
        for account in report(number)["PD01"]:
            kind = account["PD01A"]["PD01AD01"]
            assert account["PD01B"]["PD01BD01"] in known.get(kind, known["R1"])


def test_the_same_person_has_the_same_report_for_ever() -> None:
    for number in PEOPLE[:9]:
        first, again = report(number), report(number)
        assert first | {"PA01": 0} == again | {"PA01": 0}


PROFILES: dict[str, Callable[[Person], bool]] = {
    "thin": lambda one: len(one.accounts) == 1,
    "thick": lambda one: len(one.accounts) >= 4 and not any(account.late for account in one.accounts),
    "recently late": lambda one: any(account.late.get(1) in {"1", "2"} for account in one.accounts),
    "serious": lambda one: any("4" in account.late.values() for account in one.accounts),
    "bad debt": lambda one: any("B" in account.late.values() for account in one.accounts),
    "many inquiries": lambda one: sum(query.days < 183 for query in one.queries) > 6,
    "over-indebted": lambda one: sum(account.due for account in one.accounts) > 8_000,
    "no record": lambda one: one == Person(),
    "objection": lambda one: one.objections > 0,
    "enforced": lambda one: one.enforced > 0,
    "deceased": lambda one: one.deceased,
}


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_lives_among_the_people(profile: str) -> None:
    everybody = [story for _, story in SHARES] + list(MAGIC.values())
    assert any(PROFILES[profile](one) for one in everybody)
