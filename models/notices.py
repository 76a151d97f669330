"""What customers are told, and what deciding cost us. Amounts and dates of a notice stand in a sealed column."""

from tortoise import fields
from tortoise.models import Model


class Notice(Model):
    """One thing told to one customer. `period` tells apart what is told of one thing more than once.

    `arose_at` and `not_before` are business time; they differ for a reminder that waits for the end of the quiet hours.
    """

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    kind = fields.TextField()
    about_id = fields.UUIDField()
    period = fields.TextField()
    facts_sealed = fields.BinaryField()
    arose_at = fields.DatetimeField()
    not_before = fields.DatetimeField()
    state = fields.TextField()
    attempts = fields.IntField(default=0)
    closed_at = fields.DatetimeField(null=True)
    read_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notice"
        unique_together = (("kind", "about_id", "period"),)


class AssessmentCost(Model):
    """Processor time of our own that one application or increase took, over all walks of the worker; microseconds."""

    case_id = fields.UUIDField(primary_key=True)
    walks = fields.IntField()
    cpu_us = fields.BigIntField()

    class Meta:
        table = "assessment_cost"
