"""Invented people: the magic ones, whose ID number decides what happens, and the seeded personas with a history."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from random import Random
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.calendar import business_date
from app.domain.consent.consent import expiry
from app.domain.consent.purpose import SOURCE_PURPOSES, ConsentPurpose
from app.domain.person import make_id_number
from app.flows.behaviour.simulated import write_history
from app.flows.credit.consents import wording_in_force
from app.flows.unit import ANYBODY, Desk, Unit
from ml.training.book import Profile
from models.consent import Consent
from models.people import AccessToken, Customer

TOKEN_PREFIX = "clt_sbx_"  # noqa: S105 - a prefix, no secret
CONNECTED = (ConsentPurpose.PAYMENTS, ConsentPurpose.WEALTH, ConsentPurpose.LIFE_SERVICES)
TOKEN_BYTES = 18
ISSUE_TRIES_MAX = 20
_SURNAMES = "林沈许程唐邓冯韩曹彭曾萧蔡潘田董袁于余叶蒋杜苏魏吕丁任姚卢傅"
_GIVEN = ("知远", "若兰", "景行", "思齐", "子衿", "清扬", "乐山", "望舒", "怀瑾", "云开", "晓岚", "一鸣")


class MagicPerson(StrEnum):
    """Whom to invent. The number in the name of each is what digits 15 to 17 of the ID number say."""

    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    REFERRED = "REFERRED"
    BUREAU_TIMES_OUT = "BUREAU_TIMES_OUT"
    THIN_FILE = "THIN_FILE"
    MISMATCH = "MISMATCH"
    MANY_LENDERS = "MANY_LENDERS"
    MINOR = "MINOR"


@dataclass(frozen=True, slots=True)
class Mould:
    """How a magic person is made: sequence number, own data, age, and what will happen.

    Own data come from one fixed seed (app/flows/behaviour/simulated.py), so that the same kind of person always meets the same decision.
    """

    sequence: int
    profile: Profile
    age: int
    story: str


MOULDS: dict[MagicPerson, Mould] = {
    MagicPerson.APPROVED: Mould(1, Profile.WEALTHY, 34, "approved at once"),
    MagicPerson.DECLINED: Mould(2, Profile.LATE_PAYER, 41, "declined, with reasons"),
    MagicPerson.REFERRED: Mould(3, Profile.STEADY, 38, "referred: a person decides"),
    MagicPerson.BUREAU_TIMES_OUT: Mould(
        4, Profile.STEADY, 36, "the bureau records, then times out; settled by reference"
    ),
    MagicPerson.THIN_FILE: Mould(5, Profile.THIN, 24, "a thin file: a small limit"),
    MagicPerson.MISMATCH: Mould(6, Profile.STEADY, 33, "name and number do not match: no record, declined"),
    MagicPerson.MANY_LENDERS: Mould(8, Profile.STEADY, 39, "many lenders: the limit is capped"),
    MagicPerson.MINOR: Mould(9, Profile.THIN, 17, "a minor: ruled out before the bureau is asked"),
}


@dataclass(frozen=True, slots=True)
class SandboxPerson:
    """An invented person, and the token that speaks for them."""

    customer_id: UUID
    token: str
    name: str
    id_number: str
    phone: str
    story: str


@dataclass(frozen=True, slots=True)
class Invent:
    """A wish for a magic person; with `connect_data` their payments, wealth and life-service consents and data too."""

    person: MagicPerson
    connect_data: bool


async def new_customer(desk: Desk, key: UUID, asked: Invent) -> SandboxPerson:
    """Invent a person, once for each key: the key used again tells the same person, whose token follows from it.

    Raises:
        IdempotencyConflict: the same key came with another wish. StillWorking: as everywhere.
    """
    mould, draw = MOULDS[asked.person], Random(desk.keys.mac("sandbox-person", key.bytes))  # noqa: S311 - no secret
    token = TOKEN_PREFIX + urlsafe_b64encode(desk.keys.mac("sandbox-token", key.bytes)[:TOKEN_BYTES]).decode()
    async with desk.unit() as unit:
        done = await unit.once(ANYBODY, "sandboxNewCustomer", key, asked)
        if done:
            return await _told_again(unit, UUID(done["customer"]), mould, token, draw)
        made = await write_person(unit, mould, token, connect_data=asked.connect_data, draw=draw)
        await unit.keep(customer=made.customer_id)
        return made


async def _told_again(unit: Unit, customer_id: UUID, mould: Mould, token: str, draw: Random) -> SandboxPerson:
    """The person whom a key made: drawn again in the same way, the number known by its index."""
    customer = await Customer.get(id=customer_id)
    name, phone = _name(draw), _phone(draw)
    numbers = (_id_number(mould, business_date(customer.created_at), draw) for _ in range(ISSUE_TRIES_MAX))
    mine = bytes(customer.id_number_index or b"")
    issued = next(number for number in numbers if unit.desk.keys.index("id_number", number) == mine)
    return SandboxPerson(customer_id, token, name, issued, phone, customer.story)


async def write_person(
    unit: Unit,
    mould: Mould,
    token: str,
    *,
    connect_data: bool,
    draw: Random,
    persona: str | None = None,
    name: str | None = None,
    id_number: str | None = None,
    story: str | None = None,
) -> SandboxPerson:
    """Write an invented person inside the running unit; `draw` chooses what is not given."""
    customer_id = uuid7()
    today = business_date(unit.now)
    chosen, phone = name or _name(draw), _phone(draw)
    issued = id_number or await _unissued(unit, mould, today, draw)
    await Customer.create(
        id=customer_id,
        created_at=unit.now,
        persona=persona,
        story=story or mould.story,
        key_wrapped=unit.desk.keys.new_subject(customer_id),
        id_number_index=unit.desk.keys.index("id_number", issued),  # nobody else applies with it
        simulated_as=mould.profile.value,
    )
    await AccessToken.create(
        sha256=hashlib.sha256(token.encode()).digest(), customer_id=customer_id, created_at=unit.now
    )
    if connect_data:
        for purpose in CONNECTED:
            await _connect(customer_id, purpose, unit.now)
        await write_history(customer_id, mould.profile, [SOURCE_PURPOSES[purpose] for purpose in CONNECTED], today)
    return SandboxPerson(
        customer_id=customer_id,
        token=token,
        name=chosen,
        id_number=issued,
        phone=phone,
        story=story or mould.story,
    )


def _name(draw: Random) -> str:
    return draw.choice(_SURNAMES) + draw.choice(_GIVEN)


def _phone(draw: Random) -> str:
    return f"10{draw.randrange(10**9):09d}"


async def _unissued(unit: Unit, mould: Mould, today: date, draw: Random) -> str:
    """A number that nobody of this book has; by far the most draws are the first."""
    for _ in range(ISSUE_TRIES_MAX):
        number = _id_number(mould, today, draw)
        if not await Customer.exists(id_number_index=unit.desk.keys.index("id_number", number)):
            return number
    raise RuntimeError("no free ID number of this kind was found")


def _id_number(mould: Mould, today: date, draw: Random) -> str:
    """A number of region 99 that nobody was ever given, its age fitting the mould on `today`."""
    born = date(today.year - mould.age, 1, 1) - timedelta(days=draw.randrange(300) + 1)
    if mould.age < 18:  # noqa: PLR2004 - the age of majority: a minor must not turn adult within the next two months
        born = date(today.year - mould.age, today.month, 1) - timedelta(days=draw.randrange(270) + 1)
    return make_id_number(f"99{draw.randrange(10**4):04d}", born, mould.sequence)


async def _connect(customer_id: UUID, purpose: ConsentPurpose, now: datetime) -> None:
    if purpose not in SOURCE_PURPOSES:
        raise ValueError("only a data source is connected for somebody; a bureau consent is their own act")
    wording = await wording_in_force(purpose, "zh-CN", now)
    await Consent.create(
        id=uuid7(),
        customer_id=customer_id,
        purpose=purpose.value,
        wording_id=wording.id,
        wording_sha256=wording.sha256,
        shown_at=now,
        seconds_read=10,
        channel="APP",
        decided_at=now,
        refused=False,
        expires_at=expiry(purpose, now),
    )
