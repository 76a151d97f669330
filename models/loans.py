"""What is drawn, owed and repaid, and the days of it. Amounts are fen; a posting names both sides.

`day_page` and `loan_day` have keys of two columns: see app/flows/days.
"""

from tortoise import fields
from tortoise.models import Model


class SigningCode(Model):
    """A one-time code bound to one quote; only its keyed digest is kept."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    quote_digest = fields.BinaryField()
    code_mac = fields.BinaryField()
    sent_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    tries = fields.IntField(default=0)
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "signing_code"


class Loan(Model):
    """One draw. `quote_digest` is unique: a quote is drawn on once."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    line_id = fields.UUIDField()
    quote_digest = fields.BinaryField()
    status = fields.TextField()
    principal_minor = fields.BigIntField()
    currency = fields.TextField()
    daily_scaled = fields.BigIntField()
    apr_scaled = fields.BigIntField()
    method = fields.TextField()
    term_months = fields.IntField()
    product_version = fields.IntField()
    use = fields.TextField()
    drawn_on = fields.DateField()
    drawn_at = fields.DatetimeField()
    paid_out_at = fields.DatetimeField(null=True)
    closed_at = fields.DatetimeField(null=True)
    charged_off_on = fields.DateField(null=True)
    charged_off_at = fields.DatetimeField(null=True)

    class Meta:
        table = "loan"


class Instalment(Model):
    """One row of a plan, and what was paid of it; the allocations prove the paid figures."""

    id = fields.UUIDField(primary_key=True)
    loan_id = fields.UUIDField()
    number = fields.IntField()
    starts_on = fields.DateField()
    due_on = fields.DateField()
    principal_minor = fields.BigIntField()
    interest_minor = fields.BigIntField()
    penalty_to = fields.DateField()
    penalty_minor = fields.BigIntField(default=0)
    fee_minor = fields.BigIntField(default=0)
    paid_principal_minor = fields.BigIntField(default=0)
    paid_interest_minor = fields.BigIntField(default=0)
    paid_penalty_minor = fields.BigIntField(default=0)
    paid_fee_minor = fields.BigIntField(default=0)
    interest_penalty_to = fields.DateField(null=True)
    interest_penalty_minor = fields.BigIntField(default=0)
    paid_interest_penalty_minor = fields.BigIntField(default=0)

    class Meta:
        table = "instalment"


class Contract(Model):
    """The text that was signed, sealed, with its digest and the evidence of the signature."""

    id = fields.UUIDField(primary_key=True)
    loan_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    title = fields.TextField()
    language = fields.TextField()
    template_version = fields.TextField()
    text_sealed = fields.BinaryField()
    sha256 = fields.TextField()
    disclosure_sha256 = fields.TextField()
    disclosure_seconds_read = fields.IntField()
    signing_code_id = fields.UUIDField()
    signed_at = fields.DatetimeField()

    class Meta:
        table = "contract"


class Payout(Model):
    """The payout of a loan. Its id is the payment service's reference."""

    id = fields.UUIDField(primary_key=True)
    loan_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    state = fields.TextField()
    amount_minor = fields.BigIntField()
    attempt = fields.IntField(default=0)
    failure_code = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "payout"


class Repayment(Model):
    """The part of a payment that one loan took. `undone_at`: it counts no more; `rule`: of a prepayment in it."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    loan_id = fields.UUIDField()
    amount_minor = fields.BigIntField()
    currency = fields.TextField()
    effective_on = fields.DateField()
    received_at = fields.DatetimeField()
    payment_id = fields.UUIDField(null=True)
    rule = fields.TextField(null=True)
    undone_at = fields.DatetimeField(null=True)

    class Meta:
        table = "repayment"


class Allocation(Model):
    """What a part of a repayment was used for, until a correction replaced it."""

    id = fields.UUIDField(primary_key=True)
    repayment_id = fields.UUIDField()
    instalment_id = fields.UUIDField(null=True)
    target = fields.TextField()
    amount_minor = fields.BigIntField()
    on_interest = fields.BooleanField(default=False)
    replaced_at = fields.DatetimeField(null=True)

    class Meta:
        table = "allocation"


class Posting(Model):
    """One movement of money: from `source` to `destination`, never edited."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    line_id = fields.UUIDField()
    loan_id = fields.UUIDField()
    source = fields.TextField()
    destination = fields.TextField()
    amount_minor = fields.BigIntField()
    currency = fields.TextField()
    cause = fields.TextField()
    cause_id = fields.UUIDField()
    reverses = fields.UUIDField(null=True)
    effective_on = fields.DateField()
    posted_at = fields.DatetimeField()

    class Meta:
        table = "posting"


class BookDay(Model):
    """One business day that is closed, or being closed: in how many pages, and since when it is over."""

    day = fields.DateField(primary_key=True)
    pages = fields.IntField()
    began_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "book_day"


class DebitMandate(Model):
    """What a customer agreed to: that what is due on a line is collected from the own account. One runs at a time."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    line_id = fields.UUIDField()
    text_version = fields.TextField()
    language = fields.TextField()
    sha256 = fields.TextField()
    account_tail = fields.TextField()
    agreed_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "debit_mandate"


class Debit(Model):
    """One try to collect what is due on a loan. Its id is the payment service's reference; PAID names its repayment."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    loan_id = fields.UUIDField()
    mandate_id = fields.UUIDField()
    due_on = fields.DateField()
    number = fields.IntField()
    presented_on = fields.DateField()
    amount_minor = fields.BigIntField()
    currency = fields.TextField()
    state = fields.TextField()
    failure_code = fields.TextField(null=True)
    repayment_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "debit"
