"""Policies move into an older book: its decisions take their digest, its approvals stay as they were."""

import shutil
from pathlib import Path
from uuid import UUID

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from app.domain.policies.document import digest_of
from models.connection import connection, fetch
from models.credit import Decision, PolicyVersion
from models.migrate import FOLDER, migrate
from models.oversight.staff import Approval
from models.shipped.policies import shipped_policies, write_shipped_policies
from tests.models.rows import Life

POLICIES = 6
OFFICERS = (UUID(int=1), UUID(int=2))


async def test_an_older_book_gets_its_policies_and_keeps_its_approvals(tmp_path: Path, empty_url: str) -> None:
    from models.connection import close_database, open_database

    before = tmp_path / "migrations"
    before.mkdir()
    for path in FOLDER.glob("*.sql"):
        if int(path.name[:4]) < POLICIES:
            shutil.copy(path, before)
    await open_database(empty_url)
    try:
        await migrate(before)
        for number, key in enumerate(OFFICERS):
            await connection().execute_query(
                f"INSERT INTO staff (id, login, role, created_at) VALUES ('{key}', 'o{number}', 'RISK',"
                " '2026-01-01 00:00:00+00:00')"
            )
        await connection().execute_query(
            "INSERT INTO approval (id, kind, subject, payload, maker_id, made_at, maker_note) VALUES"
            f" ('{UUID(int=9)}', 'PUBLISH_WORDING', 'x', '{{}}', '{OFFICERS[0]}', '2026-01-01 00:00:00+00:00', 'n')"
        )
        await migrate()
        (kept,) = await Approval.all()
        assert (kept.id, kept.kind, kept.maker_id, kept.maker_note) == (
            UUID(int=9),
            "PUBLISH_WORDING",
            OFFICERS[0],
            "n",
        )
        for change in ("DELETE FROM approval", "UPDATE approval SET payload = 'y'"):
            with pytest.raises((IntegrityError, OperationalError)):
                await connection().execute_query(change)
        life = Life()
        await life.begin()
        named = await life.add(Decision, number=7, policy_version="salaried-2026.11")
        other = await life.add(Decision, number=8, policy_version="of somebody else")
        assert await write_shipped_policies() == [policy.version for policy in shipped_policies()]
        assert await write_shipped_policies() == []
        digests = {policy.version: digest_of(policy) for policy in shipped_policies()}
        assert (await Decision.get(id=named)).policy_sha256 == digests["salaried-2026.11"]
        assert (await Decision.get(id=other)).policy_sha256 is None
        assert {row.version: row.sha256 for row in await PolicyVersion.all()} == digests
        assert await fetch("SELECT 1 AS one FROM policy_version WHERE maker_id IS NULL AND state = 'PUBLISHED'")
    finally:
        await close_database()
