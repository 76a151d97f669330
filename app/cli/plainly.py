"""What the environment may do to a verb, and how it is told: one clear line, and what to do next."""

import sqlite3

import asyncpg
from tortoise.exceptions import BaseORMException

from app.cli.start.serving import CannotListen
from app.doors.keys import KeysUnusable
from app.doors.ledger import LedgerUnusable
from ml.serving.scorer import ArtefactMismatch
from models.migrate import MigrationFault

ENVIRONMENT = (
    ArtefactMismatch,
    BaseORMException,
    CannotListen,
    MigrationFault,
    KeysUnusable,
    LedgerUnusable,
    OSError,
    sqlite3.Error,
    asyncpg.PostgresError,
)


def in_plain_words(trouble: BaseException) -> str:
    """One line for an operator; `clearline doctor` tells more."""
    match trouble:
        case CannotListen() | MigrationFault() | KeysUnusable() | LedgerUnusable():
            return str(trouble)
        case ArtefactMismatch():
            return f"the score model cannot be used: {trouble}. Restore ml/artifacts, or set CLEARLINE_ARTIFACTS"
        case BaseORMException() if "schema_migration" in str(trouble) or "no such table" in str(trouble):
            return "the database has no tables yet: run clearline migrate --seed"
        case BaseORMException() | sqlite3.Error() | asyncpg.PostgresError():
            return f"the database cannot be used ({type(trouble).__name__}): check CLEARLINE_DATABASE_URL, then clearline doctor"
        case OSError():
            return f"{trouble.strerror or type(trouble).__name__}: {trouble.filename or 'check hosts, ports and CLEARLINE_HOME'}"
    return type(trouble).__name__
