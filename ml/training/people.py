"""Invented people: what a profile is like, and the hidden traits of one person drawn from a seed."""

import math
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence

from ml.features import Segment

EPOCH_MONTH = 2000 * 12
SMALL_BUSINESS_SHARE = 0.22


class Profile(StrEnum):
    """A kind of customer the book knows."""

    STEADY = "STEADY"
    THIN = "THIN"
    STRETCHED = "STRETCHED"
    LATE_PAYER = "LATE_PAYER"
    MULTI_LENDER = "MULTI_LENDER"
    WEALTHY = "WEALTHY"


class Stream(IntEnum):
    """Which draws of a person: each stream is a generator of its own, so that one cannot shift another."""

    TRAITS = 1
    EVENTS = 2
    FILE = 3
    APPLICATION = 4


@dataclass(frozen=True, slots=True)
class Kind:
    """The centre of a profile; strain, laxity and hunger are in standard deviations, income in yuan a month."""

    share: float
    strain: float
    laxity: float
    hunger: float
    income: float
    presence: float
    buffer_months: float
    no_record: float


KINDS: dict[Profile, Kind] = {
    Profile.STEADY: Kind(0.38, -0.5, -0.3, -0.3, 9_000, 0.97, 2.5, 0.04),
    Profile.THIN: Kind(0.14, 0.1, 0.0, -0.4, 6_000, 0.40, 0.8, 0.60),
    Profile.STRETCHED: Kind(0.18, 1.1, 0.1, 0.3, 6_800, 0.95, 0.35, 0.04),
    Profile.LATE_PAYER: Kind(0.12, 0.5, 1.5, 0.0, 7_500, 0.95, 0.8, 0.02),
    Profile.MULTI_LENDER: Kind(0.10, 0.6, 0.3, 1.7, 8_500, 0.95, 0.7, 0.0),
    Profile.WEALTHY: Kind(0.08, -1.2, -0.4, -0.3, 32_000, 0.98, 12.0, 0.02),
}


@dataclass(frozen=True, slots=True)
class Traits:
    """One person as nobody sees them.

    `strain` is shortness of money, `laxity` carelessness in paying, `hunger` appetite for credit; all three drive
    what is seen and what comes of it. Income is yuan a month; the wave makes strain rise and fall over the years.
    """

    seed: int
    segment: Segment
    strain: float
    laxity: float
    hunger: float
    income: float
    presence: float
    buffer_months: float
    wave_height: float
    wave_months: float
    wave_phase: float
    first_account_month: int | None


def generator(seed: int, *stream: int) -> Generator:
    """The generator of one stream of one person: PCG64, the same on every machine.

    Raises:
        ValueError: the seed is negative.
    """
    return Generator(PCG64(SeedSequence([seed, *stream])))


def month_number(day: date) -> int:
    """Months since the year 0, to count with."""
    return day.year * 12 + day.month - 1


def traits(seed: int, profile: Profile) -> Traits:
    """The person of a seed: the same seed and profile always give the same person."""
    kind = KINDS[profile]
    draw = generator(seed, Stream.TRAITS)
    strain, laxity, hunger, income, buffer = draw.normal(size=5)
    business, recorded, height, length, phase, age = draw.uniform(size=6)
    return Traits(
        seed=seed,
        segment="SMALL_BUSINESS" if business < SMALL_BUSINESS_SHARE else "SALARIED",
        strain=kind.strain + 0.7 * strain,
        laxity=kind.laxity + 0.7 * laxity,
        hunger=kind.hunger + 0.7 * hunger,
        income=kind.income * math.exp(0.35 * income),
        presence=kind.presence,
        buffer_months=kind.buffer_months * math.exp(0.6 * buffer),
        wave_height=0.2 + 0.5 * height,
        wave_months=20 + 30 * length,
        wave_phase=2 * math.pi * phase,
        first_account_month=None if recorded < kind.no_record else EPOCH_MONTH + int(8 * 12 + 14 * 12 * age),
    )


def strain_at(person: Traits, month: int) -> float:
    """How short of money the person is in a month."""
    return person.strain + person.wave_height * math.sin(
        2 * math.pi * (month - EPOCH_MONTH) / person.wave_months + person.wave_phase
    )


def pick_profile(draw: Generator) -> Profile:
    """A profile by its share of the book."""
    shares = np.cumsum([KINDS[profile].share for profile in Profile])
    return list(Profile)[min(int(np.searchsorted(shares, draw.uniform())), len(shares) - 1)]
