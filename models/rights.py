"""What customers ask about their own data and decisions, the copies that were made, and what is erased when."""

from tortoise import fields
from tortoise.models import Model


class DataRequest(Model):
    """One request; at most one open of a kind and subject. `subject` is a field to correct or a decision's id.

    The customer's words, the value of before and the answer are sealed. `proposed_by` is the first of two officers.
    """

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    kind = fields.TextField()
    subject = fields.TextField(default="")
    state = fields.TextField()
    asked_sealed = fields.BinaryField(null=True)
    before_sealed = fields.BinaryField(null=True)
    received_at = fields.DatetimeField()
    due_on = fields.DateField()
    decision_id = fields.UUIDField(null=True)
    proposed_by = fields.UUIDField(null=True)
    proposed_at = fields.DatetimeField(null=True)
    proposal_sealed = fields.BinaryField(null=True)
    settled_by = fields.UUIDField(null=True)
    settled_at = fields.DatetimeField(null=True)
    outcome = fields.TextField(null=True)
    note_sealed = fields.BinaryField(null=True)
    new_decision_id = fields.UUIDField(null=True)

    class Meta:
        table = "data_request"


class DataCopy(Model):
    """One handing out of a copy: in which form and language, and when."""

    id = fields.UUIDField(primary_key=True)
    request_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    format = fields.TextField()
    language = fields.TextField()
    made_at = fields.DatetimeField()

    class Meta:
        table = "data_copy"


class ErasureStep(Model):
    """What an erasure does on a day, and the law that holds it until then; null where nothing does."""

    id = fields.UUIDField(primary_key=True)
    request_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    erasure_class = fields.TextField()
    basis = fields.TextField(null=True)
    erase_on = fields.DateField()
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "erasure_step"
