"""Annexes of corrections move into an older book: those of prepayments stay as they were, and each has one cause."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from tortoise.exceptions import IntegrityError
from uuid_utils.compat import uuid7

from app.doors.keys import Keys
from models.connection import close_database, connection, fetch, is_sqlite, open_database
from models.lending.payments import ContractAnnex
from models.migrate import FOLDER, migrate
from tests.flows.days.filling import fill
from tests.models.test_live_upgrade import OLDER

ANNEXES = 14
MOMENT = "2026-01-01 00:00:00+00:00"


def steps_before(home: Path, number: int) -> Path:
    folder = home / f"before-{number}"
    folder.mkdir()
    for path in FOLDER.glob("*.sql"):
        if int(path.name[:4]) < number:
            shutil.copy(path, folder)
    return folder


async def test_an_older_book_keeps_its_annexes_and_each_has_one_cause(tmp_path: Path, empty_url: str) -> None:
    await open_database(empty_url)
    try:
        await migrate(steps_before(tmp_path, OLDER + 1))
        await fill(Keys.from_file(tmp_path / "keys.json"), 20, date(2026, 11, 26))
        await migrate(steps_before(tmp_path, ANNEXES))
        (paid,) = await fetch("SELECT id, customer_id, loan_id FROM repayment ORDER BY id LIMIT 1")
        kept, blob = uuid7(), "X'00'" if is_sqlite() else "'\\x00'"
        await connection().execute_query(
            "INSERT INTO contract_annex (id, customer_id, loan_id, repayment_id, language, text_sealed, sha256, issued_at)"
            f" VALUES ('{kept}', '{paid['customer_id']}', '{paid['loan_id']}', '{paid['id']}', 'en', {blob}, 'ab', '{MOMENT}')"
        )
        await migrate()
        annex = await ContractAnnex.get(id=kept)
        assert (str(annex.repayment_id), annex.correction_id, bytes(annex.text_sealed)) == (
            str(paid["id"]),
            None,
            b"\0",
        )
        annex.id, annex.repayment_id = uuid7(), None
        with pytest.raises(IntegrityError):
            await ContractAnnex.bulk_create([annex])
    finally:
        await close_database()
