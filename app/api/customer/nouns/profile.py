"""What own data say of a customer, as its owner sees it."""

from datetime import date

import strawberry

from app.api.customer.nouns.consent import Consent
from app.api.words import say
from app.domain.deciding.behaviour import DataSource
from app.flows.behaviour import profile as told

strawberry.enum(
    DataSource, description="A source of own data. Each is used under a consent of its own; SOCIAL is off by default."
)
strawberry.enum(
    told.FigureUse,
    description=(
        "SCORE: the assessment of applications, increases and limit trials. INCOME_CHECK: whether income is proven. "
        "LIMIT: how high a limit may be. The bureau is never asked on account of a figure."
    ),
)
strawberry.enum(told.FigureUnit, description="What a value counts in; FLAG is 1 for yes and 0 for no.")
strawberry.enum(
    told.SourceStatus,
    description="WITHDRAWN: you took the consent back; nothing is taken or used from that moment on.",
)


@strawberry.type(description="One figure made of your own data, exactly as it is used.")
class ProfileFigure:
    name: str
    meaning: str = strawberry.field(description="In the request's language.")
    value: str | None = strawberry.field(
        description=(
            "The number as text, with the decimals of its unit (yuan 2, ratio 4, months 0 or 1); null where the "
            "source told nothing it could be made of: a neutral number is scored then, and income counts as unproven."
        )
    )
    unit: told.FigureUnit
    sources: list[DataSource] = strawberry.field(description="What it is made of; most figures have one source.")
    uses: list[told.FigureUse]
    consents: list[Consent] = strawberry.field(
        description="What it rests on, in the order of `sources`. Withdraw one, and the figure is made no more."
    )
    as_of: date = strawberry.field(description="Made of what happened in the year before this business date.")

    @classmethod
    def of(cls, figure: told.Figure, as_of: date, language: str) -> "ProfileFigure":
        """From the figure."""
        return cls(
            name=figure.name,
            meaning=say(language, "figure", figure.name),
            value=figure.value,
            unit=figure.unit,
            sources=list(figure.sources),
            uses=list(figure.uses),
            consents=[Consent.of(row) for row in figure.consents],
            as_of=as_of,
        )


@strawberry.type(description="One source of own data, and what is kept of it.")
class ProfileSource:
    source: DataSource
    status: told.SourceStatus
    consent: Consent | None = strawberry.field(description="The last one given; null when there never was one.")
    events: int = strawberry.field(description="Events kept. They are used only while the source is CONNECTED.")
    newest: date | None = strawberry.field(description="The day of the newest event kept.")

    @classmethod
    def of(cls, state: told.SourceState) -> "ProfileSource":
        """From the state."""
        return cls(
            source=state.source,
            status=state.status,
            consent=Consent.of(state.consent) if state.consent is not None else None,
            events=state.events,
            newest=state.newest,
        )


@strawberry.type(
    description=(
        "Everything that your own data are made into, by the same numbers that are scored, from connected sources "
        "alone. At most 20 figures. Figures of a request (amount, term) belong to the request and are not here."
    )
)
class Profile:
    as_of: date
    figures: list[ProfileFigure]
    sources: list[ProfileSource] = strawberry.field(description="All four, connected or not.")

    @classmethod
    def of(cls, profile: told.Profile, language: str) -> "Profile":
        """From the profile."""
        return cls(
            as_of=profile.as_of,
            figures=[ProfileFigure.of(figure, profile.as_of, language) for figure in profile.figures],
            sources=[ProfileSource.of(state) for state in profile.sources],
        )
