"""Audits: runs, findings, and what happened to each. A finding holds no personal data; words typed on it are sealed."""

from tortoise import fields
from tortoise.models import Model


class AuditRun(Model):
    """One audit of the book. `progress` is JSON: where it stands and what it has counted; `version` counts pages."""

    id = fields.UUIDField(primary_key=True)
    cause = fields.TextField()
    business_date = fields.DateField()
    started_at = fields.DatetimeField()
    started_by = fields.UUIDField(null=True)
    state = fields.TextField()
    progress = fields.TextField()
    version = fields.BigIntField(default=0)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "audit_run"


class AuditFinding(Model):
    """What a rule found of a subject: one row for ever. `customer_id` and `staff_id` say whom it is about.

    `seen_as` is what the last run that saw it made of it. Each finding has a key of its own for what officers write.
    """

    id = fields.UUIDField(primary_key=True)
    rule = fields.TextField()
    subject_kind = fields.TextField()
    subject_id = fields.UUIDField()
    problem = fields.TextField()
    detail = fields.TextField()
    customer_id = fields.UUIDField(null=True)
    staff_id = fields.UUIDField(null=True)
    severity = fields.TextField()
    state = fields.TextField()
    due_on = fields.DateField()
    found_at = fields.DatetimeField()
    found_run_id = fields.UUIDField()
    seen_at = fields.DatetimeField()
    seen_run_id = fields.UUIDField()
    seen_as = fields.TextField()
    times_seen = fields.IntField()
    assigned_to = fields.UUIDField(null=True)
    closing = fields.TextField(null=True)
    closed_at = fields.DatetimeField(null=True)
    closed_by = fields.UUIDField(null=True)
    evidence_sealed = fields.BinaryField(null=True)
    key_wrapped = fields.BinaryField()

    class Meta:
        table = "audit_finding"
        unique_together = (("rule", "subject_kind", "subject_id"),)


class AuditFindingStep(Model):
    """One thing that happened to a finding, by a run or by a person with a note. The database lets it only grow."""

    id = fields.UUIDField(primary_key=True)
    finding_id = fields.UUIDField()
    number = fields.IntField()
    kind = fields.TextField()
    made_at = fields.DatetimeField()
    run_id = fields.UUIDField(null=True)
    made_by = fields.UUIDField(null=True)
    assigned_to = fields.UUIDField(null=True)
    closing = fields.TextField(null=True)
    note_sealed = fields.BinaryField(null=True)

    class Meta:
        table = "audit_finding_step"
        unique_together = (("finding_id", "number"),)
