"""People, and who may speak for them. Names, numbers and phones are sealed; only a keyed index can find a number."""

from tortoise import fields
from tortoise.models import Model


class Customer(Model):
    """A person who may borrow. `version` counts the commits that touched the person's affairs."""

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

    class Meta:
        table = "customer"


class Staff(Model):
    """An officer of the lender."""

    id = fields.UUIDField(primary_key=True)
    login = fields.TextField()
    role = fields.TextField()
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
    """One event of own data."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    kind = fields.TextField()
    occurred_on = fields.DateField()
    amount_minor = fields.BigIntField()

    class Meta:
        table = "behaviour_event"
