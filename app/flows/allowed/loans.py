"""What a loan allows now. Each check is the one that the act itself makes, so that what is shown and what is refused agree."""

from datetime import date

from app.domain.lending.accrual import payoff
from app.domain.refusals import InvalidInput
from app.flows.book.position import OPEN_STATUSES, instalments_of, position_of
from models.loans import Loan


def check_repay(loan: Loan) -> None:
    """Whether a payment can be made.

    Raises:
        InvalidInput: the loan is settled, or was never paid out.
    """
    if loan.status not in OPEN_STATUSES:
        problem = "LOAN_SETTLED" if loan.status == "REPAID" else "LOAN_NOT_PAID_OUT"
        raise InvalidInput.at("loanId", problem=problem)


async def check_prepay(loan: Loan, today: date) -> None:
    """Whether there is anything to pay ahead of its time.

    Raises:
        InvalidInput: as for a payment, or all that is left is due already.
    """
    check_repay(loan)
    owed = position_of(loan, await instalments_of(loan.id), max(today, loan.drawn_on))
    if payoff(owed).total_minor <= owed.due_minor:
        raise InvalidInput.at("loanId", problem="NOTHING_AHEAD")
