"""What the models declare is what the database enforces, on both stores, by name and by bite."""

import re
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from tortoise import Tortoise, fields
from tortoise.exceptions import IntegrityError
from tortoise.models import Model
from uuid_utils.compat import uuid7

from models.connection import fetch
from models.consent import BureauReport, Consent, ConsentWording, Inquiry, InquiryAttempt, PermitRow
from models.credit import Application, CreditLine, Decision, Freeze, LimitChange, LimitIncrease, Offer
from models.lending.payments import BankNotice, CreditRefund, Payment
from models.loans import Allocation, Contract, Instalment, Loan, Payout, Posting, Repayment, SigningCode
from models.migrate import FOLDER, on_disk, statements
from models.notices import AssessmentCost, Notice
from models.people import AccessToken, BehaviourEventRow, Customer, Staff
from models.plumbing import BusinessClockRow, Job, LogOutbox
from tests.models.rows import NOW, TODAY, Life, digest
from tests.models.shape import columns, tables

WITHOUT_A_MODEL = {
    "day_page",
    "idempotent_request",
    "loan_day",
    "rule_day",
    "schema_migration",
    "tlog_pending",
    "tlog_tile",
}
TYPES: dict[type[fields.Field[Any]], tuple[str, str]] = {  # on SQLite, on PostgreSQL
    fields.UUIDField: ("CHAR(36)", "uuid"),
    fields.TextField: ("TEXT", "text"),
    fields.BinaryField: ("BLOB", "bytea"),
    fields.BooleanField: ("INTEGER", "boolean"),
    fields.IntField: ("INT", "integer"),
    fields.SmallIntField: ("SMALLINT", "smallint"),
    fields.BigIntField: ("BIGINT", "bigint"),
    fields.DateField: ("DATE", "date"),
    fields.DatetimeField: ("TIMESTAMP", "timestamp with time zone"),
}
ONE_OF_A_KIND = {
    "consent_one_live": ("consent", "refused"),
    "application_one_open": ("application", "is_open"),
    "credit_line_one_open": ("credit_line", "status"),
    "limit_increase_one_open": ("limit_increase", "is_open"),
    "line_freeze_one_running": ("line_freeze", "released_at"),
    "debit_mandate_one_running": ("debit_mandate", "ended_at"),
    "debit_one_open": ("debit", "closed_at"),
    "posting_one_accrual": ("posting", "cause"),
    "data_request_one_open": ("data_request", "state"),
    "data_request_one_review": ("data_request", "state"),
    "credit_refund_one_open": ("credit_refund", "state"),
}


def models_of_the_house() -> list[type[Model]]:
    return list(Tortoise.apps["models"].values())


async def test_every_column_of_every_model_is_the_databases_column(store: str) -> None:
    for model in models_of_the_house():
        meta = model._meta
        declared = {}
        for name, column in meta.fields_db_projection.items():
            told = meta.fields_map[name]
            kind = TYPES[type(told)][store == "postgres"]
            if store == "sqlite" and told.pk and told.generated:
                kind = "INTEGER"  # the one type that SQLite counts up by itself
            declared[column] = (kind, told.null)
        found = await columns(store, meta.db_table)
        if store == "sqlite":
            declared = {name: (_whole(kind), null) for name, (kind, null) in declared.items()}
            found = {name: (_whole(kind), null) for name, (kind, null) in found.items()}
        assert found == declared, meta.db_table


def _whole(kind: str) -> str:
    return "INTEGER" if kind in {"INT", "INTEGER"} else kind


# Triggers are said in each dialect's own words; what they refuse is tested where they belong.
OWN_TONGUE = re.compile(r"\s*CREATE (OR REPLACE )?(TRIGGER|FUNCTION)", re.IGNORECASE)


async def test_every_table_has_a_model_or_is_written_by_hand(store: str) -> None:
    assert await tables(store) == {model._meta.db_table for model in models_of_the_house()} | WITHOUT_A_MODEL


async def test_the_indexes_that_keep_things_single_are_there_by_name(store: str) -> None:
    query = "SELECT name, tbl_name AS tab, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    if store == "postgres":
        query = (
            "SELECT indexname AS name, tablename AS tab, indexdef AS sql FROM pg_indexes WHERE schemaname = 'public'"
        )
    found = {row["name"]: row for row in await fetch(query)}
    for name, (table, condition) in ONE_OF_A_KIND.items():
        text = " ".join(found[name]["sql"].split())
        assert found[name]["tab"] == table
        assert text.startswith("CREATE UNIQUE INDEX")
        assert condition in text.partition("WHERE")[2]


def test_both_dialects_say_the_same_statement_for_statement() -> None:
    sqlite, postgres = (
        [
            " ".join(text.split()).lower()
            for step in on_disk(kind)
            for text in statements(step.sql)
            if not OWN_TONGUE.match(text)
        ]
        for kind in ("sqlite", "postgres")
    )
    renamed = [("char(36)", "uuid"), ("blob", "bytea"), ("timestamp", "timestamptz"), ("int", "integer")]
    same = [
        ("id integer primary key autoincrement", "id bigint generated always as identity primary key"),
        ("refused integer not null", "refused boolean not null"),
        ("is_open integer not null", "is_open boolean not null"),
        ("agreed integer not null", "agreed boolean not null"),
        ("is_change integer not null", "is_change boolean not null"),
        ("on_interest integer not null", "on_interest boolean not null"),
        ("class integer not null", "class smallint not null"),
    ]
    for number, text in enumerate(sqlite):
        translated = text
        for old, new in renamed:
            translated = re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", new, translated)
        for old, new in same:
            translated = translated.replace(old, new)
        assert translated == postgres[number]
    assert len(sqlite) == len(postgres)
    assert sorted(path.name for path in FOLDER.glob("*.sql"))


# ---- rows that must be refused ----------------------------------------------------------------------------

Bite = Callable[[Life], Awaitable[Any]]
INCREASE_CONSENT = {"purpose": "LIMIT_INCREASE"}


def again(model: type[Model], **changed: Any) -> Bite:
    """One more row of a table that has one already."""

    async def act(life: Life) -> None:
        await life.add(model, **changed)

    return act


def twice(model: type[Model], **same: Any) -> Bite:
    """Two rows that agree in these columns, and in those that the table's other rows are tied to."""

    async def act(life: Life) -> None:
        await life.add(model, **same)
        await life.add(model, **same)

    return act


async def of_an_increase(life: Life) -> dict[str, Any]:
    """A fresh consent and increase of the same person, as columns of a permit or an inquiry."""
    consent = await life.add(Consent, **INCREASE_CONSENT)
    increase = await life.add(LimitIncrease, consent_id=consent)
    subject = {"application_id": None, "limit_increase_id": increase}
    return {"consent_id": consent, "purpose": "LIMIT_INCREASE", **subject}


async def second_permit_of_a_consent(life: Life) -> None:
    await life.add(PermitRow, **{**await of_an_increase(life), "consent_id": life.ids["consent"]})


async def second_permit_of_an_application(life: Life) -> None:
    await life.add(PermitRow, consent_id=(await of_an_increase(life))["consent_id"])


async def second_inquiry_of_a_consent(life: Life) -> None:
    increase = await of_an_increase(life)
    permit = await life.add(PermitRow, **increase)
    await life.add(Inquiry, permit_id=permit, subject_seq=2, **{**increase, "consent_id": life.ids["consent"]})


async def second_inquiry_of_a_permit(life: Life) -> None:
    await life.add(Inquiry, subject_seq=2, **await of_an_increase(life))


async def second_inquiry_of_an_application(life: Life) -> None:
    increase = await of_an_increase(life)
    permit = await life.add(PermitRow, **increase)
    await life.add(Inquiry, permit_id=permit, consent_id=increase["consent_id"], subject_seq=2)


async def same_number_of_a_subject(life: Life) -> None:
    increase = await of_an_increase(life)
    permit = await life.add(PermitRow, **increase)
    await life.add(Inquiry, permit_id=permit, subject_seq=1, **increase)


async def without_a_permit(life: Life) -> None:
    await life.add(Inquiry, permit_id=uuid7(), subject_seq=2, **await of_an_increase(life))


async def same_signature_twice(life: Life) -> None:
    for _ in range(2):
        await life.add(Contract, loan_id=await life.add(Loan))


async def second_open_application(life: Life) -> None:
    consent = await life.add(Consent, **INCREASE_CONSENT)
    await life.add(Application, consent_id=consent)


async def second_open_increase(life: Life) -> None:
    for _ in range(2):
        consent = await life.add(Consent, bound_at=NOW, **INCREASE_CONSENT)
        await life.add(LimitIncrease, consent_id=consent)


async def second_open_line(life: Life) -> None:
    consent = await life.add(Consent, **INCREASE_CONSENT)
    application = await life.add(Application, consent_id=consent, is_open=False)
    await life.add(CreditLine, application_id=application)


async def second_live_consent(life: Life) -> None:
    for _ in range(2):
        await life.add(Consent, purpose="MARKETING")


async def same_posting_reversed_twice(life: Life) -> None:
    first = await life.add(Posting)
    for _ in range(2):
        await life.add(Posting, source="LOAN_PRINCIPAL", destination="CASH", reverses=first)


BITES: dict[str, tuple[str, Bite]] = {  # the constraint by its name on PostgreSQL, and what it refuses
    "two permits of one consent": ("permit_consent_id_key", second_permit_of_a_consent),
    "two permits of one application": ("permit_application_id_key", second_permit_of_an_application),
    "two inquiries of one consent": ("inquiry_consent_id_key", second_inquiry_of_a_consent),
    "two inquiries of one permit": ("inquiry_permit_id_key", second_inquiry_of_a_permit),
    "two inquiries of one application": ("inquiry_application_id_key", second_inquiry_of_an_application),
    "the same inquiry number of a person": ("inquiry_customer_id_subject_seq_key", same_number_of_a_subject),
    "an inquiry without a permit": ("inquiry_permit_id_fkey", without_a_permit),
    "an inquiry of no known state": ("inquiry_state_check", again(Inquiry, state="SENT")),
    "an inquiry of another purpose": ("inquiry_check", again(Inquiry, purpose="MARKETING")),
    "an inquiry for both an application and an increase": (
        "inquiry_check1",
        again(Inquiry, limit_increase_id=uuid7()),
    ),
    "a permit whose purpose is not its case's": ("permit_check", again(PermitRow, purpose="LIMIT_INCREASE")),
    "the same attempt twice": ("inquiry_attempt_inquiry_id_number_key", twice(InquiryAttempt)),
    "a report neither kept nor destroyed": ("bureau_report_check", again(BureauReport, sealed=None)),
    "two open applications": ("application_one_open", second_open_application),
    "two applications on one consent": ("application_consent_id_key", again(Application, is_open=False)),
    "two open lines": ("credit_line_one_open", second_open_line),
    "two open increases": ("limit_increase_one_open", second_open_increase),
    "two live consents of a purpose": ("consent_one_live", second_live_consent),
    "an agreement without evidence": ("consent_check", again(Consent, purpose="SOCIAL", channel=None)),
    "a refusal that was used": ("consent_check1", again(Consent, refused=True, used_at=NOW)),
    "two texts with one hash": ("consent_wording_sha256_key", twice(ConsentWording, sha256=secrets.token_hex(32))),
    "an increase that is none": ("limit_increase_check", again(LimitIncrease, requested_minor=500_000)),
    "a decision without a reason": ("decision_check2", again(Decision, number=2, outcome="DECLINED")),
    "a grant without a limit": ("decision_check1", again(Decision, number=2, limit_minor=None)),
    "a decision with the number of another": ("decision_application_id_number_key", again(Decision)),
    "a decision on nothing": ("decision_check", again(Decision, application_id=None)),
    "a negative limit": ("credit_line_limit_minor_check", again(CreditLine, limit_minor=-1)),
    "a limit change without a reason": ("limit_change_reason_check", again(LimitChange, reason="")),
    "two freezes at once": ("line_freeze_one_running", twice(Freeze)),
    "a release by nobody": ("line_freeze_check", again(Freeze, released_at=NOW)),
    "a quote drawn on twice": ("loan_quote_digest_key", twice(Loan, quote_digest=digest())),
    "a loan half charged off": ("loan_check", again(Loan, quote_digest=digest(), charged_off_on=TODAY)),
    "two payments of one reference": ("payment_reference_key", twice(Payment, reference="tr-1")),
    "a payment undone for no reason": ("payment_check", again(Payment, undone_at=NOW)),
    "two refunds at once": ("credit_refund_one_open", twice(CreditRefund)),
    "a refund that failed at no moment": ("credit_refund_check", again(CreditRefund, state="FAILED")),
    "a notice of the bank taken twice": ("bank_notice_notice_id_key", twice(BankNotice, notice_id="n-1")),
    "a notice for a person without a problem": ("bank_notice_check", again(BankNotice, outcome="FOR_A_PERSON")),
    "a loan of nothing": ("loan_principal_minor_check", again(Loan, principal_minor=0)),
    "more principal paid than is due": ("instalment_check", again(Instalment, paid_principal_minor=101)),
    "the same instalment twice": ("instalment_loan_id_number_key", twice(Instalment)),
    "two payouts of one loan": ("payout_loan_id_key", twice(Payout)),
    "one signature under two contracts": ("contract_signing_code_id_key", same_signature_twice),
    "a payment of nothing": ("repayment_amount_minor_check", again(Repayment, amount_minor=0)),
    "an allocation of nothing": ("allocation_amount_minor_check", again(Allocation, amount_minor=0)),
    "a posting with equal sides": ("posting_check", again(Posting, destination="CASH")),
    "a posting of nothing": ("posting_amount_minor_check", again(Posting, amount_minor=0)),
    "a posting reversed twice": ("posting_reverses_key", same_posting_reversed_twice),
    "two offers of one application": ("offer_application_id_key", twice(Offer)),
    "two jobs of one kind for one subject": ("job_kind_subject_id_key", twice(Job, subject_id=uuid7())),
    "a job of no known state": ("job_state_check", again(Job, state="LOST")),
    "two records with one commitment": ("log_outbox_commitment_key", twice(LogOutbox, commitment=digest())),
    "the same thing told twice": ("notice_kind_about_id_period_key", twice(Notice, about_id=uuid7())),
    "a notice of no known kind": ("notice_kind_check", again(Notice, kind="GOSSIP")),
    "a notice sent at no moment": ("notice_check", again(Notice, state="SENT")),
    "a lapsed notice that is no reminder": ("notice_check1", again(Notice, state="LAPSED", closed_at=NOW)),
    "a notice other than a reminder that waits": (
        "notice_check2",
        again(Notice, not_before=NOW + timedelta(hours=1)),
    ),
    "a cost of less than nothing": ("assessment_cost_cpu_us_check", again(AssessmentCost, cpu_us=-1)),
    "a second business clock": ("business_clock_id_check", again(BusinessClockRow, id=2)),
    "a clock that went back": ("business_clock_offset_seconds_check", again(BusinessClockRow, offset_seconds=-1)),
    "a token of nobody": ("access_token_check", again(AccessToken, customer_id=None)),
    "an event of a negative amount": (
        "behaviour_event_amount_minor_check",
        again(BehaviourEventRow, amount_minor=-1),
    ),
    "an officer of no known role": ("staff_role_check", again(Staff, role="ANYBODY")),
    "two people with one number": ("customer_id_number_index_key", twice(Customer, id_number_index=digest())),
    "a code tried less than never": ("signing_code_tries_check", again(SigningCode, tries=-1)),
    "a row of a customer who is not there": ("repayment_customer_id_fkey", again(Repayment, customer_id=uuid7())),
}


@pytest.fixture
async def life(store: str) -> Life:
    """A customer's rows, each of which the database took."""
    begun = Life()
    await begun.begin()
    return begun


@pytest.mark.parametrize("name", BITES)
async def test_the_database_refuses(store: str, life: Life, name: str) -> None:
    constraint, bite = BITES[name]
    with pytest.raises(IntegrityError) as refused:
        await bite(life)
    said = str(refused.value)
    if store == "postgres":
        assert f'"{constraint}"' in said
    else:  # has no names for its constraints; that the texts agree is another test
        assert said.startswith(kind_of(constraint))


def kind_of(constraint: str) -> str:
    """The kind of a constraint by its name."""
    if constraint.endswith("_fkey"):
        return "FOREIGN KEY"
    return "UNIQUE" if constraint.endswith("_key") or constraint in ONE_OF_A_KIND else "CHECK"


async def test_a_key_is_claimed_once_for_each_actor_and_operation(store: str) -> None:
    actor, key = str(uuid7()), str(uuid7())
    sql = (
        "INSERT INTO idempotent_request (actor_id, operation, idempotency_key, input_mac, created_at)"
        " VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP) RETURNING operation"
    )
    for who, operation in ((actor, "drawLoan"), (actor, "makeRepayment"), (str(uuid7()), "drawLoan")):
        assert await fetch(sql, who, operation, key, digest())
    with pytest.raises(IntegrityError):
        await fetch(sql, actor, "drawLoan", key, digest())
