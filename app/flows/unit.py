"""A unit of work: one transaction and one moment.

It holds keys that make a request happen once, records for the log, jobs for later, and effects that leave only
after commit. No lending word belongs here.
"""

import json
import secrets
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import asyncpg
from tortoise.exceptions import OperationalError
from tortoise.expressions import F
from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from app.clock import BusinessClock, real_now, real_now_us
from app.domain.calendar import business_date
from app.domain.proof.record import SALT_BYTES, RecordClass, Scalar, commitment
from app.domain.refusals import IdempotencyConflict, NotFound, StillWorking
from app.doors.bureau.line import BureauLine
from app.doors.cache import Cache
from app.doors.keys import Keys, SubjectBox
from app.doors.ledger import Ledger
from app.doors.notices import NoticePost
from app.doors.payments import Payments
from app.doors.tombstones import Tombstones
from ml.serving.scorer import Scorer
from models.connection import fetch, fetch_plain, is_sqlite
from models.people import Customer
from models.plumbing import Job, LogOutbox

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_BUSY = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
JOB_WAKE_UP = "jobs"
LOG_WAKE_UP = "log"
CUSTOMERS_AT_ONCE_MAX = 500
ANYBODY = UUID(int=0)
"""Whose key it is where a sandbox asks for no token."""


class Say(Protocol):
    """The catalogues of sentences: who builds the desk knows them."""

    def __call__(self, language: str, group: str, code: str, /, **facts: object) -> str:
        """The sentence of a code with its facts."""


async def _clock_offset() -> timedelta:
    """Every request and every unit of work asks, so it reads a plain value and no row of a model."""
    rows = await fetch_plain("SELECT offset_seconds FROM business_clock WHERE id = 1")
    return timedelta(seconds=rows[0][0] if rows else 0)


async def business_now() -> datetime:
    """The present moment of the business by the book's clock, for whoever has no desk."""
    return BusinessClock(await _clock_offset()).now()


@dataclass(slots=True)
class Desk:
    """Everything a flow works with. Built once, in app/main.py. Without a `ledger` nothing is signed, so nobody is asked."""

    clock: BusinessClock
    keys: Keys
    bureau: BureauLine
    payments: Payments
    cache: Cache
    scorer: Scorer
    tombstones: Tombstones
    post: NoticePost
    say: Say
    sandbox: bool
    ledger: Ledger | None
    cut_off: set[UUID] = field(default_factory=set)
    """Attempts at the bureau that this process gave up while they were on the wire, as it was told to stop."""

    async def refresh_clock(self) -> datetime:
        """Bring the business clock up to date with the book, and tell the present moment."""
        self.clock.offset = await _clock_offset()
        return self.clock.now()

    @asynccontextmanager
    async def unit(self) -> AsyncIterator["Unit"]:
        """One transaction. Raising leaves nothing behind; effects run after commit.

        Raises:
            StillWorking: another transaction held a row for longer than the lock time-out.
        """
        unit = Unit(self)
        try:
            async with in_transaction():
                unit.now = await self.refresh_clock()
                yield unit
        except _BUSY as busy:
            raise StillWorking from busy
        except OperationalError as trouble:
            if "database is locked" in str(trouble):
                raise StillWorking from trouble
            raise
        for effect in unit.effects:
            await effect()

    async def replayed(
        self, actor_id: UUID, operation: str, key: UUID, asked: "DataclassInstance"
    ) -> dict[str, str] | None:
        """What came of a key that was used before, without claiming it; for flows with more than one commit.

        Raises:
            IdempotencyConflict: the same key came with another input.
        """
        return await _kept(actor_id, operation, key, self.digest(asked))

    def digest(self, asked: "DataclassInstance") -> bytes:
        """A keyed digest of an input's canonical form: text composed (NFC), moments in UTC."""
        plain = json.dumps(asdict(asked), sort_keys=True, default=_canonical, ensure_ascii=False)
        return self.keys.mac("idempotency", unicodedata.normalize("NFC", plain).encode())

    def box(self, customer: Customer) -> SubjectBox:
        """The customer's box of sealed columns."""
        return self.keys.subject(customer.id, customer.key_wrapped)


@dataclass(slots=True)
class Unit:
    """What one transaction can do beside reading and writing rows."""

    desk: Desk
    now: datetime = field(init=False)
    effects: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    _request: tuple[UUID, str, UUID] | None = None

    def today(self) -> date:
        """The business date of this moment (UTC+8)."""
        return business_date(self.now)

    async def lock_customer(self, customer_id: UUID) -> Customer:
        """The customer's row, locked: every flow that touches a person's affairs begins here, so no two cross.

        The unit's moment becomes the moment at which it has the lock, so that the stamps of one person's affairs
        stand in the order of their commits.

        Raises:
            NotFound: there is no such customer, or the customer was erased.
        """
        customer = await Customer.filter(id=customer_id).select_for_update().get_or_none()
        if customer is None or customer.erased_at is not None:
            raise NotFound
        self.now = self.desk.clock.now()
        customer.version += 1
        await customer.save(update_fields=["version"])
        return customer

    async def lock_customers(self, customer_ids: Collection[UUID]) -> list[Customer]:
        """Those customers who exist, locked as by `lock_customer`, in the order of their ids.

        In one order, so that no two batches wait for each other in a circle.

        Raises:
            ValueError: more than `CUSTOMERS_AT_ONCE_MAX`.
        """
        if len(customer_ids) > CUSTOMERS_AT_ONCE_MAX:
            raise ValueError(f"at most {CUSTOMERS_AT_ONCE_MAX} customers at once, not {len(customer_ids)}")
        customers = await Customer.filter(id__in=list(customer_ids)).order_by("id").select_for_update()
        self.now = self.desk.clock.now()
        for customer in customers:
            customer.version += 1
        await Customer.filter(id__in=[customer.id for customer in customers]).update(version=F("version") + 1)
        return customers

    async def once(
        self, actor_id: UUID, operation: str, key: UUID, asked: "DataclassInstance"
    ) -> dict[str, str] | None:
        """Claim a key. None: go on, and `keep` the result. A dict: this was done before, and that was its result.

        `asked` is a dataclass of strings, numbers and times; its canonical form is kept as a keyed digest.

        Raises:
            IdempotencyConflict: the same key came with another input.
        """
        digest = self.desk.digest(asked)
        claimed = await fetch(
            "INSERT INTO idempotent_request (actor_id, operation, idempotency_key, input_mac, created_at)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING operation",
            *(_id(actor_id), operation, _id(key), digest, _time(self.now)),
        )
        self._request = (actor_id, operation, key)
        if claimed:
            return None
        kept = await _kept(actor_id, operation, key, digest)
        if kept is None:
            raise StillWorking
        return kept

    async def keep(self, **result: UUID) -> None:
        """Keep what came of the claimed key: the ids by which the answer is read again."""
        if self._request is None:
            raise RuntimeError("nothing was claimed in this unit")
        actor_id, operation, key = self._request
        text = json.dumps({name: str(value) for name, value in result.items()})
        await fetch(
            "UPDATE idempotent_request SET result = $1"
            " WHERE actor_id = $2 AND operation = $3 AND idempotency_key = $4 RETURNING operation",
            *(text, _id(actor_id), operation, _id(key)),
        )

    async def record(
        self,
        kind: RecordClass,
        customer: Customer,
        subject_id: UUID,
        facts: dict[str, Scalar],
        previous: UUID | None = None,
    ) -> UUID:
        """Write a record for the log beside the business row it speaks of; returns the entry's id.

        `previous` links the steps of one inquiry. The facts hold ids, words and numbers of the business, no
        personal data in clear; salt and record are sealed under the customer's key. `at` is business time, by which
        the book lives; `real` is the machine's, by which the log and its witnesses do.
        """
        entry_id = uuid7()
        facts = {
            "at": self.now.isoformat(),
            "real": real_now().isoformat(),
            "class": kind.name,
            "entry": str(entry_id),
            "of": str(subject_id),
            **facts,
        }
        salt = secrets.token_bytes(SALT_BYTES)
        box = self.desk.box(customer)
        plain = json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()
        await LogOutbox.create(
            entry_id=entry_id,
            record_class=int(kind),
            previous_entry_id=previous,
            customer_id=customer.id,
            subject_id=subject_id,
            salt_sealed=box.seal("log_outbox", "salt_sealed", entry_id, salt),
            record_sealed=box.seal("log_outbox", "record_sealed", entry_id, plain),
            commitment=commitment(salt, facts),
        )
        self.after_commit(self._wake_log)
        return entry_id

    async def _wake_log(self) -> None:
        await self.desk.cache.wake(LOG_WAKE_UP)

    async def enqueue(self, kind: str, subject_id: UUID, delay: timedelta = timedelta()) -> None:
        """Make a job due after `delay` of real time; one job a kind and subject, made ready again if it exists."""
        due = real_now_us() + int(delay.total_seconds() * 1_000_000)
        job = await Job.filter(kind=kind, subject_id=subject_id).select_for_update().get_or_none()
        if job is None:
            await Job.create(id=uuid7(), kind=kind, subject_id=subject_id, due_at_us=due, state="READY")
        else:
            await Job.filter(id=job.id).update(state="READY", due_at_us=due, lease_until_us=0, attempts=0)
        self.after_commit(lambda: self.desk.cache.wake(JOB_WAKE_UP))

    def after_commit(self, effect: Callable[[], Awaitable[None]]) -> None:
        """Run `effect` when, and only when, the transaction has committed."""
        self.effects.append(effect)


async def _kept(actor_id: UUID, operation: str, key: UUID, digest: bytes) -> dict[str, str] | None:
    rows = await fetch(
        "SELECT input_mac, result FROM idempotent_request"
        " WHERE actor_id = $1 AND operation = $2 AND idempotency_key = $3",
        *(_id(actor_id), operation, _id(key)),
    )
    if not rows or rows[0]["result"] is None:
        return None
    if bytes(rows[0]["input_mac"]) != digest:
        raise IdempotencyConflict
    result: dict[str, str] = json.loads(rows[0]["result"])
    return result


def _canonical(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _id(value: UUID) -> UUID | str:
    return str(value) if is_sqlite() else value


def _time(value: datetime) -> datetime | str:
    return value.isoformat(sep=" ") if is_sqlite() else value
