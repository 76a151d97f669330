"""What own data say of a customer, as it is scored: each figure with its sources, its uses and its consents."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tortoise.functions import Count, Max

from app.domain.consent.consent import ConsentStatus
from app.domain.consent.purpose import ConsentPurpose
from app.domain.deciding.behaviour import SOURCE_OF, DataSource, EventKind
from app.domain.deciding.outcome import Occupation
from app.domain.money import Money
from app.flows.credit.consents import consent_of
from app.flows.credit.estimating import trial_of
from app.flows.credit.facts import OwnInputs, own_inputs
from app.flows.unit import Desk
from ml.features import FEATURES, OVER_INCOME, Feature
from models.consent import Consent
from models.people import BehaviourEventRow, Customer

VERIFIED_INCOME = "verified_income"
OF_ALL_BUT_SOCIAL = frozenset({"months_observed"})
OF_REQUEST = frozenset({"requested_amount", "requested_to_income", "term_months", "small_business"})
PLACES = {"yuan": 2, "ratio": 4, "months": 1, "count": 0, "flag": 0}


class FigureUse(StrEnum):
    """What a figure is used for."""

    SCORE = "SCORE"
    INCOME_CHECK = "INCOME_CHECK"
    LIMIT = "LIMIT"


class FigureUnit(StrEnum):
    """What a figure counts in."""

    YUAN = "YUAN"
    RATIO = "RATIO"
    MONTHS = "MONTHS"
    COUNT = "COUNT"
    FLAG = "FLAG"


class SourceStatus(StrEnum):
    """Whether a source is used."""

    CONNECTED = "CONNECTED"
    NOT_CONNECTED = "NOT_CONNECTED"
    WITHDRAWN = "WITHDRAWN"


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; `value` is None where the sources told nothing that it can be made of."""

    name: str
    value: str | None
    unit: FigureUnit
    sources: tuple[DataSource, ...]
    uses: tuple[FigureUse, ...]
    consents: tuple[Consent, ...]


@dataclass(frozen=True, slots=True)
class SourceState:
    """One source, the last consent given for it, and how many of its events are kept."""

    source: DataSource
    status: SourceStatus
    consent: Consent | None
    events: int
    newest: date | None


@dataclass(frozen=True, slots=True)
class Profile:
    """All figures of one customer as of a business date, and every source."""

    as_of: date
    figures: tuple[Figure, ...]
    sources: tuple[SourceState, ...]


async def profile_of(desk: Desk, customer_id: UUID) -> Profile:
    """The profile of a customer now: from connected sources alone, by the same numbers that are scored."""
    now = await desk.refresh_clock()
    customer = await Customer.get(id=customer_id)
    occupation = Occupation(customer.occupation) if customer.occupation else Occupation.SALARIED
    inputs = await own_inputs(desk, customer, await trial_of(occupation, now), now)
    consents = {
        source: await Consent.get(id=consent_id, customer_id=customer_id)
        for source, consent_id in inputs.consents.items()
    }
    return Profile(inputs.as_of, _figures(inputs, consents), await _sources(customer_id, now))


def sources_of(feature: Feature) -> frozenset[DataSource]:
    """The sources that a feature of own data may be made of."""
    if feature.name in OF_ALL_BUT_SOCIAL:
        return frozenset(DataSource) - {DataSource.SOCIAL}
    made_of = frozenset() if feature.source is None else frozenset({feature.source})
    return made_of | {DataSource.PAYMENTS} if feature.name in OVER_INCOME else made_of


def _figures(inputs: OwnInputs, consents: dict[DataSource, Consent]) -> tuple[Figure, ...]:
    known = inputs.known()
    figures = []
    for feature in FEATURES:
        made_of = sources_of(feature) & inputs.sources
        shown = feature.block == "own" and feature.name not in OF_REQUEST
        # A figure of one source needs that source; one of several is made of those that are connected.
        if shown and made_of and (feature.source is None or feature.source in made_of):
            unit = FigureUnit(feature.unit.upper())
            value = _written(known[feature.name], feature.unit)
            figures.append(_figure(feature.name, value, unit, made_of, (FigureUse.SCORE,), consents))
    if DataSource.PAYMENTS in inputs.sources:
        income = inputs.facts.verified_income_minor
        value = None if income is None else Money(income, "CNY").text()
        uses = (FigureUse.INCOME_CHECK, FigureUse.LIMIT)
        of = frozenset({DataSource.PAYMENTS})
        figures.append(_figure(VERIFIED_INCOME, value, FigureUnit.YUAN, of, uses, consents))
    return tuple(figures)


def _figure(
    name: str,
    value: str | None,
    unit: FigureUnit,
    made_of: frozenset[DataSource],
    uses: tuple[FigureUse, ...],
    consents: dict[DataSource, Consent],
) -> Figure:
    sources = tuple(source for source in DataSource if source in made_of)
    return Figure(name, value, unit, sources, uses, tuple(consents[source] for source in sources))


def _written(value: float | None, unit: str) -> str | None:
    """A number as it is read: so many decimals as its unit has, no more than it needs for whole months."""
    if value is None:
        return None
    places = 0 if unit == "months" and value.is_integer() else PLACES[unit]
    return f"{value:.{places}f}"


async def _sources(customer_id: UUID, now: datetime) -> tuple[SourceState, ...]:
    counts = (
        await BehaviourEventRow.filter(customer_id=customer_id)
        .annotate(n=Count("id"), last=Max("occurred_on"))
        .group_by("kind")
        .values("kind", "n", "last")
    )
    kept: dict[DataSource, list[tuple[int, date]]] = {source: [] for source in DataSource}
    for row in counts:
        kept[SOURCE_OF[EventKind(row["kind"])]].append((row["n"], row["last"]))
    return tuple([await _source(customer_id, source, kept[source], now) for source in DataSource])


async def _source(customer_id: UUID, source: DataSource, kept: list[tuple[int, date]], now: datetime) -> SourceState:
    consent = (
        await Consent.filter(customer_id=customer_id, purpose=ConsentPurpose(source.value).value, refused=False)
        .order_by("-decided_at", "-id")
        .first()
    )
    return SourceState(
        source=source,
        status=_status(consent, now),
        consent=consent,
        events=sum(count for count, _ in kept),
        newest=max((last for _, last in kept), default=None),
    )


def _status(consent: Consent | None, now: datetime) -> SourceStatus:
    match None if consent is None else consent_of(consent).status(now):
        case ConsentStatus.GIVEN:
            return SourceStatus.CONNECTED
        case ConsentStatus.WITHDRAWN:
            return SourceStatus.WITHDRAWN
        case _:
            return SourceStatus.NOT_CONNECTED
