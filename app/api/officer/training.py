"""Training of staff: who stands how in which course, and recording that somebody finished one."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from app.api import words
from app.api.caller import Info
from app.api.contract import NEVER, Keyed, PageInfo
from app.api.reading.oversight import officers as read
from app.api.refusals import IdempotencyConflict, InvalidInput, NotFound, OwnAccount, StillWorking
from app.api.scalars import decode_id, encode_id
from app.domain.calendar import business_date
from app.domain.oversight.roles import Role, Verb
from app.domain.oversight.training import Course, Standing
from app.flows.oversight.training import RecordTraining, record_training

strawberry.enum(Standing, description="DUE: it still counts, and runs out within 30 days.")


@strawberry.type(description="How an officer stands in a course on the business date.")
class CourseTraining:
    course: Course
    standing: Standing
    completed_on: date | None
    expires_on: date | None = strawberry.field(description="The first day on which it counts no more.")
    days_left: int | None
    evidence: str | None

    @strawberry.field(description="The course, spelt out.")
    def title(self, info: Info) -> str:
        return words.say(info.context.language, "course", self.course.value)

    @classmethod
    def of(cls, told: read.Learnt) -> "CourseTraining":
        """From its standing and its record."""
        return cls(
            course=told.standing.course,
            standing=told.standing.standing,
            completed_on=told.record.completed_on if told.record else None,
            expires_on=told.standing.expires_on,
            days_left=told.standing.days_left,
            evidence=told.record.evidence if told.record else None,
        )


@strawberry.type(description="An officer, and every course there is.")
class StaffTraining:
    staff_id: strawberry.ID
    login: str
    role: Role
    courses: list[CourseTraining]

    @classmethod
    def of(cls, row: read.StaffRow, learnt: list[read.Learnt]) -> "StaffTraining":
        """From the officer's row."""
        return cls(
            staff_id=encode_id("Staff", row.id),
            login=row.login,
            role=Role(row.role),
            courses=[CourseTraining.of(told) for told in learnt],
        )


@strawberry.type
class StaffTrainingConnection:
    nodes: list[StaffTraining]
    page_info: PageInfo


async def _of_one(info: Info, staff_id: UUID) -> StaffTraining:
    today = business_date(await info.context.desk.refresh_clock())
    learnt = await read.learnt([staff_id], today)
    return StaffTraining.of(await read.member(staff_id), learnt[staff_id])


@strawberry.type
class OversightTraining:
    @strawberry.field(
        description="Every officer with the days left of each course, newest first. Roles COMPLIANCE, PRIVACY."
    )
    async def training(self, info: Info, first: int = 20, after: str | None = None) -> StaffTrainingConnection:
        info.context.may(Verb.TRAINING)
        page = await read.staff(first, after)
        today = business_date(await info.context.desk.refresh_clock())
        learnt = await read.learnt([row.id for row in page.rows], today)
        return StaffTrainingConnection(
            nodes=[StaffTraining.of(row, learnt[row.id]) for row in page.rows],
            page_info=PageInfo.of(page),
        )

    @strawberry.field(description="The asking officer's own courses. Every role.")
    async def my_training(self, info: Info) -> StaffTraining:
        return await _of_one(info, info.context.may(Verb.MY_TRAINING).id)


@strawberry.input(
    description=(
        "`staffId` is of `oversight.training`; `evidence` tells where the proof is, in 3 to 200 characters. A later record "
        "takes the place of an earlier one of the same course."
    )
)
class RecordTrainingInput(Keyed):
    staff_id: strawberry.ID = strawberry.field(description="Who was trained; nobody records an own training.")
    course: Course = strawberry.field(description="In what.")
    completed_on: date = strawberry.field(description="The business day on which the course ended.")
    evidence: str = strawberry.field(description="Where the proof is, 3 to 200 characters.")


@strawberry.type
class RecordTrainingPayload:
    training: StaffTraining


RecordTrainingResult = Annotated[
    RecordTrainingPayload | OwnAccount | NotFound | StillWorking | InvalidInput | IdempotencyConflict,
    strawberry.union("RecordTrainingResult"),
]


@strawberry.type
class TrainingMutation:
    @strawberry.mutation(
        directives=NEVER,
        description="Record that an officer finished a course; nobody records an own one. Role COMPLIANCE.",
    )
    async def record_training(self, info: Info, input: RecordTrainingInput) -> RecordTrainingResult:  # noqa: A002
        officer = info.context.may(Verb.RECORD_TRAINING)
        staff_id = decode_id(input.staff_id, "Staff")
        asked = RecordTraining(staff_id, input.course, input.completed_on, input.evidence)
        key = await record_training(info.context.desk, officer, input.idempotency_key, asked)
        return RecordTrainingPayload(training=await _of_one(info, await read.trained_by(key)))
