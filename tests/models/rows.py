"""Rows that fit together: one customer from consent to posting, each with fresh ids, for a database to judge."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.models import Model
from uuid_utils.compat import uuid7

from models.consent import BureauReport, Consent, ConsentWording, Inquiry, InquiryAttempt, PermitRow
from models.credit import Application, CreditLine, Decision, Freeze, LimitChange, LimitIncrease, Offer
from models.lending.payments import BankNotice, CreditRefund, Payment
from models.loans import Allocation, Contract, Instalment, Loan, Payout, Posting, Repayment, SigningCode
from models.notices import AssessmentCost, Notice
from models.oversight.watch import DeviceEvent
from models.people import AccessToken, BehaviourEventRow, Customer, FeedReceipt, Staff
from models.plumbing import BusinessClockRow, Job, LogOutbox

NOW = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 10)


def digest() -> bytes:
    return secrets.token_bytes(32)


Facts = dict[type[Model], dict[str, Any]]
LINE = {"limit_minor": 500_000, "currency": "CNY", "daily_scaled": 40_000}


def people(ids: dict[str, UUID]) -> Facts:
    """Who people are, and what they told."""
    return {
        Customer: {"created_at": NOW, "key_wrapped": digest()},
        Staff: {"login": secrets.token_hex(4), "role": "RISK", "created_at": NOW},
        AccessToken: {"sha256": digest(), "customer_id": ids["customer"], "created_at": NOW},
        BehaviourEventRow: {"kind": "SALARY", "occurred_on": TODAY, "amount_minor": 1},
        DeviceEvent: {"device_index": digest(), "is_change": False, "noted_at": NOW},
        FeedReceipt: {"source": "PAYMENTS", "batch_id": uuid7(), "body_sha256": digest(), "received_at": NOW},
    }


def consents(ids: dict[str, UUID]) -> Facts:
    """Consents, permits and inquiries."""
    first = {"purpose": "FIRST_APPLICATION", "application_id": ids["application"]}
    return {
        ConsentWording: {
            "purpose": "FIRST_APPLICATION",
            "language": "en",
            "version": secrets.token_hex(4),
            "body": "text",
            "sha256": secrets.token_hex(32),
            "effective_from": NOW,
        },
        Consent: {
            "purpose": "FIRST_APPLICATION",
            "wording_id": ids["wording"],
            "wording_sha256": "ab" * 32,
            "shown_at": NOW,
            "seconds_read": 9,
            "channel": "APP",
            "decided_at": NOW,
            "refused": False,
            "expires_at": NOW + timedelta(days=30),
        },
        PermitRow: {
            **first,
            "consent_id": ids["consent"],
            "fields_asked": "identity_header",
            "issued_at": NOW,
            "expires_at": NOW + timedelta(minutes=30),
        },
        Inquiry: {
            **first,
            "subject_seq": 1,
            "consent_id": ids["consent"],
            "permit_id": ids["permit"],
            "state": "INTENT_LOGGED",
            "opened_at": NOW,
            "deadline_at": NOW + timedelta(days=3),
            "intent_entry_id": uuid7(),
        },
        InquiryAttempt: {"inquiry_id": ids["inquiry"], "number": 1, "started_at": NOW},
        BureauReport: {"inquiry_id": ids["inquiry"], "sealed": digest(), "received_at": NOW},
    }


def credit(ids: dict[str, UUID]) -> Facts:
    """Applications, decisions and lines."""
    return {
        Application: {
            "consent_id": ids["consent"],
            "status": "RECEIVED",
            "is_open": True,
            "requested_minor": 500_000,
            "currency": "CNY",
            "term_months": 12,
            "occupation": "SALARIED",
            "submitted_at": NOW,
        },
        Decision: {
            "application_id": ids["application"],
            "number": 1,
            "outcome": "APPROVED",
            "reasons": "[]",
            "limit_minor": 500_000,
            "daily_scaled": 40_000,
            "policy_version": "p",
            "inputs_sealed": digest(),
            "inputs_digest": digest(),
            "decided_at": NOW,
        },
        Offer: {**LINE, "application_id": ids["application"], "decision_id": ids["decision"], "valid_until": NOW},
        CreditLine: {
            **LINE,
            "application_id": ids["application"],
            "status": "ACTIVE",
            "segment": "CONSUMER",
            "product_version": 1,
            "policy_version": "p",
            "opened_at": NOW,
        },
        LimitIncrease: {
            "line_id": ids["line"],
            "consent_id": ids["consent"],
            "status": "RECEIVED",
            "is_open": True,
            "before_minor": 500_000,
            "requested_minor": 900_000,
            "requested_at": NOW,
        },
        LimitChange: {
            "line_id": ids["line"],
            "from_minor": 0,
            "to_minor": 1,
            "reason": "LINE_OPENED",
            "actor": "customer",
            "changed_at": NOW,
        },
        Freeze: {"line_id": ids["line"], "reason": "watch rule", "actor": "sandbox", "started_at": NOW},
    }


def loans(ids: dict[str, UUID]) -> Facts:
    """Draws and what is owed on them."""
    return {
        SigningCode: {"quote_digest": digest(), "code_mac": digest(), "sent_at": NOW, "expires_at": NOW},
        Loan: {
            "line_id": ids["line"],
            "quote_digest": digest(),
            "status": "CURRENT",
            "principal_minor": 100_000,
            "currency": "CNY",
            "daily_scaled": 40_000,
            "apr_scaled": 1,
            "method": "LEVEL_INSTALMENT",
            "term_months": 12,
            "product_version": 1,
            "use": "OTHER",
            "drawn_on": TODAY,
            "drawn_at": NOW,
        },
        Instalment: {
            "loan_id": ids["loan"],
            "number": 1,
            "starts_on": TODAY,
            "due_on": TODAY,
            "principal_minor": 100,
            "interest_minor": 10,
            "penalty_to": TODAY,
        },
        Contract: {
            "loan_id": ids["loan"],
            "title": "t",
            "language": "en",
            "template_version": "v",
            "text_sealed": digest(),
            "sha256": "ab" * 32,
            "disclosure_sha256": "ab" * 32,
            "disclosure_seconds_read": 9,
            "signing_code_id": ids["code"],
            "signed_at": NOW,
        },
        Payout: {"loan_id": ids["loan"], "state": "PENDING", "amount_minor": 1, "created_at": NOW},
    }


def payments(ids: dict[str, UUID]) -> Facts:
    """What was paid, and the book."""
    return {
        Repayment: {
            "loan_id": ids["loan"],
            "amount_minor": 100,
            "currency": "CNY",
            "effective_on": TODAY,
            "received_at": NOW,
        },
        Allocation: {"repayment_id": ids["repayment"], "target": "PRINCIPAL", "amount_minor": 100},
        Posting: {
            "line_id": ids["line"],
            "loan_id": ids["loan"],
            "source": "CASH",
            "destination": "LOAN_PRINCIPAL",
            "amount_minor": 100,
            "currency": "CNY",
            "cause": "PAYOUT",
            "cause_id": uuid7(),
            "effective_on": TODAY,
            "posted_at": NOW,
        },
        Payment: {
            "amount_minor": 100,
            "currency": "CNY",
            "channel": "CUSTOMER",
            "reference": secrets.token_hex(8),
            "effective_on": TODAY,
            "received_at": NOW,
        },
        CreditRefund: {"amount_minor": 1, "currency": "CNY", "state": "PENDING", "created_at": NOW},
        BankNotice: {
            "notice_id": secrets.token_hex(8),
            "kind": "PAID",
            "reference": "r",
            "amount_minor": 1,
            "currency": "CNY",
            "value_on": TODAY,
            "body_sha256": digest(),
            "outcome": "WAITING",
            "received_at": NOW,
        },
    }


def machine(_ids: dict[str, UUID]) -> Facts:
    """Jobs, records, notices and clocks."""
    return {
        Job: {"kind": "ASSESS_APPLICATION", "subject_id": uuid7(), "due_at_us": 0, "state": "READY"},
        LogOutbox: {
            "entry_id": uuid7(),
            "record_class": 1,
            "subject_id": uuid7(),
            "salt_sealed": digest(),
            "record_sealed": digest(),
            "commitment": digest(),
        },
        Notice: {
            "kind": "DECISION",
            "about_id": uuid7(),
            "period": "",
            "facts_sealed": digest(),
            "arose_at": NOW,
            "not_before": NOW,
            "state": "PENDING",
        },
        AssessmentCost: {"case_id": uuid7(), "walks": 1, "cpu_us": 1},
        BusinessClockRow: {"id": 1, "offset_seconds": 0, "book_date": TODAY},
    }


def facts_of(model: type[Model], ids: dict[str, UUID]) -> dict[str, Any]:
    """Values that every check of the model's table accepts."""
    rooms = (people, consents, credit, loans, payments, machine)
    return next(facts[model] for room in rooms if model in (facts := room(ids)))


NAMES: dict[str, type[Model]] = {
    "customer": Customer,
    "wording": ConsentWording,
    "consent": Consent,
    "application": Application,
    "line": CreditLine,
    "permit": PermitRow,
    "inquiry": Inquiry,
    "decision": Decision,
    "loan": Loan,
    "code": SigningCode,
    "repayment": Repayment,
}


@dataclass(slots=True)
class Life:
    """One customer's rows so far, by name; `add` writes one more that fits, but for what is changed."""

    ids: dict[str, UUID] = field(default_factory=lambda: {name: uuid7() for name in NAMES})

    async def begin(self) -> None:
        """One row of each table that the others point at."""
        for name, model in NAMES.items():
            await self.add(model, id=self.ids[name])

    async def add(self, model: type[Model], **changed: Any) -> UUID:
        """Write one row of a table; its id."""
        facts = facts_of(model, self.ids)
        meta = model._meta
        if meta.pk_attr not in facts and not meta.pk.generated:
            facts["id"] = uuid7()
        if "customer_id" in meta.fields_map:
            facts.setdefault("customer_id", self.ids["customer"])
        row = await model.create(**{**facts, **changed})
        key = row.pk
        return key if isinstance(key, UUID) else uuid7()
