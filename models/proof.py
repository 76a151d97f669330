"""The log's tables: entries, checkpoints and the row that locks them. Tiles and what waits are written by hand.

An entry is 42 bytes without personal data; the record that it commits to lies sealed in the outbox.
"""

from tortoise import fields
from tortoise.models import Model


class TlogEntry(Model):
    """One record's place in the log. Contiguous from 0, never changed."""

    seq = fields.BigIntField(primary_key=True, generated=False)
    entry_id = fields.UUIDField()
    leaf = fields.BinaryField()
    leaf_hash = fields.BinaryField()

    class Meta:
        table = "tlog_entry"


class TlogState(Model):
    """The one row that a sequencer locks. `witnessed_at_us` is the real time of the last quorum, in microseconds."""

    id = fields.IntField(primary_key=True, generated=False)
    size = fields.BigIntField()
    root = fields.BinaryField()
    published_size = fields.BigIntField()
    standing = fields.TextField()
    witnessed_at_us = fields.BigIntField()

    class Meta:
        table = "tlog_state"


class TlogPolicy(Model):
    """A policy that checkpoints were published under, from which size on; signed by the log, never changed."""

    number = fields.IntField(primary_key=True, generated=False)
    first_size = fields.BigIntField()
    policy = fields.BinaryField()
    signature = fields.BinaryField()
    kept_at_us = fields.BigIntField()

    class Meta:
        table = "tlog_policy"


class TlogCheckpoint(Model):
    """A checkpoint that the log signed, with the witnesses' lines; published once they are the quorum."""

    size = fields.BigIntField(primary_key=True, generated=False)
    root = fields.BinaryField()
    body = fields.TextField()
    log_signature = fields.BinaryField()
    cosignatures = fields.TextField()
    published_at_us = fields.BigIntField(null=True)

    class Meta:
        table = "tlog_checkpoint"
