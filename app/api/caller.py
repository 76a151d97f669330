"""Who is asking, in which language, and with what: the context of one request."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import strawberry
from graphql import GraphQLError

from app.api import words
from app.api.errors import Ours
from app.api.lists.loaders import Loaders
from app.domain.calendar import business_date
from app.domain.oversight.roles import CONCERNS, Concerns, Officer, Verb, roles_with
from app.domain.refusals import TrainingExpired
from app.flows.unit import Desk

LANGUAGES = ("zh-CN", "en")
LANGUAGE_HEADER_MAX = 200

Info = strawberry.Info["Context", Any]


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer, by id."""

    id: UUID


@dataclass(slots=True)
class Context:
    """What a resolver knows of its request."""

    desk: Desk
    caller: Customer | Officer | None
    language: str
    connection_params: Any = None
    loaders: Loaders = field(init=False)

    def __post_init__(self) -> None:
        self.loaders = Loaders(self.desk)

    @property
    def customer_id(self) -> UUID:
        """The customer who asks.

        Raises:
            GraphQLError: UNAUTHENTICATED without a token, FORBIDDEN for staff.
        """
        if isinstance(self.caller, Customer):
            return self.caller.id
        if self.caller is None:
            raise unauthenticated()
        raise Ours("FORBIDDEN", "STAFF_TOKEN")

    def may(self, verb: Verb) -> Officer:
        """The officer who asks, having a verb and its courses: the one check of the officers' contract.

        Raises:
            GraphQLError: UNAUTHENTICATED without a token, FORBIDDEN without a role that has the verb,
            TRAINING_EXPIRED for a list without its courses. TrainingExpired: the same for an act.
        """
        if self.caller is None:
            raise unauthenticated()
        if not isinstance(self.caller, Officer) or not self.caller.may(verb):
            raise Ours("FORBIDDEN", "ROLE_NEEDED", roles=", ".join(roles_with(verb)))
        try:
            self.caller.must_be_trained(verb, business_date(self.desk.clock.now()))
        except TrainingExpired as lacking:
            if CONCERNS[verb] is Concerns.LIST:  # a list has no union to answer by
                raise GraphQLError(
                    training_sentence(self.language, lacking), extensions={"code": "TRAINING_EXPIRED"}
                ) from lacking
            raise
        return self.caller


def training_sentence(language: str, lacking: TrainingExpired) -> str:
    """What is lacking, and what to do."""
    course = words.say(language, "course", lacking.course)
    if lacking.expired_on is None:
        return words.say(language, "training", "MISSING", course=course)
    return words.say(language, "refusal", "TrainingExpired", course=course, expired_on=lacking.expired_on)


def unauthenticated() -> Ours:
    """No token, or one that nobody has."""
    return Ours("UNAUTHENTICATED", "TOKEN_UNKNOWN")


def bearer(header: str | None) -> str | None:
    """The token of an Authorization header; None without a header, empty where it holds no token."""
    if not header:
        return None
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else ""


def language_of(header: str | None) -> str:
    """The best of our languages for an Accept-Language header; zh-CN when nothing fits."""
    best, best_quality = LANGUAGES[0], 0.0
    for part in (header or "")[:LANGUAGE_HEADER_MAX].split(","):
        tag, _, parameter = part.strip().partition(";")
        try:
            quality = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        for language in LANGUAGES:
            if tag.lower().split("-")[0] == language.lower().split("-")[0] and quality > best_quality:
                best, best_quality = language, quality
    return best
