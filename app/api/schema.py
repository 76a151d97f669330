"""Query, Mutation and Subscription put together: the customer's and officers' contract, and the sandbox's beside it."""

from functools import cache
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import DisableIntrospection
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from app.api.contract import UserError
from app.api.customer.debits import DebitMutation
from app.api.customer.live import CustomerSubscription
from app.api.customer.nouns.asking.application import Application, Offer
from app.api.customer.nouns.consent import Consent, Inquiry
from app.api.customer.nouns.days.debits import Debit, DebitMandate
from app.api.customer.nouns.decision import Decision, LimitChange, LimitIncrease
from app.api.customer.nouns.lending import CreditLine, Loan, Repayment
from app.api.customer.nouns.loan_parts import Contract, Instalment
from app.api.customer.nouns.notice import Notice
from app.api.customer.nouns.payments import CreditRefund, Payment
from app.api.customer.payments import PaymentsMutation, PaymentsQuery
from app.api.customer.queries import CustomerQuery
from app.api.customer.rights import RightsMutation, RightsQuery
from app.api.customer.statements import StatementQuery
from app.api.customer.verbs import CustomerMutation
from app.api.errors import Faults
from app.api.gates import TrustedDocuments, gates
from app.api.officer.audit import AuditMutation
from app.api.officer.desk import OfficerMutation, OfficerQuery
from app.api.officer.loans.corrections import LoanDeskMutation
from app.api.officer.rights import RightsDeskMutation
from app.api.officer.watch import WatchMutation
from app.api.sandbox.verbs import SandboxMutation, SandboxQuery
from app.api.scalars import SCALARS
from app.api.showing import HANDLERS

NODES = [
    Application,
    Consent,
    Contract,
    CreditLine,
    CreditRefund,
    Debit,
    DebitMandate,
    Decision,
    Inquiry,
    Instalment,
    LimitChange,
    LimitIncrease,
    Loan,
    Notice,
    Offer,
    Payment,
    Repayment,
]


class Schema(strawberry.Schema):
    """The contract. Its errors are logged where they are masked, without the document's text."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Say nothing here: the stock way writes the caller's document into the log."""


@cache
def build_schema(*, sandbox: bool, closed: bool = False) -> Schema:
    """The schema of a profile, built once; closed to registered documents, without introspection or suggestions."""
    queries: tuple[type, ...] = (CustomerQuery, PaymentsQuery, StatementQuery, RightsQuery, OfficerQuery)
    mutations: tuple[type, ...] = (
        CustomerMutation,
        PaymentsMutation,
        DebitMutation,
        RightsMutation,
        OfficerMutation,
        WatchMutation,
        AuditMutation,
        RightsDeskMutation,
        LoanDeskMutation,
    )
    if sandbox:
        queries, mutations = (*queries, SandboxQuery), (*mutations, SandboxMutation)
    extensions: list[Any] = [*gates(TrustedDocuments.load() if closed else None), lambda: Faults(hide_names=closed)]
    if closed:
        extensions.append(DisableIntrospection)
    return Schema(
        query=strawberry.type(type("Query", queries, {})),
        mutation=strawberry.type(type("Mutation", mutations, {})),
        subscription=strawberry.type(type("Subscription", (CustomerSubscription,), {})),
        types=[*NODES, UserError],
        extensions=extensions,
        exception_handlers=HANDLERS,
        config=StrawberryConfig(disable_field_suggestions=closed, scalar_map=SCALARS),
    )


def sdl(*, sandbox: bool) -> str:
    """The contract as text."""
    schema = build_schema(sandbox=sandbox)
    return schema.as_str().rstrip() + "\n"
