"""Writing a notice in the unit of what it tells, and putting it into words. It leaves after commit, by a job."""

import json
from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.telling.notice import Fact, Message, NoticeKind, not_before, wording, written
from app.doors.keys import SubjectBox
from app.flows.unit import Say, Unit
from models.notices import Notice
from models.people import Customer

TELL = "TELL"


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in words of one language."""

    title: str
    body: str


async def tell(unit: Unit, customer: Customer, message: Message, about_id: UUID, period: str = "") -> None:
    """Tell a locked customer something, once for each kind, thing and period. Rolled back, nothing was told."""
    if await Notice.exists(kind=message.kind.value, about_id=about_id, period=period):
        return
    notice_id, opens = uuid7(), not_before(message.kind, unit.now)
    await Notice.create(
        id=notice_id,
        customer_id=customer.id,
        kind=message.kind.value,
        about_id=about_id,
        period=period,
        facts_sealed=seal(unit.desk.box(customer), notice_id, message),
        arose_at=unit.now,
        not_before=opens,
        state="PENDING",
    )
    await unit.enqueue(TELL, notice_id, opens - unit.now)
    unit.after_commit(lambda: unit.desk.cache.wake(inbox_topic(customer.id)))


def inbox_topic(customer_id: UUID) -> str:
    """What is woken when something new may stand in a customer's inbox."""
    return f"notices:{customer_id}"


def seal(box: SubjectBox, notice_id: UUID, message: Message) -> bytes:
    """The wording and figures of a notice, sealed for its row."""
    plain = json.dumps({"variant": message.variant, "facts": dict(message.facts)}, sort_keys=True)
    return box.seal("notice", "facts_sealed", notice_id, plain.encode())


def told(say: Say, language: str, box: SubjectBox, row: Notice) -> Told:
    """A notice in words, from its sealed figures. An officer's own words stay in the language that they have."""
    kept = json.loads(box.open("notice", "facts_sealed", row.id, row.facts_sealed))
    facts = {name: _said(say, language, name, fact) for name, fact in kept["facts"].items()}
    name = wording(NoticeKind(row.kind), kept["variant"])
    return Told(say(language, "noticeTitle", name, **facts), say(language, "noticeBody", name, **facts))


def _said(say: Say, language: str, name: str, fact: Fact) -> str:
    if name == "reason":
        return say(language, "rule", str(fact)).rstrip("。.")
    return written(name, fact, language)
