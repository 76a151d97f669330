"""The servers as fixtures. PostgreSQL is one for the whole run; Valkey is one for each test process.

Under xdist the first process starts PostgreSQL before its workers and leaves the address in the environment,
unless `-m` leaves out the tests marked `postgres`; a lone process starts it when a test first asks.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import pytest

from tests.services.postgres import HOST, PASSWORD, PORT, USER, PostgresAddress, running_postgres
from tests.services.process import ServiceUnavailableError, end_with_parent
from tests.services.valkey import URL, running_valkey

LEFT_OUT: Final = "not postgres"
PROBLEM: Final = "CLEARLINE_TEST_PG_PROBLEM"
SERVERS: Final = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep what must be closed at the end of the run; a worker and its Valkey do not outlive a killed run."""
    if hasattr(config, "workerinput"):
        end_with_parent()
    config.stash[SERVERS] = ExitStack()


# Before the session starts in earnest, so that the workers are born with the address in their environment.
@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Start PostgreSQL for the workers, if this process is going to have some."""
    config = session.config
    has_workers = bool(getattr(config.option, "tx", None)) and not config.option.collectonly
    if has_workers and LEFT_OUT not in config.option.markexpr:
        _start_postgres(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this process started."""
    config.stash[SERVERS].close()


@pytest.fixture(scope="session")
def postgres(request: pytest.FixtureRequest) -> PostgresAddress:
    """The run's PostgreSQL: `async with postgres.database(template) as name: …`."""
    address = PostgresAddress.of_environment()
    if address is None and not hasattr(request.config, "workerinput"):
        _start_postgres(request.config)
        address = PostgresAddress.of_environment()
    if address is None:
        pytest.fail(os.environ.get(PROBLEM, "PostgreSQL was left out of this run by -m, and yet a test asks for it"))
    return address


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The URL of this process's own Valkey: flushing it disturbs nobody else."""
    given = os.environ.get(URL)
    with running_valkey() as url:
        os.environ[URL] = url  # for processes that a test starts
        yield url
    if given is None:
        del os.environ[URL]


def _start_postgres(config: pytest.Config) -> None:
    servers = config.stash[SERVERS]
    try:
        address = servers.enter_context(running_postgres())
    except ServiceUnavailableError as problem:
        os.environ[PROBLEM] = str(problem)  # the tests that need it say so, and only they fail
        return
    address.to_environment()
    for name in (HOST, PORT, USER, PASSWORD):
        servers.callback(os.environ.pop, name, None)
