"""Scalars and money as the contract shows them: exact decimals in strings, opaque ids, never a float."""

import base64
import binascii
from datetime import datetime
from typing import NewType
from uuid import UUID

import strawberry
from graphql import GraphQLError, StringValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

from app.domain.money import AmountMalformed
from app.domain.money import Money as ExactMoney
from app.domain.money import Rate as ExactRate
from app.domain.refusals import InvalidInput, NotFound, Violation

RATE_PLACES = 4
MOMENT_FIRST, MOMENT_LAST = 2000, 2999

Decimal = NewType("Decimal", str)
Rate = NewType("Rate", str)
CurrencyCode = NewType("CurrencyCode", str)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise GraphQLError("A string is wanted: exact decimals never travel as JSON numbers.")
    return value


def _literal(node: ValueNode, _variables: object = None) -> str:
    if not isinstance(node, StringValueNode):
        raise GraphQLError("A string is wanted: exact decimals never travel as numbers.", node)
    return node.value


def _scalar(name: str, description: str) -> ScalarDefinition:
    return strawberry.scalar(
        name=name, description=description, serialize=str, parse_value=_text, parse_literal=_literal
    )


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: _scalar("Decimal", 'Exact decimal in a string: "1234.50". Never a JSON number.'),
    Rate: _scalar("Rate", 'A rate as a fraction in a string: "0.1890" is 18.90 %.'),
    CurrencyCode: _scalar("CurrencyCode", "ISO 4217 code of three capital letters. CNY is the only one so far."),
}


@strawberry.type(description="An amount of one currency.")
class Money:
    amount: Decimal
    currency: CurrencyCode

    @classmethod
    def of(cls, minor: int, currency: str = "CNY") -> "Money":
        """From minor units."""
        return cls(amount=Decimal(ExactMoney(minor, currency).text()), currency=CurrencyCode(currency))


@strawberry.input(description="An amount of one currency, as typed: plain digits, at most two decimals.")
class MoneyInput:
    amount: Decimal = strawberry.field(description='Plain digits, at most two decimals: "1234.50".')
    currency: CurrencyCode = strawberry.field(description="CNY is the only one so far.")

    def exact(self, *path: str) -> ExactMoney:
        """The amount, more than zero.

        Raises:
            InvalidInput: at `path`, saying what is wrong with the amount or the currency.
        """
        if self.currency != "CNY":
            raise InvalidInput.at(*path, "currency", problem="CURRENCY_NOT_OFFERED")
        try:
            money = ExactMoney.parse(self.amount, self.currency)
        except AmountMalformed as error:
            raise InvalidInput.at(*path, "amount", problem=f"AMOUNT_{error.problem}") from error
        if money.minor <= 0:
            raise InvalidInput.at(*path, "amount", problem="AMOUNT_ZERO")
        return money

    def tried(self, *path: str) -> tuple[ExactMoney | None, tuple[Violation, ...]]:
        """The amount, or what is wrong with it: for inputs that tell all their violations at once."""
        try:
            return self.exact(*path), ()
        except InvalidInput as refused:
            return None, refused.violations


def rate(scaled: int, places: int = RATE_PLACES) -> Rate:
    """A rate of 1e-8 units as a fraction with `places` decimals."""
    return Rate(ExactRate(scaled).text(places))


def yearly(scaled: int) -> Rate:
    """A yearly rate, four decimals."""
    return rate(scaled)


def encode_id(kind: str, key: UUID) -> strawberry.ID:
    """An opaque global id."""
    return strawberry.ID(base64.urlsafe_b64encode(f"{kind}:{key.hex}".encode()).decode().rstrip("="))


def split_id(value: str) -> tuple[str, UUID] | None:
    """Kind and key of an id; None when it is not one of ours."""
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True).decode("ascii")
        kind, _, key = text.partition(":")
        decoded = UUID(hex=key)
    except (binascii.Error, ValueError):
        return None
    return (kind, decoded) if encode_id(kind, decoded) == value else None


def decode_id(value: str, kind: str) -> UUID:
    """The key of an id of one kind.

    Raises:
        NotFound: it is no such id; told apart from "not yours" by nobody.
    """
    parts = split_id(value)
    if parts is None or parts[0] != kind:
        raise NotFound
    return parts[1]


def aware(moment: datetime, *path: str) -> datetime:
    """A moment with its time zone, in a year that can be meant.

    Raises:
        InvalidInput: at `path`, when the zone is missing or the year is none of ours.
    """
    if moment.tzinfo is None:
        raise InvalidInput.at(*path, problem="TIME_ZONE_MISSING")
    if not MOMENT_FIRST <= moment.year <= MOMENT_LAST:
        raise InvalidInput.at(*path, problem="TIME_OUT_OF_RANGE")
    return moment
