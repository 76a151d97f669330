"""Fixtures that every room may use: one world a test, on SQLite by default, on PostgreSQL where locks matter."""

from collections.abc import AsyncIterator, Iterator
from functools import cache
from pathlib import Path

import httpcore2
import pytest

from app.cli.start.serving import settle_memory
from tests.first_book import drop_templates
from tests.needs import ROOT
from tests.services.postgres import PostgresAddress
from tests.sims.outsiders import process
from tests.world import World, open_world

STORY = ROOT / "tests" / "story"

pytest_plugins = ["tests.services.plugin", "tests.vectors.telling"]


def pytest_collection_finish() -> None:
    """What was made while modules were read stands for the whole run: the collector need not look at it again."""
    settle_memory()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The stories first: each is long, and at the end one process would play them while the others look on."""
    items.sort(key=lambda item: STORY not in item.path.parents)


@pytest.fixture(scope="session", autouse=True)
def _loggers_outlive_the_command_line() -> Iterator[None]:
    """A verb called inside this process sets up no loggers: its streams are closed after it, and loggers are kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.api.observe.set_up_logging", lambda _level: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _root_certificates_are_read_once() -> Iterator[None]:
    """Every client over HTTP reads them all when it is made; the hundreds of a run share one reading."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(httpcore2, "default_ssl_context", cache(httpcore2.default_ssl_context))
        yield


@pytest.fixture(scope="session")
def bureau_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A bureau simulator in a process of its own, for the whole run of this worker."""
    store = tmp_path_factory.mktemp("bureau") / "bureau.sqlite"
    with process("sims.bureau", store, "--timeout-seconds", "3") as (_child, client):
        yield str(client.base_url).rstrip("/")


@pytest.fixture(scope="session")
def payments_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A payment simulator in a process of its own, for the whole run of this worker."""
    store = tmp_path_factory.mktemp("payments") / "payments.sqlite"
    with process("sims.payments", store) as (_child, client):
        yield str(client.base_url).rstrip("/")


@pytest.fixture(scope="session", autouse=True)
async def _templates_are_dropped() -> AsyncIterator[None]:
    yield
    await drop_templates()


@pytest.fixture
async def world(tmp_path: Path, bureau_url: str, payments_url: str) -> AsyncIterator[World]:
    """A house on SQLite and the in-process cache: the embedded default."""
    async with open_world(f"sqlite://{tmp_path / 'book.sqlite'}", tmp_path, bureau_url, payments_url) as opened:
        yield opened


@pytest.fixture
async def pg_world(
    tmp_path: Path, bureau_url: str, payments_url: str, postgres: PostgresAddress, redis_url: str
) -> AsyncIterator[World]:
    """A house on real PostgreSQL and Redis. Mark such tests `postgres`."""
    async with postgres.database() as name:
        url = postgres.url(name)
        async with open_world(url, tmp_path, bureau_url, payments_url, redis_url=redis_url) as opened:
            yield opened
