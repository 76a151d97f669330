"""What staff look at, what two of them agree on, and their training. Accesses and training only grow: the database refuses the rest."""

from tortoise import fields
from tortoise.models import Model


class StaffAccess(Model):
    """One opening of a person's file: who, in which role, for what, until when. The officer's words are sealed."""

    id = fields.UUIDField(primary_key=True)
    staff_id = fields.UUIDField()
    role = fields.TextField()
    customer_id = fields.UUIDField()
    purpose = fields.TextField()
    case_kind = fields.TextField(null=True)
    case_id = fields.UUIDField(null=True)
    reason_sealed = fields.BinaryField()
    opened_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "staff_access"


class StaffAccessReveal(Model):
    """One personal field shown in clear, under an access that was running."""

    id = fields.UUIDField(primary_key=True)
    access_id = fields.UUIDField()
    staff_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    field = fields.TextField()
    reason_sealed = fields.BinaryField()
    revealed_at = fields.DatetimeField()

    class Meta:
        table = "staff_access_reveal"


class Approval(Model):
    """What one officer proposes and another checks. Notes about a customer are sealed, others are plain."""

    id = fields.UUIDField(primary_key=True)
    kind = fields.TextField()
    subject = fields.TextField()
    customer_id = fields.UUIDField(null=True)
    payload = fields.TextField()
    maker_id = fields.UUIDField()
    made_at = fields.DatetimeField()
    maker_note = fields.TextField(null=True)
    maker_note_sealed = fields.BinaryField(null=True)
    checker_id = fields.UUIDField(null=True)
    checked_at = fields.DatetimeField(null=True)
    outcome = fields.TextField(null=True)
    checker_note = fields.TextField(null=True)
    checker_note_sealed = fields.BinaryField(null=True)

    class Meta:
        table = "approval"


class StaffTraining(Model):
    """That an officer finished a course, on a colleague's word. The newest row of a course is the one that counts.

    `expires_on` is the first day on which it counts no more.
    """

    id = fields.UUIDField(primary_key=True)
    staff_id = fields.UUIDField()
    course = fields.TextField()
    completed_on = fields.DateField()
    expires_on = fields.DateField()
    evidence = fields.TextField()
    recorded_by = fields.UUIDField()
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "staff_training"
