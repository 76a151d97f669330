"""What the line sells, as data: the figures that a contract prints, by version, each from a day on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType

from app.domain.lending.interest import DAY_BASES, DayCount, Interest
from app.domain.money import RATE_SCALE, Rate, half_up

CURRENCY = "CNY"
MAX_PRODUCT_TERM_MONTHS = 12


class Method(StrEnum):
    """How a loan is repaid."""

    LEVEL_INSTALMENT = "LEVEL_INSTALMENT"
    EQUAL_PRINCIPAL = "EQUAL_PRINCIPAL"
    INTEREST_FIRST = "INTEREST_FIRST"
    DAILY = "DAILY"


class AllocationTarget(StrEnum):
    """What a part of a payment pays."""

    FEE = "FEE"
    PENALTY = "PENALTY"
    INTEREST = "INTEREST"
    PRINCIPAL = "PRINCIPAL"
    OVERPAYMENT = "OVERPAYMENT"


# Civil Code 561: costs, then interest (penalty before contract interest), then principal.
ALLOCATION_ORDER = (
    AllocationTarget.FEE,
    AllocationTarget.PENALTY,
    AllocationTarget.INTEREST,
    AllocationTarget.PRINCIPAL,
)


class AllocationSequence(StrEnum):
    """Whether a short payment goes kind by kind over all instalments, or instalment by instalment."""

    BY_KIND = "BY_KIND"
    BY_INSTALMENT = "BY_INSTALMENT"


class PrepaymentRule(StrEnum):
    """What a part prepayment leaves as it is: the term, or the instalment; never both."""

    KEEP_TERM = "KEEP_TERM"
    KEEP_INSTALMENT = "KEEP_INSTALMENT"


class Payee(StrEnum):
    """Who charges a cost."""

    LENDER = "LENDER"
    GUARANTOR = "GUARANTOR"
    PARTNER = "PARTNER"


class FeeKind(StrEnum):
    """What a fee is for."""

    FEE = "FEE"
    GUARANTEE = "GUARANTEE"


class UnknownProduct(ValueError):
    """No product of that version was ever published."""

    def __init__(self, version: int) -> None:
        super().__init__(f"no product version {version}")
        self.version = version


class NotYetSold(ValueError):
    """No product was sold on that day."""

    def __init__(self, day: date) -> None:
        super().__init__(f"no product was sold on {day}")
        self.day = day


@dataclass(frozen=True, slots=True)
class Fee:
    """A cost of every instalment: a share of the amount drawn, charged by `payee` and part of the annual cost.

    None is taken from the payout, as principal is what was received (Civil Code 670). A part prepayment lowers those
    to come, each with the principal that its instalment stands on, and none falls due once the loan is repaid, so that no early
    repayment costs more than the ceiling.
    """

    kind: FeeKind
    payee: Payee
    share: Rate

    def minor(self, amount_minor: int) -> int:
        """What each instalment of a loan is charged while nothing is prepaid, in fen."""
        return half_up(amount_minor * self.share.scaled, RATE_SCALE)


@dataclass(frozen=True, slots=True)
class Product:
    """One published version of the line; amounts are fen, a contract keeps the version it was signed on.

    The penalty is `penalty_numerator/penalty_denominator` times the daily rate, capped by `ceiling_yearly` as
    a simple rate. Daily rates of customers lie between `daily_least` and `daily_most`, the published range.

    With `penalty_on_interest` the same rate runs on overdue interest too, counted and kept apart.

    `least_days` are charged even for a loan that is repaid sooner; the first due date is at least `first_days_least`
    days after the draw. What `prepayment_rules` offers the customer chooses from; the first is the default.

    Raises:
        ValueError: the default method is not offered, a term is longer than the product's law allows, or a figure that
            no contract prints.
    """

    code: str
    version: int
    effective_from: date
    currency: str
    day_base: int
    methods: tuple[Method, ...]
    default_method: Method
    terms_months: tuple[int, ...]
    draw_least_minor: int
    draw_step_minor: int
    line_least_minor: int
    line_most_minor: int
    daily_least: Rate
    daily_most: Rate
    penalty_numerator: int
    penalty_denominator: int
    grace_days: int
    ceiling_yearly: Rate
    allocation_order: tuple[AllocationTarget, ...]
    prepayment_rules: tuple[PrepaymentRule, ...]
    quote_valid_minutes: int
    reading_seconds_least: int
    allocation_sequence: AllocationSequence = AllocationSequence.BY_KIND
    day_count: DayCount = DayCount.ACTUAL
    least_days: int = 0
    first_days_least: int = 0
    fees: tuple[Fee, ...] = ()
    penalty_on_interest: bool = False

    def __post_init__(self) -> None:
        if self.day_base not in DAY_BASES:
            raise ValueError("a year has a base of 360 or 365 days")
        if self.grace_days < 0 or not self.prepayment_rules or len({fee.kind for fee in self.fees}) != len(self.fees):
            raise ValueError("a grace is not negative, a prepayment has a rule, and a kind of fee is named once")
        if self.default_method not in self.methods:
            raise ValueError("the default method must be offered")
        if not all(0 < term <= MAX_PRODUCT_TERM_MONTHS for term in self.terms_months):
            raise ValueError("consumption terms end within twelve months")

    def interest(self, daily: Rate, drawn_on: date) -> Interest:
        """How a loan of the product counts its interest; the due day is that of the draw."""
        return Interest(daily, day_count=self.day_count, due_day=drawn_on.day, least_days=self.least_days)

    def prepayment_of(self, method: Method) -> tuple[PrepaymentRule, ...]:
        """What a prepayment of a loan repaid in this way may leave as it is; the first is the default.

        Where the last instalment holds all principal there is no term to shorten: every prepayment keeps it.
        """
        at_the_end = method in {Method.INTEREST_FIRST, Method.DAILY}
        return (PrepaymentRule.KEEP_TERM,) if at_the_end else self.prepayment_rules

    def fee_minor(self, amount_minor: int) -> int:
        """All fees that each instalment of a loan is charged while nothing is prepaid, in fen."""
        return sum(fee.minor(amount_minor) for fee in self.fees)


DEFAULT_PRODUCT = Product(
    code="CLEARLINE_CONSUMER",
    version=1,
    effective_from=date(2024, 1, 1),
    currency=CURRENCY,
    day_base=365,
    methods=(Method.LEVEL_INSTALMENT, Method.INTEREST_FIRST),
    default_method=Method.LEVEL_INSTALMENT,
    terms_months=(3, 6, 9, 12),
    draw_least_minor=100_00,
    draw_step_minor=1,
    line_least_minor=500_00,
    line_most_minor=200_000_00,
    daily_least=Rate(15_000),
    daily_most=Rate(55_000),
    penalty_numerator=3,
    penalty_denominator=2,
    grace_days=0,
    ceiling_yearly=Rate(24_000_000),
    allocation_order=ALLOCATION_ORDER,
    prepayment_rules=(PrepaymentRule.KEEP_TERM,),
    quote_valid_minutes=30,
    reading_seconds_least=5,
)

FREE_CHOICE = replace(
    DEFAULT_PRODUCT,
    version=2,
    effective_from=date(2026, 7, 1),
    methods=tuple(Method),
    prepayment_rules=tuple(PrepaymentRule),
)
"""All four methods, and the customer chooses what a prepayment leaves as it is."""


def register(products: Sequence[Product]) -> Mapping[int, Product]:
    """Published products by version; a later version is sold from a later day.

    Raises:
        ValueError: versions or days that do not rise.
    """
    for one, two in pairwise(products):
        if two.version <= one.version or two.effective_from <= one.effective_from:
            raise ValueError(f"version {two.version} does not follow {one.version}")
    return MappingProxyType({product.version: product for product in products})


PRODUCTS = register((DEFAULT_PRODUCT, FREE_CHOICE))


def product_of(version: int) -> Product:
    """The product of a version, however old.

    Raises:
        UnknownProduct: it was never published.
    """
    product = PRODUCTS.get(version)
    if product is None:
        raise UnknownProduct(version)
    return product


def product_on(day: date, products: Mapping[int, Product] | None = None) -> Product:
    """The product that is sold on a day: the latest version that is in effect. A loan keeps the one it was made under.

    Raises:
        NotYetSold: none is in effect by then.
    """
    published = PRODUCTS if products is None else products
    sold = [product for product in published.values() if product.effective_from <= day]
    if not sold:
        raise NotYetSold(day)
    return max(sold, key=lambda product: product.effective_from)
