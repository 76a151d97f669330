"""What a withdrawn bureau consent stops."""

from uuid import UUID

from app.domain.consent.purpose import InquiryPurpose
from app.flows.credit.cases import Case, load_case
from app.flows.credit.intents import end_if_unsent, record_erased
from app.flows.unit import Unit
from models.consent import BureauReport, Inquiry
from models.credit import Application, LimitIncrease
from models.people import Customer


async def stop_cases_of(unit: Unit, customer: Customer, consent_id: UUID) -> bool:
    """End the open case bound to this consent, unless it has been decided; whether one was ended.

    An inquiry on its way cannot be unsent: the case ends at once all the same, and the answer will be destroyed;
    one that has arrived and was not decided on yet, or waits for a person, is destroyed here.
    """
    stopped = False
    for purpose, table in (
        (InquiryPurpose.FIRST_APPLICATION, Application),
        (InquiryPurpose.LIMIT_INCREASE, LimitIncrease),
    ):
        row = await table.get_or_none(consent_id=consent_id, is_open=True)
        if row is not None:
            stopped |= await _stop(unit, customer, await load_case(purpose, row.id))
    return stopped


async def _stop(unit: Unit, customer: Customer, case: Case) -> bool:
    if await case.is_decided():
        return False
    inquiry = await Inquiry.filter(**case.subject).select_for_update().get_or_none()
    if inquiry is not None:
        await end_if_unsent(unit, customer, inquiry)
        await destroy_report(unit, customer, inquiry.id)
    await case.close("WITHDRAWN", unit.now)
    unit.after_commit(lambda: unit.desk.cache.wake(case.topic))
    return True


async def destroy_report(unit: Unit, customer: Customer, inquiry_id: UUID) -> bool:
    """Destroy the report of an inquiry and put that on the log; whether there was one. The person is locked."""
    kept = BureauReport.filter(inquiry_id=inquiry_id, destroyed_at__isnull=True)
    if not await kept.update(sealed=None, destroyed_at=unit.now):
        return False
    inquiry = await Inquiry.get(id=inquiry_id)
    await record_erased(unit, customer, inquiry)
    return True
