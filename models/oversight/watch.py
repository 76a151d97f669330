"""What watching found, what was done about it, and what the customer said to that. Amounts stand in sealed columns."""

from tortoise import fields
from tortoise.models import Model


class RiskEvent(Model):
    """A rule spoke on a line in a period. `wanted` is the rule's action, `action` the one that was carried out.

    `facts_sealed` holds the snapshot that it spoke on.
    """

    id = fields.UUIDField(primary_key=True)
    line_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    rule_id = fields.TextField()
    rule_version = fields.IntField()
    period = fields.DateField()
    severity = fields.TextField()
    wanted = fields.TextField()
    action = fields.TextField()
    state = fields.TextField()
    facts_sealed = fields.BinaryField()
    raised_at = fields.DatetimeField()
    freeze_id = fields.UUIDField(null=True)
    limit_change_id = fields.UUIDField(null=True)
    agreement_id = fields.UUIDField(null=True)
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.UUIDField(null=True)
    note_sealed = fields.BinaryField(null=True)

    class Meta:
        table = "risk_event"


class RuleAgreement(Model):
    """A person's word on the lines that a rule was kept from touching on a day. The note names no customer."""

    id = fields.UUIDField(primary_key=True)
    rule_id = fields.TextField()
    day = fields.DateField()
    lines = fields.IntField()
    agreed = fields.BooleanField()
    officer_id = fields.UUIDField()
    note = fields.TextField()
    settled_at = fields.DatetimeField()

    class Meta:
        table = "rule_agreement"


class Appeal(Model):
    """What a customer says against a freeze, and what a person answered; one open at a time for a freeze."""

    id = fields.UUIDField(primary_key=True)
    freeze_id = fields.UUIDField()
    line_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    text_sealed = fields.BinaryField()
    state = fields.TextField()
    opened_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)
    settled_by = fields.UUIDField(null=True)
    note_sealed = fields.BinaryField(null=True)

    class Meta:
        table = "appeal"


class DeviceEvent(Model):
    """A customer was seen on a device, known by a keyed digest. Written only where it is another than the last."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    device_index = fields.BinaryField()
    is_change = fields.BooleanField()
    noted_at = fields.DatetimeField()

    class Meta:
        table = "device_event"
