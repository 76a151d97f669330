"""The composition root: settings → doors → desk → schema → web application. Nothing else builds anything."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.applications import Starlette

from app.api import words
from app.api.server import ServerOptions, build_server
from app.clock import BusinessClock, real_now_us
from app.domain.deciding.behaviour import DataSource
from app.doors.bureau.line import BureauLine
from app.doors.cache import open_cache
from app.doors.keys import Keys, KeysUnusable
from app.doors.ledger import LedgerUnusable, open_ledger
from app.doors.notices import InboxOnly, NoticePost
from app.doors.payments import Payments
from app.doors.tombstones import Tombstones
from app.flows.ledger.sequencer import Sequencer
from app.flows.rights.erasing import destroy_again, erase_again
from app.flows.unit import Desk
from app.flows.worker import Worker
from app.settings import Documents, Settings
from ml.serving.scorer import Scorer
from models.connection import DatabaseLimits, close_database, fetch, open_database
from models.credit import PolicyVersion
from models.migrate import MigrationFault, pending
from models.plumbing import KeyCheck

LEASE_MARGIN_SECONDS = 5


@dataclass(slots=True)
class House:
    """One process's parts, opened and closed together."""

    settings: Settings
    desk: Desk

    async def must_fit(self) -> None:
        """Check that the database is of this release, and written with these keys; erase again what came back.

        A restored backup brings back people who were erased since and reports that were destroyed since; the list of
        them lies outside it.

        Raises:
            MigrationFault: it is older or newer, its migrations were changed, or no policy was ever written.
            KeysUnusable: it was written with other keys.
        """
        steps = await pending()
        if steps:
            raise MigrationFault(f"the database lacks {len(steps)} migrations: run clearline migrate --seed")
        if not await PolicyVersion.exists(state="PUBLISHED"):
            raise MigrationFault("the book has no policy to judge by: run clearline migrate")
        if not await self._keys_fit():
            raise KeysUnusable("this database was written with other keys: restore the key file that belongs to it")
        await erase_again(self.desk)
        await destroy_again(self.desk)

    def worker(self) -> Worker:
        """A worker whose lease outlives the longest neighbour."""
        longest = max(self.settings.bureau_timeout_seconds, self.settings.payments_timeout_seconds)
        return Worker(self.desk, int(longest) + LEASE_MARGIN_SECONDS)

    def sequencer(self) -> Sequencer:
        """A sequencer of the log.

        Raises:
            LedgerUnusable: there is no policy, so no witness could be convinced.
        """
        if self.desk.ledger is None:
            missing = self.settings.log_policy_file
            raise LedgerUnusable(f"no witnesses: write {missing}, e.g. with clearline ledger policy (see README)")
        return Sequencer(self.desk, self.desk.ledger)

    def web(self) -> Starlette:
        """The web application of this process."""
        options = ServerOptions(
            sandbox=self.settings.sandbox,
            closed=self.settings.document_policy is Documents.TRUSTED_ONLY,
            playground=self.settings.playground,
            sources={source: self.desk.keys.source_key(source) for source in DataSource if self.settings.sandbox},
            bank=self.desk.keys.source_key("BANK") if self.settings.sandbox else None,
            ready={"database": _database_answers, "migrations": _migrated, "keys": self._keys_fit},
        )
        return build_server(self.desk, options)

    async def _keys_fit(self) -> bool:
        """Whether the database was written with these keys; a new one takes their fingerprint."""
        mine = self.desk.keys.fingerprint()
        kept = await KeyCheck.get_or_none(id=1)
        if kept is None:
            await KeyCheck.bulk_create([KeyCheck(id=1, fingerprint=mine)], ignore_conflicts=True)
            kept = await KeyCheck.get(id=1)
        return bytes(kept.fingerprint) == mine


@asynccontextmanager
async def open_house(settings: Settings, post: NoticePost | None = None) -> AsyncIterator[House]:
    """Open every door, and close each again. `post` carries notices; without one they are read in the inbox only."""
    ledger = open_ledger(
        settings.log_key, settings.log_policy_file, settings.log_origin, settings.witness_timeout_seconds
    )
    await open_database(settings.database, DatabaseLimits(settings.database_pool_max, settings.lock_timeout_seconds))
    keys = Keys.from_file(settings.local_key_file)
    desk = Desk(
        clock=BusinessClock(),
        keys=keys,
        bureau=BureauLine(
            settings.bureau_url, settings.bureau_name, settings.institution, settings.bureau_timeout_seconds
        ),
        payments=Payments(settings.payments_url, settings.payments_timeout_seconds),
        cache=open_cache(settings.redis_url, real_now_us),
        scorer=Scorer.load(settings.artifacts),
        tombstones=Tombstones(settings.home / "erased.jsonl", keys),
        post=post or InboxOnly(),
        say=words.say,
        sandbox=settings.sandbox,
        ledger=ledger,
    )
    try:
        yield House(settings, desk)
    finally:
        await desk.bureau.close()
        await desk.payments.close()
        if ledger is not None:
            await ledger.witnesses.close()
        await desk.cache.close()
        await close_database()


async def _database_answers() -> bool:
    return bool(await fetch("SELECT 1 AS one"))


async def _migrated() -> bool:
    try:
        return not await pending()
    except MigrationFault:
        return False
