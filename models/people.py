"""People, and who may speak for them. Names, numbers and phones are sealed; only a keyed index can find a number."""

from tortoise import fields
from tortoise.models import Model


class Customer(Model):
    """A person who may borrow. `version` counts the commits that touched the person's affairs.

    `simulated_as` is the profile by which a sandbox invents the own data of an invented person. Restricted: an erasure
    is scheduled, and data are only stored. Erased: the key is destroyed.
    """

    id = fields.UUIDField(primary_key=True)
    created_at = fields.DatetimeField()
    persona = fields.TextField(null=True)
    story = fields.TextField(default="")
    key_wrapped = fields.BinaryField()
    name_sealed = fields.BinaryField(null=True)
    id_number_sealed = fields.BinaryField(null=True)
    phone_sealed = fields.BinaryField(null=True)
    id_number_index = fields.BinaryField(null=True)
    occupation = fields.TextField(null=True)
    version = fields.BigIntField(default=0)
    inquiry_seq = fields.IntField(default=0)
    simulated_as = fields.TextField(null=True)
    restricted_at = fields.DatetimeField(null=True)
    erased_at = fields.DatetimeField(null=True)

    class Meta:
        table = "customer"


class Staff(Model):
    """An officer of the lender; `customer_id` where the officer is a customer too."""

    id = fields.UUIDField(primary_key=True)
    login = fields.TextField()
    role = fields.TextField()
    customer_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "staff"


class AccessToken(Model):
    """A bearer token by its digest: of one customer, or of one member of staff."""

    sha256 = fields.BinaryField(primary_key=True)
    customer_id = fields.UUIDField(null=True)
    staff_id = fields.UUIDField(null=True)
    created_at = fields.DatetimeField()

    class Meta:
        table = "access_token"


class BehaviourEventRow(Model):
    """One event of own data, with the source that told it and the source's own id of it, which counts once.

    Both are null in rows from before there was a feed.
    """

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    kind = fields.TextField()
    occurred_on = fields.DateField()
    amount_minor = fields.BigIntField()
    source = fields.TextField(null=True)
    source_event_id = fields.TextField(null=True)

    class Meta:
        table = "behaviour_event"
        unique_together = (("source", "source_event_id"),)


class FeedReceipt(Model):
    """A batch that a source sent, by its id and the digest of its bytes, and what came of its events."""

    id = fields.UUIDField(primary_key=True)
    source = fields.TextField()
    batch_id = fields.UUIDField()
    body_sha256 = fields.BinaryField()
    received_at = fields.DatetimeField()
    accepted = fields.IntField(default=0)
    duplicate = fields.IntField(default=0)
    without_consent = fields.IntField(default=0)
    invalid = fields.IntField(default=0)

    class Meta:
        table = "feed_receipt"
        unique_together = (("source", "batch_id"),)
