"""Policies as officers see them, and what a document that is none is told."""

from datetime import date, datetime
from enum import Enum

import strawberry

from app.api import words
from app.api.caller import Info
from app.api.contract import PageInfo
from app.api.reading.oversight import officers
from app.api.reading.oversight import policies as read
from app.api.reading.pages import Page
from app.api.scalars import Money, Rate, encode_id
from app.domain.calendar import business_date
from app.domain.deciding.outcome import Occupation
from app.domain.money import RATE_PLACES
from app.domain.oversight.roles import Verb
from app.domain.policies import problems as law

strawberry.enum(law.ProblemCode, name="PolicyProblemCode", description="What is wrong with a policy document.")
strawberry.enum(law.Says, name="PolicySays", description="What one rule says of a case; PASS: it does not object.")


@strawberry.enum(description="A published or a rejected policy never changes again.")
class PolicyState(Enum):
    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    REJECTED = "REJECTED"


@strawberry.type(description="A member of the document that is not as in the policy before; grades by their names.")
class PolicyDifference:
    path: str
    before: str | None
    after: str | None


@strawberry.type(description="One version of a segment's policy.")
class Policy:
    row: strawberry.Private[read.PolicyRow]
    id: strawberry.ID
    segment: str
    version: str = strawberry.field(description="What decisions name.")
    state: PolicyState
    effective_from: date = strawberry.field(description="The business day from whose beginning it judges.")
    sha256: str = strawberry.field(description="Of `document`; decisions keep it.")
    document: str = strawberry.field(description="Canonical JSON, see docs/formats/policy.md.")
    made_at: datetime
    checked_at: datetime | None

    @strawberry.field(description="The login of who proposed it; null for one that came with the product.")
    async def maker(self) -> str | None:
        return await officers.login_of(self.row.maker_id) if self.row.maker_id is not None else None

    @strawberry.field(description="The login of who published or rejected it.")
    async def checker(self) -> str | None:
        return await officers.login_of(self.row.checker_id) if self.row.checker_id is not None else None

    @strawberry.field(description="The version of the published policy that it follows; null for a segment's first.")
    async def follows(self) -> str | None:
        before, _ = await read.changes(self.row)
        return before.version if before is not None else None

    @strawberry.field(description="What differs from the policy that it follows; all of it for a segment's first.")
    async def differences(self) -> list[PolicyDifference]:
        _, found = await read.changes(self.row)
        return [PolicyDifference(path=one.path, before=one.before, after=one.after) for one in found]

    @classmethod
    def of(cls, row: read.PolicyRow) -> "Policy":
        """From its row."""
        return cls(
            row=row,
            id=encode_id("Policy", row.id),
            segment=row.segment,
            version=row.version,
            state=PolicyState(row.state),
            effective_from=business_date(row.effective_from),
            sha256=row.sha256,
            document=row.document,
            made_at=row.made_at,
            checked_at=row.checked_at,
        )


@strawberry.type
class PolicyConnection:
    nodes: list[Policy]
    page_info: PageInfo

    @classmethod
    def of(cls, page: Page[read.PolicyRow]) -> "PolicyConnection":
        """From a page of rows."""
        return cls(nodes=[Policy.of(row) for row in page.rows], page_info=PageInfo.of(page))


@strawberry.type(description="What comes of a case by one rule: a place in the document, a segment, law or product.")
class PolicyResult:
    by: str
    says: law.Says
    score: int | None
    grade: str | None
    limit: Money | None
    daily_rate: Rate | None
    yearly_cost: Rate | None

    @classmethod
    def of(cls, told: law.Result) -> "PolicyResult":
        """The same in the contract's words."""
        return cls(
            by=told.by,
            says=told.says,
            score=told.score,
            grade=told.grade,
            limit=Money.of(told.limit_minor) if told.limit_minor is not None else None,
            daily_rate=Rate(told.daily.text(RATE_PLACES)) if told.daily is not None else None,
            yearly_cost=Rate(told.yearly.text(RATE_PLACES)) if told.yearly is not None else None,
        )


@strawberry.type(description="An applicant whom the document would wrong. A null fact plays no part.")
class PolicyCase:
    score: int | None
    age: int | None
    occupation: Occupation | None
    own_score: int | None
    income: Money | None = strawberry.field(description="Of one month; null: not verified, or it plays no part.")
    term_months: int | None
    monthly_due: Money | None
    lenders: int | None
    months_known: int | None
    results: list[PolicyResult] = strawberry.field(
        description="What cannot stand together; none where no rule decides."
    )

    @classmethod
    def of(cls, case: law.Case) -> "PolicyCase":
        """The same in the contract's words."""
        told = case.applicant
        return cls(
            score=case.score,
            age=told.age,
            occupation=told.occupation,
            own_score=told.own_score,
            income=Money.of(told.income_minor) if told.income_minor is not None else None,
            term_months=told.term_months,
            monthly_due=Money.of(told.monthly_due_minor) if told.monthly_due_minor is not None else None,
            lenders=told.lenders,
            months_known=told.months_known,
            results=[PolicyResult.of(result) for result in case.results],
        )


@strawberry.type(description="One thing wrong with a policy document; `path` is a JSON pointer into it.")
class PolicyProblem:
    code: law.ProblemCode
    path: str
    message: str
    case: PolicyCase | None

    @classmethod
    def of(cls, problem: law.Problem, language: str) -> "PolicyProblem":
        """The same in the contract's words."""
        return cls(
            code=problem.code,
            path=problem.path,
            message=words.say(language, "policy", problem.code),
            case=PolicyCase.of(problem.case) if problem.case is not None else None,
        )


@strawberry.type
class OversightPolicies:
    @strawberry.field(
        description="Policies of a segment or of all, drafts and rejected ones too, newest first. RISK, COMPLIANCE."
    )
    async def policies(
        self, info: Info, segment: str | None = None, first: int = 20, after: str | None = None
    ) -> PolicyConnection:
        info.context.may(Verb.POLICIES)
        return PolicyConnection.of(await read.policies(segment, first, after))
