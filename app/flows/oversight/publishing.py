"""Publishing a consent text by two people. A published text is never changed, only followed by the next."""

import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

from tortoise.exceptions import IntegrityError
from uuid_utils.compat import uuid7

from app.domain.consent.purpose import ConsentPurpose
from app.domain.legible import legible
from app.domain.oversight.approval import (
    WORDING_LENGTH_MAX,
    WORDING_LENGTH_MIN,
    ApprovalKind,
    ApprovalOutcome,
    noted,
)
from app.domain.oversight.roles import Officer
from app.domain.refusals import InvalidInput, StillWorking
from app.flows.credit.consents import wording_in_force
from app.flows.oversight.approving import Check, Proposal, close, lock_to_check, proposal_of, put_forward
from app.flows.unit import Desk, Unit
from models.consent import ConsentWording
from models.oversight.staff import Approval

LANGUAGES = ("zh-CN", "en")


@dataclass(frozen=True, slots=True)
class ProposeWording:
    """A new text of a purpose in a language."""

    purpose: ConsentPurpose
    language: str
    text: str
    note: str


def sha256_of(text: str) -> str:
    """The digest that a consent names."""
    return hashlib.sha256(text.encode()).hexdigest()


async def propose_wording(desk: Desk, officer: Officer, key: UUID, asked: ProposeWording) -> UUID:
    """Put a new text forward; the proposal's id. The text in force stays in force.

    Raises:
        InvalidInput: the note, the language, the length, or the text was published before.
        NotFound: the purpose has no text in this language to follow. ApprovalPending: another text of this purpose
        and language waits. IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    if asked.language not in LANGUAGES:
        raise InvalidInput.at("language", problem="LANGUAGE_UNKNOWN")
    if len(asked.text) > WORDING_LENGTH_MAX or legible(asked.text, WORDING_LENGTH_MIN, WORDING_LENGTH_MAX) is None:
        raise InvalidInput.at("text", problem="TEXT_LENGTH")
    async with desk.unit() as unit:
        done = await unit.once(officer.id, "proposeWording", key, asked)
        if done:
            return UUID(done["approval"])
        await wording_in_force(asked.purpose, asked.language, unit.now)
        await _must_be_new(asked.text)
        payload = {"purpose": asked.purpose.value, "language": asked.language, "text": asked.text}
        subject = f"{asked.purpose.value}/{asked.language}"
        approval_id = await put_forward(unit, officer, Proposal(ApprovalKind.PUBLISH_WORDING, subject, payload, note))
        await unit.keep(approval=approval_id)
        return approval_id


async def check_wording(desk: Desk, officer: Officer, key: UUID, asked: Check, outcome: ApprovalOutcome) -> UUID:
    """Confirm a text, which is in force from this commit on, or reject it; the proposal's id.

    Consents on the text of before open nothing from then on.

    Raises:
        InvalidInput: the note, or the text was published since. NotFound: no such proposal.
        SamePerson: the officer made it. ApprovalClosed: it was checked already.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    found = await proposal_of(asked.approval_id, ApprovalKind.PUBLISH_WORDING)
    async with desk.unit() as unit:
        verb = "confirmWording" if outcome is ApprovalOutcome.CONFIRMED else "rejectWording"
        done = await unit.once(officer.id, verb, key, asked)
        if done:
            return UUID(done["approval"])
        approval = await lock_to_check(officer, found.id)
        if outcome is ApprovalOutcome.CONFIRMED:
            await _publish(unit, approval)
        await close(unit, officer, approval, outcome, note)
        await unit.keep(approval=approval.id)
        return approval.id


async def _publish(unit: Unit, approval: Approval) -> None:
    told = json.loads(approval.payload)
    await _must_be_new(told["text"])
    number = await ConsentWording.filter(purpose=told["purpose"], language=told["language"]).count() + 1
    try:
        await ConsentWording.create(
            id=uuid7(),
            purpose=told["purpose"],
            language=told["language"],
            version=f"{unit.today():%Y.%m}-{number}",
            body=told["text"],
            sha256=sha256_of(told["text"]),
            effective_from=unit.now,
        )
    except IntegrityError as double:  # the sandbox's own verb publishes without a second person
        raise StillWorking from double


async def _must_be_new(text: str) -> None:
    if await ConsentWording.exists(sha256=sha256_of(text)):
        raise InvalidInput.at("text", problem="TEXT_PUBLISHED_ALREADY")
