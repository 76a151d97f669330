"""The heart's tables: wording, consent, permit, inquiry. What must be unique is unique here, not by good manners."""

from tortoise import fields
from tortoise.models import Model


class ConsentWording(Model):
    """The exact words shown; never changed, for they are evidence."""

    id = fields.UUIDField(primary_key=True)
    purpose = fields.TextField()
    language = fields.TextField()
    version = fields.TextField()
    body = fields.TextField()
    sha256 = fields.TextField()
    effective_from = fields.DatetimeField()

    class Meta:
        table = "consent_wording"


class Consent(Model):
    """One answer of one customer for one purpose. Its state is derived from the stamps."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    purpose = fields.TextField()
    wording_id = fields.UUIDField()
    wording_sha256 = fields.TextField()
    shown_at = fields.DatetimeField(null=True)
    seconds_read = fields.IntField(null=True)
    channel = fields.TextField(null=True)
    decided_at = fields.DatetimeField()
    refused = fields.BooleanField()
    expires_at = fields.DatetimeField(null=True)
    bound_at = fields.DatetimeField(null=True)
    used_at = fields.DatetimeField(null=True)
    withdrawn_at = fields.DatetimeField(null=True)
    superseded_at = fields.DatetimeField(null=True)

    class Meta:
        table = "consent"


class PermitRow(Model):
    """The one permit of a consent: for an application, or for an increase."""

    id = fields.UUIDField(primary_key=True)
    consent_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    purpose = fields.TextField()
    application_id = fields.UUIDField(null=True)
    limit_increase_id = fields.UUIDField(null=True)
    fields_asked = fields.TextField(source_field="fields")
    issued_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "permit"


class Inquiry(Model):
    """One knock on the bureau's door. Its id is the bureau's reference on every attempt."""

    id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    subject_seq = fields.IntField()
    purpose = fields.TextField()
    consent_id = fields.UUIDField()
    permit_id = fields.UUIDField()
    application_id = fields.UUIDField(null=True)
    limit_increase_id = fields.UUIDField(null=True)
    state = fields.TextField()
    opened_at = fields.DatetimeField()
    deadline_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    refusal_code = fields.TextField(null=True)
    intent_entry_id = fields.UUIDField()
    id_number_index = fields.BinaryField(null=True)

    class Meta:
        table = "inquiry"


class InquiryAttempt(Model):
    """One attempt to send an inquiry, committed before its first byte."""

    id = fields.UUIDField(primary_key=True)
    inquiry_id = fields.UUIDField()
    number = fields.IntField()
    started_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)
    outcome = fields.TextField(null=True)

    class Meta:
        table = "inquiry_attempt"


class BureauReport(Model):
    """The consented fields of one report, sealed; the raw body is never stored."""

    inquiry_id = fields.UUIDField(primary_key=True)
    customer_id = fields.UUIDField()
    sealed = fields.BinaryField(null=True)
    received_at = fields.DatetimeField()
    destroyed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "bureau_report"


class ReportReading(Model):
    """One opening of a kept report: under which permit and purpose, for what, and by whom (none: the machine)."""

    id = fields.UUIDField(primary_key=True)
    inquiry_id = fields.UUIDField()
    customer_id = fields.UUIDField()
    permit_id = fields.UUIDField()
    purpose = fields.TextField()
    use = fields.TextField()
    reader_id = fields.UUIDField(null=True)
    read_at = fields.DatetimeField()

    class Meta:
        table = "report_reading"


class Reconciliation(Model):
    """One comparison with the bureau's records: how many it showed, how many results changed, what was settled by it."""

    id = fields.UUIDField(primary_key=True)
    business_date = fields.DateField()
    done_at = fields.DatetimeField()
    records = fields.BigIntField()
    changed = fields.BigIntField()
    settled = fields.BigIntField()

    class Meta:
        table = "reconciliation"


class ReconciliationResult(Model):
    """What became of one reference at the bureau: one row for ever, the newest result in it."""

    id = fields.UUIDField(primary_key=True)
    reference = fields.TextField()
    result = fields.TextField()
    inquiry_id = fields.UUIDField(null=True)
    customer_id = fields.UUIDField(null=True)
    recorded_at = fields.DatetimeField(null=True)
    found_at = fields.DatetimeField()
    id_number_index = fields.BinaryField(null=True)

    class Meta:
        table = "reconciliation_result"


class RouteFreeze(Model):
    """That nothing is sent to the bureau, since which result, until two people opened the route again."""

    id = fields.UUIDField(primary_key=True)
    result_id = fields.UUIDField()
    frozen_at = fields.DatetimeField()
    released_at = fields.DatetimeField(null=True)
    approval_id = fields.UUIDField(null=True)

    class Meta:
        table = "route_freeze"
