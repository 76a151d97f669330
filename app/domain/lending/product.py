"""What the line sells: the figures that a contract prints, by version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from app.domain.money import Rate

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


class PrepaymentRule(StrEnum):
    """What a part prepayment changes: the term stays and instalments fall; never are both fixed."""

    KEEP_TERM = "KEEP_TERM"


class UnknownProduct(ValueError):
    """No product of that version was ever published."""

    def __init__(self, version: int) -> None:
        super().__init__(f"no product version {version}")
        self.version = version


@dataclass(frozen=True, slots=True)
class Product:
    """One published version of the line; amounts are fen, a contract keeps the version it was signed on.

    The penalty is `penalty_numerator/penalty_denominator` times the daily rate, capped by `ceiling_yearly` as
    a simple rate. Daily rates of customers lie between `daily_least` and `daily_most`, the published range.

    Raises:
        ValueError: the default method is not offered, or a term is longer than the product's law allows.
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
    prepayment_rule: PrepaymentRule
    quote_valid_minutes: int
    reading_seconds_least: int

    def __post_init__(self) -> None:
        if self.default_method not in self.methods:
            raise ValueError("the default method must be offered")
        if not all(0 < term <= MAX_PRODUCT_TERM_MONTHS for term in self.terms_months):
            raise ValueError("consumption terms end within twelve months")


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
    prepayment_rule=PrepaymentRule.KEEP_TERM,
    quote_valid_minutes=30,
    reading_seconds_least=5,
)

PRODUCTS: Mapping[int, Product] = MappingProxyType({DEFAULT_PRODUCT.version: DEFAULT_PRODUCT})


def product_of(version: int) -> Product:
    """The product of a version, however old.

    Raises:
        UnknownProduct: it was never published.
    """
    product = PRODUCTS.get(version)
    if product is None:
        raise UnknownProduct(version)
    return product
