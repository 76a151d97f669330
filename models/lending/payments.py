"""What was paid, maybe for several loans, what the bank told of it, and what was put right. Amounts are fen."""

from tortoise import fields
from tortoise.models import Model


class Payment(Model):
    """Money that came in once. `reference` names it to the bank; `undone_at`: it came back, or was never meant for us."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    amount_minor = fields.BigIntField()
    currency = fields.TextField()
    channel = fields.TextField()
    reference = fields.TextField()
    effective_on = fields.DateField()
    received_at = fields.DatetimeField()
    undone_at = fields.DatetimeField(null=True)
    undone_as = fields.TextField(null=True)

    class Meta:
        table = "payment"


class LoanCorrection(Model):
    """That the past of a loan was changed: why, by whom, from which day on, and how many payments were played again."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    loan_id = fields.UUIDField()
    kind = fields.TextField()
    payment_id = fields.UUIDField(null=True)
    actor = fields.TextField()
    counted_from = fields.DateField()
    played_again = fields.IntField()
    made_at = fields.DatetimeField()

    class Meta:
        table = "loan_correction"


class ContractAnnex(Model):
    """The plan that a prepayment or a correction made, as it was issued to the customer, sealed, with its digest."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    loan_id = fields.UUIDField()
    repayment_id = fields.UUIDField(null=True)
    correction_id = fields.UUIDField(null=True)
    language = fields.TextField()
    text_sealed = fields.BinaryField()
    sha256 = fields.TextField()
    issued_at = fields.DatetimeField()

    class Meta:
        table = "contract_annex"


class CreditRefund(Model):
    """A customer's credit on its way back. Its id is the payment service's reference."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    amount_minor = fields.BigIntField()
    currency = fields.TextField()
    state = fields.TextField()
    attempt = fields.IntField(default=0)
    failure_code = fields.TextField(null=True)
    created_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "credit_refund"


class BankNotice(Model):
    """What the bank told, once for each of its ids, and what came of it. `problem` says why a person has to look."""

    id = fields.UUIDField(primary_key=True)
    notice_id = fields.TextField()
    kind = fields.TextField()
    reference = fields.TextField()
    amount_minor = fields.BigIntField()
    currency = fields.TextField()
    value_on = fields.DateField()
    customer_id = fields.UUIDField(null=True)
    loan_id = fields.UUIDField(null=True)
    body_sha256 = fields.BinaryField()
    outcome = fields.TextField()
    problem = fields.TextField(null=True)
    received_at = fields.DatetimeField()

    class Meta:
        table = "bank_notice"
