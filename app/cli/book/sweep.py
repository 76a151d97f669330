"""Telling what a sweep met."""

import json

from app.flows.unit import Desk
from app.flows.watch.sweeping import SweepReport, sweep


async def swept(desk: Desk) -> SweepReport:
    """Sweep by the rules in force.

    Raises:
        StillWorking: another process sweeps.
    """
    return await sweep(desk)


def as_json(report: SweepReport) -> str:
    """See docs/formats/sweep.md."""
    told = {
        "businessDate": report.day.isoformat(),
        "lines": report.lines,
        "busy": report.busy,
        "rules": {rule: dict(sorted(said.items())) for rule, said in sorted(report.said.items())},
    }
    return json.dumps({"schema": "clearline-sweep/1", **told})


def as_text(report: SweepReport) -> str:
    """The same for reading."""
    lines = [f"{report.day}: {report.lines} lines looked at, {report.busy} left to the worker"]
    lines += [
        f"  {rule:<22} {what:<12} {count}"
        for rule, said in sorted(report.said.items())
        for what, count in sorted(said.items())
    ]
    return "\n".join(lines) if report.said else f"{lines[0]}; nothing to say"
