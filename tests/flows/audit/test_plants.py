"""Every fault that docs/formats/audit.md plants on a copy of a real book is found, and nothing else; a clean book has none."""

from collections.abc import AsyncIterator

import pytest

from app.domain.auditing.rules import AUDIT_RULES
from models.oversight.audit import AuditFinding
from tests.flows.audit.books import Book, Plant, audit, made_book, plants
from tests.services.postgres import PostgresAddress

PLANTS = plants()


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def book(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, bureau_url: str, payments_url: str
) -> AsyncIterator[Book]:
    """The book, made once for each dialect."""
    server: PostgresAddress | None = request.getfixturevalue("postgres") if request.param == "postgres" else None
    book = await made_book(request.param, tmp_path_factory.mktemp("book"), (bureau_url, payments_url), server)
    yield book
    if server is not None:
        await server.drop_database(book.source)


async def found() -> set[tuple[str, str]]:
    return {(row.rule, row.problem) for row in await AuditFinding.all()}


async def test_a_clean_book_has_no_finding(book: Book) -> None:
    async with book.copied() as desk:
        await audit(desk)
        assert await found() == set()


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.rule}-{plant.problem}")
async def test_a_planted_fault_is_found_and_nothing_else(book: Book, plant: Plant) -> None:
    async with book.copied(plant.sql[book.dialect]) as desk:
        await audit(desk)
        assert await found() == {(plant.rule, plant.problem)}


def test_every_rule_has_an_example() -> None:
    assert {plant.rule for plant in PLANTS} == set(AUDIT_RULES)
    assert all(plant.sql["sqlite"] and plant.sql["postgres"] for plant in PLANTS)
