"""Jobs that have failed too often, as the operator sees them."""

import json

from app.flows.dead import Dead


def as_text(dead: Dead) -> str:
    """The dead jobs for reading."""
    if not dead.many:
        return "no job is dead"
    lines = [f"{job.id}  {job.kind:<20} {job.trouble:<28} for {job.subject_id}" for job in dead.jobs]
    return "\n".join([f"dead: {dead.many}", *lines, "mend the cause, then: clearline jobs retry ID, or --all"])


def as_json(dead: Dead) -> str:
    """The same for machines (docs/formats/jobs.md)."""
    jobs = [
        {
            "id": str(job.id),
            "kind": job.kind,
            "of": str(job.subject_id),
            "trouble": job.trouble,
            "attempts": job.attempts,
        }
        for job in dead.jobs
    ]
    return json.dumps({"schema": "clearline-jobs/1", "dead": dead.many, "jobs": jobs})
