"""The days of the book, and what is collected on them. `day_page` and `loan_day` have keys of two columns: see app/flows/days."""

from tortoise import fields
from tortoise.models import Model


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
