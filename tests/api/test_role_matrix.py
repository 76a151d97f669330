"""Every cell of docs/roles.md, asked for over HTTP: role by operation, about somebody other and about an own account."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from app.api.customer.debits import DebitMutation
from app.api.customer.payments import PaymentsMutation
from app.api.customer.rights import RightsMutation
from app.api.customer.verbs import CustomerMutation
from app.api.sandbox.verbs import SandboxMutation
from app.api.schema import build_schema
from app.cli.papers import roles as page
from app.domain.oversight.roles import CONCERNS, Cell, Concerns, Role, Verb, cell
from app.flows.sandbox.book import staff_token
from models.people import Staff
from tests.api.matrix.desk import HOW
from tests.api.matrix.stage import Asked, Stage, referred
from tests.api.rows import row_counts
from tests.world import World

LOGIN = {Role.RISK: "risk", Role.COMPLIANCE: "compliance", Role.PRIVACY: "privacy", Role.OPERATOR: "operator"}


@pytest.fixture(scope="module")
async def stage(room: World) -> Stage:
    waiting, application = await referred(room)
    return Stage(room, await room.with_line(), waiting, application)


@asynccontextmanager
async def linked(login: str, customer_id: UUID | None) -> AsyncIterator[None]:
    """The officer is this customer too, for a while."""
    await Staff.filter(login=login).update(customer_id=customer_id)
    try:
        yield
    finally:
        await Staff.filter(login=login).update(customer_id=None)


async def answered(stage: Stage, asked: Asked, token: str | None) -> str:
    """The cell that an answer shows, or the code of its error."""
    body = {"query": asked.document, "variables": {"input": asked.input} if asked.input else {}}
    answer = (await stage.world.post(body, token)).json()
    if "errors" in answer:
        return str(answer["errors"][0]["extensions"]["code"])
    (told,) = answer["data"].values()
    if asked.input is None:
        if not asked.node:
            return Cell.YES
        (listed,) = told.values()
        return Cell.YES if asked.node in [node["id"] for node in listed["nodes"]] else Cell.LEFT_OUT
    kind = str(told["__typename"])
    return Cell.YES if kind.endswith("Payload") else kind


@pytest.mark.parametrize("verb", Verb)
async def test_every_cell_is_as_the_table_says(stage: Stage, verb: Verb) -> None:
    before = await stage.world.bureau_records(stage.person)
    for own in (True, False):
        for role in Role:
            login = LOGIN[role]
            asked = await HOW[verb](stage, login, role, "own" if own else "other")
            subject = stage.waiting if verb in {Verb.REFERRALS, Verb.RESOLVE_REFERRAL} else stage.person
            rows = await row_counts()
            async with linked(login, await stage.row(subject) if own else None):
                found = await answered(stage, asked, staff_token(login))
            assert found == cell(role, verb, own=own), (role, verb, own)
            if found != Cell.YES:
                assert await row_counts() == rows, (role, verb, own)
    assert await stage.world.bureau_records(stage.person) == before == 1


@pytest.mark.parametrize("verb", Verb)
async def test_neither_a_customer_nor_nobody_gets_anything(stage: Stage, verb: Verb) -> None:
    asked = await HOW[verb](stage, "risk2", Role.RISK, "other")
    rows = await row_counts()
    assert await answered(stage, asked, stage.person.token) == "FORBIDDEN"
    assert await answered(stage, asked, None) == "UNAUTHENTICATED"
    assert await row_counts() == rows


def test_the_table_holds_every_operation_of_the_officers_contract_and_no_other() -> None:
    schema: Any = build_schema(sandbox=True)._schema
    of_others = {
        field.graphql_name or field.python_name
        for kind in (CustomerMutation, DebitMutation, PaymentsMutation, RightsMutation, SandboxMutation)
        for field in kind.__strawberry_definition__.fields  # type: ignore[union-attr]
    }
    mutations = {name for name in schema.mutation_type.fields if _snake(name) not in of_others}
    queues = set(schema.type_map["Oversight"].fields)
    assert {verb.value for verb in Verb} == {"oversight"} | queues | mutations


def _snake(name: str) -> str:
    return "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name)


def test_every_verb_says_whom_it_is_about_and_somebody_has_it() -> None:
    assert set(CONCERNS) == set(Verb) == set(HOW)
    assert all(any(cell(role, verb, own=False) is Cell.YES for role in Role) for verb in Verb)
    own = {cell(role, verb, own=True) for role in Role for verb in Verb if CONCERNS[verb] is not Concerns.NOBODY}
    assert Cell.YES not in own


def test_the_page_is_fresh() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.page()
