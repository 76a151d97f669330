"""Looking at the whole log: does it agree with itself, and with what its witnesses have seen."""

import json
from dataclasses import asdict, dataclass

from app.domain.proof.signed import policy as policies
from app.domain.proof.standing import Standing
from app.domain.proof.strict import Unproven
from app.doors.ledger import Ledger
from app.doors.signing import verify
from app.flows.ledger.fsck import Found, fsck
from app.flows.ledger.proving import of_log, published_note
from app.flows.ledger.standing import look
from app.flows.ledger.tree import TreeDamaged
from app.main import House
from models.proof import TlogCheckpoint


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and how the witnesses stand to it; None where they were not asked."""

    found: Found
    standing: Standing | None


async def examined(house: House, *, beside_witnesses: bool) -> Report:
    """Reckon the log again; with `beside_witnesses`, prove every published checkpoint and ask each witness too."""
    found = await fsck()
    ledger = house.desk.ledger
    if not beside_witnesses or ledger is None:
        return Report(found, None)
    for head in await TlogCheckpoint.filter(published_at_us__isnull=False).order_by("size"):
        found.hold(
            _proven(ledger, head),
            f"the checkpoint of {head.size} entries is not cosigned by the quorum of a log of the policy",
        )
    try:
        standing = (await look(ledger)).standing
    except TreeDamaged:
        standing = Standing.FORKED
    found.hold(standing is not Standing.FORKED, "a witness holds a checkpoint that this log does not begin with")
    return Report(found, standing)


def _proven(ledger: Ledger, head: TlogCheckpoint) -> bool:
    logs = [party.key for party in ledger.policy.logs if head.body.startswith(of_log(party.key))]
    if not logs:
        return False
    try:
        policies.judge(ledger.policy, str(published_note(head, logs[0])).encode(), verify)
    except Unproven:
        return False
    return True


def as_text(report: Report) -> str:
    """The findings for reading."""
    found = report.found
    lines = [f"{found.entries} entries, {found.checkpoints} checkpoints, {found.waiting} records waiting"]
    if report.standing is not None:
        lines.append(f"beside the witnesses: {report.standing.value}")
    return "\n".join([*lines, *(f" ✘ {wrong}" for wrong in found.wrong), *([] if found.wrong else [" ✔ all agrees"])])


def as_json(report: Report) -> str:
    """The findings for machines (docs/formats/ledger.md)."""
    standing = report.standing.value if report.standing else None
    return json.dumps({"schema": "clearline-ledger/1", **asdict(report.found), "standing": standing})
