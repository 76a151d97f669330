"""Jobs, the log's outbox and the business clock."""

from tortoise import fields
from tortoise.models import Model


class Job(Model):
    """Work to be done after commit, by whichever worker claims it. Times are real microseconds since 1970."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.TextField()
    subject_id = fields.UUIDField()
    due_at_us = fields.BigIntField()
    lease_until_us = fields.BigIntField(default=0)
    attempts = fields.IntField(default=0)
    state = fields.TextField()
    trouble = fields.TextField(default="")

    class Meta:
        table = "job"


class LogOutbox(Model):
    """A record for the log, written in the transaction of the business row that it speaks of."""

    id = fields.BigIntField(primary_key=True, generated=True)
    entry_id = fields.UUIDField()
    record_class = fields.SmallIntField(source_field="class")
    previous_entry_id = fields.UUIDField(null=True)
    customer_id = fields.UUIDField()
    subject_id = fields.UUIDField()
    salt_sealed = fields.BinaryField()
    record_sealed = fields.BinaryField()
    commitment = fields.BinaryField()

    class Meta:
        table = "log_outbox"


class BusinessClockRow(Model):
    """The sandbox's offset from real time, the business date up to which end-of-day has run, and the last sweep's."""

    id = fields.IntField(primary_key=True, generated=False)
    offset_seconds = fields.BigIntField()
    book_date = fields.DateField()
    swept_on = fields.DateField(null=True)

    class Meta:
        table = "business_clock"


class KeyCheck(Model):
    """The fingerprint of the keys that this database is written with."""

    id = fields.IntField(primary_key=True, generated=False)
    fingerprint = fields.BinaryField()

    class Meta:
        table = "key_check"
