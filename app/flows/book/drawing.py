"""Drawing on the line: the sealed quote, the disclosure read, the contract signed, a hold, and a payout to follow."""

from dataclasses import dataclass
from uuid import UUID

from uuid_utils.compat import uuid7

from app.domain.calendar import business_date
from app.domain.consent.consent import READING_SECONDS_MAX
from app.domain.lending.postings import draw_held
from app.domain.lending.product import product_on
from app.domain.lending.quote import QuoteFigures
from app.domain.refusals import (
    CodeWrong,
    DisclosureRequired,
    InvalidInput,
    NotFound,
    QuoteStale,
)
from app.flows.allowed.lines import check_active, check_draw
from app.flows.book.contract import TEMPLATE_VERSION, ContractText
from app.flows.book.disclosure import Disclosure, disclosure_of
from app.flows.book.payouts import PAY_OUT
from app.flows.book.position import post, write_plan
from app.flows.book.quoting import SealedTerms, draft, open_seal, price_again, spent_or_over
from app.flows.book.signing import check_code
from app.flows.unit import Desk, Unit
from app.flows.watch.jobs import WATCH
from models.credit import CreditLine
from models.loans import Contract, Loan, Payout, SigningCode
from models.people import Customer

USES = frozenset({"DAILY_CONSUMPTION", "RENOVATION", "TRAVEL", "EDUCATION", "HEALTH", "BUSINESS", "OTHER"})


@dataclass(frozen=True, slots=True)
class Draw:
    """What the customer agreed to: a quote, its disclosure, its contract, and the code that signs."""

    line_id: UUID
    quote_id: str
    disclosure_sha256: str
    contract_sha256: str
    seconds_read: int
    one_time_code: str
    use: str


async def draw_loan(desk: Desk, customer_id: UUID, key: UUID, asked: Draw) -> UUID:
    """Draw once on a quote; the payout follows. Asks no bureau.

    1. The seal, the use, the disclosure; 2. the code, counted in a commit of its own; 3. lock, check again, stamp.

    Raises:
        QuoteStale, DisclosureRequired, CodeWrong, LimitExceeded, LineNotActive, InvalidInput, NotFound: no draw.
        IdempotencyConflict, StillWorking: as everywhere.
    """
    done = await desk.replayed(customer_id, "drawLoan", key, asked)
    if done:
        return UUID(done["loan"])
    # 1, 2
    try:
        terms, figures, disclosure, code_id = await _agreed(desk, customer_id, asked)
    except (QuoteStale, CodeWrong):
        done = await desk.replayed(customer_id, "drawLoan", key, asked)
        if done:  # the same request, sent twice at once: its twin has just spent the quote and the code
            return UUID(done["loan"])
        raise
    # 3
    async with desk.unit() as unit:
        customer = await unit.lock_customer(customer_id)
        done = await unit.once(customer_id, "drawLoan", key, asked)
        if done:
            return UUID(done["loan"])
        line = await CreditLine.filter(id=asked.line_id, customer_id=customer_id).select_for_update().get()
        await _check_line(unit, line, terms)
        contract = draft(desk, customer, figures, terms.language)
        if contract.sha256 != asked.contract_sha256:
            raise InvalidInput.at("contractSha256", problem="CONTRACT_OTHER")
        loan = await _book(unit, customer, line, terms, figures, asked.use)
        await _sign(unit, customer, loan, contract, disclosure, asked.seconds_read, code_id)
        await unit.enqueue(PAY_OUT, loan.id)
        await unit.enqueue(WATCH, customer.id)
        await unit.keep(loan=loan.id)
        return loan.id


async def _agreed(desk: Desk, customer_id: UUID, asked: Draw) -> tuple[SealedTerms, QuoteFigures, Disclosure, UUID]:
    """What was sealed, what was read, and the id of the code that signs it."""
    # 1
    if asked.use not in USES:
        raise InvalidInput.at("use", problem="USE_UNKNOWN")
    if not await CreditLine.exists(id=asked.line_id, customer_id=customer_id):
        raise NotFound
    terms = open_seal(desk, customer_id, asked.quote_id)
    if terms.line_id != asked.line_id or await spent_or_over(desk, terms):
        raise QuoteStale
    figures = price_again(terms)
    disclosure = disclosure_of(figures)
    _check_read(asked, disclosure)
    # 2
    return terms, figures, disclosure, await check_code(desk, customer_id, terms.digest, asked.one_time_code)


def _check_read(asked: Draw, disclosure: Disclosure) -> None:
    if asked.seconds_read > READING_SECONDS_MAX:
        raise InvalidInput.at("secondsRead", problem="READ_TOO_SHORT")
    same = asked.disclosure_sha256.lower() == disclosure.sha256
    if not same or asked.seconds_read < disclosure.reading_seconds_min:
        raise DisclosureRequired(asked.quote_id)


async def _check_line(unit: Unit, line: CreditLine, terms: SealedTerms) -> None:
    """The line as it is now, against the terms that were sealed."""
    check_active(line)
    stale = (
        unit.now >= terms.valid_until
        or business_date(unit.now) != terms.drawn_on
        or line.daily_scaled != terms.daily.scaled
        or product_on(unit.today()).version != terms.product_version
        or await Loan.exists(quote_digest=terms.digest)
    )
    if stale:
        raise QuoteStale
    await check_draw(line, unit.today(), terms.amount_minor)


async def _book(
    unit: Unit, customer: Customer, line: CreditLine, terms: SealedTerms, figures: QuoteFigures, use: str
) -> Loan:
    loan = await Loan.create(
        id=uuid7(),
        customer_id=customer.id,
        line_id=line.id,
        quote_digest=terms.digest,
        status="PENDING_PAYOUT",
        principal_minor=terms.amount_minor,
        currency=line.currency,
        daily_scaled=terms.daily.scaled,
        apr_scaled=figures.apr.scaled,
        method=terms.method.value,
        term_months=terms.term_months,
        product_version=terms.product_version,
        use=use,
        drawn_on=terms.drawn_on,
        drawn_at=unit.now,
    )
    await write_plan(loan)
    await Payout.create(
        id=uuid7(),
        loan_id=loan.id,
        customer_id=customer.id,
        state="PENDING",
        amount_minor=loan.principal_minor,
        created_at=unit.now,
    )
    await post(unit, loan, draw_held(loan.principal_minor), cause="DRAW", cause_id=loan.id)
    return loan


async def _sign(
    unit: Unit,
    customer: Customer,
    loan: Loan,
    contract: ContractText,
    disclosure: Disclosure,
    seconds_read: int,
    code_id: UUID,
) -> None:
    code = await SigningCode.filter(id=code_id).select_for_update().get()
    if code.used_at is not None:
        raise CodeWrong(0)
    code.used_at = unit.now
    await code.save(update_fields=["used_at"])
    contract_id = uuid7()
    box = unit.desk.box(customer)
    await Contract.create(
        id=contract_id,
        loan_id=loan.id,
        customer_id=customer.id,
        title=contract.title,
        language=contract.language,
        template_version=TEMPLATE_VERSION,
        text_sealed=box.seal("contract", "text_sealed", contract_id, contract.text.encode()),
        sha256=contract.sha256,
        disclosure_sha256=disclosure.sha256,
        disclosure_seconds_read=seconds_read,
        signing_code_id=code_id,
        signed_at=unit.now,
    )
