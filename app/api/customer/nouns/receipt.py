"""What of an inquiry can be proven to anybody, step by step, and where the file is fetched."""

from datetime import UTC, datetime
from enum import Enum

import strawberry

from app.api import words
from app.api.caller import Info
from app.api.reading import credit as read
from app.domain.proof.standing import ReceiptState

strawberry.enum(
    ReceiptState,
    description=(
        "COMPLETE: intent and last outcome are proven. PARTIAL: the intent is; an outcome is still to come, or to be "
        "cosigned. WAITING_FOR_LOG, WAITING_FOR_QUORUM, LOG_STOPPED: nothing is proven yet, and the bureau is not "
        "asked before the intent is. ERASED: the key was destroyed; files fetched before still hold."
    ),
)


@strawberry.enum(description="INTENT: that we are going to ask. OUTCOME: what became of it.")
class ReceiptRecordKind(Enum):
    INTENT = "INQUIRY_INTENT"
    OUTCOME = "INQUIRY_OUTCOME"


@strawberry.enum(description="What an outcome tells. GIVEN_UP: nothing was recorded, and nothing will be sent.")
class InquiryOutcome(Enum):
    NOT_SENT = "NOT_SENT"
    ANSWERED = "ANSWERED"
    REFUSED_BY_BUREAU = "REFUSED_BY_BUREAU"
    UNKNOWN = "UNKNOWN"
    RECORDED_NO_REPORT = "RECORDED_NO_REPORT"
    NOT_RECORDED = "NOT_RECORDED"
    DISPUTED = "DISPUTED"
    GIVEN_UP = "GIVEN_UP"


@strawberry.type(description="A witness of the log, and when it saw the tree that holds the record.")
class Witnessed:
    name: str
    at: datetime


@strawberry.type(description="One record of an inquiry, and its place in the log.")
class ReceiptRecord:
    kind: ReceiptRecordKind
    outcome: InquiryOutcome | None = strawberry.field(description="Of an outcome that can still be opened.")
    recorded_at: datetime | None = strawberry.field(description="As the record itself says; null once erased.")
    index: int | None = strawberry.field(description="The place in the log; null while nothing is proven.")
    tree_size: int | None = strawberry.field(description="How many records the tree had that the witnesses saw.")
    witnesses: list[Witnessed] = strawberry.field(description="Who has cosigned; empty while no quorum has.")

    @classmethod
    def of(cls, step: read.ProvableStep) -> "ReceiptRecord":
        """From a step of the record."""
        told, seen = step.record or {}, step.seen
        at = told.get("at")
        seconds = sorted(seen.judged.witnessed.items()) if seen else []
        return cls(
            kind=ReceiptRecordKind(step.kind.name),
            outcome=InquiryOutcome(told["state"]) if "state" in told else None,
            recorded_at=datetime.fromisoformat(at) if isinstance(at, str) else None,
            index=seen.index if seen else None,
            tree_size=seen.judged.checkpoint.size if seen else None,
            witnesses=[Witnessed(name=name, at=datetime.fromtimestamp(when, UTC)) for name, when in seconds],
        )


@strawberry.type(
    description=(
        "What of this inquiry can be proven to anybody, without trusting us. The file is checked by "
        "`clearline verify`, or on the page `/verify/`, which sends it nowhere."
    )
)
class InquiryReceipt:
    state: ReceiptState
    records: list[ReceiptRecord] = strawberry.field(description="The intent, then each outcome in order.")
    path: str | None = strawberry.field(
        description="Where the file is fetched, with the bearer token; null while there is nothing to prove."
    )

    @strawberry.field(description="What the state means, and what comes next.")
    def text(self, info: Info) -> str:
        return words.say(info.context.language, "receipt", self.state.value)

    @classmethod
    def of(cls, key: str, found: read.Provable) -> "InquiryReceipt":
        """From what was found; `key` is the inquiry's id."""
        return cls(
            state=found.state,
            records=[ReceiptRecord.of(step) for step in found.steps],
            path=f"/receipts/{key}.json" if found.state.is_provable else None,
        )
