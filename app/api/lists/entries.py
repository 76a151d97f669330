"""How many entries the gate counts for a list that is not paged: its most, where a number of the law or a read bounds it.

Where only the book bounds it, what a full one usually holds. A test walks the contract: no list
of objects is without a row here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from app.api.reading.credit import READINGS_MAX
from app.api.reading.oversight.audit import STEPS_MAX
from app.api.reading.oversight.officers import FILE_ROWS_MAX
from app.api.reading.oversight.route import DIFFERING_MAX
from app.api.reading.pages import PAGE_MAX
from app.api.reading.payments import TAKEN_BACK_MAX
from app.api.reading.rights import COPIES_SHOWN_MAX
from app.api.reading.watch import HELD_RULES_MAX
from app.domain.consent.earlier import STATED_MAX
from app.domain.deciding.reasons import MAX_REASONS
from app.domain.lending.amortising import MAX_INSTALMENTS
from app.domain.lending.postings import Account
from app.domain.lending.product import PrepaymentRule
from app.domain.policies.problems import PROBLEMS_MAX
from app.flows.book.quoting import QUOTES_MAX

_FEW = 8  # a handful that its parent brings along: sources, courses, copies
_USUAL = 20  # as many as a page without a size

ENTRIES: Mapping[str, int] = MappingProxyType(
    {
        "AccessLogEntry.revealed": _USUAL,
        "AccountNotClear.blockers": PAGE_MAX,
        "AuditFinding.history": STEPS_MAX,
        "AuditRun.counts": _USUAL,
        "BureauReport.readings": READINGS_MAX,
        "BureauRoute.differing": DIFFERING_MAX,
        "BureauRoute.waiting": _FEW,
        "ClosingCheck.blockers": PAGE_MAX,
        "ConsentWording.earlierInquiries": STATED_MAX,
        "CostDisclosure.items": _FEW,
        "CustomerFile.decisions": FILE_ROWS_MAX,
        "CustomerFile.inquiries": FILE_ROWS_MAX,
        "CustomerFile.releases": FILE_ROWS_MAX,
        "DataRequest.copies": _FEW,
        "DataRequest.erasures": PAGE_MAX,
        "DataRequest.fetched": COPIES_SHOWN_MAX,
        "Decision.reasons": MAX_REASONS,
        "ErasureCheck.blockers": PAGE_MAX,
        "ErasureCheck.plan": PAGE_MAX,
        "FileOpened.revealed": _USUAL,
        "InquiryReceipt.records": _FEW,
        "InvalidInput.violations": _USUAL,
        "LimitEstimate.reasons": MAX_REASONS,
        "Loan.instalments": MAX_INSTALMENTS,
        "Oversight.heldRules": HELD_RULES_MAX,
        "Oversight.privacyRegister": 2 * PAGE_MAX,
        "OwedBack.payments": TAKEN_BACK_MAX,
        "Payment.repayments": _USUAL,
        "PaymentTrial.parts": _USUAL,
        "Policy.differences": PAGE_MAX,
        "PolicyCase.results": _FEW,
        "PolicyRefused.problems": PROBLEMS_MAX,
        "PrepaymentPreviewPayload.trials": len(PrepaymentRule),
        "Profile.figures": _USUAL,
        "Profile.sources": _FEW,
        "ProfileFigure.consents": _FEW,
        "Quote.plan": MAX_INSTALMENTS,
        "QuotesPayload.quotes": QUOTES_MAX,
        "ReceiptRecord.witnesses": _FEW,
        "RegisteredTable.columns": _USUAL,
        "Repayment.allocations": _USUAL,
        "StaffTraining.courses": _FEW,
        "Statement.lines": PAGE_MAX,
        "TrialBalance.accounts": len(Account),
        "TrialPart.lines": _USUAL,
        "TrialPart.plan": MAX_INSTALMENTS,
        "WithdrawalForetold.effects": _FEW,
    }
)
