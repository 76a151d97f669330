"""Rounds of requests released at once, the table of what came of them, and what must hold after each."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import httpx2

from models.loans import Allocation, Instalment, Loan, Posting, Repayment
from models.people import AccessToken
from tests.needs import LONG
from tests.world import Person, World

Result = TypeVar("Result")

ROUNDS = 200 if LONG else 6
ROUNDS_BESIDE = 60 if LONG else 2


async def together(*acts: Callable[[], Awaitable[Any]]) -> list[Any]:
    """What came of acts that one barrier released at once, in their order."""
    barrier = asyncio.Barrier(len(acts))

    async def one(act: Callable[[], Awaitable[Any]]) -> Any:
        await barrier.wait()
        return await act()

    return list(await asyncio.gather(*(one(act) for act in acts)))


@dataclass(slots=True)
class Table:
    """What came of all rounds of one case, and how often what must hold did not."""

    case: str
    outcomes: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    def round(self, *answers: Any) -> Counter[str]:
        """Count one round by the kinds of its answers; that round's own count."""
        kinds = Counter(kind_of(answer) for answer in answers)
        self.outcomes[" + ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))] += 1
        return kinds

    def hold(self, truth: bool, what: str) -> None:
        """Note a violation unless `truth`."""
        if not truth:
            self.violations.append(what)

    def told(self) -> str:
        """The table as text."""
        lines = [f"{self.case}: {sum(self.outcomes.values())} rounds, {len(self.violations)} violations"]
        lines += [f"  {times:>4} x  {kinds}" for kinds, times in self.outcomes.most_common()]
        return "\n".join(lines)


def kind_of(answer: Any) -> str:
    """The short name of an answer."""
    if isinstance(answer, dict) and "__typename" in answer:
        return str(answer["__typename"]).removesuffix("Payload")
    return str(answer)


async def customer_id(person: Person) -> UUID:
    """Whose token it is."""
    row = await AccessToken.get(sha256=hashlib.sha256(person.token.encode()).digest())
    assert row.customer_id is not None
    return row.customer_id


async def figures(world: World, person: Person) -> dict[str, int]:
    """Limit, balance, held and available of the person's line in fen, as the API tells them."""
    query = """{ viewer { line {
        status limit { amount } balance { amount } held { amount } available { amount } } } }"""
    line = (await world.ask(query, {}, person.token))["viewer"]["line"]
    return {name: fen(line[name]["amount"]) for name in ("limit", "balance", "held", "available")}


def fen(amount: str) -> int:
    """ "12.30" is 1230."""
    return int(amount.replace(".", ""))


async def hold_payouts(world: World, *, on: bool) -> None:
    """Have the payment simulator keep every payout pending, or no longer."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{world.payments_url}/hold", json={"on": on})
        assert answer.status_code == httpx2.codes.NO_CONTENT


async def books_agree(person: Person) -> list[str]:
    """What is wrong with the person's ledger; nothing, if all is well.

    Sum zero in every loan; outstanding and repaid principal make the principal, in the ledger and in the plan; what
    was paid is the sum of the allocations; what was earned was paid or is receivable; no receivable has turned.
    """
    wrong = []
    for loan in await Loan.filter(customer_id=await customer_id(person)):
        balances: Counter[str] = Counter()
        for posting in await Posting.filter(loan_id=loan.id):
            balances[posting.destination] += posting.amount_minor
            balances[posting.source] -= posting.amount_minor
        paid: Counter[str] = Counter()
        for repayment in await Repayment.filter(loan_id=loan.id, undone_at__isnull=True):
            allocations = await Allocation.filter(repayment_id=repayment.id, replaced_at__isnull=True)
            if sum(row.amount_minor for row in allocations) != repayment.amount_minor:
                wrong.append("a repayment is not the sum of its allocations")
            for row in allocations:
                paid[row.target] += row.amount_minor
        rows = await Instalment.filter(loan_id=loan.id)
        refunds = await Posting.filter(loan_id=loan.id, cause__in=["REFUND", "PAID_BACK"])
        refunded = sum(
            posting.amount_minor
            * ((posting.source == "CUSTOMER_CREDIT") - (posting.destination == "CUSTOMER_CREDIT"))
            for posting in refunds
        )
        expected = loan.principal_minor - paid["PRINCIPAL"] if loan.paid_out_at and loan.status != "VOID" else 0
        checks = {
            "the ledger does not sum to zero": sum(balances.values()) == 0,
            "principal": balances["LOAN_PRINCIPAL"] == expected,
            "held": balances["LOAN_HELD"] == (loan.principal_minor if loan.status == "PENDING_PAYOUT" else 0),
            "plan": loan.status in {"PENDING_PAYOUT", "VOID"}
            or sum(row.principal_minor - row.paid_principal_minor for row in rows) == expected,
            "interest": balances["INTEREST_INCOME"] + balances["INTEREST_RECEIVABLE"] + paid["INTEREST"] == 0,
            "penalty": balances["PENALTY_INCOME"] + balances["PENALTY_RECEIVABLE"] + paid["PENALTY"] == 0,
            "paid interest": sum(row.paid_interest_minor for row in rows) <= paid["INTEREST"],
            "paid penalty": sum(row.paid_penalty_minor + row.paid_interest_penalty_minor for row in rows)
            <= paid["PENALTY"],
            "credit": balances["CUSTOMER_CREDIT"] + refunded == -paid["OVERPAYMENT"],
            "a receivable has turned": balances["INTEREST_RECEIVABLE"] >= 0 <= balances["PENALTY_RECEIVABLE"],
        }
        wrong += [f"{loan.id}: {name}" for name, right in checks.items() if not right]
    return wrong
