"""What may be wrong with a machine or its settings, and how to mend it."""

import shutil
import socket
import sqlite3
import sys
from dataclasses import asdict, dataclass
from typing import Any

import asyncpg
from tortoise.exceptions import BaseORMException

from app.cli.house import beside_server
from app.domain.proof.standing import Standing
from app.doors.bureau.line import BureauLine
from app.doors.keys import Keys, KeysUnusable
from app.doors.ledger import LedgerUnusable, open_ledger
from app.flows.book.end_of_day import moved_within
from app.flows.dead import dead_jobs
from app.flows.ledger.route import running_freeze
from app.flows.ledger.standing import look
from app.flows.ledger.tree import TreeDamaged
from app.flows.reconciling.daily import COMPARED_DAYS_MAX, COMPARED_GRACE, days_since_compared, last_comparison
from app.flows.unit import business_now
from app.settings import Settings
from ml.serving.scorer import ArtefactMismatch, Scorer
from models.connection import close_database, open_database
from models.migrate import MigrationFault, pending

PYTHON_WANTED = (3, 11)
STANDING_MENDS = {
    Standing.NO_QUORUM: "start the witnesses, or see what keeps them; until then nothing is asked of the bureau",
    Standing.FORKED: "this is an older copy of the book, or somebody else has the log's key: restore the newest copy",
}
ROUTE_MENDS = {
    "shut": "clearline ledger reconcile tells why; two officers open it: proposeRouteRelease, confirmRouteRelease",
    "late": "clearline ledger reconcile compares now, or tells what keeps it; ask the bureau for its file; is a worker running?",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: what was looked at, whether it is well, and what to do if not."""

    name: str
    ok: bool
    found: str
    mend: str


def as_text(checks: list[Check]) -> str:
    """The findings for reading."""
    lines = []
    for check in checks:
        lines.append(f" {'✔' if check.ok else '✘'} {check.name:<12} {check.found}")
        if not check.ok:
            lines.append(f"   → {check.mend}")
    return "\n".join(lines)


def report(checks: list[Check]) -> dict[str, Any]:
    """The findings for machines (docs/formats/doctor.md)."""
    told = [{**asdict(check), "mend": "" if check.ok else check.mend} for check in checks]
    return {"schema": "clearline-doctor/1", "checks": told}


async def examine(settings: Settings) -> list[Check]:
    """Look at everything that a start needs."""
    settings = beside_server(settings)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    wanted = sys.version_info[:2] == PYTHON_WANTED
    return [
        Check("python", wanted, version, "install Python 3.11 and run make clean"),
        _port(settings),
        _model(settings),
        _keys(settings),
        await _database(settings),
        await _log(settings),
        await _route(settings),
        await _jobs(settings),
        await _bureau(settings),
        Check(
            "playground",
            (settings.playground / "index.html").exists(),
            "built" if (settings.playground / "index.html").exists() else "not built",
            "install Node 20.19, 22.12 or newer, then make playground"
            if shutil.which("node") is None
            else "make playground",
        ),
    ]


def _port(settings: Settings) -> Check:
    with socket.socket() as probe:
        probe.settimeout(1)
        taken = probe.connect_ex((settings.host, settings.port)) == 0
    found = f"{settings.port} {'answers (a server runs there)' if taken else 'is free'}"
    return Check("port", True, found, "")


def _keys(settings: Settings) -> Check:
    path = settings.local_key_file
    if not path.exists():
        return Check("keys", True, f"{path} is made at the first start", "")
    try:
        Keys.from_file(path)
    except (KeysUnusable, OSError) as error:
        return Check("keys", False, str(error), "restore the key file from a backup; without it sealed data is lost")
    return Check("keys", True, str(path), "")


def _model(settings: Settings) -> Check:
    try:
        version = Scorer.load(settings.artifacts).model_version
    except ArtefactMismatch as error:
        return Check(
            "score model", False, str(error), "restore ml/artifacts from the repository, or python -m ml.training"
        )
    return Check("score model", True, version, "")


async def _database(settings: Settings) -> Check:
    mend = "clearline migrate"
    try:
        await open_database(settings.database)
        steps = await pending()
    except (BaseORMException, MigrationFault, OSError, ValueError, sqlite3.Error, asyncpg.PostgresError) as error:
        return Check("database", False, type(error).__name__, f"check CLEARLINE_DATABASE_URL, then {mend}")
    finally:
        await close_database()
    return Check("database", not steps, f"{len(steps)} migrations pending", mend)


async def _log(settings: Settings) -> Check:
    """Whether the log may be signed, and how many of its witnesses answer."""
    mend = 'clearline ledger policy --witness "NAME VKEY URL" …; the demo writes its own'
    try:
        ledger = open_ledger(
            settings.log_key, settings.log_policy_file, settings.log_origin, settings.witness_timeout_seconds
        )
    except LedgerUnusable as unusable:
        return Check("log", False, str(unusable), "mend the policy, or restore the key from a backup")
    if ledger is None:
        return Check("log", False, f"there is no {settings.log_policy_file}: nothing is asked of the bureau", mend)
    try:
        await open_database(settings.database)
        looked = await look(ledger)
    except (BaseORMException, OSError, ValueError, sqlite3.Error, asyncpg.PostgresError, TreeDamaged) as error:
        return Check("log", False, type(error).__name__, "clearline ledger fsck, once the database is well")
    finally:
        await close_database()
        await ledger.witnesses.close()
    known = len(ledger.policy.witnesses)
    away = f" · away: {', '.join(sorted(looked.silent))}" if looked.silent else ""
    found = f"{looked.standing.value} · {known - len(looked.silent)} of {known} witnesses answer{away}"
    return Check("log", looked.standing is Standing.FIT, found, STANDING_MENDS.get(looked.standing, ""))


async def _route(settings: Settings) -> Check:
    """Whether anything may be sent to the bureau at all, and whether its records and ours were compared of late."""
    try:
        await open_database(settings.database)
        freeze = await running_freeze()
        last = await last_comparison(now := await business_now())
        days = await days_since_compared(now)
        moved = await moved_within(now, COMPARED_GRACE)
    except (BaseORMException, OSError, ValueError, sqlite3.Error, asyncpg.PostgresError) as error:
        return Check("route", False, type(error).__name__, "clearline migrate")
    finally:
        await close_database()
    compared = f"compared with the bureau's records on {last.business_date}" if last else "never compared"
    late = f" · {days} business days without a comparison" if days > COMPARED_DAYS_MAX else ""
    soon = " (the clock was moved just now: a running worker compares within a minute)" if late and moved else ""
    found = "open" if freeze is None else f"SHUT since {freeze.frozen_at:%Y-%m-%d}"
    mend = ROUTE_MENDS["late" if freeze is None else "shut"]
    return Check("route", freeze is None and (not late or bool(soon)), f"{found} · {compared}{late}{soon}", mend)


async def _jobs(settings: Settings) -> Check:
    """Whether some job has failed too often to be tried again."""
    try:
        await open_database(settings.database)
        many = (await dead_jobs()).many
    except (BaseORMException, OSError, ValueError, sqlite3.Error, asyncpg.PostgresError) as error:
        return Check("jobs", False, type(error).__name__, "clearline migrate")
    finally:
        await close_database()
    return Check("jobs", many == 0, f"{many} dead", "clearline jobs list; mend the cause, then clearline jobs retry")


async def _bureau(settings: Settings) -> Check:
    line = BureauLine(
        settings.bureau_url, settings.bureau_name, settings.institution, settings.bureau_timeout_seconds
    )
    try:
        answers = await line.reachable()
    finally:
        await line.close()
    found = f"{settings.bureau_url} {'answers' if answers else 'does not answer'}"
    return Check(
        "bureau", answers, found, "start it (clearline bureau-sim; the demo has its own) or set CLEARLINE_BUREAU_URL"
    )
