"""Own data: what a connected source tells about a customer, one event at a time."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class DataSource(StrEnum):
    """A source of own data, each used under a consent of its own."""

    PAYMENTS = "PAYMENTS"
    WEALTH = "WEALTH"
    LIFE_SERVICES = "LIFE_SERVICES"
    SOCIAL = "SOCIAL"


class EventKind(StrEnum):
    """What happened; the source follows from the kind."""

    SALARY_IN = "SALARY_IN"  # PAYMENTS: wages or takings received in a month
    SPENDING = "SPENDING"  # PAYMENTS: total spent in a month
    CASH_SHORTFALL = "CASH_SHORTFALL"  # PAYMENTS: a debit refused for want of funds; amount refused
    BALANCE = "BALANCE"  # WEALTH: balance of savings and funds at month end
    BILL_ON_TIME = "BILL_ON_TIME"  # LIFE_SERVICES: utility or phone bill paid in time
    BILL_LATE = "BILL_LATE"  # LIFE_SERVICES: the same, paid late
    CONTACT_VOUCHED = "CONTACT_VOUCHED"  # SOCIAL: a contact in good standing vouches


SOURCE_OF: dict[EventKind, DataSource] = {
    EventKind.SALARY_IN: DataSource.PAYMENTS,
    EventKind.SPENDING: DataSource.PAYMENTS,
    EventKind.CASH_SHORTFALL: DataSource.PAYMENTS,
    EventKind.BALANCE: DataSource.WEALTH,
    EventKind.BILL_ON_TIME: DataSource.LIFE_SERVICES,
    EventKind.BILL_LATE: DataSource.LIFE_SERVICES,
    EventKind.CONTACT_VOUCHED: DataSource.SOCIAL,
}


@dataclass(frozen=True, slots=True)
class BehaviourEvent:
    """One event of own data. `amount_minor` is fen, never negative."""

    kind: EventKind
    occurred_on: date
    amount_minor: int

    @property
    def source(self) -> DataSource:
        """The source that reported the event."""
        return SOURCE_OF[self.kind]
