"""The seeded book of the sandbox: staff, personas, and their own data. Written once, and only into an empty book."""

import hashlib
from dataclasses import dataclass
from datetime import date
from random import SystemRandom
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.oversight.training import Course, expiry_of
from app.domain.person import make_id_number
from app.flows.sandbox.people import MOULDS, TOKEN_PREFIX, MagicPerson, write_person
from app.flows.sandbox.wordings import write_first_wordings
from app.flows.unit import Desk, Unit
from models.oversight.staff import StaffTraining
from models.people import AccessToken, Customer, Staff

FIRST_NUMBER = 100
STAFF_TOKEN_PREFIX = "clt_sbx_staff_"  # noqa: S105 - a prefix, no secret


@dataclass(frozen=True, slots=True)
class Persona:
    """A seeded customer: who, of which magic kind, and what is written on an application."""

    login: str
    name: str
    person: MagicPerson
    born: date
    story: str

    @property
    def id_number(self) -> str:
        """An ID number of region 99, the same in every book."""
        return make_id_number(f"99{self._number:04d}", self.born, MOULDS[self.person].sequence)

    @property
    def phone(self) -> str:
        """A mobile number of a range that is nobody's."""
        return f"10{self._number:09d}"

    @property
    def _number(self) -> int:
        return FIRST_NUMBER + PERSONAS.index(self)


PERSONAS = (
    Persona("lihua", "李桦", MagicPerson.APPROVED, date(1991, 3, 8), "steady salary: apply, and be approved at once"),
    Persona(
        "wangwei",
        "王玮",
        MagicPerson.DECLINED,
        date(1985, 7, 21),
        "late payments: apply, and be declined with reasons",
    ),
    Persona(
        "zhaomin",
        "赵旻",
        MagicPerson.REFERRED,
        date(1988, 2, 3),
        "report under objection: apply, and a person decides",
    ),
    Persona(
        "chenyu",
        "陈屿",
        MagicPerson.BUREAU_TIMES_OUT,
        date(1990, 9, 12),
        "the bureau records, then times out: UNKNOWN, then settled",
    ),
    Persona("sunyang", "孙旸", MagicPerson.THIN_FILE, date(2002, 4, 30), "first job: a thin file and a small limit"),
    Persona(
        "zhoutao",
        "周绹",
        MagicPerson.MISMATCH,
        date(1993, 6, 17),
        "name and number do not match: declined without a record",
    ),
    Persona("wujing", "吴璟", MagicPerson.MANY_LENDERS, date(1987, 11, 5), "many lenders: the limit is capped"),
    Persona(
        "xiaoyu",
        "肖羽",
        MagicPerson.MINOR,
        date(2012, 6, 1),
        "a minor until June 2030: ruled out before the bureau is asked",
    ),
    Persona(
        "aili", "艾力·买买提", MagicPerson.APPROVED, date(1991, 5, 14), "a business owner with a dot in the name"
    ),
)

# Two of each duty that checks the other's work; risk2 is a customer too, and kept off that account.
STAFF = (
    ("risk", "RISK"),
    ("risk2", "RISK"),
    ("compliance", "COMPLIANCE"),
    ("compliance2", "COMPLIANCE"),
    ("privacy", "PRIVACY"),
    ("privacy2", "PRIVACY"),
    ("operator", "OPERATOR"),
    ("operator2", "OPERATOR"),
)
STAFF_WHO_BORROW = {"risk2": "sunyang"}
TELLS_OF_TRAINING, TELLS_OF_TELLER = "compliance", "compliance2"


def persona_token(login: str) -> str:
    """The fixed token of a seeded customer."""
    return TOKEN_PREFIX + login


def staff_token(login: str) -> str:
    """The fixed token of a seeded officer."""
    return STAFF_TOKEN_PREFIX + login


async def seed_book(desk: Desk) -> int:
    """Write texts, staff and personas where they are missing; how many people were written."""
    await write_first_wordings(desk)
    written = 0
    for persona in PERSONAS:
        if not await Customer.exists(persona=persona.login):
            async with desk.unit() as unit:
                await _write_persona(unit, persona)
            written += 1
    async with desk.unit() as unit:
        for login, role in STAFF:
            if not await Staff.exists(login=login):
                await _write_staff(unit, login, role)
        await _write_trainings(unit)
    return written


async def _write_staff(unit: Unit, login: str, role: str) -> None:
    staff_id: UUID = uuid7()
    account = await Customer.get_or_none(persona=STAFF_WHO_BORROW[login]) if login in STAFF_WHO_BORROW else None
    await Staff.create(
        id=staff_id, login=login, role=role, customer_id=account.id if account else None, created_at=unit.now
    )
    await AccessToken.create(
        sha256=hashlib.sha256(staff_token(login).encode()).digest(), staff_id=staff_id, created_at=unit.now
    )


async def _write_trainings(unit: Unit) -> None:
    """Everybody was trained today, on a colleague's word; who has any record keeps it, also one that ran out."""
    by_login = {row.login: row for row in await Staff.filter(login__in=[login for login, _ in STAFF])}
    for login, officer in by_login.items():
        if await StaffTraining.exists(staff_id=officer.id):
            continue
        teller = by_login[TELLS_OF_TRAINING if login != TELLS_OF_TRAINING else TELLS_OF_TELLER]
        for course in Course:
            await StaffTraining.create(
                id=uuid7(),
                staff_id=officer.id,
                course=course.value,
                completed_on=unit.today(),
                expires_on=expiry_of(course, unit.today()),
                evidence=f"SANDBOX-{course.value}-{login}",
                recorded_by=teller.id,
                recorded_at=unit.now,
            )


async def _write_persona(unit: Unit, persona: Persona) -> None:
    await write_person(
        unit,
        MOULDS[persona.person],
        persona_token(persona.login),
        connect_data=True,
        draw=SystemRandom(),
        persona=persona.login,
        name=persona.name,
        id_number=persona.id_number,
        story=persona.story,
    )
