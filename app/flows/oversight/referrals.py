"""A person settles what the machine would not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from app.domain.consent.purpose import InquiryPurpose
from app.domain.consent.reading import ReportUse
from app.domain.deciding.bureau_file import BureauFile
from app.domain.deciding.decide import Facts, SettlementInvalid, check_settlement, settle_referral
from app.domain.deciding.outcome import Verdict
from app.domain.deciding.reasons import ReasonCode
from app.domain.money import Money
from app.domain.oversight.approval import noted
from app.domain.oversight.roles import Officer
from app.domain.refusals import DecisionClosed, InvalidInput, NotFound
from app.flows.credit.cases import Case, load_case
from app.flows.credit.concluding import put_on_record
from app.flows.credit.facts import OwnInputs, own_inputs
from app.flows.credit.reports import read_report, report_stands
from app.flows.unit import Desk, Unit
from models.consent import Consent as ConsentRow
from models.consent import Inquiry
from models.credit import Application, Decision, LimitIncrease
from models.people import Customer

_RESOLVE = "resolveReferral"


@dataclass(frozen=True, slots=True)
class Resolve:
    """An officer's verdict: a limit in fen to approve, or reasons to decline; always with a note."""

    case_id: UUID
    purpose: InquiryPurpose
    approve: bool
    limit: Money | None
    reasons: tuple[ReasonCode, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Reader:
    """The officer for whom a report is opened, and for what."""

    officer_id: UUID
    use: ReportUse


async def resolve_referral(desk: Desk, officer: Officer, key: UUID, asked: Resolve) -> UUID:
    """Put a person's verdict on the record and do what it brings; returns the decision's id.

    Raises:
        NotFound: no such case. DecisionClosed: it waits for nobody. InvalidInput: the verdict is not allowed.
        OwnAccount: it is the officer's own case.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    note = noted(asked.note)
    table = Application if asked.purpose is InquiryPurpose.FIRST_APPLICATION else LimitIncrease
    row = await table.get_or_none(id=asked.case_id)
    if row is None:
        raise NotFound
    officer.keep_off_own(row.customer_id)
    file = await _opened(desk, officer, key, row.customer_id, asked)
    async with desk.unit() as unit:
        customer = await unit.lock_customer(row.customer_id)
        done = await unit.once(officer.id, _RESOLVE, key, asked)
        if done:
            return UUID(done["decision"])
        case, latest = await _waiting(asked)
        inputs = await own_inputs(desk, customer, case.request, unit.now)
        facts = await facts_of(inputs, latest, file)
        decision = await put_on_record(
            unit,
            customer,
            case,
            inputs,
            verdict_of(
                approve=asked.approve,
                limit=asked.limit,
                reasons=asked.reasons,
                case=case,
                facts=facts,
                inputs=inputs,
            ),
            inquiry=await case.inquiry(),
            facts=facts,
            by=officer.id,
            note=note,
        )
        await unit.keep(decision=decision.id)
        return decision.id


async def _opened(desk: Desk, officer: Officer, key: UUID, owner: UUID, asked: Resolve) -> BureauFile | None:
    """The report, opened in a commit of its own: it stays on record whatever becomes of the verdict."""
    async with desk.unit() as unit:
        customer = await unit.lock_customer(owner)
        if await desk.replayed(officer.id, _RESOLVE, key, asked):
            return None
        case, latest = await _waiting(asked)
        with refused_verdict():
            limit_minor = asked.limit.minor if asked.limit else None
            check_settlement(approve=asked.approve, limit_minor=limit_minor, reasons=asked.reasons)
        return await open_report(unit, customer, case, latest, Reader(officer.id, ReportUse.REFERRAL))


async def _waiting(asked: Resolve) -> tuple[Case, Decision]:
    """The case and the decision that waits for a person; whose they are is locked."""
    case = await load_case(asked.purpose, asked.case_id)
    latest = await case.latest_decision()
    if not case.row.is_open or latest is None or latest.outcome != "REFERRED":
        raise DecisionClosed
    if asked.approve and not case.may_go_on:
        raise InvalidInput.at("caseId", problem="LINE_NOT_ACTIVE")
    return case, latest


async def open_report(
    unit: Unit, customer: Customer, case: Case, decided: Decision, reader: Reader
) -> BureauFile | None:
    """The report behind an earlier decision of the case, the opening on record; None where none may be used.

    To be called in a unit before the verdict's own: a verdict that is refused must not take the record back.
    """
    inquiry = await _inquiry_to_use(decided)
    return await read_report(unit, customer, case, inquiry, reader.use, reader.officer_id) if inquiry else None


async def facts_of(inputs: OwnInputs, decided: Decision, file: BureauFile | None) -> Facts | None:
    """What an earlier decision of the case knew; None when the bureau never answered, or its answer may not be used.

    The person is locked: what was opened before is used only if the report still stands.
    """
    if file is None or decided.score is None or await _inquiry_to_use(decided) is None:
        return None
    return Facts(own=inputs.facts, score=decided.score, file=file, adverse=())


async def _inquiry_to_use(decided: Decision) -> Inquiry | None:
    """The inquiry of a decision, if its consent was not withdrawn and its report not destroyed."""
    if decided.inquiry_id is None or decided.score is None:
        return None
    inquiry = await Inquiry.get(id=decided.inquiry_id)
    if await ConsentRow.exists(id=inquiry.consent_id, withdrawn_at__isnull=False):
        return None
    return inquiry if await report_stands(inquiry.id) else None


def verdict_of(
    *,
    approve: bool,
    limit: Money | None,
    reasons: tuple[ReasonCode, ...],
    case: Case,
    facts: Facts | None,
    inputs: OwnInputs,
) -> Verdict:
    """A person's verdict, within policy and law.

    Raises:
        InvalidInput: it is not allowed.
    """
    with refused_verdict():
        return settle_referral(
            approve=approve,
            facts=facts,
            policy=inputs.policy,
            limit_minor=limit.minor if limit else None,
            reasons=reasons,
            present_limit_minor=case.line.limit_minor if case.line else None,
        )


@contextmanager
def refused_verdict() -> Iterator[None]:
    """Tell a verdict that is not allowed as bad input."""
    try:
        yield
    except SettlementInvalid as error:
        raise InvalidInput.at("limit", problem="SETTLEMENT_NOT_ALLOWED") from error
