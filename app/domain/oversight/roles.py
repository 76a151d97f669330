"""Who of the staff may do what, to whom, and for which purpose: tables, and the few rules over them.

A verb is one operation of the officers' contract, by its name there. Sources: PIPL arts 6 and 51 (least access,
rights of operation), decree on credit reporting art. 22 (who looked, when, at what, why).
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from app.domain.oversight.training import Course, Standing, Trained, standing_in
from app.domain.refusals import OwnAccount, TrainingExpired

ACCESS_VALID = timedelta(minutes=30)
REASON_LENGTH_MIN = 10
REASON_LENGTH_MAX = 500


class Role(StrEnum):
    """The four duties, kept apart: who decides, who controls, who guards the data, who runs the machines."""

    RISK = "RISK"
    COMPLIANCE = "COMPLIANCE"
    PRIVACY = "PRIVACY"
    OPERATOR = "OPERATOR"


class Verb(StrEnum):
    """Each operation that only staff may ask for."""

    OVERSIGHT = "oversight"
    REFERRALS = "referrals"
    INCREASE_REFERRALS = "increaseReferrals"
    FREEZES = "freezes"
    PENDING_APPROVALS = "pendingApprovals"
    ACCESS_LOG = "accessLog"
    RESOLVE_REFERRAL = "resolveReferral"
    OPEN_CUSTOMER_FILE = "openCustomerFile"
    REVEAL_FIELD = "revealField"
    PROPOSE_RELEASE = "proposeRelease"
    CONFIRM_RELEASE = "confirmRelease"
    REJECT_RELEASE = "rejectRelease"
    PROPOSE_WORDING = "proposeWording"
    CONFIRM_WORDING = "confirmWording"
    REJECT_WORDING = "rejectWording"
    POLICIES = "policies"
    PROPOSE_POLICY = "proposePolicy"
    CONFIRM_POLICY = "confirmPolicy"
    REJECT_POLICY = "rejectPolicy"
    APPEALS = "appeals"
    REVIEWS = "reviews"
    HELD_RULES = "heldRules"
    SETTLE_APPEAL = "settleAppeal"
    SETTLE_REVIEW = "settleReview"
    AGREE_TO_RULE = "agreeToRule"
    DECREASE_LIMIT = "decreaseLimit"
    FINDINGS = "findings"
    AUDIT_RUNS = "auditRuns"
    RUN_AUDIT = "runAudit"
    ASSIGN_FINDING = "assignFinding"
    CLOSE_FINDING = "closeFinding"
    REOPEN_FINDING = "reopenFinding"
    BUREAU_ROUTE = "bureauRoute"
    PROPOSE_ROUTE_RELEASE = "proposeRouteRelease"
    CONFIRM_ROUTE_RELEASE = "confirmRouteRelease"
    REJECT_ROUTE_RELEASE = "rejectRouteRelease"
    COST_REPORT = "costReport"
    TRIAL_BALANCE = "trialBalance"
    TRAINING = "training"
    MY_TRAINING = "myTraining"
    RECORD_TRAINING = "recordTraining"
    PRIVACY_REGISTER = "privacyRegister"
    REQUESTS = "requests"
    SETTLE_REQUEST = "settleRequest"
    SETTLE_HUMAN_REVIEW = "settleHumanReview"
    BANK_NOTICES = "bankNotices"
    PROPOSE_CORRECTION = "proposeCorrection"
    CONFIRM_CORRECTION = "confirmCorrection"
    REJECT_CORRECTION = "rejectCorrection"
    PROPOSE_CHARGE_OFF = "proposeChargeOff"
    CONFIRM_CHARGE_OFF = "confirmChargeOff"
    REJECT_CHARGE_OFF = "rejectChargeOff"


class Concerns(StrEnum):
    """Whom a verb is about; it says what becomes of an officer's own account."""

    NOBODY = "NOBODY"
    LIST = "LIST"
    PERSON = "PERSON"


class Cell(StrEnum):
    """What an officer of a role gets, asking about an own account or another's."""

    YES = "yes"
    FORBIDDEN = "FORBIDDEN"
    LEFT_OUT = "left out"
    OWN_ACCOUNT = "OwnAccount"


class AccessPurpose(StrEnum):
    """Why a person's file may be opened; there is no opening without one."""

    REFERRAL = "REFERRAL"
    FREEZE = "FREEZE"
    APPEAL = "APPEAL"
    COMPLAINT = "COMPLAINT"
    AUDIT = "AUDIT"
    PRIVACY_REQUEST = "PRIVACY_REQUEST"


class PersonalField(StrEnum):
    """What is masked in a file until it is revealed, each by an event of its own."""

    NAME = "NAME"
    ID_NUMBER = "ID_NUMBER"
    PHONE = "PHONE"


CONCERNS: dict[Verb, Concerns] = {
    Verb.OVERSIGHT: Concerns.NOBODY,
    Verb.REFERRALS: Concerns.LIST,
    Verb.INCREASE_REFERRALS: Concerns.LIST,
    Verb.FREEZES: Concerns.LIST,
    Verb.PENDING_APPROVALS: Concerns.LIST,
    Verb.ACCESS_LOG: Concerns.LIST,
    Verb.RESOLVE_REFERRAL: Concerns.PERSON,
    Verb.OPEN_CUSTOMER_FILE: Concerns.PERSON,
    Verb.REVEAL_FIELD: Concerns.PERSON,
    Verb.PROPOSE_RELEASE: Concerns.PERSON,
    Verb.CONFIRM_RELEASE: Concerns.PERSON,
    Verb.REJECT_RELEASE: Concerns.PERSON,
    Verb.PROPOSE_WORDING: Concerns.NOBODY,
    Verb.CONFIRM_WORDING: Concerns.NOBODY,
    Verb.REJECT_WORDING: Concerns.NOBODY,
    Verb.POLICIES: Concerns.NOBODY,
    Verb.PROPOSE_POLICY: Concerns.NOBODY,
    Verb.CONFIRM_POLICY: Concerns.NOBODY,
    Verb.REJECT_POLICY: Concerns.NOBODY,
    Verb.APPEALS: Concerns.LIST,
    Verb.REVIEWS: Concerns.LIST,
    Verb.HELD_RULES: Concerns.NOBODY,
    Verb.SETTLE_APPEAL: Concerns.PERSON,
    Verb.SETTLE_REVIEW: Concerns.PERSON,
    Verb.AGREE_TO_RULE: Concerns.PERSON,
    Verb.DECREASE_LIMIT: Concerns.PERSON,
    Verb.FINDINGS: Concerns.LIST,
    Verb.AUDIT_RUNS: Concerns.NOBODY,
    Verb.RUN_AUDIT: Concerns.NOBODY,
    Verb.ASSIGN_FINDING: Concerns.PERSON,
    Verb.CLOSE_FINDING: Concerns.PERSON,
    Verb.REOPEN_FINDING: Concerns.PERSON,
    Verb.BUREAU_ROUTE: Concerns.NOBODY,
    Verb.PROPOSE_ROUTE_RELEASE: Concerns.NOBODY,
    Verb.CONFIRM_ROUTE_RELEASE: Concerns.NOBODY,
    Verb.REJECT_ROUTE_RELEASE: Concerns.NOBODY,
    Verb.COST_REPORT: Concerns.NOBODY,
    Verb.TRIAL_BALANCE: Concerns.NOBODY,
    Verb.TRAINING: Concerns.NOBODY,
    Verb.MY_TRAINING: Concerns.NOBODY,
    Verb.RECORD_TRAINING: Concerns.NOBODY,
    Verb.PRIVACY_REGISTER: Concerns.NOBODY,
    Verb.REQUESTS: Concerns.LIST,
    Verb.SETTLE_REQUEST: Concerns.PERSON,
    Verb.SETTLE_HUMAN_REVIEW: Concerns.PERSON,
    Verb.BANK_NOTICES: Concerns.LIST,
    Verb.PROPOSE_CORRECTION: Concerns.PERSON,
    Verb.CONFIRM_CORRECTION: Concerns.PERSON,
    Verb.REJECT_CORRECTION: Concerns.PERSON,
    Verb.PROPOSE_CHARGE_OFF: Concerns.PERSON,
    Verb.CONFIRM_CHARGE_OFF: Concerns.PERSON,
    Verb.REJECT_CHARGE_OFF: Concerns.PERSON,
}

# Whatever shows or touches a person needs the first course; what shows or judges by the bureau's answer, both.
COURSES_OF: dict[Concerns, frozenset[Course]] = {
    Concerns.NOBODY: frozenset(),
    Concerns.LIST: frozenset({Course.PERSONAL_INFORMATION}),
    Concerns.PERSON: frozenset({Course.PERSONAL_INFORMATION}),
}
ON_REPORTS = frozenset(
    {
        Verb.REFERRALS,
        Verb.INCREASE_REFERRALS,
        Verb.RESOLVE_REFERRAL,
        Verb.OPEN_CUSTOMER_FILE,
        Verb.REVEAL_FIELD,
        Verb.SETTLE_HUMAN_REVIEW,
    }
)

VERBS: dict[Role, frozenset[Verb]] = {
    Role.RISK: frozenset(
        {
            Verb.OVERSIGHT,
            Verb.REFERRALS,
            Verb.INCREASE_REFERRALS,
            Verb.FREEZES,
            Verb.PENDING_APPROVALS,
            Verb.RESOLVE_REFERRAL,
            Verb.OPEN_CUSTOMER_FILE,
            Verb.REVEAL_FIELD,
            Verb.PROPOSE_RELEASE,
            Verb.CONFIRM_RELEASE,
            Verb.REJECT_RELEASE,
            Verb.POLICIES,
            Verb.PROPOSE_POLICY,
            Verb.APPEALS,
            Verb.REVIEWS,
            Verb.HELD_RULES,
            Verb.SETTLE_APPEAL,
            Verb.SETTLE_REVIEW,
            Verb.AGREE_TO_RULE,
            Verb.DECREASE_LIMIT,
            Verb.FINDINGS,
            Verb.AUDIT_RUNS,
            Verb.COST_REPORT,
            Verb.TRIAL_BALANCE,
            Verb.MY_TRAINING,
            Verb.REQUESTS,
            Verb.SETTLE_HUMAN_REVIEW,
            Verb.PROPOSE_CHARGE_OFF,
        }
    ),
    Role.COMPLIANCE: frozenset(
        {
            Verb.BANK_NOTICES,
            Verb.CONFIRM_CORRECTION,
            Verb.REJECT_CORRECTION,
            Verb.CONFIRM_CHARGE_OFF,
            Verb.REJECT_CHARGE_OFF,
            Verb.OVERSIGHT,
            Verb.FREEZES,
            Verb.PENDING_APPROVALS,
            Verb.ACCESS_LOG,
            Verb.OPEN_CUSTOMER_FILE,
            Verb.REVEAL_FIELD,
            Verb.CONFIRM_RELEASE,
            Verb.REJECT_RELEASE,
            Verb.PROPOSE_WORDING,
            Verb.CONFIRM_WORDING,
            Verb.REJECT_WORDING,
            Verb.POLICIES,
            Verb.CONFIRM_POLICY,
            Verb.REJECT_POLICY,
            Verb.FINDINGS,
            Verb.AUDIT_RUNS,
            Verb.RUN_AUDIT,
            Verb.TRIAL_BALANCE,
            Verb.ASSIGN_FINDING,
            Verb.CLOSE_FINDING,
            Verb.REOPEN_FINDING,
            Verb.BUREAU_ROUTE,
            Verb.PROPOSE_ROUTE_RELEASE,
            Verb.CONFIRM_ROUTE_RELEASE,
            Verb.REJECT_ROUTE_RELEASE,
            Verb.TRAINING,
            Verb.MY_TRAINING,
            Verb.RECORD_TRAINING,
            Verb.PRIVACY_REGISTER,
        }
    ),
    Role.PRIVACY: frozenset(
        {
            Verb.OVERSIGHT,
            Verb.PENDING_APPROVALS,
            Verb.ACCESS_LOG,
            Verb.OPEN_CUSTOMER_FILE,
            Verb.REVEAL_FIELD,
            Verb.CONFIRM_WORDING,
            Verb.REJECT_WORDING,
            Verb.FINDINGS,
            Verb.AUDIT_RUNS,
            Verb.CLOSE_FINDING,
            Verb.BUREAU_ROUTE,
            Verb.CONFIRM_ROUTE_RELEASE,
            Verb.REJECT_ROUTE_RELEASE,
            Verb.TRAINING,
            Verb.MY_TRAINING,
            Verb.PRIVACY_REGISTER,
            Verb.REQUESTS,
            Verb.SETTLE_REQUEST,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            Verb.OVERSIGHT,
            Verb.PENDING_APPROVALS,
            Verb.AUDIT_RUNS,
            Verb.MY_TRAINING,
            Verb.COST_REPORT,
            Verb.TRIAL_BALANCE,
            Verb.BANK_NOTICES,
            Verb.PROPOSE_CORRECTION,
            Verb.CONFIRM_CORRECTION,
            Verb.REJECT_CORRECTION,
        }
    ),
}

PURPOSES: dict[Role, frozenset[AccessPurpose]] = {
    Role.RISK: frozenset({AccessPurpose.REFERRAL, AccessPurpose.FREEZE, AccessPurpose.APPEAL}),
    Role.COMPLIANCE: frozenset(
        {AccessPurpose.FREEZE, AccessPurpose.APPEAL, AccessPurpose.COMPLAINT, AccessPurpose.AUDIT}
    ),
    Role.PRIVACY: frozenset({AccessPurpose.COMPLAINT, AccessPurpose.AUDIT, AccessPurpose.PRIVACY_REQUEST}),
    Role.OPERATOR: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Officer:
    """A member of staff: id, role, the own account as a customer, if there is one, and until when each course counts."""

    id: UUID
    role: Role
    customer_id: UUID | None = None
    trained: Trained = field(default_factory=dict, hash=False)

    def may(self, verb: Verb) -> bool:
        """Whether the role has this verb."""
        return verb in VERBS[self.role]

    def must_be_trained(self, verb: Verb, today: date) -> None:
        """Nobody comes near personal data without the courses that the verb needs.

        Raises:
            TrainingExpired: one of them ran out, or was never taken.
        """
        for course in courses_for(verb):
            found = standing_in(course, self.trained, today)
            if found.standing in {Standing.EXPIRED, Standing.MISSING}:
                raise TrainingExpired(course.value, found.expires_on)

    def keep_off_own(self, customer_id: UUID) -> None:
        """Nobody acts on, or looks at, an own account.

        Raises:
            OwnAccount: the account is the officer's own.
        """
        if customer_id == self.customer_id:
            raise OwnAccount


PURPOSES_OF_CASE: dict[str, frozenset[AccessPurpose]] = {
    "Application": frozenset({AccessPurpose.REFERRAL}),
    "LimitIncrease": frozenset({AccessPurpose.REFERRAL}),
    "Freeze": frozenset({AccessPurpose.FREEZE, AccessPurpose.APPEAL}),
    "RiskEvent": frozenset({AccessPurpose.FREEZE, AccessPurpose.APPEAL}),
    "Approval": frozenset({AccessPurpose.FREEZE, AccessPurpose.APPEAL}),
    "Appeal": frozenset({AccessPurpose.FREEZE, AccessPurpose.APPEAL}),
    "DataRequest": frozenset({AccessPurpose.APPEAL}),
}
PURPOSES_OF_ANY_CASE = frozenset({AccessPurpose.COMPLAINT, AccessPurpose.AUDIT, AccessPurpose.PRIVACY_REQUEST})


def roles_with(verb: Verb) -> tuple[Role, ...]:
    """The roles that have a verb, in the order of Role."""
    return tuple(role for role in Role if verb in VERBS[role])


def courses_for(verb: Verb) -> tuple[Course, ...]:
    """The courses that a verb needs, in the order of Course."""
    needed = COURSES_OF[CONCERNS[verb]] | (frozenset(Course) if verb in ON_REPORTS else frozenset())
    return tuple(course for course in Course if course in needed)


def cell(role: Role, verb: Verb, *, own: bool) -> Cell:
    """What comes of a verb asked for by a role, about an own account or another's."""
    if verb not in VERBS[role]:
        return Cell.FORBIDDEN
    if not own or CONCERNS[verb] is Concerns.NOBODY:
        return Cell.YES
    return Cell.LEFT_OUT if CONCERNS[verb] is Concerns.LIST else Cell.OWN_ACCOUNT
