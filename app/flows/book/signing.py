"""The customer's signature on a contract: a one-time code bound to one quote, five tries, five minutes."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.refusals import CodeWrong, QuoteStale, TooSoon
from app.flows.book.quoting import open_seal, spent_or_over
from app.flows.unit import Desk
from models.loans import SigningCode

CODE_VALID = timedelta(minutes=5)
TRIES_MAX = 5
CODES_MAX = 10
CODES_WINDOW = timedelta(minutes=10)
SANDBOX_CODE = "000000"


@dataclass(frozen=True, slots=True)
class SendCode:
    """A wish for a code to sign the contract of a quote."""

    quote_id: str


async def send_signing_code(desk: Desk, customer_id: UUID, key: UUID, asked: SendCode) -> UUID:
    """Make a code for one quote and send it; in the sandbox it is always 000000.

    Raises:
        QuoteStale: no such quote of this customer, or it has expired. TooSoon: ten codes in ten minutes.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    terms = open_seal(desk, customer_id, asked.quote_id)
    async with desk.unit() as unit:
        await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "sendSigningCode", key, asked)
        if done:
            return UUID(done["code"])
        if await spent_or_over(desk, terms):
            raise QuoteStale
        recent = (
            await SigningCode.filter(customer_id=customer_id, sent_at__gt=unit.now - CODES_WINDOW)
            .order_by("sent_at")
            .limit(CODES_MAX)
        )
        if len(recent) >= CODES_MAX:
            raise TooSoon(recent[0].sent_at + CODES_WINDOW)
        code_id = uuid7()
        await SigningCode.create(
            id=code_id,
            customer_id=customer_id,
            quote_digest=terms.digest,
            code_mac=_mac(desk, code_id, SANDBOX_CODE),
            sent_at=unit.now,
            expires_at=unit.now + CODE_VALID,
        )
        await unit.keep(code=code_id)
        return code_id


async def check_code(desk: Desk, customer_id: UUID, quote_digest: bytes, code: str) -> UUID:
    """Count a try and check the code, in a commit of its own, so that a wrong guess stays counted.

    Raises:
        CodeWrong: wrong, used, expired, none was sent, or the tries are used up; then the right code is refused too.
    """
    async with desk.unit() as unit:
        await unit.lock_customer(customer_id)
        row = (
            await SigningCode.filter(customer_id=customer_id, quote_digest=quote_digest)
            .order_by("-id")
            .select_for_update()
            .first()
        )
        usable = row is not None and row.used_at is None and unit.now < row.expires_at
        tries_left = 0
        right = False
        if row is not None and usable and row.tries < TRIES_MAX:
            row.tries += 1
            await row.save(update_fields=["tries"])
            tries_left = TRIES_MAX - row.tries
            right = secrets.compare_digest(bytes(row.code_mac), _mac(desk, row.id, code))
    if row is None or not right:
        raise CodeWrong(tries_left)
    return row.id


def _mac(desk: Desk, code_id: UUID, code: str) -> bytes:
    return desk.keys.mac("signing-code", f"{code_id}|{code}".encode())
