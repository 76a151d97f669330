"""Auditing and closing in an officer's name: through the running server if there is one, else in the database."""

import asyncio
import time
from typing import Any
from uuid import UUID, uuid4

from app.api import words
from app.api.caller import training_sentence
from app.api.scalars import decode_id, split_id
from app.cli.server import ask_server
from app.domain.calendar import business_date
from app.domain.oversight.roles import Officer, Verb
from app.domain.refusals import InvalidInput, Refusal, StillWorking, TrainingExpired
from app.flows.audit.report import Report, report_of
from app.flows.audit.running import advance_audit
from app.flows.audit.settling import CloseFinding, close_finding
from app.flows.audit.starting import RunAudit, run_audit
from app.flows.oversight.officers import officer_of
from app.flows.sandbox.book import staff_token
from app.flows.unit import Desk
from app.main import open_house
from app.settings import Settings
from models.oversight.audit import AuditRun
from models.people import Staff

LANGUAGE = "en"
NAME_ANOTHER = "name another with --as LOGIN"
WAIT_SECONDS_MAX = 600.0
POLL_SECONDS = 0.25
TURNS_MAX = 100_000

_RUN = """mutation ($input: RunAuditInput!) { runAudit(input: $input) {
    __typename ... on RunAuditPayload { run { id } } ... on UserError { message } } }"""
_CLOSE = """mutation ($input: CloseFindingInput!) { closeFinding(input: $input) {
    __typename ... on InvalidInput { violations { message } } ... on UserError { message } } }"""


class Refused(Exception):
    """What was asked for is not done; the words say why, and what to do."""


async def audited(settings: Settings, login: str) -> Report:
    """Audit the whole book; what the run tells.

    Raises:
        Refused: the officer may not, or the worker of the running server is not done in time.
    """
    answer = await _asked(settings, login, _RUN, {})
    async with open_house(settings) as house:
        await house.must_fit()
        if answer is not None:
            run_id = decode_id(answer["run"]["id"], "AuditRun")
            await _wait(run_id)
            return await report_of(run_id)
        officer = await _officer(house.desk, login, Verb.RUN_AUDIT)
        run_id = await run_audit(house.desk, officer, uuid4(), RunAudit())
        await _go_through(house.desk, run_id)
        return await report_of(run_id)


async def closed(settings: Settings, login: str, finding: str, evidence: str, *, remains: bool) -> None:
    """Close a finding.

    Raises:
        Refused: the officer may not, there is no such finding, or the evidence does not do.
    """
    asked: dict[str, object] = {"findingId": finding, "evidence": evidence, "remains": remains}
    if await _asked(settings, login, _CLOSE, asked) is not None:
        return
    parts = split_id(finding)
    if parts is None or parts[0] != "AuditFinding":
        raise Refused("that is not the id of a finding: see clearline audit list")
    async with open_house(settings) as house:
        await house.must_fit()
        officer = await _officer(house.desk, login, Verb.CLOSE_FINDING)
        try:
            await close_finding(house.desk, officer, uuid4(), CloseFinding(parts[1], evidence, remains))
        except Refusal as refusal:
            raise Refused(_in_words(refusal)) from refusal


async def _asked(settings: Settings, login: str, document: str, asked: dict[str, object]) -> dict[str, Any] | None:
    """What the running server answers an officer of the sandbox; None when there is no server."""
    if not settings.sandbox:
        return None
    sent: dict[str, object] = {"input": {"idempotencyKey": str(uuid4()), **asked}}
    answer = await ask_server(settings, document, sent, staff_token(login))
    if answer is None:
        return None
    if answer.get("errors"):
        (fault, *_) = answer["errors"]
        unknown = fault.get("extensions", {}).get("code") == "UNAUTHENTICATED"
        raise Refused(f"there is no officer {login}: {NAME_ANOTHER}" if unknown else fault["message"])
    (result,) = answer["data"].values()
    if "message" in result:
        told = [violation["message"] for violation in result.get("violations", [])]
        raise Refused(" ".join(told) or result["message"])
    found: dict[str, Any] = result
    return found


async def _officer(desk: Desk, login: str, verb: Verb) -> Officer:
    staff = await Staff.get_or_none(login=login)
    if staff is None:
        raise Refused(f"there is no officer {login}: {NAME_ANOTHER}")
    officer = await officer_of(staff)
    if not officer.may(verb):
        raise Refused(f"{login} has the role {officer.role}, which may not do this: {NAME_ANOTHER}")
    try:
        officer.must_be_trained(verb, business_date(await desk.refresh_clock()))
    except TrainingExpired as lacking:
        raise Refused(training_sentence(LANGUAGE, lacking)) from lacking
    return officer


async def _go_through(desk: Desk, run_id: UUID) -> None:
    """Look at page after page; a worker that does so too only makes it quicker."""
    for _ in range(TURNS_MAX):
        try:
            if await advance_audit(desk, run_id) is None:
                return
        except StillWorking:
            await asyncio.sleep(POLL_SECONDS)
    raise Refused("the book is larger than one run: run it again to go on")


async def _wait(run_id: UUID) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while time.monotonic() < deadline:
        if (await AuditRun.get(id=run_id)).state == "DONE":
            return
        await asyncio.sleep(POLL_SECONDS)
    raise Refused("the run is still under way: is a worker running? Ask again later, nothing is lost")


def _in_words(refusal: Refusal) -> str:
    if isinstance(refusal, InvalidInput):
        return " ".join(words.say(LANGUAGE, "problem", violation.problem) for violation in refusal.violations)
    return words.say(LANGUAGE, "refusal", type(refusal).__name__)
