"""The privacy register for those who answer for it: every column with its class, purpose, basis, source and retention."""

import strawberry

from app.api.caller import Info
from app.api.reading.oversight import register as read
from app.domain.oversight.privacy import Basis, DataClass, Erasure, Guard, Source
from app.domain.oversight.retention import AtEnd
from app.domain.oversight.roles import Verb

strawberry.enum(DataClass, description="How much harm a leak does; SENSITIVE_PERSONAL is of PIPL art. 28.")
strawberry.enum(Guard, description="In which form a column lies in the database.")
strawberry.enum(Basis, description="Why it may be processed: the items of PIPL art. 13.")
strawberry.enum(Source, name="RegisterSource", description="Who told it.")
strawberry.enum(Erasure, description="What becomes of a customer's rows when the customer asks for erasure.")
strawberry.enum(AtEnd, description="What becomes of a row when its time is over.")


@strawberry.type(description="For how long. `months` and `since` are null where it counts from no column.")
class RegisteredRetention:
    rule: str
    months: int | None
    since: str | None
    at_end: AtEnd
    why: str
    hold: str | None = strawberry.field(description="The law that forbids less.")


@strawberry.type(description="One column, as it is declared.")
class RegisteredColumn:
    name: str
    purpose: str
    data_class: DataClass
    guard: Guard
    sealed: bool
    basis: Basis
    source: Source
    why_in_clear: str | None = strawberry.field(
        description="Why a personal column is not sealed, where it needs one."
    )


@strawberry.type(description="One table, as it is declared.")
class RegisteredTable:
    name: str
    purpose: str
    of_customer: bool
    erasure: Erasure
    retention: RegisteredRetention
    columns: list[RegisteredColumn]

    @classmethod
    def of(cls, table: read.DeclaredTable) -> "RegisteredTable":
        """From its declaration."""
        rule = table.retention.rule
        return cls(
            name=table.name,
            purpose=table.purpose,
            of_customer=table.of_customer,
            erasure=table.erasure,
            retention=RegisteredRetention(
                rule=rule.name,
                months=rule.months,
                since=table.retention.since,
                at_end=rule.at_end,
                why=rule.why,
                hold=rule.hold,
            ),
            columns=[
                RegisteredColumn(
                    name=name,
                    purpose=column.purpose,
                    data_class=column.data_class,
                    guard=column.guard,
                    sealed=column.guard is Guard.SEALED,
                    basis=column.basis or table.basis,
                    source=column.source or table.source,
                    why_in_clear=read.why_in_clear(table.name, name),
                )
                for name, column in table.columns.items()
            ],
        )


@strawberry.type
class OversightRegister:
    @strawberry.field(
        description="Every column of the book, as declared (docs/privacy-register.md). Roles COMPLIANCE, PRIVACY."
    )
    def privacy_register(self, info: Info) -> list[RegisteredTable]:
        info.context.may(Verb.PRIVACY_REGISTER)
        return [RegisteredTable.of(table) for table in read.register()]
