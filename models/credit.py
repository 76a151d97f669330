"""Policies, applications, decisions, offers, lines, and how limits changed. Amounts are fen, rates 1e-8 of one a day."""

from tortoise import fields
from tortoise.models import Model


class PolicyVersion(Model):
    """A policy's document: drafted, then published or rejected by a second person. The database refuses the rest.

    One that the product ships has no maker. `effective_from` is the first moment at which a published one judges.
    """

    id = fields.UUIDField(primary_key=True)
    segment = fields.TextField()
    version = fields.TextField()
    document = fields.TextField()
    sha256 = fields.TextField()
    state = fields.TextField()
    maker_id = fields.UUIDField(null=True)
    made_at = fields.DatetimeField()
    checker_id = fields.UUIDField(null=True)
    checked_at = fields.DatetimeField(null=True)
    effective_from = fields.DatetimeField()

    class Meta:
        table = "policy_version"


class Application(Model):
    """One request for a line; at most one is open for a customer."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    consent_id = fields.UUIDField()
    status = fields.TextField()
    is_open = fields.BooleanField()
    requested_minor = fields.BigIntField()
    currency = fields.TextField()
    term_months = fields.IntField()
    occupation = fields.TextField()
    submitted_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "application"


class CreditLine(Model):
    """A customer's revolving line; `version` counts every change of what is owed or available."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    application_id = fields.UUIDField()
    status = fields.TextField()
    segment = fields.TextField()
    limit_minor = fields.BigIntField()
    currency = fields.TextField()
    daily_scaled = fields.BigIntField()
    product_version = fields.IntField()
    policy_version = fields.TextField()
    opened_at = fields.DatetimeField()
    version = fields.BigIntField(default=0)

    class Meta:
        table = "credit_line"


class LimitIncrease(Model):
    """One request for more; at most one is open for a line."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    line_id = fields.UUIDField()
    consent_id = fields.UUIDField()
    status = fields.TextField()
    is_open = fields.BooleanField()
    before_minor = fields.BigIntField()
    requested_minor = fields.BigIntField()
    granted_minor = fields.BigIntField(null=True)
    requested_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "limit_increase"


class Decision(Model):
    """A verdict on the record, with all that is needed to make it again."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    application_id = fields.UUIDField(null=True)
    limit_increase_id = fields.UUIDField(null=True)
    number = fields.IntField()
    outcome = fields.TextField()
    reasons = fields.TextField()
    score = fields.IntField(null=True)
    own_score = fields.IntField(null=True)
    grade = fields.TextField(null=True)
    limit_minor = fields.BigIntField(null=True)
    daily_scaled = fields.BigIntField(null=True)
    policy_version = fields.TextField()
    policy_sha256 = fields.TextField(null=True)
    model_version = fields.TextField(null=True)
    inquiry_id = fields.UUIDField(null=True)
    inputs_sealed = fields.BinaryField()
    inputs_digest = fields.BinaryField()
    from_report_sealed = fields.BinaryField(null=True)
    decided_at = fields.DatetimeField()
    decided_by = fields.UUIDField(null=True)
    note_sealed = fields.BinaryField(null=True)

    class Meta:
        table = "decision"


class Offer(Model):
    """What an approving decision offers."""

    id = fields.UUIDField(primary_key=True)
    application_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    decision_id = fields.UUIDField()
    limit_minor = fields.BigIntField()
    currency = fields.TextField()
    daily_scaled = fields.BigIntField()
    valid_until = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "offer"


class LimitChange(Model):
    """Who changed a limit, why, from what to what."""

    id = fields.UUIDField(primary_key=True)
    line_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    from_minor = fields.BigIntField()
    to_minor = fields.BigIntField()
    reason = fields.TextField()
    actor = fields.TextField()
    decision_id = fields.UUIDField(null=True)
    changed_at = fields.DatetimeField()

    class Meta:
        table = "limit_change"


class Freeze(Model):
    """A freeze of a line, with its reason and its end."""

    id = fields.UUIDField(primary_key=True)
    line_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    reason = fields.TextField()
    actor = fields.TextField()
    started_at = fields.DatetimeField()
    ends_at = fields.DatetimeField(null=True)
    released_at = fields.DatetimeField(null=True)
    released_by = fields.TextField(null=True)

    class Meta:
        table = "line_freeze"
