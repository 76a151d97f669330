"""Looking at the whole log: does it agree with itself, and with what its witnesses have seen."""

import json
from dataclasses import asdict, dataclass

from app.domain.proof.standing import Standing
from app.domain.proof.strict import Unproven
from app.doors.ledger import Ledger
from app.flows.ledger.fsck import Found, fsck
from app.flows.ledger.proving import eras, is_proven
from app.flows.ledger.records import Opened, open_records
from app.flows.ledger.standing import look
from app.flows.ledger.tree import TreeDamaged
from app.main import House
from models.proof import TlogCheckpoint


@dataclass(frozen=True, slots=True)
class Report:
    """What was found; how the witnesses stand to it, and what the records say: each None where that was not asked.

    `beside_witnesses`: whether the log was to be compared with its witnesses.
    """

    found: Found
    standing: Standing | None
    records: Opened | None = None
    beside_witnesses: bool = False

    @property
    def not_compared(self) -> str | None:
        """Why a wanted comparison with the witnesses proves nothing, and what to do; None where it does, or nobody wanted it."""
        if not self.beside_witnesses or self.standing in {Standing.FIT, Standing.FORKED}:
            return None
        if self.standing is None:
            return "no policy: no checkpoint was proven, no witness asked; put log-policy.txt back (clearline ledger policy)"
        return "too few witnesses answer to know whether anything is missing: bring them back, verify again"


async def examined(house: House, *, beside_witnesses: bool, records: bool = False) -> Report:
    """Reckon the log again.

    With `beside_witnesses`, prove every published checkpoint and ask each witness too; with `records`, open every record.
    """
    found = await fsck()
    opened = await open_records(house.desk, found) if records else None
    ledger = house.desk.ledger
    if not beside_witnesses or ledger is None:
        return Report(found, None, opened, beside_witnesses)
    await _prove_checkpoints(ledger, found)
    try:
        standing = (await look(ledger)).standing
    except TreeDamaged:
        standing = Standing.FORKED
    found.hold(standing is not Standing.FORKED, "a witness holds a checkpoint that this log does not begin with")
    return Report(found, standing, opened, beside_witnesses)


async def _prove_checkpoints(ledger: Ledger, found: Found) -> None:
    """Each published checkpoint by the policy of its time."""
    try:
        allowed = await eras(ledger)
    except Unproven as changed:
        found.note(changed.told)
        return
    for head in await TlogCheckpoint.filter(published_at_us__isnull=False).order_by("size"):
        found.hold(
            is_proven(ledger, head, allowed),
            f"the checkpoint of {head.size} entries is not cosigned by the quorum of its time, or of a log of the policy",
        )


def as_text(report: Report) -> str:
    """The findings for reading."""
    found = report.found
    lines = [f"{found.entries} entries, {found.checkpoints} checkpoints, {found.waiting} records waiting"]
    if report.standing is not None:
        lines.append(f"beside the witnesses: {report.standing.value}")
    if report.records is not None:
        lines.append(f"{report.records.opened} records opened, {report.records.erased} of erased persons")
    wrong = [*found.wrong, *([report.not_compared] if report.not_compared else [])]
    return "\n".join([*lines, *(f" ✘ {one}" for one in wrong), *([] if wrong else [" ✔ all agrees"])])


def as_json(report: Report) -> str:
    """The findings for machines (docs/formats/ledger.md)."""
    standing = report.standing.value if report.standing else None
    records = asdict(report.records) if report.records else None
    return json.dumps(
        {"schema": "clearline-ledger/1", **asdict(report.found), "standing": standing, "records": records}
    )
