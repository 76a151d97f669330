"""The profile shows a customer every figure that is scored, its sources, its uses, and the consents it rests on."""

import json
from typing import Any
from uuid import uuid4

from app.domain.deciding.behaviour import DataSource
from app.domain.deciding.outcome import Occupation
from app.flows.behaviour.profile import OF_REQUEST, VERIFIED_INCOME
from app.flows.credit.cases import Request
from app.flows.credit.facts import own_inputs
from app.flows.sandbox.book import persona_token, staff_token
from app.settings import ROOT
from ml.features import FEATURES
from models.people import Customer
from tests.api.rows import row_counts
from tests.flows.feeding import profile, withdraw
from tests.world import Person, World

OWN = [feature for feature in FEATURES if feature.block == "own" and feature.name not in OF_REQUEST]


def by_name(told: dict[str, Any]) -> dict[str, Any]:
    return {figure["name"]: figure for figure in told["figures"]}


async def newest_customer() -> Customer:
    customer = await Customer.all().order_by("-id").first()
    assert customer is not None
    return customer


async def test_every_figure_is_the_number_that_is_scored(room: World) -> None:
    person = await room.new("REFERRED")
    await room.grant(person, "SOCIAL")
    await room.settle()
    told = by_name(await profile(room, person))
    desk = room.house.desk
    now = await desk.refresh_clock()
    inputs = await own_inputs(desk, await newest_customer(), Request(500_00, 12, Occupation.SALARIED, now), now)
    scored = dict(zip([feature.name for feature in FEATURES], inputs.vector(None), strict=True))
    assert set(told) == {feature.name for feature in OWN} | {VERIFIED_INCOME}
    for feature in OWN:
        shown = told[feature.name]["value"]
        assert shown is not None
        assert abs(float(shown) - scored[feature.name]) <= 0.051
    income = inputs.facts.verified_income_minor
    assert income is not None
    assert told[VERIFIED_INCOME]["value"] == f"{income // 100}.{income % 100:02d}"


async def test_each_figure_says_its_source_its_use_and_its_consents(room: World) -> None:
    person = await room.new()
    told = await profile(room, person)
    figures, sources = by_name(told), {one["source"]: one for one in told["sources"]}
    assert (figures["income_mean"]["sources"], figures["income_mean"]["unit"]) == (["PAYMENTS"], "YUAN")
    assert figures["buffer_months"]["sources"] == ["PAYMENTS", "WEALTH"]
    assert figures["months_observed"]["sources"] == ["PAYMENTS", "WEALTH", "LIFE_SERVICES"]
    assert figures["late_bill_share"]["uses"] == ["SCORE"]
    assert figures[VERIFIED_INCOME]["uses"] == ["INCOME_CHECK", "LIMIT"]
    assert "vouches" not in figures
    for figure in told["figures"]:
        assert [one["id"] for one in figure["consents"]] == [
            sources[name]["consent"]["id"] for name in figure["sources"]
        ]
        assert figure["asOf"] == told["asOf"]
    assert [(name, one["status"]) for name, one in sources.items()] == [
        ("PAYMENTS", "CONNECTED"),
        ("WEALTH", "CONNECTED"),
        ("LIFE_SERVICES", "CONNECTED"),
        ("SOCIAL", "NOT_CONNECTED"),
    ]
    assert sources["SOCIAL"] == {**sources["SOCIAL"], "consent": None, "events": 0, "newest": None}


async def test_what_no_source_told_is_null_and_not_the_neutral_number(room: World) -> None:
    invent = "mutation ($key: UUID!) { sandboxNewCustomer(idempotencyKey: $key, connectData: false)"
    made = await room.ask(f"{invent} {{ token name idNumber phone }} }}", {"key": str(uuid4())})
    person = Person(*made["sandboxNewCustomer"].values())
    assert (await profile(room, person))["figures"] == []
    await room.grant(person, "PAYMENTS")  # connected, and nothing told yet
    told = by_name(await profile(room, person))
    assert (told["income_mean"]["value"], told[VERIFIED_INCOME]["value"]) == (None, None)
    assert (told["has_payments"]["value"], told["months_observed"]["value"]) == ("0", "0")
    assert {name for figure in told.values() for name in figure["sources"]} == {"PAYMENTS"}


async def test_withdrawing_one_of_two_sources_leaves_no_figure_that_rested_on_it_alone(room: World) -> None:
    person = await room.new()
    await withdraw(room, person, "PAYMENTS")
    told = by_name(await profile(room, person))
    assert not {"income_mean", VERIFIED_INCOME, "shortfalls_6m"} & set(told)
    assert (told["buffer_months"]["value"], told["buffer_months"]["sources"]) == (None, ["WEALTH"])
    assert told["balance_mean"]["value"] is not None


async def test_the_meaning_comes_in_the_language_of_the_request(room: World) -> None:
    person = await room.new()
    spoken = {
        language: by_name(await profile(room, person, **{"accept-language": language}))
        for language in ("en", "zh-CN")
    }
    assert spoken["en"]["income_mean"]["meaning"].startswith("Income a month")
    assert spoken["zh-CN"]["income_mean"]["meaning"].startswith("月均收入")
    names = {feature.name for feature in OWN} | {VERIFIED_INCOME}
    for language in ("en", "zh-CN"):
        words = json.loads((ROOT / "app" / "api" / "locale" / f"{language}.json").read_text(encoding="utf-8"))
        assert set(words["figure"]) == names


async def test_the_profile_is_the_owners_alone(room: World) -> None:
    query = {"query": "{ viewer { profile { asOf figures { value } } } }"}
    for token in (staff_token("privacy"), None):
        answer = (await room.post(query, token)).json()
        assert answer["data"] is None if "data" in answer else True
        assert answer["errors"][0]["extensions"]["code"] in {"FORBIDDEN", "UNAUTHENTICATED"}
    mine = await profile(room, await room.new())
    theirs = (await room.post(query, persona_token("sunyang"))).json()["data"]["viewer"]["profile"]
    assert [figure["value"] for figure in theirs["figures"]] != [figure["value"] for figure in mine["figures"]]


async def test_looking_at_the_profile_writes_nothing_and_asks_no_bureau(room: World) -> None:
    person = await room.new()
    await room.settle()
    before = await row_counts()
    for _ in range(5):
        await profile(room, person)
    await room.settle()
    assert await row_counts() == before
    assert await room.bureau_records(person) == 0


def test_every_source_may_be_of_a_figure() -> None:
    from app.flows.behaviour.profile import sources_of

    assert {source for feature in OWN for source in sources_of(feature)} == set(DataSource)
